"""导入: a roster is sent to the page, looked at, and applied once confirmed; or nothing happens."""

import io
import json
import zipfile
from datetime import timedelta
from io import BytesIO

import pytest
from bs4 import BeautifulSoup
from openpyxl import Workbook
from shapely import box
from shapely.geometry import mapping
from sqlalchemy import select
from werkzeug import formparser
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from alertcast.core.roster_gaps import Gap
from alertcast.core.upload import LARGEST
from alertcast.dispatch import roster_check, upload_work
from alertcast.dispatch import uploads as step
from alertcast.grids.places import KnownPlaces
from alertcast.grids.roster import read_roster
from alertcast.grids.sheet import Content
from alertcast.store import grids, roster_gaps, uploads
from alertcast.store.schema import roster, upload
from tests.stories.town import EAST, EVERYBODY, SOUTH, WEST, Town
from tests.web.site import Site, Visitor

HEADER = "姓名,手机号,岗位,责任区编码,任职结束\n"


def everybody(*more: str, but: int = 0) -> str:
    """Return the roster of the town as a table, without the last few, and with lines more."""
    kept = EVERYBODY[: len(EVERYBODY) - but]
    lines = [f"某{phone[-2:]},{phone[3:]},{role},{place},\n" for phone, role, place in kept]
    return HEADER + "".join([*lines, *more])


def send(
    user: Visitor, content: str | bytes, name: str = "people.csv", **form: str
) -> TestResponse:
    raw = content.encode() if isinstance(content, str) else content
    fields = {"csrf_token": user.token(), "kind": "roster", "name": "town", **form}
    boundary, body = encode_multipart({**fields, "file": FileStorage(BytesIO(raw), name)})
    kind = f"multipart/form-data; boundary={boundary}"
    return user.client.post("/uploads", data=body, content_type=kind)


def shown(user: Visitor, answer: TestResponse) -> BeautifulSoup:
    assert answer.status_code == 302
    return user.page(answer.location)


def confirm(user: Visitor, page: BeautifulSoup, **ticks: str) -> TestResponse:
    form = next(f for f in page.select("form") if str(f["action"]).endswith("/apply"))
    seen = form.select_one("input[name=seen]")
    assert seen is not None
    return user.send(str(form["action"]), seen=str(seen["value"]), **ticks)


def versions(town: Town) -> list[tuple[int, bool]]:
    with town.db.read() as tx:
        rows = select(roster.c.version, roster.c.is_active).order_by(roster.c.id)
        return [tuple(row) for row in tx.execute(rows.where(roster.c.name == "town"))]


def test_what_a_roster_changes_is_shown_and_nothing_is_written_before_it_is_confirmed(
    site: Site, town: Town
) -> None:
    user = site.user("admin")
    page = shown(user, send(user, everybody("赵六,13800000077,deputy," + SOUTH + ",\n")))
    text = page.text
    assert "新增" in text
    assert "没有问题" in page.find(id="found").parent.text
    assert "赵*" in text
    assert "13800000077" not in text
    assert versions(town) == [(1, True)]
    page = shown(user, confirm(user, page, allow_removals="yes"))
    assert "已应用" in page.text
    assert versions(town) == [(1, False), (2, True)]
    deed = next(one for one in site.recorded("import"))
    assert (deed["user"], deed["detail"]) == ("admin", {"posts": 12})


def test_a_confirmation_that_is_sent_twice_makes_one_version(site: Site, town: Town) -> None:
    user = site.user("admin")
    page = shown(user, send(user, everybody()))
    for _ in range(2):
        assert "已应用" in shown(user, confirm(user, page, allow_removals="yes")).text
    assert versions(town) == [(1, False), (2, True)]


