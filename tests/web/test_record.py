"""The call record: on the page and in every form of file it says what the database says."""

import csv
import io
import json
import re
import zipfile
from typing import Any
from urllib.parse import unquote

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from alertcast.core.sheet import unguarded
from alertcast.dispatch import record
from tests.stories.town import (
    EAST,
    EAST_LEADER,
    IN_EAST,
    SOUTH_LEADER,
    TOWN,
    WEST,
    WEST_LEADER,
    WEST_SECRETARY,
    Town,
)
from tests.web.site import Site, Visitor

ADDRESS = "/broadcasts/1/record"
FORMULA = '=HYPERLINK("http://x","1")'


@pytest.fixture
def site(town: Town) -> Site:
    """Answered by key, aloud with a note, by a call for help that was settled; one not reached."""
    site = Site(town)
    town.warn(level="red")
    town.press("1", WEST_LEADER)
    town.press("2", WEST_SECRETARY)
    town.report(town.voice, SOUTH_LEADER, "no_answer")
    user = site.user("officer")
    person = town._person(EAST_LEADER)
    user.send("/broadcasts/1/answer", person_id=person, outcome="1", sure="yes", note=FORMULA)
    user.send("/help/1/close", done="已派车，电话13800000012")
    town.tick(minutes=60)
    return site


def taken(user: Visitor, form: str, **more: str) -> bytes:
    answer = user.send(ADDRESS, form=form, **more)
    assert answer.status_code == 200, answer.text
    assert f"alertcast-20261226-record-1.{form}; " in answer.headers["Content-Disposition"]
    assert "no-store" in answer.headers["Cache-Control"]
    return answer.data


def rows_of_csv(data: bytes) -> dict[str, list[list[str]]]:
    """Return title -> rows of each table of a CSV, headers first."""
    lines = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    found: dict[str, list[list[str]]] = {}
    for at, line in enumerate(lines):
        if not line:
            title, rows = lines[at + 1][0], []
            found[title] = rows
            for row in lines[at + 2 :]:
                if not row:
                    break
                rows.append([unguarded(cell) for cell in row])
    return found


def rows_of_xlsx(data: bytes) -> dict[str, list[list[str]]]:
    book = load_workbook(io.BytesIO(data))
    return {
        page.title.partition(" ")[2]: [[c.value or "" for c in row] for row in page.iter_rows()]
        for page in book.worksheets[1:]
    }


def counted(facts: Any) -> dict[str, int]:
    """Return how many rows each table must have, by what the database holds."""
    return {
        "网格": len(facts["grids"]),
        "应叫人": len(facts["people"]),
        "呼叫明细": len(facts["calls"]),
        "应答明细": len(facts["answers"]),
        "求助与处置": len(facts["help_requests"]),
    }


def test_json_says_what_the_database_says(site: Site, town: Town) -> None:
    said = json.loads(taken(site.user("officer"), "json"))
    facts = said["record"]
    assert {one["name"]: one["state"] for one in facts["grids"]} == town.states()
    calls = [(one["kind"], one["state"]) for one in facts["calls"] if one["n"] == 1]
    assert len(calls) == town.planned()
    by_key = [one for one in facts["answers"] if one["via"] == "key"]
    assert [(one["value"], one["places"]) for one in by_key] == [
        ("1", ["冷坑镇西村"]),
        ("2", ["冷坑镇西村"]),
    ]
    (spoken,) = (one for one in facts["answers"] if one["via"] == "spoken")
    assert (spoken["by_user"], spoken["note"]) == ("officer", FORMULA)
    (helped,) = facts["help_requests"]
    assert (helped["closed_by"], helped["done"]) == ("officer", "已派车，电话***12")
    (warning,) = facts["published"]
    assert warning["infos"][0]["issuer"] == "怀集县气象台"
    assert warning["infos"][0]["headline"] == "怀集县气象台发布寒冷红色预警信号"
    south = next(one for one in facts["people"] if one["places"] == ["马宁镇南村"])
    assert south["answer"] is None
    for many, kind in (("texts", "sms"), ("calls", "voice")):
        assert south[many] == len(town.requests(SOUTH_LEADER, kind)) > 0
    assert said["exported"]["by"] == "officer"
    assert said["exported"]["is_masked"]


def test_the_response_levels_that_held_meanwhile_are_in_it(site: Site, town: Town) -> None:
    user, decided = site.user("officer"), {"kind": "freeze", "office": "怀集县三防指挥部"}
    held = {"level": "IV", "area": TOWN, "document": "怀三防2026-3号", "at": "2026-12-26T17:30"}
    user.send("/response", **decided, **held)
    user.send("/response", **{**decided, **held, "kind": "flood", "area": "441223"})
    before = rows_of_csv(taken(user, "csv"))["应急响应"]
    assert [row[:5] for row in before[1:]] == [
        [
            "防冻应急响应 Ⅳ级",
            "怀集县冷坑镇",
            "2026-12-26 17:30:00",
            decided["office"],
            held["document"],
        ]
    ]
    town.stop()
    checksum = json.loads(taken(user, "json"))["checksum"]["value"]
    town.tick(minutes=30)
    end = {"office": decided["office"], "document": "怀三防2026-5号", "at": "2026-12-26T18:40"}
    user.send("/response/1/end", **end)
    assert len(site.recorded("end_response")) == 1
    assert json.loads(taken(user, "json"))["checksum"]["value"] == checksum


