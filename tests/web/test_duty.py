"""值班: who is on duty now and next, gaps in red, the table brought in, mended and kept."""

from io import BytesIO
from typing import Any

import pytest

from tests.stories.town import COUNTY, COUNTY_DESK, HEAD, Town
from tests.web.site import Site, Visitor

HEADER = "日期,开始,结束,地区,值班员,带班领导\n"


def table(*lines: str) -> dict[str, Any]:
    """Return the form that brings in a table; a line is: date, from, to, desk, leader."""
    rows = []
    for line in lines:
        day, start, end, desk, leader = line.split(",")
        rows.append(f"{day},{start},{end},{COUNTY},{desk},{leader}\n")
    content = (HEADER + "".join(rows)).encode()
    return {"file": (BytesIO(content), "december.csv"), "what": "import"}


@pytest.fixture
def planner(site: Site) -> Visitor:
    return site.user("admin")


def person(town: Town, phone: str) -> str:
    return f"{COUNTY}:{town._person(phone)}"


def test_brought_in_it_shows_who_is_on_duty_now_masked(planner: Visitor, town: Town) -> None:
    answer = planner.send(
        "/duty/table",
        **table("2026-12-26,08:00,20:00,某51,", "2026-12-26,20:00,08:00,某52、p0042,某41"),
    )
    assert answer.status_code == 302
    text = planner.page("/duty").text
    assert "已导入：新增 4 班" in text
    assert "怀集县 · 值班员 某* +86 138****0051" in " ".join(text.split())
    assert "12-26 20:00 – 12-27 08:00" in text
    assert "某51" not in text.replace("某51、", "")
    assert COUNTY_DESK not in text


def test_only_checked_nothing_is_imported(planner: Visitor, site: Site) -> None:
    before = site.rows()["shift"]
    form = table("2026-12-26,08:00,20:00,某51,") | {"what": "check"}
    assert "表没有错：1 班" in planner.send("/duty/table", **form).text
    assert site.rows()["shift"] == before == []


def test_one_bad_line_and_nothing_is_imported(planner: Visitor, site: Site) -> None:
    form = table("2026-12-26,08:00,20:00,某51,", "2026-12-27,08:00,20:00,13912345678,")
    text = planner.send("/duty/table", **form).text
    assert "表里有错，没有导入" in text
    assert "line 3" in text
    assert "12345" not in text
    assert site.rows()["shift"] == []


@pytest.mark.parametrize(
    "content",
    [b"", b"\x00" * (300 * 1024), b"PK\x03\x04rubbish", b"\xff\xfe"],
    ids=["empty", "large", "torn", "binary"],
)
def test_what_is_no_table_is_refused(planner: Visitor, site: Site, content: bytes) -> None:
    answer = planner.send("/duty/table", file=(BytesIO(content), "x.xlsx"), what="import")
    assert answer.status_code in (200, 302)
    assert site.rows()["shift"] == []


def test_a_gap_is_red_on_the_first_page_and_named_in_the_table(planner: Visitor) -> None:
    planner.send(
        "/duty/table",
        **table("2026-12-26,08:00,17:00,某51,", "2026-12-26,20:00,08:00,某52,"),
    )
    first = " ".join(planner.page("/").text.split())
    assert "无人值班 怀集县 · 自 12-26 17:00 值班表" in first
    flaws = " ".join(planner.page("/duty").select_one("[aria-labelledby=flaws]").text.split())
    assert "无人值班 怀集县 · 值班员 · 12-27 08:00 – 以后" in flaws


def test_somebody_is_added_over_night_and_taken_out_again(
    planner: Visitor, town: Town, site: Site
) -> None:
    form = {"who": person(town, HEAD), "seat": "desk", "date": "2026-12-26"}
    planner.send("/duty", **form, **{"from": "20:00", "to": "08:00"})
    (row,) = site.rows()["shift"]
    assert f"{town.world.local(row.ends_at):%m-%d %H:%M}" == "12-27 08:00"
    assert [one["action"] for one in site.recorded("add_shift")] == ["add_shift"]
    assert "删去这一班？" in planner.send(f"/duty/{row.id}/remove").text
    assert site.rows()["shift"] == [row]
    planner.send(f"/duty/{row.id}/remove", sure="yes")
    assert site.rows()["shift"] == []
    assert len(site.recorded("remove_shift")) == 1


def test_who_is_on_duty_is_let_go_and_stays_in_the_record(
    planner: Visitor, town: Town, site: Site
) -> None:
    planner.send("/duty/table", **table("2026-12-26,08:00,20:00,某51,"))
    (row,) = site.rows()["shift"]
    planner.send(f"/duty/{row.id}/remove", sure="yes")
    (kept,) = site.rows()["shift"]
    assert kept.ends_at == town.now
    planner.send(f"/duty/{row.id}/remove", sure="yes")
    assert site.rows()["shift"] == [kept]


@pytest.mark.parametrize(
    "wrong",
    [
        {"seat": "king"},
        {"date": "tomorrow"},
        {"to": ""},
        {"date": "2020-01-01"},
        {"who": f"{COUNTY}:999999"},
    ],
)
def test_what_can_not_be_is_not_added(
    planner: Visitor, town: Town, site: Site, wrong: dict[str, str]
) -> None:
    form = {"who": person(town, HEAD), "seat": "desk", "date": "2026-12-26"}
    planner.send("/duty", **(form | {"from": "20:00", "to": "08:00"} | wrong))
    assert "没有加入：" in planner.page("/duty").text
    assert site.rows()["shift"] == []


def test_names_are_shown_for_a_reason_and_that_is_recorded(site: Site, planner: Visitor) -> None:
    planner.send("/duty/table", **table("2026-12-26,08:00,20:00,某51,"))
    officer = site.user("officer")
    officer.send("/duty/numbers", why="核对名单")
    text = officer.get("/duty").text
    assert "某51" in text
    assert f"tel:{COUNTY_DESK}" in text
    assert [one["subject"] for one in site.recorded("unmask")] == ["duty"]


def test_from_another_county_it_is_not_seen(site: Site, planner: Visitor) -> None:
    planner.send("/duty/table", **table("2026-12-26,08:00,20:00,某51,"))
    site.add_user("far", "officer", "441225")
    site.add_user("near", "officer", "441224101")
    assert "12-26 20:00" not in site.user("far").page("/duty").text
    assert "12-26 20:00" in site.user("near").page("/duty").text
