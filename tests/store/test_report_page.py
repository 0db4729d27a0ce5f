"""A page of the people of a broadcast, as the database finds it, holds whom one finds by name."""

from collections.abc import Callable

import pytest

from alertcast.store.report_faces import Faces
from alertcast.store.report_page import Wanted, counts, everybody, page
from alertcast.store.report_people import STATES, Standing, standings
from alertcast.store.reports import people_counts
from tests.store.test_report_counts import (
    everybody_is_somewhere_else,
    he_has_another_number,
    it_is_over,
    nobody_carries_it,
    town,
)
from tests.stories.town import COUNTY, EAST, NEXT_TOWN, SOUTH, TOWN, Town

__all__ = ["town"]

STORIES = [
    everybody_is_somewhere_else,
    it_is_over,
    nobody_carries_it,
    he_has_another_number,
]


def found(town: Town, wanted: Wanted, area: str = "") -> list[int]:
    """Return who is on all pages, a few on each."""
    with town.db.read() as tx:
        listed: list[int] = []
        people = everybody(tx, town.last, STATES, area=area)
        while True:
            ids, total = page(
                tx,
                Faces(town.db.vault),
                town.last,
                people,
                wanted,
                area=area,
                first=len(listed),
                most=3,
            )
            listed += ids
            if not ids:
                assert len(listed) == total
                return listed


def by_name(town: Town, fits: Callable[[Standing], bool], area: str = "") -> set[int]:
    with town.db.read() as tx:
        return {one.person_id for one in standings(tx, town.last, area) if fits(one)}


@pytest.mark.parametrize("story", STORIES)
def test_they_are_narrowed_alike(town: Town, story: Callable[[Town], None]) -> None:
    story(town)
    with town.db.read() as tx:
        listed = counts(everybody(tx, town.last, STATES, area=TOWN))
        assert listed == people_counts(standings(tx, town.last, TOWN))
    for area in ("", COUNTY, TOWN, NEXT_TOWN, "441225"):
        for state in STATES:
            some = found(town, Wanted(state=state), area)
            assert set(some) == by_name(town, lambda one, s=state: one.state == s, area), state
            assert len(set(some)) == len(some)
        assert set(found(town, Wanted(state="reached"), area)) == by_name(
            town, lambda one: one.is_told, area
        )
        assert set(found(town, Wanted(state="acknowledged"), area)) == by_name(
            town, lambda one: one.answer is not None, area
        )
        assert set(found(town, Wanted(town=TOWN), area)) == by_name(
            town, lambda one: TOWN in one.towns, area
        )
        assert set(found(town, Wanted(role="deputy"), area)) == by_name(
            town, lambda one: "deputy" in one.roles, area
        )
        assert set(found(town, Wanted(grid=SOUTH), area)) == by_name(
            town, lambda one: SOUTH in one.grids, area
        )


def test_what_is_searched_is_places_roles_and_what_is_shown(town: Town) -> None:
    town.warn(level="red")
    east = by_name(town, lambda one: EAST in one.places)
    assert set(found(town, Wanted(q="冷坑镇东村"))) == east
    assert set(found(town, Wanted(q=EAST))) == east
    assert set(found(town, Wanted(q="书记", roles=("deputy",)))) == by_name(
        town, lambda one: "deputy" in one.roles
    )
    assert len(found(town, Wanted(q="0021"))) == 1
    assert found(town, Wanted(q="某")) == found(town, Wanted())
    assert found(town, Wanted(q="某21")) == []
    assert found(town, Wanted(q="1380000002")) == []  # what is masked can not be searched


def test_the_order_is_that_of_the_standings_and_then_of_posts(town: Town) -> None:
    everybody_is_somewhere_else(town)
    with town.db.read() as tx:
        standing = {one.person_id: one.state for one in standings(tx, town.last)}
    listed = [STATES.index(standing[one]) for one in found(town, Wanted())]
    assert listed == sorted(listed)