def test_the_checksum_of_the_json_can_be_computed_from_it(site: Site) -> None:
    said = json.loads(taken(site.user("officer"), "json"))
    assert record.checksum(said["record"]) == said["checksum"]["value"]


@pytest.mark.parametrize(("form", "read"), [("csv", rows_of_csv), ("xlsx", rows_of_xlsx)])
def test_each_table_of_a_file_has_the_rows_of_the_database(
    site: Site, town: Town, form: str, read: Any
) -> None:
    user = site.user("officer")
    facts = json.loads(taken(user, "json"))["record"]
    tables = read(taken(user, form))
    for title, number in counted(facts).items():
        assert len(tables[title]) - 1 == number, title
    header, *answers = tables["应答明细"]
    said = [dict(zip(header, row, strict=True)) for row in answers]
    assert [one["应答"] for one in said] == ["已知悉", "需要支援", "已知悉"]
    assert said[2]["备注"] == FORMULA
    assert said[2]["登记人"] == "officer"
    header, *people = tables["应叫人"]
    names = {row[header.index("负责")]: row for row in people if row[4] == "是"}
    assert names["冷坑镇东村"][header.index("应答方式")] in ("口头应答", "")


def test_the_paper_says_it_too(site: Site, town: Town) -> None:
    user = site.user("officer")
    checksum = json.loads(taken(user, "json"))["checksum"]["value"]
    pages = PdfReader(io.BytesIO(taken(user, "pdf"))).pages
    for number, page in enumerate(pages, 1):
        text = page.extract_text()
        assert checksum in text.replace("\n", "")
        assert f"{number} / {len(pages)}" in text
    whole = "".join(page.extract_text() for page in pages)
    assert "怀集县气象台发布寒冷红色预警信号" in whole
    assert "officer 导出于" in whole
    assert whole.count("138****0031") == town_calls(town, SOUTH_LEADER) + 1
    assert "带班领导：__" in whole


def town_calls(town: Town, phone: str) -> int:
    return len(town.requests(phone, "sms") + town.requests(phone, "voice"))


def test_no_cell_is_a_formula(site: Site) -> None:
    user = site.user("officer")
    for row in csv.reader(io.StringIO(taken(user, "csv").decode("utf-8-sig"))):
        assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@"))]
    data = taken(user, "xlsx")
    book = load_workbook(io.BytesIO(data))
    for page in book.worksheets:
        for row in page.iter_rows():
            assert {cell.data_type for cell in row} <= {"s", "n", "inlineStr"}
            assert all(cell.quotePrefix for cell in row if cell.value)
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        assert not any(b"<f>" in parts.read(name) for name in parts.namelist())


def test_nobody_is_named_unless_somebody_asks_with_a_reason(site: Site) -> None:
    user = site.user("officer")
    for form in ("json", "csv"):
        assert "13800000021" not in taken(user, form).decode()
        assert "某21" not in taken(user, form).decode()
    assert site.recorded("unmask") == []
    answer = user.send(ADDRESS, form="json", open="1", why=" ")
    assert answer.status_code == 302
    assert "须写明理由" in user.get(ADDRESS).text
    assert site.recorded("unmask") == []
    whole = taken(user, "json", open="1", why="上级检查").decode()
    assert "+8613800000021" in whole
    assert "某21" in whole
    (row,) = site.recorded("unmask")
    assert (row["user"], row["subject"], row["detail"]["why"]) == (
        "officer",
        "record:1",
        "上级检查",
    )


def test_whoever_takes_it_out_is_recorded(site: Site) -> None:
    said = json.loads(taken(site.user("viewer"), "json"))
    (row,) = site.recorded("export_record")
    assert (row["user"], row["subject"]) == ("viewer", "record:1")
    assert row["detail"]["form"] == "json"
    assert row["detail"]["checksum"] == said["checksum"]["value"]


@pytest.mark.parametrize("role", ["viewer", "auditor"])
def test_who_may_not_see_numbers_gets_none(site: Site, role: str) -> None:
    user = site.user(role)
    assert user.page(ADDRESS).find("input", {"name": "open"}) is None
    assert user.send(ADDRESS, form="json", open="1", why="x").status_code == 403
    assert site.recorded("export_record") == []


