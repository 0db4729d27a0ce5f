"""An officer calls one person again: once, now, and nobody who need not be called."""

from functools import partial

from alertcast.core.callout import CalloutState
from alertcast.dispatch import claim, send
from alertcast.dispatch.call_again import Again, call_again
from alertcast.store import moving
from tests.dispatch.test_at_once import at_once
from tests.stories.town import (
    EAST_DEPUTY,
    EAST_LEADER,
    EAST_SECRETARY,
    IN_EAST,
    WEST_LEADER,
    Town,
    phones,
)


def again(town: Town, phone: str, seen: int | None = None) -> Again:
    """Let an officer call the owner of `phone` again, before anything else can happen."""
    return call_again(
        town.world,
        broadcast_id=town.last,
        person_id=town._person(phone),
        user="wang",
        now=town.now,
        seen=seen,
    )


def newest(town: Town, phone: str) -> int:
    """Return what the page says the newest message to `phone` is."""
    with town.db.read() as tx:
        return moving.newest(tx, town.last, town._person(phone))


def called_in_vain(town: Town) -> None:
    """Let both of the east have been texted and called, and nobody have picked up."""
    town.change_rung("orange", 1, calls=1)
    town.warn(over=IN_EAST)
    town.tick(minutes=10)
    for phone in (EAST_LEADER, EAST_SECRETARY):
        town.report(town.voice, phone, "no_answer")


def test_who_was_called_in_vain_is_called_once_more(town: Town) -> None:
    called_in_vain(town)
    assert again(town, EAST_LEADER) is Again.CALLED
    town.tick()
    assert sorted(phones(town.voice)) == [EAST_LEADER, EAST_LEADER, EAST_SECRETARY]
    assert "按1" in town.pick_up(EAST_LEADER)
    town.press_1(EAST_LEADER)
    assert town.states() == {"东村": "answered"}
    assert town.audited() == [("wang", "call_again")]


def test_the_same_form_sent_twice_is_one_call(town: Town) -> None:
    called_in_vain(town)
    seen = newest(town, EAST_LEADER)
    assert again(town, EAST_LEADER, seen) is Again.CALLED
    assert again(town, EAST_LEADER, seen) is Again.UNDERWAY
    town.tick()
    town.report(town.voice, EAST_LEADER, "no_answer")
    assert again(town, EAST_LEADER, seen) is Again.CHANGED  # the browser sent it late
    town.tick()
    assert phones(town.voice).count(EAST_LEADER) == 2
    assert town.audited() == [("wang", "call_again")]


def test_two_officers_at_one_moment_make_one_call(town: Town) -> None:
    called_in_vain(town)
    person, last, now = town._person(EAST_LEADER), town.last, town.now
    worlds = [town.world, town.world]
    said = at_once(
        [
            partial(call_again, one, broadcast_id=last, person_id=person, user="wang", now=now)
            for one in worlds
        ]
    )
    assert sorted(said) == [Again.CALLED, Again.UNDERWAY]
    town.tick()
    assert phones(town.voice).count(EAST_LEADER) == 2


def test_killed_right_after_it_the_call_is_made_once(town: Town) -> None:
    called_in_vain(town)
    again(town, EAST_LEADER)
    claim.claim(town.world, "voice", "live", town.now)  # and dead before the request left
    town.rest()
    town.rest()
    assert phones(town.voice).count(EAST_LEADER) == 2


def test_a_call_that_rings_is_not_made_a_second_time(town: Town) -> None:
    town.warn(over=IN_EAST)
    town.tick(minutes=10)
    assert again(town, EAST_LEADER) is Again.UNDERWAY
    town.tick()
    assert phones(town.voice).count(EAST_LEADER) == 1
    assert town.audited() == []


def test_a_call_that_waits_for_its_time_is_made_now(town: Town) -> None:
    town.warn(over=IN_EAST)
    town.tick(minutes=10)
    town.report(town.voice, EAST_LEADER, "busy")
    assert town.messages(EAST_LEADER)[-1][1] == "queued"
    assert again(town, EAST_LEADER) is Again.SOONER
    assert again(town, EAST_LEADER) is Again.UNDERWAY
    town.tick()
    assert phones(town.voice).count(EAST_LEADER) == 2
    assert len(town.messages(EAST_LEADER)) == 2  # one text, one call with two attempts


def test_who_has_answered_is_not_called_again(town: Town) -> None:
    town.change_every_need("orange", "all")
    called_in_vain(town)
    town.write_down(EAST_LEADER)
    assert again(town, EAST_LEADER) is Again.ANSWERED
    town.tick()
    assert phones(town.voice).count(EAST_LEADER) == 1


def test_nobody_is_called_for_a_grid_that_another_answered_for(town: Town) -> None:
    town.warn()
    town.write_down(EAST_SECRETARY)
    assert again(town, EAST_LEADER) is Again.NEEDLESS


def test_an_answer_that_comes_first_keeps_the_call_from_leaving(town: Town) -> None:
    called_in_vain(town)
    again(town, EAST_LEADER)
    held = claim.claim(town.world, "voice", "live", town.now)
    town.write_down(EAST_LEADER)
    assert [send.hand_over(town.world, [one], town.now) for one in held] == [0]
    assert phones(town.voice).count(EAST_LEADER) == 1


def test_stopping_the_calling_wins(town: Town) -> None:
    called_in_vain(town)
    again(town, EAST_LEADER)
    stopped = town.stop()
    assert stopped is not None
    assert stopped.dropped == 1
    assert again(town, EAST_LEADER) is Again.OVER
    town.tick(minutes=30)
    assert phones(town.voice).count(EAST_LEADER) == 1
    assert town.audited() == [("wang", "call_again"), ("wang", "stop")]


def test_who_is_not_due_yet_may_be_called_before_the_turn_comes(town: Town) -> None:
    town.warn(over=IN_EAST)
    assert again(town, EAST_DEPUTY) is Again.CALLED
    town.tick()
    assert phones(town.voice) == [EAST_DEPUTY]
    town.press_1(EAST_DEPUTY)
    assert town.states() == {"东村": "answered"}


def test_for_a_grid_that_nobody_was_reached_for(town: Town) -> None:
    town.warn()
    for _ in range(8):
        town.tick(minutes=10)
        for phone in sorted(set(phones(town.voice)) - {WEST_LEADER}):
            town.report(town.voice, phone, "no_answer")
    assert town.states()["东村"] == CalloutState.UNREACHED
    assert town.broadcast().state == "running"  # one call still rings
    assert again(town, EAST_LEADER) is Again.CALLED
    town.tick()
    town.press_1(EAST_LEADER)
    assert town.states()["东村"] == CalloutState.ANSWERED


def test_without_a_channel_an_officer_dials(town: Town) -> None:
    town.channels = [town.sms]
    town.warn(over=IN_EAST)
    assert again(town, EAST_LEADER) is Again.BY_HAND
    assert town.to_dial() == [EAST_LEADER]
    assert again(town, EAST_LEADER) is Again.UNDERWAY
    assert town.to_dial() == [EAST_LEADER]
