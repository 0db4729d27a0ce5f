"""A new layer gives grids and towns new codes: warnings and people find them by the old ones."""

from dataclasses import replace
from datetime import date

import pytest

from alertcast.core.grid import Grid
from alertcast.core.role import PlaceLevel
from alertcast.dispatch import layers
from alertcast.grids.places import KnownPlaces
from alertcast.store import audit, grids, people
from alertcast.store.post_places import Followed
from tests.stories.published import Warned, cap, info
from tests.stories.seen import EAST, WEST
from tests.stories.town import (
    EAST_LEADER,
    EVERYBODY,
    HEAD,
    IN_WEST,
    SOUTH_LEADER,
    TOWN,
    TOWN_LEADER,
    WEST_LEADER,
    Town,
    phones,
)

DAY = date(2026, 12, 26)
NEW_WEST, NEW_TOWN = "441224109201", "441224109"


def drawn(town: Town) -> list[Grid]:
    with town.db.read() as tx:
        layer = grids.active_layer(tx)
        assert layer is not None
        return [*grids.load(tx, layer["id"]).values()]


def bring(town: Town, cells: list[Grid]) -> Followed:
    with town.db.write() as tx:
        return layers.import_layer(tx, "town", cells, attribution="", by="wang", now=town.now)[2]


def use(town: Town, version: int) -> Followed:
    with town.db.write() as tx:
        (row,) = [one for one in grids.versions(tx) if one["version"] == version]
        return layers.use(tx, row["id"], by="wang", now=town.now)


def renumbered(town: Town) -> list[Grid]:
    """Return the layer as it is after a reform: the west and its town have other codes."""
    named = {"town_code": NEW_TOWN, "town_aliases": (TOWN,)}
    return [
        replace(one, code=NEW_WEST, aliases=(WEST,), **named)
        if one.code == WEST
        else replace(one, **named)
        if one.town_code == TOWN
        else one
        for one in drawn(town)
    ]


def merged(town: Town) -> list[Grid]:
    """Return the layer after the east was merged into the west."""
    west, east, south = drawn(town)
    both = replace(
        west, code=NEW_WEST, aliases=(WEST, EAST), geometry=west.geometry | east.geometry
    )
    return [both, south]


def warn_by_code(town: Town, *codes: str) -> None:
    words = info(town.now, IN_WEST, "red")
    named = "".join(
        f"<geocode><valueName>行政区划代码</valueName><value>{code}</value></geocode>"
        for code in codes
    )
    start, end = words.index("<polygon>"), words.index("</polygon>") + len("</polygon>")
    town.publish(cap(Warned("by-code", town.now), words[:start] + named + words[end:]))


def test_people_of_a_renumbered_grid_are_told_though_their_roster_has_the_old_code(
    town: Town,
) -> None:
    assert bring(town, renumbered(town)) == Followed(moved=5, lost={})
    town.warn(IN_WEST, "red")
    assert {WEST_LEADER, TOWN_LEADER, HEAD} <= set(phones(town.sms))
    assert EAST_LEADER not in phones(town.sms)


@pytest.mark.parametrize("code", [WEST, TOWN, NEW_WEST, NEW_TOWN])
def test_a_warning_with_the_old_or_the_new_code_finds_the_grid(town: Town, code: str) -> None:
    bring(town, renumbered(town))
    warn_by_code(town, code)
    assert WEST_LEADER in phones(town.sms)
    assert (EAST_LEADER in phones(town.sms)) == (len(code) == 9)
    assert SOUTH_LEADER not in phones(town.sms)


def test_people_of_merged_grids_are_all_told(town: Town) -> None:
    bring(town, merged(town))
    town.warn(IN_WEST, "red")
    assert {WEST_LEADER, EAST_LEADER} <= set(phones(town.sms))


def test_who_stood_for_both_grids_is_told_once(town: Town) -> None:
    town.settle_in([(WEST_LEADER, "branch_leader", place) for place in (WEST, EAST)])
    bring(town, merged(town))
    town.warn(IN_WEST, "red")
    assert phones(town.sms) == [WEST_LEADER]


def test_an_earlier_layer_put_back_finds_everybody_where_they_were(town: Town) -> None:
    with town.db.read() as tx:
        before = people.holders(tx, 1, {place for _, _, place in EVERYBODY}, on=DAY)
    bring(town, merged(town))
    assert use(town, 1) == Followed(moved=6, lost={})
    with town.db.read() as tx:
        assert people.holders(tx, 1, {place for _, _, place in EVERYBODY}, on=DAY) == before
    town.warn(IN_WEST, "red")
    assert WEST_LEADER in phones(town.sms) and EAST_LEADER not in phones(town.sms)


def test_following_twice_changes_nothing(town: Town) -> None:
    bring(town, renumbered(town))
    with town.db.write() as tx:
        assert layers.follow(tx) == Followed(moved=0, lost={})


def test_people_of_a_grid_that_is_gone_are_named(town: Town) -> None:
    followed = bring(town, [one for one in drawn(town) if one.code != EAST])
    assert followed == Followed(moved=0, lost={EAST: 3})
    with town.db.read() as tx:
        assert audit.listed(tx)[-1]["detail"]["lost"] == 3


def test_a_town_that_took_the_code_of_another_does_not_take_its_people(town: Town) -> None:
    """Of 高要 in 2023: the code of one town is another town's today."""
    fresh = replace(
        drawn(town)[0], code="441224101209", name="新村", town_code=TOWN, town="新镇", geometry=None
    )
    bring(town, [*renumbered(town), fresh])
    town.warn(IN_WEST, "red")
    assert TOWN_LEADER in phones(town.sms)
    with town.db.read() as tx:
        assert people.holders(tx, 1, {TOWN}, on=DAY) == {}


def test_a_broadcast_that_runs_keeps_its_layer_and_its_people(town: Town) -> None:
    town.warn(IN_WEST, "red")
    bring(town, renumbered(town))
    town.press("2", WEST_LEADER)
    assert len(town.help_requests()) == 1
    assert town.states() == {"西村": "answered"}


def test_a_correction_reaches_the_people_of_the_layer_that_was_wrongly_warned(town: Town) -> None:
    town.warn(IN_WEST, "red")
    bring(town, renumbered(town))
    town.correct()
    town.tick()
    assert phones(town.sms).count(WEST_LEADER) == 2


def test_a_roster_may_name_places_by_their_older_codes(town: Town) -> None:
    bring(town, renumbered(town))
    places = KnownPlaces(drawn(town))
    for older, now, level in (
        (WEST, NEW_WEST, PlaceLevel.GRID),
        (TOWN, NEW_TOWN, PlaceLevel.TOWN),
    ):
        found = places.find(older)
        assert found is not None
        assert (found.code, found.level) == (now, level)
