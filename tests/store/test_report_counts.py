"""How many people stand where, as the database counts them, is how each of them stands."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from alertcast.channels.base import Outcome, Request, Sent
from alertcast.core.roster import Person, Post
from alertcast.store.report_counts import count_people
from alertcast.store.report_people import standings
from alertcast.store.reports import people_counts
from tests.databases import KINDS, database
from tests.stories.town import (
    COUNTY,
    EAST,
    EAST_DEPUTY,
    EAST_LEADER,
    NEXT_TOWN,
    SOUTH,
    SOUTH_LEADER,
    TOWN,
    WEST_LEADER,
    WEST_SECRETARY,
    Town,
)

OTHER = "+8613800000029"


@pytest.fixture(params=KINDS)
def town(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Town]:
    with database(request.param, tmp_path) as db:
        yield Town(db, tmp_path)


def everybody_is_somewhere_else(town: Town) -> None:
    town.warn(level="red")
    town.press("2", EAST_LEADER)
    town.press("1", SOUTH_LEADER)
    town.report(town.sms, WEST_LEADER, "failed")
    town.report(town.voice, WEST_LEADER, "busy")
    town.report(town.voice, WEST_SECRETARY, "completed")
    town.tick(minutes=2)


def nobody_answers(town: Town) -> None:
    town.warn()
    town.tick(minutes=90)


def the_calling_is_stopped(town: Town) -> None:
    town.warn(level="red")
    town.press("1", SOUTH_LEADER)
    town.stop()


def he_needed_help_and_then_understood(town: Town) -> None:
    town.warn(level="red")
    town.press("2", EAST_LEADER)
    town.press("1", EAST_LEADER)


def it_is_over(town: Town) -> None:
    warned = town.warn(level="red")
    town.press("1", SOUTH_LEADER)
    town.lift(warned)


def it_was_wrong(town: Town) -> None:
    town.warn()
    town.correct()


def nobody_carries_it(town: Town) -> None:
    town.channels = []
    town.warn()


def he_has_another_number(town: Town) -> None:
    town.draw_grids()
    folk = [
        Person("leader", "某甲", EAST_LEADER, other_phone=OTHER),
        Person("deputy", "某乙", EAST_DEPUTY),
        Person("south", "某丙", OTHER),  # who has the same number for his own
    ]
    held = [("leader", "branch_leader", EAST), ("deputy", "deputy", EAST)]
    town.enrol(folk, [Post(*one) for one in [*held, ("south", "branch_leader", SOUTH)]])
    town.sms.answers.append(_wrong)
    town.warn(level="red")
    town.tick(minutes=3)


def _wrong(request: Request) -> Sent:
    return Sent(request.token, Outcome.REFUSED, code="21211", reason="wrong_number")


@pytest.mark.parametrize(
    "story",
    [
        everybody_is_somewhere_else,
        nobody_answers,
        the_calling_is_stopped,
        he_needed_help_and_then_understood,
        it_is_over,
        it_was_wrong,
        nobody_carries_it,
        he_has_another_number,
    ],
)
def test_the_database_counts_as_one_counts_by_name(
    town: Town, story: Callable[[Town], None]
) -> None:
    story(town)
    with town.db.read() as tx:
        for area in ("", COUNTY, TOWN, NEXT_TOWN, "441225"):
            named = people_counts(standings(tx, town.last, area))
            assert count_people(tx, town.last, area) == named, area
        assert count_people(tx, town.last, TOWN)["total"] > 0
