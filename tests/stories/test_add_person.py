"""An officer adds a person to a grid: told at once, once, by a number that is sealed."""

from collections.abc import Sequence
from functools import partial

import pytest
from sqlalchemy import select

from alertcast.dispatch.add_person import Added, CanNotAdd, Stranger, add_person
from alertcast.store import people
from alertcast.store.schema import person, roster
from tests.dispatch.test_at_once import at_once
from tests.stories.seen import EAST, SOUTH, WEST
from tests.stories.town import (
    EAST_LEADER,
    EAST_SECRETARY,
    EVERYBODY,
    IN_EAST,
    WEST_DEPUTY,
    Town,
    phones,
)

NEIGHBOUR = "+8613900000077"
STRANGER = Stranger("邻村老陈", NEIGHBOUR)


def add(
    town: Town, who: int | Stranger = STRANGER, codes: Sequence[str] = (EAST,)
) -> Added | CanNotAdd:
    """Let an officer add somebody, before anything else can happen."""
    return add_person(
        town.world, broadcast_id=town.last, codes=codes, who=who, user="wang", now=town.now
    )


def test_a_stranger_is_told_at_once_and_may_answer(town: Town) -> None:
    town.warn(over=IN_EAST)
    made = add(town)
    assert isinstance(made, Added)
    town.tick()
    assert phones(town.voice) == [NEIGHBOUR]
    assert phones(town.sms)[-1] == NEIGHBOUR
    town.press_1(NEIGHBOUR)
    assert town.states() == {"东村": "answered"}
    assert town.answers() == [(NEIGHBOUR, "key", "1")]
    assert town.audited() == [("wang", "add_person")]


def test_name_and_number_are_sealed_and_no_later_broadcast_tells_them(town: Town) -> None:
    town.warn(over=IN_EAST)
    add(town)
    with town.db.read() as tx:
        rows = tx.execute(select(person).order_by(person.c.id.desc())).mappings().all()
        active = people.active_roster(tx)
    assert active is not None
    assert (active["name"], people_of(town, active["id"])) == ("town", len(EVERYBODY))
    sealed = rows[0]
    assert town.db.vault.open(sealed["name"]) == STRANGER.name
    assert town.db.vault.open(sealed["phone"]) == NEIGHBOUR
    for column in ("name", "phone"):
        assert STRANGER.name.encode() not in sealed[column]
        assert NEIGHBOUR.encode() not in sealed[column]
    town.tick()
    town.notice("请核对值班电话。", EAST)
    assert phones(town.sms).count(NEIGHBOUR) == 1


def people_of(town: Town, roster_id: int) -> int:
    with town.db.read() as tx:
        return people.counts(tx, roster_id)["people"]


def test_somebody_of_the_roster_is_added_for_another_grid(town: Town) -> None:
    town.warn(over=IN_EAST)
    made = add(town, town._person(WEST_DEPUTY))
    assert made == Added(town._person(WEST_DEPUTY), 1)
    town.tick()
    assert phones(town.voice) == [WEST_DEPUTY]
    town.press_1(WEST_DEPUTY)
    assert town.states() == {"东村": "answered"}


def test_a_number_of_the_roster_means_its_owner(town: Town) -> None:
    town.warn(over=IN_EAST)
    assert add(town, Stranger("老王", WEST_DEPUTY)) == Added(town._person(WEST_DEPUTY), 1)
    with town.db.read() as tx:
        assert len(tx.execute(select(roster)).all()) == 1


def test_twice_is_once(town: Town) -> None:
    town.warn(over=IN_EAST)
    assert isinstance(add(town), Added)
    assert add(town) is CanNotAdd.KNOWN
    town.tick()
    assert add(town) is CanNotAdd.KNOWN
    town.tick()
    assert phones(town.voice) == [NEIGHBOUR]
    assert town.audited() == [("wang", "add_person")]


def test_two_officers_at_one_moment_add_one_person(town: Town) -> None:
    town.warn(over=IN_EAST)
    last, now = town.last, town.now
    wish = partial(add_person, broadcast_id=last, codes=[EAST], who=STRANGER, user="wang", now=now)
    said = at_once([partial(wish, one) for one in (town.world, town.world)])
    assert sorted(isinstance(one, Added) for one in said) == [False, True]
    town.tick()
    assert phones(town.voice) == [NEIGHBOUR]


def test_killed_right_after_it_the_person_is_told_once(town: Town) -> None:
    town.warn(over=IN_EAST)
    add(town)
    town.rest()  # begun again: nothing is remembered but the rows
    town.rest()
    assert phones(town.voice) == [NEIGHBOUR]


def test_for_several_grids_with_one_message(town: Town) -> None:
    town.warn()
    made = add(town, codes=[EAST, SOUTH])
    assert isinstance(made, Added)
    assert made.grids == 2
    town.tick()
    assert phones(town.sms).count(NEIGHBOUR) == 1
    town.press_1(NEIGHBOUR)
    assert town.states() == {"西村": "open", "东村": "answered", "南村": "answered"}


def test_who_is_on_the_list_already_is_not_added(town: Town) -> None:
    town.warn(over=IN_EAST)
    assert add(town, town._person(EAST_LEADER)) is CanNotAdd.KNOWN


def test_a_grid_that_has_answered_needs_nobody_more(town: Town) -> None:
    town.warn(over=IN_EAST)
    town.write_down(EAST_SECRETARY)
    assert add(town) is CanNotAdd.OVER
    assert add(town, codes=[WEST]) is CanNotAdd.OVER


def test_stopping_the_calling_wins(town: Town) -> None:
    town.warn(over=IN_EAST)
    add(town)
    town.stop()
    assert add(town, town._person(WEST_DEPUTY)) is CanNotAdd.OVER
    town.tick(minutes=30)
    assert town.voice.outbox == []
    assert NEIGHBOUR not in phones(town.sms)


def test_nobody_of_another_roster(town: Town) -> None:
    old = town._person(EAST_LEADER)
    town.settle_in([(EAST_LEADER, "branch_leader", EAST)])
    town.warn(over=IN_EAST)
    assert add(town, old) is CanNotAdd.NOBODY
    assert add(town, 10_000) is CanNotAdd.NOBODY


@pytest.mark.parametrize("who", [STRANGER, Stranger("西村副职", WEST_DEPUTY)])
def test_a_drill_tells_nobody_who_is_not_enrolled(town: Town, who: Stranger) -> None:
    town.add_drill_channels()
    town.settle_in(EVERYBODY, undrilled=[WEST_DEPUTY])
    town.notice("演练，请回复。", EAST, mode="drill")
    assert add(town, who) is CanNotAdd.NOT_ENROLLED
    assert isinstance(add(town, town._person("+8613800000011")), Added)


def test_an_all_clear_reaches_whoever_was_added(town: Town) -> None:
    warned = town.warn(over=IN_EAST)
    add(town)
    town.tick()
    town.lift(warned)
    assert phones(town.sms).count(NEIGHBOUR) == 2
