"""Everything is in the rows: killed at any point, it goes on where it was, once."""

from datetime import timedelta
from functools import partial

from alertcast.dispatch import escalate, fanout
from alertcast.scheduler import tick
from tests.dispatch.test_at_once import at_once
from tests.stories.published import Warned, cap, info
from tests.stories.town import EAST_LEADER, EAST_SECRETARY, IN_EAST, Town, phones


def test_killed_after_the_warning_was_kept(town: Town) -> None:
    warned = Warned("44122441600000_20261226172001", town.now)
    town.keep(cap(warned, info(town.now, IN_EAST, "orange")))
    town.tick()
    assert sorted(phones(town.sms)) == [EAST_LEADER, EAST_SECRETARY]


def test_killed_between_the_decision_and_the_first_rung(town: Town) -> None:
    warned = Warned("44122441600000_20261226172001", town.now)
    town.keep(cap(warned, info(town.now, IN_EAST, "orange")))
    fanout.decide_all(town.world, town.now)
    assert town.sms.outbox == []
    town.now += timedelta(minutes=2)
    town.tick()
    assert sorted(phones(town.sms)) == [EAST_LEADER, EAST_SECRETARY]


def test_a_long_pause_in_mid_ladder_does_what_is_overdue_once(town: Town) -> None:
    town.warn(over=IN_EAST)
    town.now += timedelta(hours=3)
    town.tick()
    assert sorted(phones(town.voice)) == [EAST_LEADER, EAST_SECRETARY]
    town.tick(minutes=9)
    assert len(town.voice.outbox) == 2


def test_two_schedulers_one_after_the_other_climb_one_rung(town: Town) -> None:
    town.warn(over=IN_EAST)
    town.now += timedelta(minutes=10)
    worlds = [town.world, town.world]  # each process has read its own
    moved = at_once([partial(escalate.advance, world, town.now) for world in worlds])
    assert sum(moved) == 1
    town.tick()
    assert len(town.voice.outbox) == 2


def test_an_idle_tick_does_nothing(town: Town) -> None:
    town.warn(over=IN_EAST)
    assert tick(town.world, town.now) == 0


def test_a_broadcast_closes_when_nothing_more_can_happen(town: Town) -> None:
    town.warn(over=IN_EAST)
    town.tick(minutes=10)
    town.press_1(EAST_LEADER)
    assert town.broadcast().state == "running"
    town.report(town.voice, EAST_LEADER, "completed")
    town.report(town.voice, EAST_SECRETARY, "no_answer")
    assert town.broadcast().state == "closed"


def test_one_broken_broadcast_does_not_hold_up_the_next_one(town: Town) -> None:
    town.notice("请核对值班电话。", "441224102001")
    town.break_policies()
    town.now += timedelta(minutes=20)
    town.warn(over=IN_EAST)
    assert {EAST_LEADER, EAST_SECRETARY} <= set(phones(town.sms))
