"""A layer of very many grids has its index in files: told like any other, whatever befalls them.

Here it is as small as every story's; only the number from which on a layer is large is smaller.
"""

import json
from multiprocessing import get_context
from pathlib import Path

import pytest
from shapely import box
from sqlalchemy import update

from alertcast import config as configuration
from alertcast.core.alert import Area
from alertcast.dispatch import fanout
from alertcast.dispatch.indexes import index_of
from alertcast.store import grids
from alertcast.store.crypto import Vault
from alertcast.store.db import Database
from alertcast.store.schema import grid
from tests.databases import DATA_KEY
from tests.stories.town import (
    EAST_LEADER,
    EAST_SECRETARY,
    IN_EAST,
    NOWHERE,
    OFFICE,
    SOUTH_LEADER,
    WEST_LEADER,
    WEST_SECRETARY,
    Town,
    phones,
)


@pytest.fixture
def large(town: Town) -> Town:
    """The town, its layer a large one."""
    town.configure(match={"packed_from": 1, "folder": str(town.folder / "indexes")})
    return town


def files(town: Town) -> list[Path]:
    return sorted((town.folder / "indexes").glob("*.cells/*.npy"))


def forget_shapes(town: Town) -> None:
    """Let the database forget every polygon, so that only the files know them."""
    with town.db.write() as tx:
        tx.execute(update(grid).values(geometry=b""))


def test_the_touched_grid_alone_is_told(large: Town) -> None:
    large.warn(over=IN_EAST)
    assert sorted(phones(large.sms)) == [EAST_LEADER, EAST_SECRETARY]
    assert files(large)


def test_levels_hold_where_they_are_said(large: Town) -> None:
    large.warn(over=[(box(0.1, 0.1, 0.9, 0.9), "red"), (box(0.1, -0.9, 1.9, -0.1), "orange")])
    assert large.levels() == {"西村": "red", "南村": "orange"}


def test_what_touches_nothing_says_so(large: Town) -> None:
    warned = large.warn(over=NOWHERE)
    assert large.decision(warned.identifier)[0] == "no_grid"


def test_files_that_were_made_are_used_by_every_process_after(large: Town) -> None:
    fanout.read_ahead(large.world)
    forget_shapes(large)
    large.warn(over=IN_EAST)
    assert sorted(phones(large.sms)) == [EAST_LEADER, EAST_SECRETARY]


def test_two_processes_at_once_make_one_set_of_files_and_find_the_same(large: Town) -> None:
    asked = (large.db.url.render_as_string(hide_password=False), json.dumps(large.settings))
    large.db.close()
    with get_context("spawn").Pool(2) as processes:
        assert processes.map(_in_east, [asked] * 4) == [["东村"]] * 4
    assert len({path.parent for path in files(large)}) == 1
    made = {path: path.stat().st_mtime_ns for path in files(large)}
    assert made
    forget_shapes(large)
    with get_context("spawn").Pool(1) as processes:
        assert processes.map(_in_east, [asked]) == [["东村"]]
    assert made == {path: path.stat().st_mtime_ns for path in files(large)}


def _in_east(asked: tuple[str, str]) -> list[str]:
    """Return the names of the grids in the east, as a process finds them that begins now."""
    url, settings = asked
    sections = {"office": OFFICE} | json.loads(settings)
    config = configuration.from_mapping(sections, folder=Path("nowhere"), env={})
    db = Database(url, Vault.from_text(DATA_KEY))
    east = Area("east", polygons=(tuple(IN_EAST.exterior.coords),))
    try:
        with db.read() as tx:
            layer = grids.active_layer(tx)
            assert layer is not None
            found = index_of(config, tx, layer["id"]).match([(east, None)])
    finally:
        db.close()
    return [hit.grid.name for hit in found.hits]


def test_files_that_vanish_are_made_again(large: Town) -> None:
    fanout.read_ahead(large.world)
    for path in files(large):
        path.unlink()
    large.warn(over=IN_EAST)
    assert sorted(phones(large.sms)) == [EAST_LEADER, EAST_SECRETARY]
    assert files(large)


def test_a_file_that_is_damaged_is_not_believed(large: Town) -> None:
    fanout.read_ahead(large.world)
    (cells,) = [path for path in files(large) if path.name == "wkb.npy"]
    whole = cells.read_bytes()
    cells.write_bytes(whole[:-9] + bytes(9))
    large.warn(over=IN_EAST)
    assert sorted(phones(large.sms)) == [EAST_LEADER, EAST_SECRETARY]
    assert cells.read_bytes() == whole


def test_a_full_disk_delays_no_warning(large: Town) -> None:
    (large.folder / "indexes").write_text("no folder can be made here")
    large.warn(over=IN_EAST)
    assert sorted(phones(large.sms)) == [EAST_LEADER, EAST_SECRETARY]


def test_a_new_layer_has_files_of_its_own_and_the_old_ones_go(large: Town) -> None:
    fanout.read_ahead(large.world)
    before = files(large)
    large.draw_one_grid_alone("441224101999", "新村", IN_EAST)
    world = large.world
    fanout.read_ahead(world)
    fanout.read_ahead(world)
    after = files(large)
    assert len(after) == len(before)
    assert not set(before) & set(after)


def test_a_layer_that_is_small_again_leaves_no_files(large: Town) -> None:
    fanout.read_ahead(large.world)
    large.draw_one_grid_alone("441224101999", "新村", IN_EAST)
    large.configure(match={"packed_from": 2, "folder": str(large.folder / "indexes")})
    fanout.read_ahead(large.world)
    assert files(large) == []


def test_a_running_broadcast_goes_on_when_its_layers_files_are_gone(large: Town) -> None:
    large.warn(over=IN_EAST)
    large.draw_one_grid_alone("441224101999", "新村", IN_EAST)
    fanout.read_ahead(large.world)
    large.tick(minutes=11)
    assert set(phones(large.voice)) >= {EAST_LEADER, EAST_SECRETARY}


def test_a_later_warning_over_all_of_it_tells_everybody(large: Town) -> None:
    large.warn(over=box(-1, -2, 3, 2))
    assert set(phones(large.sms)) >= {EAST_LEADER, WEST_LEADER, WEST_SECRETARY, SOUTH_LEADER}