def test_every_bad_cell_is_shown_with_its_row_and_no_number(site: Site, town: Town) -> None:
    user = site.user("admin")
    bad = "钱七,138001,党支部书记,E99,\n"
    page = shown(user, send(user, everybody(bad)))
    rows = [row.text for row in page.select("#problems tbody tr")]
    assert any("第 13 行" in one and "手机号" in one and "phone_invalid" in one for one in rows)
    assert any("责任区编码" in one and "不在网格图层中" in one for one in rows)
    assert "138001" not in page.text.replace("13800138", "")
    answer = user.get("/uploads/1/copy")
    assert "号码不存在" in answer.data.decode("utf-8-sig")
    assert site.recorded("fetch_copy")[0]["subject"] == "upload:1"
    assert "请先勾选" in shown(user, confirm(user, page)).text
    assert versions(town) == [(1, True)]
    assert "已应用" in shown(user, confirm(user, page, skip_bad="yes", allow_removals="yes")).text


def test_many_removed_need_a_tick_of_their_own(site: Site, town: Town) -> None:
    user = site.user("admin")
    confirm(user, shown(user, send(user, everybody())), allow_removals="yes")
    page = shown(user, send(user, everybody(but=3)))
    assert page.select_one("input[name=allow_removals]") is not None
    assert "请先勾选" in shown(user, confirm(user, page)).text
    assert "已应用" in shown(user, confirm(user, page, allow_removals="yes")).text


def test_what_would_be_lacking_is_what_is_lacking_then(site: Site, town: Town) -> None:
    user = site.user("admin")
    soon = (town.now + timedelta(days=9)).date()
    lines = (
        f"张三,13800000071,branch_leader,{EAST},\n",
        f"张三,13800000071,branch_leader,{WEST},{soon}\n",
        f"李四,13800000071,deputy,{WEST},\n",
    )
    page = shown(user, send(user, HEADER + "".join(lines)))
    with town.db.read() as tx:
        ahead = uploads.report(tx, town.db.vault, 1)["gaps"]
    assert ahead == {"no_leader": 1, "several": 1, "shared": 2, "ends": 1}
    assert "应用后还缺什么" in page.text
    assert "马宁镇南村" in page.find(id="unled").text
    confirm(user, page, allow_removals="yes")
    with town.db.read() as tx:
        scope = roster_check.scope(town.world, tx, town.now)
        assert scope is not None
        then = roster_gaps.counts(tx, scope)
    assert {gap: then[Gap(gap)] for gap in ahead} == ahead


def test_the_second_of_two_officers_is_told_what_changed_meanwhile(town: Town) -> None:
    site = Site(town)
    site.add_user("wang", "admin", "")
    first, second = site.user("admin"), site.user("wang")
    page = shown(first, send(first, everybody("赵六,13800000077,deputy," + SOUTH + ",\n")))
    other = shown(second, send(second, everybody("钱七,13800000078,deputy," + SOUTH + ",\n")))
    confirm(first, page, allow_removals="yes")
    again = shown(second, confirm(second, other, allow_removals="yes"))
    assert "没有应用" in again.text
    assert "预览之后，admin 于" in again.text
    assert "换上了名册 town 版本 2" in again.text
    assert versions(town) == [(1, False), (2, True)]
    assert "已应用" in shown(second, confirm(second, again, allow_removals="yes")).text
    assert versions(town)[-1] == (3, True)


@pytest.mark.parametrize("dies", ["check", "apply"])
def test_whoever_dies_at_it_loses_nothing(town: Town, dies: str) -> None:
    hands = [dead]
    site = Site(town, work=lambda number: hands[-1](town, number))
    user = site.user("admin")
    if dies == "apply":
        hands.append(alive)
    page = shown(user, send(user, everybody()))
    if dies == "apply":
        hands.append(dead)
        page = shown(user, confirm(user, page, allow_removals="yes"))
    assert "可以离开这一页" in page.text
    assert versions(town) == [(1, True)]
    town.db.ahead += timedelta(minutes=3)
    page = user.page("/uploads/1")
    assert "中断" in page.text
    hands.append(alive)
    if dies == "check":
        page = shown(user, user.send("/uploads/1/check"))
    assert "已应用" in shown(user, confirm(user, page, allow_removals="yes")).text
    assert versions(town) == [(1, False), (2, True)]


