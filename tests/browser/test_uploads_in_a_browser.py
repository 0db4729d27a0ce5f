"""A roster and a layer are brought in at a desk and on a telephone: sent, looked at, applied."""

from dataclasses import replace
from pathlib import Path

from playwright.sync_api import expect

from alertcast.dispatch import upload_work
from alertcast.web.context import desk_of, install
from tests.browser.conftest import Served
from tests.browser.seat import Seat
from tests.stories.town import EAST, EVERYBODY
from tests.web.test_uploads import LAYER, everybody, layer
from tests.web.test_uploads_of_stations import BAD, HEADER, S1, S2


def test_a_roster_is_sent_looked_at_and_applied(seat: Seat, served: Served, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text(everybody("钱七,138001,村长,E99,\n", but=2), "utf-8")
    seat.log_in("admin")
    seat.go("/roster")
    seat.page.get_by_role("link", name="导入").click()
    form = seat.page.get_by_role("region", name="责任人名册")
    form.get_by_label("文件").set_input_files(file)
    form.get_by_label("名称").fill("town")
    seat.look("forms")
    seat.is_for_everybody()
    form.get_by_role("button", name="上传并检查").click()
    expect(seat.page.get_by_role("heading", name="发现的问题")).to_be_visible()
    seat.page.get_by_text("逐条查看").first.click()
    seat.look("roster looked at")
    seat.is_for_everybody()
    seat.page.get_by_label("跳过有错的行").check()
    seat.page.get_by_label("确实要减少").check()
    seat.page.get_by_role("button", name="应用").click()
    expect(seat.page.get_by_role("heading", name="已应用")).to_be_visible()
    seat.look("roster applied")
    seat.is_for_everybody()
    assert len(EVERYBODY) - 2 == 9


def test_stations_are_sent_looked_at_and_applied(
    seat: Seat, served: Served, tmp_path: Path
) -> None:
    file = tmp_path / "stations.csv"
    file.write_text(HEADER + S1 + S2 + BAD, "utf-8")
    seat.log_in("admin")
    seat.go("/stations")
    seat.look("stations")
    seat.page.get_by_role("link", name="导入").click()
    form = seat.page.get_by_role("region", name="驿站")
    form.get_by_label("文件").set_input_files(file)
    form.get_by_role("button", name="上传并检查").click()
    expect(seat.page.get_by_role("heading", name="发现的问题")).to_be_visible()
    seat.page.get_by_text("逐条查看").first.click()
    seat.look("stations looked at")
    seat.is_for_everybody()
    seat.page.get_by_label("跳过有错的行").check()
    seat.page.get_by_role("button", name="应用").click()
    expect(seat.page.get_by_role("heading", name="已应用")).to_be_visible()
    seat.look("stations applied")


def test_a_layer_shows_where_its_trouble_is(seat: Seat, served: Served, tmp_path: Path) -> None:
    over = LAYER | {"code": f"{EAST}9", "name": "重叠村"}
    file = tmp_path / "cells.geojson"
    file.write_text(layer(served.town, LAYER, over), "utf-8")
    seat.log_in("admin")
    seat.go("/uploads")
    form = seat.page.get_by_role("region", name="网格图层")
    form.get_by_label("文件", exact=True).set_input_files(file)
    form.get_by_text("怎样读").click()
    seat.look("how a layer is read")
    form.get_by_role("button", name="上传并检查").click()
    expect(seat.page.get_by_role("img", name="问题所在的位置")).to_be_visible()
    seat.look("layer looked at")
    seat.is_for_everybody()


def test_what_takes_long_is_shown_once_it_is_done(
    seat: Seat, served: Served, tmp_path: Path
) -> None:
    app = served.site.app
    install(app, replace(desk_of(app), work=lambda number: None))  # it has not begun yet
    file = tmp_path / "people.csv"
    file.write_text(everybody(), "utf-8")
    seat.log_in("admin")
    seat.go("/uploads")
    form = seat.page.get_by_role("region", name="责任人名册")
    form.get_by_label("文件").set_input_files(file)
    form.get_by_role("button", name="上传并检查").click()
    expect(seat.page.get_by_text("正在检查，可以离开这一页。")).to_be_visible()
    seat.look("being checked")
    seat.is_for_everybody()
    town = served.town
    upload_work.work(town.world, 1, lambda: town.now)
    expect(seat.page.get_by_role("heading", name="发现的问题")).to_be_visible()
    expect(seat.page.get_by_role("button", name="应用")).to_be_visible()
