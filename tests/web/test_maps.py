"""The map's shapes are kept by browsers for good; what holds in them is told when it changes."""

import gzip
import json
from dataclasses import replace
from typing import Any

import pytest
from shapely.geometry import shape

from alertcast.store import grids
from alertcast.web import POLICY, policy
from alertcast.web.glance import AS_OF, Glance
from tests.stories.town import (
    EAST,
    EVENING,
    IN_EAST,
    IN_WEST,
    NEXT_TOWN,
    SHAPES,
    SOUTH,
    TOWN,
    WEST,
    WEST_LEADER,
    Town,
)
from tests.web.site import Site, Visitor


def looks(visitor: Visitor, path: str) -> dict[str, tuple[str, str]]:
    answer = visitor.get(path)
    assert answer.status_code == 200
    groups: list[dict[str, Any]] = answer.json["groups"]
    return {code: (one["level"], one["state"]) for one in groups for code in one["codes"]}


def shapes_url(visitor: Visitor, what: str) -> str:
    return str(visitor.page("/").select_one("[data-map]")[f"data-{what}"])


def test_the_grids_of_the_layer_are_drawn(site: Site) -> None:
    user = site.user("viewer")
    answer = user.get(shapes_url(user, "grids"))
    assert answer.mimetype == "application/geo+json"
    found = {one["properties"]["code"]: one for one in json.loads(answer.data)["features"]}
    assert found.keys() == SHAPES.keys()
    assert found[WEST]["properties"] == {
        "kind": "cells",
        "code": WEST,
        "name": "西村",
        "within": "冷坑镇",
        "parts_of": [TOWN, "441224"],
        "approximate": False,
    }
    for code, drawn in found.items():
        assert shape(drawn["geometry"]).equals_exact(SHAPES[code], 0.001, normalize=True)


def test_towns_and_counties_are_made_of_their_grids(site: Site) -> None:
    user = site.user("viewer")
    found = json.loads(user.get(shapes_url(user, "towns")).data)["features"]
    drawn = [(one["properties"]["kind"], one["properties"]["name"]) for one in found]
    assert drawn == [("counties", "怀集县"), ("towns", "冷坑镇"), ("towns", "马宁镇")]


