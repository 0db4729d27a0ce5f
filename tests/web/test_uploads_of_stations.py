"""导入: stations (驿站) are sent to the page, looked at, and given to the roster in use."""

import pytest
from openpyxl import load_workbook

from alertcast.core.roster import Station
from alertcast.core.station import Said
from alertcast.dispatch import stations as tonight
from alertcast.grids.places import KnownPlaces
from alertcast.grids.sheet import Content
from alertcast.grids.stations import read_stations
from alertcast.store import people, station_nights, stations
from tests.grids.workbooks import workbook
from tests.stories.town import EAST, SOUTH, Town
from tests.web.site import Site
from tests.web.test_stations import halls
from tests.web.test_uploads import confirm, everybody, send, shown

__all__ = ["halls"]

HEADER = "编号,名称,网格编码,负责人,电话,开放时间,可过夜,经度,纬度\n"
S1 = f"S1,东村驿站,{EAST},陈某,13800000061,18:00-08:00,是,1.5,0.5\n"
S2 = f"S2,南村驿站,{SOUTH},李某,13800000062,全天,否,,\n"
S3 = f"S3,新驿站,{SOUTH},黄大文,13800000063,全天,否,,\n"
BAD = "S4,坏驿站,E99,赵某,138001,全天,也许,,\n"


def held(town: Town) -> dict[str, Station]:
    with town.db.read() as tx:
        roster = people.active_roster(tx)
        assert roster is not None
        return stations.of_roster(tx, town.db.vault, roster["id"])


def test_what_stations_change_is_shown_and_written_once_confirmed(site: Site, halls: Town) -> None:
    tonight.write_down(halls.world, "S1", Said.OPEN, "officer", halls.now)
    user = site.user("admin")
    later = S1.replace("18:00", "17:00")
    page = shown(user, send(user, HEADER + later + S2 + S3, "s.csv", kind="stations"))
    assert [row.get_text(" ").split() for row in page.select("#changes tbody tr")] == [
        ["更改", "S1", "东村驿站", "开放时间"],
        ["新增", "S3", "新驿站"],
    ]
    assert "黄大文" not in page.text
    assert "13800000063" not in page.text
    assert held(halls).keys() == {"S1", "S2"}
    for _ in range(2):  # a second click writes nothing more
        assert "现有 3 个驿站" in shown(user, confirm(user, page)).text
    assert held(halls)["S1"].hours == "17:00-08:00"
    assert held(halls)["S3"].phone == "+8613800000063"
    (deed,) = site.recorded("import_stations")
    assert (deed["user"], deed["detail"]) == ("admin", {"stations": 3})
    with halls.db.read() as tx:
        assert [one.code for one in station_nights.open_now(tx, halls.now)] == ["S1"]


def test_every_bad_cell_of_a_station_is_shown_masked_and_comes_back_marked(
    site: Site, halls: Town
) -> None:
    user = site.user("admin")
    rows = [line.strip().split(",") for line in (HEADER, S1, S2, BAD)]
    book = workbook({"驿站": rows})
    page = shown(user, send(user, book, "s.xlsx", kind="stations"))
    found = [[cell.text for cell in row.select("td")] for row in page.select("#problems tbody tr")]
    assert [(where, column) for where, column, *_ in found] == [
        ("驿站 · 第 4 行", "网格编码"),
        ("驿站 · 第 4 行", "可过夜"),
        ("驿站 · 第 4 行", "电话"),
    ]
    assert "138001" not in str(found)
    assert "unknown_grid" in found[0][3]
    answer = user.get("/uploads/1/copy")
    (site.town.folder / "copy.xlsx").write_bytes(answer.data)
    sheet = load_workbook(site.town.folder / "copy.xlsx")["驿站"]
    assert "网格编码不在网格图层中" in sheet["C4"].comment.text
    assert "请先勾选" in shown(user, confirm(user, page)).text
    assert held(halls).keys() == {"S1", "S2"}
    assert "已应用" in shown(user, confirm(user, page, skip_bad="yes")).text


def test_many_stations_removed_need_a_tick_of_their_own(site: Site, halls: Town) -> None:
    user = site.user("admin")
    page = shown(user, send(user, HEADER + S1, "s.csv", kind="stations"))
    assert "确实要减少 1 个驿站" in page.text
    assert "请先勾选" in shown(user, confirm(user, page)).text
    assert held(halls).keys() == {"S1", "S2"}
    assert "已应用" in shown(user, confirm(user, page, allow_removals="yes")).text
    assert held(halls).keys() == {"S1"}


@pytest.mark.parametrize("meanwhile", ["stations", "roster"])
def test_stations_that_changed_meanwhile_are_compared_anew(
    site: Site, halls: Town, meanwhile: str
) -> None:
    user = site.user("admin")
    page = shown(user, send(user, HEADER + S1 + S2, "s.csv", kind="stations"))
    other = everybody() if meanwhile == "roster" else HEADER + S1 + S2 + S3
    confirm(user, shown(user, send(user, other, kind=meanwhile)), allow_removals="yes")
    again = shown(user, confirm(user, page))
    assert "没有应用" in again.text
    assert "预览之后，admin 于" in again.text
    named = "换上了别的驿站" if meanwhile == "stations" else "换上了名册 town 版本 2"
    assert named in again.text
    assert len(held(halls)) == (3 if meanwhile == "stations" else 2)
    assert "已应用" in shown(user, confirm(user, again, allow_removals="yes")).text
    assert held(halls).keys() == {"S1", "S2"}


def test_a_list_without_a_good_row_can_not_be_applied(site: Site, halls: Town) -> None:
    user = site.user("admin")
    page = shown(user, send(user, HEADER + BAD, "s.csv", kind="stations"))
    assert "没有一行可以导入" in page.text
    assert held(halls).keys() == {"S1", "S2"}


def test_stations_of_no_roster_are_not_taken(site: Site, town: Town) -> None:
    user = site.user("admin")
    with town.db.write() as tx:
        tx.exec_driver_sql("UPDATE roster SET is_active = false")
    answer = send(user, HEADER + S1, "s.csv", kind="stations")
    assert "请先导入名册" in shown(user, answer).text
    assert site.rows()["upload"] == []


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_a_template_is_there_for_everybody(site: Site, kind: str) -> None:
    answer = site.user("viewer").get(f"/stations/template.{kind}")
    assert answer.status_code == 200
    file = Content(f"x.{kind}", answer.data)
    found = read_stations(file, places=KnownPlaces([]))
    assert [one.rule for one in found.problems if one.kind == "error"] == ["example_row"]
    assert site.user("viewer").get("/stations/template.ods").status_code == 404
