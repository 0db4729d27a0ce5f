"""Several schedulers do the same at the same moment: every step is done once, and none is lost."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from threading import Barrier, Event, Lock
from typing import Any

import pytest

from alertcast.core.task import AttemptState
from alertcast.dispatch import claim, escalate, fanout, ingest, reconcile, send
from alertcast.scheduler import tick
from alertcast.sources.base import Document, Outcome, Polled
from alertcast.store import alerts, broadcasts, turns
from alertcast.store.outbox import planned_messages
from tests.dispatch.test_at_once import at_once
from tests.stories.published import Warned, cap, info
from tests.stories.seen import EAST, SOUTH, WEST
from tests.stories.town import (
    ALL,
    EAST_LEADER,
    EAST_SECRETARY,
    IN_EAST,
    IN_WEST,
    WEST_LEADER,
    WEST_SECRETARY,
    Town,
    phones,
)

EVERY = timedelta(seconds=60)


def document(town: Town, number: int, over: Any = IN_EAST, level: str = "orange") -> str:
    return cap(
        Warned(f"44122441600000_2026122617200{number}", town.now), info(town.now, over, level)
    )


def tick_at_once(town: Town, times: int = 4) -> None:
    worlds = [town.world for _ in range(times)]  # each process has read its own
    at_once([lambda world=world: tick(world, town.now) for world in worlds])  # type: ignore[misc]


def sent(town: Town) -> list[str]:
    worlds = [town.world for _ in range(3)]
    for _ in range(5):
        at_once([lambda w=w: send.send_due(w, "sms", "live", town.now) for w in worlds])  # type: ignore[misc]
    return sorted(phones(town.sms))


class Wire:
    """A feed that counts who asks it, and can be held up."""

    name = "wire"

    def __init__(self, raw: str, asked: Callable[[], None] = lambda: None) -> None:
        self._raw, self._asked = raw.encode(), asked
        self.polls, self._lock = 0, Lock()

    def poll(self, memory: Mapping[str, Any], now: Any) -> Polled:
        with self._lock:
            self.polls += 1
        self._asked()
        document = Document(self._raw, content_type="application/xml", where="wire")
        return Polled(Outcome.OK, (document,), memory={"seen": True})


def test_the_whole_ladder_is_climbed_once(town: Town) -> None:
    town.keep(document(town, 1))
    for _ in range(4):
        tick_at_once(town)
    assert sent(town) == [EAST_LEADER, EAST_SECRETARY]
    town.now += timedelta(minutes=10)
    tick_at_once(town)
    world = town.world
    at_once([lambda: send.send_due(world, "voice", "live", town.now)] * 3)
    assert sorted(phones(town.voice)) == [EAST_LEADER, EAST_SECRETARY]


def test_two_warnings_over_one_place_decided_at_once_are_one_episode(town: Town) -> None:
    """Two schedulers, a warning each: the same people must not be told the same twice."""
    town.keep(document(town, 1))
    town.keep(document(town, 2), source="other")
    with town.db.read() as tx:
        waiting = [one.id for one in alerts.undecided(tx)]
    worlds = [town.world for _ in waiting]
    at_once(
        [
            lambda world=world, one=one: fanout.decide(world, one, town.now)  # type: ignore[misc]
            for world, one in zip(worlds, waiting, strict=True)
        ]
    )
    with town.db.read() as tx:
        assert len(broadcasts.open_episodes(tx, "cold")) == 1
    tick_at_once(town)
    assert sent(town) == [EAST_LEADER, EAST_SECRETARY]


def test_what_another_scheduler_climbs_is_left_to_it(town: Town) -> None:
    """Callouts that became due meanwhile are not climbed beside it, for the same phones."""
    town.keep(document(town, 1))
    fanout.decide_all(town.world, town.now)
    with town.db.write() as tx:
        assert turns.is_free(tx, "advance")
        if not town.db.is_sqlite:
            assert escalate.advance(town.world, town.now) == 0
    assert escalate.advance(town.world, town.now) == 1


def test_part_by_part_the_whole_is_climbed_once(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(escalate, "FIRST", 1)
    monkeypatch.setattr(escalate, "NEXT", 1)
    posts = [(EAST_LEADER, "branch_leader", code) for code in (WEST, EAST, SOUTH)]
    town.settle_in([*posts, (WEST_LEADER, "first_secretary", WEST)])
    town.keep(document(town, 1, ALL))
    for _ in range(4):
        tick_at_once(town)
    assert sent(town) == sorted([EAST_LEADER, WEST_LEADER])
    assert sent(town) == sorted([EAST_LEADER, WEST_LEADER])


def test_what_waited_for_its_undo_window_begins_once(town: Town) -> None:
    town.configure(dispatch={"undo": "10s"})
    town.notice("各网格注意。", EAST, WEST)
    town.now += timedelta(seconds=11)
    for _ in range(3):
        tick_at_once(town)
    assert sent(town) == sorted([EAST_LEADER, EAST_SECRETARY, WEST_LEADER, WEST_SECRETARY])


def test_what_ran_out_ends_once_and_everybody_is_closed(town: Town) -> None:
    town.keep(document(town, 1))
    tick_at_once(town)
    town.now += timedelta(hours=25)
    for _ in range(3):
        tick_at_once(town)
    with town.db.read() as tx:
        assert alerts.in_force(tx) == []


def test_a_lost_sender_is_reaped_once(town: Town) -> None:
    town.climb_first(IN_WEST)
    claimed = claim.claim(town.world, "sms", "live", town.now)
    town.db.ahead += timedelta(seconds=31)
    worlds = [town.world for _ in range(4)]
    assert sum(at_once([lambda w=w: send.reap(w) for w in worlds])) == len(claimed) == 2  # type: ignore[misc]


def test_a_document_that_two_keep_at_once_is_one_alert(town: Town) -> None:
    both = Barrier(2)
    wires = [Wire(document(town, 1), lambda: both.wait(5) and None) for _ in range(2)]
    worlds = [town.world for _ in wires]
    taken = at_once(
        [
            lambda world=world, wire=wire: ingest.poll(world, wire, town.now)  # type: ignore[misc]
            for world, wire in zip(worlds, wires, strict=True)
        ]
    )
    assert sum(len(one.new) for one in taken) == 1
    with town.db.read() as tx:
        assert alerts.count(tx) == 1


def polled_by_four(town: Town, wire: Wire) -> list[Any]:
    worlds = [town.world for _ in range(4)]
    return at_once([lambda w=w: ingest.poll_in_turn(w, wire, town.now, EVERY) for w in worlds])  # type: ignore[misc]


def test_a_source_is_polled_by_one_of_them(town: Town) -> None:
    wire = Wire(document(town, 1))
    taken = polled_by_four(town, wire)
    if town.db.is_sqlite:  # one scheduler has it to itself, and waits for nobody
        assert wire.polls == 4
        return
    assert wire.polls == 1
    waits = [one for one in taken if isinstance(one, timedelta)]
    assert len(waits) == 3
    # their transactions may have begun before that of whoever polls
    assert all(timedelta(0) <= one <= EVERY + timedelta(seconds=10) for one in waits)
    town.db.ahead += timedelta(seconds=50)
    polled_by_four(town, wire)
    assert wire.polls == 1
    town.db.ahead += timedelta(seconds=8)
    polled_by_four(town, wire)
    assert wire.polls == 2


def test_whoever_dies_over_a_poll_is_replaced_after_its_lease(town: Town) -> None:
    if town.db.is_sqlite:
        return
    died, go_on = Event(), Event()

    def hang() -> None:
        died.set()
        go_on.wait(5)

    hanging, wire = Wire(document(town, 1), hang), Wire(document(town, 1))
    world, other = town.world, town.world

    def replace() -> Any:
        assert died.wait(5)
        assert isinstance(ingest.poll_in_turn(other, wire, town.now, EVERY), timedelta)
        town.db.ahead += timedelta(seconds=61)
        taken = ingest.poll_in_turn(other, wire, town.now, EVERY)
        go_on.set()
        return taken

    at_once([lambda: ingest.poll_in_turn(world, hanging, town.now, EVERY), replace])
    assert wire.polls == 1
    with town.db.read() as tx:
        assert alerts.count(tx) == 1


def test_an_attempt_is_not_sent_again_by_two_who_found_nothing(town: Town) -> None:
    town.climb_first(IN_WEST)
    claim.claim(town.world, "sms", "live", town.now)
    town.db.ahead += timedelta(minutes=2)
    for _ in range(3):
        tick_at_once(town)
        worlds = [town.world for _ in range(3)]
        at_once([lambda w=w: reconcile.settle_unknown(w, town.now) for w in worlds])  # type: ignore[misc]
    assert sent(town) == [WEST_LEADER, WEST_SECRETARY]
    states = {one.state for one in attempts_of(town)}
    assert states <= {AttemptState.ABSENT, AttemptState.ACCEPTED}


def attempts_of(town: Town) -> list[Any]:
    with town.db.read() as tx:
        return [one for message in planned_messages(tx, town.db.vault) for one in message.tried]


def test_a_publisher_that_asks_to_be_left_alone_is_by_all(town: Town) -> None:
    """Retry-After holds for every scheduler, though the interval is over long before."""
    if town.db.is_sqlite:
        return  # one scheduler, which keeps it itself: tests/test_scheduler.py
    wire = Resting(timedelta(minutes=5))
    ingest.poll_in_turn(town.world, wire, town.now, EVERY)
    town.db.ahead += timedelta(minutes=4)
    waiting = ingest.poll_in_turn(town.world, wire, town.now, EVERY)
    assert isinstance(waiting, timedelta)
    assert timedelta(seconds=50) < waiting <= timedelta(seconds=60)
    town.db.ahead += timedelta(minutes=1, seconds=1)
    ingest.poll_in_turn(town.world, wire, town.now, EVERY)
    assert wire.polls == 2


class Resting:
    """A feed that wants to be left alone for a while."""

    name = "resting"

    def __init__(self, wait: timedelta) -> None:
        self._wait, self.polls = wait, 0

    def poll(self, memory: Mapping[str, Any], now: Any) -> Polled:
        self.polls += 1
        return Polled(Outcome.FAILED, (), "answered 503", memory, wait=self._wait)