def test_shapes_are_kept_for_good_and_small(site: Site) -> None:
    user = site.user("viewer")
    path = shapes_url(user, "grids")
    plain = user.get(path)
    packed = user.client.get(path, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert "immutable" in plain.headers["Cache-Control"]
    again = user.client.get(path, headers={"If-None-Match": plain.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_another_layer_has_another_address(site: Site, town: Town) -> None:
    user = site.user("viewer")
    before = shapes_url(user, "grids")
    with town.db.write() as tx:
        layer = grids.active_layer(tx)
        assert layer is not None
        cells = list(grids.load(tx, layer["id"]).values())
        moved = [replace(one, approximate=True) for one in cells]
        grids.import_layer(
            tx, "town", moved, sha256="2", is_approximate=True, attribution="", now=town.now
        )
    assert shapes_url(user, "grids") != before
    assert user.get(before).status_code == 200  # a broadcast keeps the layer it began with
    assert user.get("/map/99/grids.json").status_code == 404
    assert user.get("/map/1/people.json").status_code == 404


def test_borders_that_were_computed_are_called_so(site: Site, town: Town) -> None:
    user = site.user("viewer")
    assert "网格边界为推算" not in user.page("/").text
    with town.db.write() as tx:
        cells = list(grids.load(tx, 1).values())
        grids.import_layer(
            tx, "town", cells, sha256="2", is_approximate=True, attribution="某图", now=town.now
        )
    page = user.page("/")
    assert "网格边界为推算，不是测绘结果。" in page.text
    assert page.select_one(".map-note small").text == "数据来源：某图"


def test_a_grid_is_drawn_by_its_level_and_its_answer(site: Site, town: Town) -> None:
    town.warn([(IN_WEST, "red"), (IN_EAST, "orange")])
    town.press("1", WEST_LEADER)
    user = site.user("viewer")
    assert looks(user, "/map/now.json") == {
        WEST: ("red", "answered"),
        EAST: ("orange", "open"),
    }
    assert looks(user, "/broadcasts/1/map.json") == looks(user, "/map/now.json")
    town.tick(minutes=40)
    assert looks(user, "/map/now.json")[EAST] == ("orange", "unreached")


def test_who_asks_for_help_is_drawn_until_help_came(site: Site, town: Town) -> None:
    town.warn(level="red")
    town.press("2", WEST_LEADER)
    user = site.user("officer")
    for path in ("/map/now.json", "/broadcasts/1/map.json"):
        assert looks(user, path)[WEST] == ("red", "help")
        assert looks(user, path)[EAST] == ("red", "open")
    user.send("/help/1/close", done="已接走")
    assert looks(user, "/map/now.json")[WEST] == ("red", "answered")


def test_what_is_in_force_is_drawn_though_nobody_is_called(town: Town) -> None:
    town.configure(dispatch={"automatic": False})
    site = Site(town)
    warned = town.warn(IN_WEST, "orange")
    user = site.user("viewer")
    assert looks(user, "/map/now.json") == {WEST: ("orange", "")}
    town.lift(warned)
    assert looks(user, "/map/now.json") == {}


def test_a_drill_is_not_drawn_among_what_is_real(site: Site, town: Town) -> None:
    town.add_drill_channels()
    town.notice("请清点被褥", WEST, mode="drill")
    user = site.user("viewer")
    assert looks(user, "/map/now.json") == {}
    assert looks(user, f"/broadcasts/{town.last}/map.json") == {WEST: ("none", "open")}


def test_an_area_sees_its_own_grids(site: Site, town: Town) -> None:
    town.warn(level="red")
    site.add_user("lengkeng", "viewer", TOWN)
    site.add_user("elsewhere", "viewer", "441225")
    user = site.user("lengkeng")
    drawn = json.loads(user.get(shapes_url(user, "grids")).data)["features"]
    assert {one["properties"]["code"] for one in drawn} == {WEST, EAST}
    assert shapes_url(user, "grids") != shapes_url(site.user("viewer"), "grids")
    assert looks(user, "/map/now.json").keys() == {WEST, EAST}
    assert looks(user, "/broadcasts/1/map.json").keys() == {WEST, EAST}
    assert site.user("elsewhere").get("/broadcasts/1/map.json").status_code == 404
    assert site.user("viewer").get("/broadcasts/9/map.json").status_code == 404
    site.add_user("maning", "viewer", NEXT_TOWN)
    assert looks(site.user("maning"), "/map/now.json").keys() == {SOUTH}


def test_the_same_is_not_sent_again(site: Site, town: Town) -> None:
    town.warn(level="red")
    user = site.user("viewer")
    first = user.get("/map/now.json")
    town.tick(seconds=5)
    known = {"If-None-Match": first.headers["ETag"]}
    again = user.client.get("/map/now.json", headers=known)
    assert again.status_code == 304
    assert again.headers[AS_OF] > first.headers[AS_OF]
    town.press("1", WEST_LEADER)
    assert user.client.get("/map/now.json", headers=known).status_code == 200


def test_many_who_watch_the_same_cost_one() -> None:
    made: list[str] = []

    def make() -> str:
        made.append("x")
        return "x" * len(made)

    shared, alone = Glance(keep=1000), Glance(keep=0)
    assert {shared.look("a", lambda: EVENING, make).what for _ in range(5)} == {"x"}
    assert shared.look("b", lambda: EVENING, make).what == "xx"
    assert alone.look("a", lambda: EVENING, make).what == "xxx"
    assert alone.look("a", lambda: EVENING, make).what == "xxxx"


@pytest.mark.parametrize(
    ("tiles", "allowed"),
    [
        (None, POLICY),
        (
            "https://tiles.example.org/{z}/{x}/{y}.png",
            f"{POLICY}; img-src 'self' data: https://tiles.example.org",
        ),
        (
            "https://{s}.example.org/{z}/{x}/{y}.png",
            f"{POLICY}; img-src 'self' data: https://*.example.org",
        ),
    ],
)
def test_pictures_come_from_the_tile_server_only_where_there_is_one(
    tiles: str | None, allowed: str
) -> None:
    assert policy(tiles) == allowed


def test_by_default_no_outside_host_is_named(site: Site) -> None:
    assert "data-tiles" not in str(site.user("viewer").page("/"))


def test_a_configured_tile_server_is_on_the_page(town: Town) -> None:
    tiles = "https://tiles.example.org/{z}/{x}/{y}.png"
    town.configure(web={"public_base_url": "http://127.0.0.1", "tiles": tiles})
    user = Site(town).user("viewer")
    assert user.page("/").select_one("[data-map]")["data-tiles"] == tiles
    assert "tiles.example.org" in user.get("/").headers["Content-Security-Policy"]
