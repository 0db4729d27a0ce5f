"""A post has a first and a last day: called is who holds it then, by the office's calendar."""

from datetime import UTC, date, datetime, timedelta

import pytest

from alertcast.core.roster import Person, Post
from alertcast.core.roster_gaps import Gap
from alertcast.dispatch import roster_check
from alertcast.store import roster_gaps
from tests.stories.town import (
    EAST,
    EAST_LEADER,
    EAST_SECRETARY,
    IN_EAST,
    SOUTH,
    TOWN,
    TOWN_DESK,
    WEST,
    Town,
    phones,
)

TODAY = date(2026, 12, 26)
OLD, NEW = EAST_LEADER, EAST_SECRETARY


def enrol(town: Town, *held: Post) -> None:
    folk = [
        Person("old", "某旧", OLD),
        Person("new", "某新", NEW),
        Person("desk", "某台", TOWN_DESK),
    ]
    town.enrol(folk, [*held, Post("desk", "town_desk", TOWN)])


@pytest.fixture
def handed_over(town: Town) -> Town:
    """The east, whose leader goes with today and whose next one begins tomorrow."""
    enrol(
        town,
        Post("old", "branch_leader", EAST, valid_to=TODAY),
        Post("new", "branch_leader", EAST, valid_from=TODAY + timedelta(days=1)),
    )
    return town


def test_the_last_day_still_counts(handed_over: Town) -> None:
    handed_over.warn(IN_EAST)
    assert phones(handed_over.sms) == [OLD]


def test_the_day_after_it_is_the_next_one(handed_over: Town) -> None:
    handed_over.now = datetime(2026, 12, 26, 16, 0, tzinfo=UTC)  # midnight in Huaiji
    handed_over.warn(IN_EAST)
    assert phones(handed_over.sms) == [NEW]


def test_the_broadcast_that_runs_keeps_whom_it_began_with(handed_over: Town) -> None:
    handed_over.now = datetime(2026, 12, 26, 15, 55, tzinfo=UTC)
    handed_over.warn(IN_EAST)
    handed_over.tick(minutes=20)
    assert set(phones(handed_over.voice)) == {OLD}


def test_who_asks_for_help_reaches_the_desk_of_today(town: Town) -> None:
    folk = [
        Person("old", "某旧", OLD),
        Person("gone", "某去", NEW),
        Person("desk", "某台", TOWN_DESK),
    ]
    town.enrol(
        folk,
        [
            Post("old", "branch_leader", EAST),
            Post("gone", "town_desk", TOWN, valid_to=TODAY - timedelta(days=1)),
            Post("desk", "town_desk", TOWN, valid_from=TODAY),
        ],
    )
    town.warn(IN_EAST)
    town.tick(minutes=11)
    town.press("2", OLD)
    assert TOWN_DESK in phones(town.voice)
    assert NEW not in phones(town.voice)


def counts(town: Town) -> dict[Gap, int]:
    with town.db.read() as tx:
        scope = roster_check.scope(town.world, tx, town.now)
        assert scope is not None
        return roster_gaps.counts(tx, scope)


@pytest.mark.parametrize(("days", "ends"), [(-40, 1), (-1, 1), (0, 1), (30, 1), (31, 0)])
def test_a_post_that_runs_out_is_a_gap(town: Town, days: int, ends: int) -> None:
    enrol(town, Post("old", "branch_leader", EAST, valid_to=TODAY + timedelta(days=days)))
    assert counts(town)[Gap.ENDS] == ends


def test_unless_somebody_holds_it_after(handed_over: Town) -> None:
    assert counts(handed_over)[Gap.ENDS] == 0


def test_the_list_says_whose_and_until_when(town: Town) -> None:
    enrol(town, Post("old", "deputy", EAST, valid_to=date(2027, 1, 10)))
    with town.db.read() as tx:
        scope = roster_check.scope(town.world, tx, town.now)
        assert scope is not None
        (row,) = roster_gaps.rows(tx, town.db.vault, Gap.ENDS, scope)
    assert (row["place"], row["name"], row["ends"]) == (EAST, "某*", date(2027, 1, 10))


def test_a_leader_whose_days_are_over_leads_no_grid(town: Town) -> None:
    days = timedelta(days=1)
    enrol(
        town,
        Post("old", "branch_leader", EAST, valid_to=TODAY - days),
        Post("old", "branch_leader", WEST),
        Post("new", "branch_leader", SOUTH, valid_from=TODAY + days),
    )
    assert counts(town)[Gap.NO_LEADER] == 2
    assert counts(town)[Gap.SEVERAL] == 0
