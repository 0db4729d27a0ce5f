"""The official end: those who were told hear it, nobody else, and the calling stops."""

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


def test_only_those_who_were_told_hear_of_the_end(town: Town) -> None:
    warned = town.warn(over=IN_EAST)
    town.lift(warned)
    assert sorted(phones(town.sms)[2:]) == [EAST_LEADER, EAST_SECRETARY]
    assert "已由发布单位解除" in town.sms.outbox[-1].text
    assert EAST_DEPUTY not in phones(town.sms)
    assert WEST_LEADER not in phones(town.sms)


def test_the_calling_stops(town: Town) -> None:
    warned = town.warn(over=IN_EAST)
    town.tick(minutes=10)
    calls = town.last
    town.report(town.voice, EAST_LEADER, "no_answer")
    town.lift(warned)
    assert town.states(calls) == {"东村": "cancelled"}
    town.tick(minutes=60)
    assert len(town.voice.outbox) == 2


def test_an_end_that_names_no_warning_is_held_for_the_officer(town: Town) -> None:
    town.warn(over=IN_EAST)
    end = town.lift(None)
    assert town.decision(end.identifier)[0] == "held"
    assert town.states() == {"东村": "open"}
    assert len(town.sms.outbox) == 2


def test_the_end_of_one_of_two_warnings_is_not_the_end(town: Town) -> None:
    first = town.warn(over=IN_EAST, source="city")
    second = town.warn(over=IN_EAST, source="county")
    town.lift(first)
    assert len(town.sms.outbox) == 2
    town.lift(second)
    assert len(town.sms.outbox) == 4


def test_two_messages_of_the_same_end_are_told_once(town: Town) -> None:
    warned = town.warn(over=IN_EAST)
    town.lift(warned)
    again = town.lift(warned)
    assert len(town.sms.outbox) == 4
    assert town.decision(again.identifier)[0] == "ended"


def test_the_end_of_a_warning_that_told_nobody_is_quiet(town: Town) -> None:
    warned = town.warn(over=IN_WEST, level="blue")
    town.lift(warned)
    assert town.sms.outbox == []


def test_running_out_is_never_told_as_an_end(town: Town) -> None:
    town.warn(over=IN_EAST, hours=1)
    town.tick(minutes=120)
    assert not any("解除" in one.text for one in town.sms.outbox)


def test_the_end_after_it_ran_out_is_still_told(town: Town) -> None:
    warned = town.warn(over=IN_EAST, hours=1)
    town.tick(minutes=120)
    town.lift(warned)
    assert "解除" in town.sms.outbox[-1].text


def test_a_warning_after_the_end_is_news(town: Town) -> None:
    town.lift(town.warn(over=IN_EAST))
    town.warn(over=IN_EAST)
    assert phones(town.sms).count(EAST_LEADER) == 3


def test_whoever_was_told_by_an_officers_start_hears_of_the_end(town: Town) -> None:
    warned = town.warn(over=IN_EAST, level="blue")
    assert town.sms.outbox == []
    town.start(warned)
    assert sorted(phones(town.sms)) == [EAST_LEADER, EAST_SECRETARY]
    town.lift(warned)
    assert sorted(phones(town.sms)[2:]) == [EAST_LEADER, EAST_SECRETARY]


def test_a_broadcast_that_waits_for_approval_is_withdrawn(town: Town) -> None:
    town.limit_people(1)
    warned = town.warn(over=IN_EAST)
    town.lift(warned)
    assert town.broadcast().state == "cancelled"
    assert town.sms.outbox == []