def test_made_again_it_has_the_same_checksum_until_something_is_added(site: Site) -> None:
    user = site.user("officer")

    def checksum() -> str:
        found: str = json.loads(taken(user, "json"))["checksum"]["value"]
        return found

    first = checksum()
    user.send("/broadcasts/1/numbers", why="打电话叫应")
    user.get("/broadcasts/1/people")
    site.town.tick(minutes=1)
    assert checksum() == first
    person = site.town._person(SOUTH_LEADER)
    user.send("/broadcasts/1/answer", person_id=person, outcome="1", sure="yes")
    assert checksum() != first


def test_what_somebody_decided_is_in_it(town: Town) -> None:
    site = Site(town)
    town.warn(over=IN_EAST)
    user = site.user("officer")
    user.send("/broadcasts/1/stop")
    steps = user.page(ADDRESS).find(id="steps")
    assert steps is not None
    assert "停止叫应" in steps.text
    assert "officer" in steps.text
    assert "已停止叫应" in user.page(ADDRESS).find(id="basics").text


def test_who_dialled_by_hand_is_named_for_that_call_alone(town: Town) -> None:
    town.channels = [town.sms]
    town.warn(over=IN_EAST, level="red")
    site = Site(town)
    user = site.user("officer")
    person = town._person(EAST_LEADER)
    user.send("/broadcasts/1/answer", person_id=person, outcome="no_answer", sure="yes")
    user.send("/broadcasts/1/answer", person_id=person, outcome="1", sure="yes")
    facts = json.loads(taken(user, "json"))["record"]
    made = [one for one in facts["calls"] if one["person_id"] == person]
    assert [(one["kind"], one["state"], one["by_user"]) for one in made] == [
        ("sms", "accepted", None),
        ("manual", "no_answer", "officer"),
        ("manual", "completed", "officer"),
    ]
    east = next(one for one in facts["people"] if one["person_id"] == person)
    assert (east["texts"], east["calls"], east["dialled"]) == (1, 0, 2)


def test_an_officer_of_one_town_gets_that_town(site: Site) -> None:
    site.add_user("li", "officer", TOWN)
    user = site.user("li")
    facts = json.loads(taken(user, "json", open="1", why="核对"))["record"]
    assert [one["code"] for one in facts["grids"]] == [WEST, EAST]
    assert SOUTH_LEADER not in json.dumps(facts)
    assert "只含辖区 441224101 的部分" in user.get(ADDRESS).text


def test_a_drill_and_a_demo_say_so(town: Town) -> None:
    town.add_drill_channels()
    town.notice("检验叫应流程。", EAST, mode="drill")
    site = Site(town, is_demo=True)
    user = site.user("officer")
    assert user.page(ADDRESS).find("h1").text.startswith("模拟 · 演练 · 叫应记录")
    assert rows_of_csv(taken(user, "csv"))["基本情况"][3][1] == "演练 · 内部通知"
    text = PdfReader(io.BytesIO(taken(user, "pdf"))).pages[0].extract_text()
    assert text.startswith("模拟 · 演练 · 叫应记录")


def test_a_link_by_which_one_could_answer_is_not_in_it(town: Town) -> None:
    settings = town.sms.settings.model_copy(update={"links": True, "links_for_mainland": True})
    town.sms.settings = settings
    town.warn(over=IN_EAST)
    text = town.sms.outbox[-1].text
    (token,) = re.findall(r"/a/([0-9a-z]{12})", text)
    whole = taken(Site(town).user("officer"), "json", open="1", why="核对").decode()
    assert token not in whole
    assert "/a/…" in whole


def test_the_page_shows_some_rows_and_the_one_to_print_all(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alertcast.web.record.SHOWN", 2)
    user = site.user("officer")
    page = user.page(ADDRESS)
    assert len(page.select("#people tbody tr")) == 2
    assert "还有 9 行" in page.find(id="people").text
    whole = user.page(ADDRESS, print="1")
    assert len(whole.select("#people tbody tr")) == 11
    assert "签" in whole.text or "带班领导：" in whole.text
    assert "13800000021" not in whole.text


def test_in_english(site: Site) -> None:
    user = site.user("officer")
    user.send("/language", language="en")
    assert user.page(ADDRESS).find("h1").text.startswith("Call record")
    tables = rows_of_csv(taken(user, "csv"))
    assert tables["Every answer"][1][5] == "Understood"


def test_what_is_not_there(site: Site) -> None:
    user = site.user("officer")
    assert user.get("/broadcasts/9/record").status_code == 404
    assert user.send("/broadcasts/9/record", form="csv").status_code == 404
    assert user.send(ADDRESS, form="doc").status_code == 400


def test_a_drills_files_bear_its_name_and_its_day(town: Town) -> None:
    town.notice("今晚演练，请回复", EAST, mode="drill")
    answer = Site(town).user("officer").send("/broadcasts/1/record", form="csv")
    named = answer.headers["Content-Disposition"]
    assert named.isascii()
    assert "filename=drill-alertcast-20261226-record-1.csv;" in named
    assert unquote(named).endswith("''演练-alertcast-20261226-record-1.csv")
