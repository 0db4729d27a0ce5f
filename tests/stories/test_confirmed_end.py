"""No feed brings an end, and the issuer tells the officer of it: he writes it down, people hear."""

from datetime import timedelta

import pytest

from alertcast.dispatch.confirm_end import Word, confirm_end
from alertcast.dispatch.start import CanNotStart
from alertcast.store import alerts
from tests.stories.published import Warned
from tests.stories.town import (
    EAST_DEPUTY,
    EAST_LEADER,
    EAST_SECRETARY,
    IN_EAST,
    IN_WEST,
    WEST_LEADER,
    Town,
    phones,
)

SAID_BY, DOCUMENT = "怀集县气象台 值班室", "电话核实"


def told(town: Town, warned: Warned, **other: object) -> str:
    """Let an officer write down that he was told a warning is lifted."""
    with town.db.read() as tx:
        (alert_id,) = alerts.find(tx, warned.identifier)
    given = {"said_by": SAID_BY, "at": town.now, "document": DOCUMENT} | other
    said = confirm_end(town.world, alert_id, Word(**given), "wang", town.now)
    town.tick()
    return said


def test_who_was_told_hears_of_it_as_what_it_is_and_nobody_else(town: Town) -> None:
    warned = town.warn(IN_EAST)
    town.tick(minutes=10)
    town.report(town.voice, EAST_LEADER, "no_answer")
    said = told(town, warned)
    assert sorted(phones(town.sms)[2:]) == [EAST_LEADER, EAST_SECRETARY]
    text = town.sms.outbox[-1].text
    assert "“怀集县气象台发布寒冷橙色预警信号”，值班员12月26日17时30分向发布单位核实已解除" in text
    assert SAID_BY not in text
    assert town.in_force() == []
    calls = len(town.voice.outbox)
    town.tick(minutes=60)
    assert len(town.voice.outbox) == calls
    assert EAST_DEPUTY not in phones(town.voice)
    assert SAID_BY in said
    assert DOCUMENT in town.decision(warned.identifier)[1]
    assert ("wang", "confirm_end") in town.audited()


def test_written_down_twice_it_is_told_once(town: Town) -> None:
    warned = town.warn(IN_EAST)
    told(town, warned)
    with pytest.raises(CanNotStart):
        told(town, warned)
    assert len(town.sms.outbox) == 4


def test_the_official_end_that_comes_later_tells_nobody_again(town: Town) -> None:
    warned = town.warn(IN_EAST)
    told(town, warned)
    town.tick(minutes=5)
    assert town.decision(town.lift(warned).identifier)[0] == "ended"
    assert len(town.sms.outbox) == 4


def test_while_another_warning_holds_it_is_told_only_where_nothing_does(town: Town) -> None:
    warned = town.warn(IN_EAST)
    town.warn(IN_EAST, source="second")
    said = told(town, warned)
    assert "暂不通知" in said
    assert len(town.sms.outbox) == 2


def test_where_another_holds_elsewhere_the_places_of_this_one_hear_of_it(town: Town) -> None:
    both = town.warn([(IN_EAST, "orange"), (IN_WEST, "orange")])
    town.warn(IN_WEST, source="second")
    told(town, both)
    text = [one.text for one in town.sms.outbox if one.phone == EAST_LEADER][-1]
    assert "不再生效" in text
    assert "向发布单位核实已解除" in text
    assert phones(town.sms).count(WEST_LEADER) == 1


def test_what_has_run_out_may_be_lifted_as_well(town: Town) -> None:
    warned = town.warn(IN_EAST, hours=1)
    town.tick(minutes=120)
    told(town, warned)
    assert "核实已解除" in town.sms.outbox[-1].text


def test_a_warning_that_nobody_was_told_of_ends_in_silence(town: Town) -> None:
    warned = town.warn(IN_EAST, "blue")
    told(town, warned)
    assert town.sms.outbox == []
    assert town.in_force() == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"said_by": ""},
        {"document": ""},
        {"at": timedelta(minutes=5)},
        {"at": timedelta(minutes=-5)},
    ],
)
def test_without_who_by_what_and_when_nothing_happens(
    town: Town, wrong: dict[str, str | timedelta]
) -> None:
    warned = town.warn(IN_EAST)
    off = wrong.get("at")
    given = {"at": town.now + off} if isinstance(off, timedelta) else wrong
    with pytest.raises(CanNotStart):
        told(town, warned, **given)
    assert town.in_force() == [warned.sent]
    assert len(town.sms.outbox) == 2


def test_it_was_a_mistake_and_the_warning_is_called_again(town: Town) -> None:
    warned = town.warn(IN_EAST)
    told(town, warned)
    done = town.correct(again=[warned])
    town.tick()
    assert len(done.again) == 1
    assert town.in_force() == [warned.sent]
    assert town.states(done.again[0]) == {"东村": "open"}
    assert town.decision(warned.identifier)[0] == "broadcast"


def test_an_end_and_what_waits_for_the_officer_can_not_be_lifted_so(town: Town) -> None:
    end = town.lift(town.warn(IN_EAST))
    held = town.warn(IN_EAST, event="怪事")
    for one in (end, held):
        with pytest.raises(CanNotStart):
            told(town, one)