def dead(town: Town, number: int) -> None:
    pass


def alive(town: Town, number: int) -> None:
    upload_work.work(town.world, number, lambda: town.now)


def test_what_fails_in_between_is_said_and_nothing_is_written(
    site: Site, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    def spoilt(*_: object) -> None:
        raise MemoryError

    user = site.user("admin")
    monkeypatch.setattr("alertcast.dispatch.upload_work._look", spoilt)
    page = shown(user, send(user, everybody()))
    assert "处理中断了" in page.text
    assert "内存超过 2 GB" in page.text
    assert versions(town) == [(1, True)]


def test_what_can_not_begin_is_broken_at_once(town: Town) -> None:
    def refused(_: int) -> None:
        raise OSError

    user = Site(town, work=refused).user("admin")
    page = shown(user, send(user, everybody()))
    assert "处理中断了" in page.text
    assert "服务器日志写有原因" in page.text


def test_what_fails_after_it_was_applied_is_applied(
    site: Site, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    def spoilt(*_: object) -> None:
        raise MemoryError

    user = site.user("admin")
    page = shown(user, send(user, everybody()))
    monkeypatch.setattr("alertcast.dispatch.roster_check.check_due", spoilt)
    assert "已应用" in shown(user, confirm(user, page, allow_removals="yes")).text
    assert versions(town) == [(1, False), (2, True)]


LANDLINE = f"钱七,5522345,deputy,{SOUTH},\n"
"""A line that can be dialled only where an area code is configured."""


def test_what_is_read_otherwise_by_then_is_shown_anew(town: Town) -> None:
    town.configure(roster={"area_code": "0758"})
    user = Site(town, work=lambda number: alive(town, number)).user("admin")
    page = shown(user, send(user, everybody(LANDLINE)))
    town.configure(roster={})
    again = shown(user, confirm(user, page, allow_removals="yes"))
    assert versions(town) == [(1, True)]
    assert "no_area_code" in again.text


def test_the_same_file_read_otherwise_is_another_version(town: Town) -> None:
    user = Site(town, work=lambda number: alive(town, number)).user("admin")
    page = shown(user, send(user, everybody(LANDLINE)))
    confirm(user, page, allow_removals="yes", skip_bad="yes")
    town.configure(roster={"area_code": "0758"})
    page = shown(user, send(user, everybody(LANDLINE)))
    assert "已应用" in shown(user, confirm(user, page)).text
    assert versions(town) == [(1, False), (2, False), (3, True)]


def test_a_stray_cell_in_the_last_corner_holds_nobody_up(site: Site, town: Town) -> None:
    book = Workbook()
    book.active.append(HEADER.strip().split(","))
    book.active.append(["钱七", "138001", "党支部书记", "E99"])
    book.active["XFD1048576"] = "x"
    file = io.BytesIO()
    book.save(file)
    user = site.user("admin")
    page = shown(user, send(user, file.getvalue(), "people.xlsx"))
    assert "phone_invalid" in page.text
    assert user.get("/uploads/1/copy").status_code == 200


def test_two_who_work_on_one_file_apply_it_once(town: Town) -> None:
    site = Site(town, work=lambda number: hands(town, number))
    hands = alive
    user = site.user("admin")
    page = shown(user, send(user, everybody()))
    hands = dead
    confirm(user, page, allow_removals="yes")
    alive(town, 1)
    alive(town, 1)
    assert versions(town) == [(1, False), (2, True)]


def test_a_file_lies_sealed_and_is_gone_once_it_is_applied(site: Site, town: Town) -> None:
    user = site.user("admin")
    page = shown(user, send(user, everybody("赵六,13800000077,村长,E1,\n")))
    kept = str(site.rows()["upload"])
    assert "13800000077" not in kept
    assert "赵六" not in kept
    confirm(user, page, skip_bad="yes", allow_removals="yes")
    with town.db.read() as tx:
        row = tx.execute(select(upload)).mappings().one()
    assert (row["content"], row["report"], row["copy"]) == (None, None, None)
    assert user.get("/uploads/1/copy").status_code == 404


def test_after_an_hour_it_is_gone(site: Site, town: Town) -> None:
    user = site.user("admin")
    page = shown(user, send(user, everybody()))
    town.db.ahead += timedelta(minutes=61)
    step.clear(town.world)
    answer = confirm(user, page)
    assert answer.status_code == 404
    assert site.rows()["upload"] == []


def test_what_is_thrown_away_is_applied_no_more(site: Site, town: Town) -> None:
    user = site.user("admin")
    shown(user, send(user, everybody()))
    assert "已删除" in shown(user, user.send("/uploads/1/discard")).text
    assert site.rows()["upload"] == []
    assert versions(town) == [(1, True)]


def bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(5):
            archive.writestr(f"xl/worksheets/sheet{number}.xml", bytes(81 * 1024 * 1024))
    return file.getvalue()


def nested() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.kmz", b"PK")
    return file.getvalue()


@pytest.mark.parametrize(
    ("kind", "name", "raw", "said"),
    [
        ("roster", "people.csv", b"", "请选择一个文件"),
        ("roster", "people.xls", b"x", "不支持这种格式"),
        ("roster", "people.csv", bytes(LARGEST + 1), "超过 32 MB"),
        ("roster", "people.xlsx", bomb(), "解开后过大"),
        ("layer", "cells.zip", b"#" + bomb(), "解开后过大"),
        ("layer", "cells.kmz", b" " + bomb(), "解开后过大"),
        ("roster", "people.xlsx", b"PK\x03\x04", "压缩包损坏"),
        ("layer", "cells.zip", nested(), "里面还有压缩包"),
        ("layer", "cells.vrt", b"<OGRVRTDataSource/>", "不支持这种格式"),
    ],
    ids=[
        "empty",
        "old",
        "large",
        "bomb",
        "after a stub",
        "after a space",
        "damaged",
        "nested",
        "vrt",
    ],
)
def test_what_is_not_taken_is_kept_nowhere(
    site: Site, town: Town, kind: str, name: str, raw: bytes, said: str
) -> None:
    user = site.user("admin")
    assert said in shown(user, send(user, raw, name, kind=kind)).text
    assert site.rows()["upload"] == []


def test_somebody_of_a_part_may_not_even_send_much(site: Site) -> None:
    site.add_user("far", "admin", "441225")
    assert send(site.user("far"), bytes(2 * 1024 * 1024)).status_code == 413
    assert send(site.user("officer"), bytes(2 * 1024 * 1024)).status_code == 413


def test_a_name_that_would_lead_out_of_a_folder_leads_nowhere(site: Site, town: Town) -> None:
    user = site.user("admin")
    page = shown(user, send(user, everybody(), "../../etc/people.csv"))
    assert "people.csv" in page.text
    assert "etc" not in page.find("h1").text


LAYER = {
    "code": "441224101009",
    "name": "新村",
    "kind": "village",
    "town_code": "441224101",
    "town": "冷坑镇",
    "county_code": "441224",
    "county": "怀集县",
}


def layer(town: Town, *more: dict[str, str], but: str = "") -> str:
    """Return the layer of the town as GeoJSON, without a grid, and with grids more."""
    with town.db.read() as tx:
        active = grids.active_layer(tx)
        assert active is not None
        cells = grids.load(tx, active["id"]).values()
    found = [
        ({name: getattr(one, name) for name in LAYER}, mapping(one.geometry))
        for one in cells
        if one.code != but
    ]
    found += [(one, mapping(box(3, 0, 4, 1))) for one in more]
    features = [{"type": "Feature", "properties": p, "geometry": g} for p, g in found]
    return json.dumps({"type": "FeatureCollection", "features": features})


def test_a_layer_is_shown_against_the_one_in_use_and_put_in_use(site: Site, town: Town) -> None:
    town.warn()
    user = site.user("admin")
    page = shown(user, send(user, layer(town, LAYER), "cells.geojson", kind="layer"))
    assert "新村" in page.select_one("#changes").text
    assert "新增" in page.find(id="what").parent.text
    page = shown(user, confirm(user, page))
    assert "版本 2 在用：4 个网格" in page.text
    assert town.broadcast().layer_id == 1
    assert site.recorded("import")[0]["detail"]["grids"] == 4


def test_a_layer_that_loses_grids_needs_a_tick(site: Site, town: Town) -> None:
    user = site.user("admin")
    page = shown(user, send(user, layer(town, but=SOUTH), "cells.geojson", kind="layer"))
    assert "1 个在用的网格以后不再有" in page.text
    assert "请先勾选" in shown(user, confirm(user, page)).text
    assert "已应用" in shown(user, confirm(user, page, allow_removals="yes")).text


def test_a_layer_that_says_what_it_is_not_reads_nothing_else(site: Site, town: Town) -> None:
    secret = town.folder / "secret.csv"
    secret.write_text("code,name\n1,geheim\n", "utf-8")
    vrt = f"<OGRVRTDataSource><OGRVRTLayer name='x'><SrcDataSource>{secret}</SrcDataSource>"
    user = site.user("admin")
    for name in ("a.geojson", "a.kml", "a.gpkg"):
        page = shown(
            user, send(user, vrt + "</OGRVRTLayer></OGRVRTDataSource>", name, kind="layer")
        )
        assert "文件内容与扩展名不符" in page.text, name
        assert "geheim" not in page.text
        user.send(str(page.select_one("form[action$=discard]")["action"]))


def test_a_layer_with_two_faces_reads_nothing_else(site: Site, town: Town) -> None:
    secret = town.folder / "secret.csv"
    secret.write_text('code,name,shape\n1,geheim,"POLYGON((0 0,1 0,1 1,0 0))"\n', "utf-8")
    vrt = (
        f"<OGRVRTDataSource><OGRVRTLayer name='secret'><SrcDataSource>{secret}</SrcDataSource>"
        "<GeometryType>wkbPolygon</GeometryType><LayerSRS>WGS84</LayerSRS>"
        "<GeometryField encoding='WKT' field='shape'/></OGRVRTLayer></OGRVRTDataSource>"
    )
    steps = f"gdal vector pipeline ! read {secret} ! write --of=stream streamed_dataset"
    files = {
        "a.kml": f"<kml xmlns='http://www.opengis.net/kml/2.2'></kml>{vrt}",
        "a.geojson": f'{{"type": "FeatureCollection", "x": "{vrt}"}}',
        "b.geojson": json.dumps({"type": "gdal_streamed_alg", "command_line": steps}),
    }
    user = site.user("admin")
    for name, content in files.items():
        page = shown(user, send(user, content, name, kind="layer"))
        assert "[unreadable]" in page.text or "unreadable" in page.select_one("#problems").text, (
            name
        )
        assert "geheim" not in page.text
        user.send(str(page.select_one("form[action$=discard]")["action"]))


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_a_template_is_there_for_everybody(site: Site, kind: str) -> None:
    answer = site.user("viewer").get(f"/roster/template.{kind}")
    assert answer.status_code == 200
    with site.town.db.read() as tx:
        active = grids.active_layer(tx)
        assert active is not None
        places = KnownPlaces(grids.load(tx, active["id"]).values())
    roles = site.town.world.config.roles
    found = read_roster(Content(f"x.{kind}", answer.data), roles=roles, places=places)
    assert [one.rule for one in found.problems if one.kind == "error"] == ["example_row"]
    assert site.user("viewer").get("/roster/template.ods").status_code == 404


def test_what_is_sent_lies_on_no_disk_in_clear(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def written(*_: object, **__: object) -> None:
        raise AssertionError("a file of names and phones was written")

    monkeypatch.setattr(formparser, "SpooledTemporaryFile", written)
    many = "".join(f"某{n},1380001{n:04},deputy,{SOUTH},\n" for n in range(10_000))
    answer = send(site.user("admin"), everybody(many))
    assert answer.location.startswith("/uploads/")
