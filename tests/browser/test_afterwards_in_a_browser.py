"""更正, the record that is handed over, and what each role is refused: by what is seen."""

import csv
import json
import re
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import expect
from pypdf import PdfReader

from alertcast.dispatch import record
from tests.browser.conftest import Served
from tests.browser.seat import Seat
from tests.stories.town import IN_EAST, WEST_LEADER, WEST_SECRETARY


def test_whoever_was_told_is_told_that_it_was_wrong(seat: Seat, served: Served) -> None:
    town, page = served.town, seat.page
    town.warn(over=IN_EAST)
    seat.log_in()
    seat.go("/broadcasts/1")
    page.get_by_role("link", name="更正").click()
    expect(page.get_by_role("heading", name="确定更正？")).to_be_visible()
    seat.look("correct")
    seat.is_for_everybody()
    page.get_by_role("button", name="立即更正").click()  # nothing was said of what is wrong
    expect(page.get_by_role("heading", name="确定更正？")).to_be_visible()
    assert town.count() == 1
    page.get_by_label("通知范围有误").check()
    page.get_by_label("补充说明").fill("应为马宁镇")
    page.get_by_role("button", name="立即更正").click()
    expect(page.get_by_text("此前已经发出 2 条")).to_be_visible()
    seat.look("corrected")
    page.get_by_role("link", name="所更正的下发").click()
    expect(page.get_by_role("link", name="这次下发有误，已更正")).to_be_visible()
    town.tick()
    assert "通知范围有误（应为马宁镇）" in town.sms.outbox[-1].text


def test_the_record_is_taken_and_read_back(seat: Seat, served: Served, tmp_path: Path) -> None:
    town, page = served.town, seat.page
    town.warn(level="red")
    town.press("1", WEST_LEADER)
    town.press("2", WEST_SECRETARY)
    town.tick(minutes=60)
    seat.log_in()
    page.goto(f"{seat.url}/broadcasts/1/record")
    seat.look("record")
    seat.is_for_everybody()

    def taken(form: str) -> Path:
        with page.expect_download() as waited:
            page.get_by_role("button", name=form, exact=True).click()
        file = tmp_path / waited.value.suggested_filename
        waited.value.save_as(file)
        return file

    said = json.loads(taken("JSON").read_text("utf-8"))
    assert record.checksum(said["record"]) == said["checksum"]["value"]
    assert said["exported"]["by"] == "officer"
    assert {one["name"]: one["state"] for one in said["record"]["grids"]} == town.states()
    lines = list(csv.reader(taken("CSV").read_text("utf-8-sig").splitlines()))
    book = load_workbook(taken("XLSX"))
    paper = "".join(one.extract_text() for one in PdfReader(taken("PDF")).pages)
    for name in town.states():
        assert any(cell.endswith(name) for line in lines for cell in line)
        cells = [str(c.value) for sheet in book.worksheets for row in sheet.rows for c in row]
        assert any(cell.endswith(name) for cell in cells)
        assert name in paper
    page.goto(f"{seat.url}/broadcasts/1/record?print=1")
    expect(page.get_by_role("button", name="打印")).to_be_visible()
    expect(page.get_by_role("heading", name=re.compile("应答明细"))).to_be_visible()
    seat.look("print")


REFUSED: dict[str, tuple[str, ...]] = {
    "viewer": ("/start", "/broadcasts/1/stop", "/broadcasts/1/correct", "/users", "/audit"),
    "officer": ("/users", "/audit", "/tokens"),
    "approver": ("/users", "/audit", "/tokens"),
    "admin": ("/start", "/broadcasts/1/stop", "/broadcasts/1/correct"),
    "auditor": ("/start", "/broadcasts/1/stop", "/broadcasts/1/correct", "/users", "/tokens"),
}
"""Pages that each role may not open."""


@pytest.mark.parametrize("role", REFUSED)
def test_what_a_role_may_not_do_is_neither_offered_nor_done(
    seat: Seat, served: Served, role: str
) -> None:
    page = seat.page
    served.town.warn(level="red")
    seat.log_in(role)
    page.goto(f"{seat.url}/broadcasts/1")
    for path in REFUSED[role]:
        assert page.locator(f'a[href="{path}"]').count() == 0, f"{path} is offered"
    seat.look(role)
    for path in REFUSED[role]:
        answer = page.goto(f"{seat.url}{path}")
        assert answer is not None
        assert answer.status == 403, path
        expect(page.get_by_text("您没有这项权限")).to_be_visible()
    assert served.town.broadcast().state == "running"
    seat.complaints[:] = [one for one in seat.complaints if "status of 403" not in one]
