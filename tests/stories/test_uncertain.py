"""Killed, slept, timed out: one message leaves, never none, and a call never twice."""

from collections.abc import Container, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from alertcast.channels.base import (
    Callback,
    ChannelError,
    ChannelSettings,
    Outcome,
    Reply,
    Request,
    Sent,
    Situation,
)
from alertcast.channels.events import Event, StatusEvent
from alertcast.channels.memory import MemoryChannel
from alertcast.dispatch import claim, receive, send
from alertcast.dispatch.settle import MOST_REQUESTS
from alertcast.store import attempts, unsettled
from tests.stories.seen import EAST
from tests.stories.town import EAST_LEADER, EAST_SECRETARY, IN_EAST, Town, phones


@pytest.fixture
def due(town: Town) -> Town:
    """The town with one leader in the east; a call to him is due and has not left."""
    town.settle_in([(EAST_LEADER, "branch_leader", EAST)])
    town.warn(over=IN_EAST)
    town.climb(minutes=10)
    assert town.messages(EAST_LEADER)[-1] == ("voice", "queued", None)
    return town


class Deaf:
    """A provider that can not be asked about anything: it has no `look_up`."""

    is_drill, is_loopback, takes_replies = False, True, False

    def __init__(self, kind: str) -> None:
        self.name = self.kind = kind
        self.settings = ChannelSettings(type="deaf", rate=1000, burst=1000)
        self.outbox: list[Request] = []

    def refusal(self, phone: str) -> None:
        return None

    def send(self, requests: Sequence[Request]) -> list[Sent]:
        self.outbox += requests
        return [Sent(one.token, Outcome.UNKNOWN) for one in requests]

    def read(self, callback: Callback) -> list[Event]:
        return []

    def reply(self, callback: Callback, situation: Situation) -> Reply:
        return Reply()


class Curious(MemoryChannel):
    """A provider that counts how often it is asked, and has nothing to tell."""

    asked = 0

    def status_of(self, provider_ref: str) -> None:
        self.asked += 1


class Closed(MemoryChannel):
    """A provider whose list this account may not see."""

    def look_up(
        self,
        request: Request,
        since: datetime,
        taken: Container[str] = frozenset(),
        **more: Any,
    ) -> Sent | None:
        raise ChannelError("HTTP 403", retryable=False)


class Garbled(MemoryChannel):
    """A provider whose answer about the first message is such that reading it raises."""

    def status_of(self, provider_ref: str) -> StatusEvent | None:
        if provider_ref.endswith("-1"):
            raise KeyError("status")
        return super().status_of(provider_ref)


class Breaking(MemoryChannel):
    """A provider whose answer about one request is such that reading it raises."""

    breaks_on = ""

    def look_up(
        self,
        request: Request,
        since: datetime,
        taken: Container[str] = frozenset(),
        **more: Any,
    ) -> Sent | None:
        if request.token == self.breaks_on:
            raise KeyError("sid")
        return super().look_up(request, since, taken, **more)


def test_killed_between_send_and_record_and_found_at_the_provider(due: Town) -> None:
    (claimed,) = claim.claim(due.world, "voice", "live", due.now)
    due.voice.send([claimed.request])
    due.rest(seconds=29)
    assert due.requests(EAST_LEADER, "voice") == ["leaving"]
    due.rest(seconds=2)
    assert due.requests(EAST_LEADER, "voice") == ["unknown"]
    due.rest(seconds=30)
    assert due.requests(EAST_LEADER, "voice") == ["accepted"]
    due.tick(minutes=5)
    assert phones(due.voice) == [EAST_LEADER]
    due.press_1(EAST_LEADER)
    assert due.states() == {"东村": "answered"}


def test_killed_before_the_request_so_it_is_made_after_the_look_up(due: Town) -> None:
    claim.claim(due.world, "voice", "live", due.now)
    due.rest()
    assert phones(due.voice) == [EAST_LEADER]
    assert due.requests(EAST_LEADER, "voice") == ["absent", "accepted"]


def test_a_request_that_never_left_does_not_count_as_one_of_the_calls(due: Town) -> None:
    claim.claim(due.world, "voice", "live", due.now)
    due.rest()
    for _ in range(3):
        due.report(due.voice, EAST_LEADER, "no_answer")
        due.tick(minutes=3)
    assert phones(due.voice) == [EAST_LEADER] * 3


def test_no_second_call_while_the_provider_can_not_be_asked(due: Town) -> None:
    claim.claim(due.world, "voice", "live", due.now)
    due.voice.is_down = True
    due.rest(seconds=60)
    due.tick(minutes=3)
    assert due.messages(EAST_LEADER)[-1] == ("voice", "unsure", "unknown_outcome")
    assert phones(due.voice) == []
    due.voice.is_down = False
    due.tick()
    assert phones(due.voice) == [EAST_LEADER]


def test_a_time_out_is_asked_about_and_not_repeated(due: Town) -> None:
    def taken_but_lost(request: Request) -> Sent:
        due.voice.held[request.token] = Sent(request.token, Outcome.ACCEPTED, "CA1")
        return Sent(request.token, Outcome.UNKNOWN, reason="no_connection")

    due.voice.answers.append(taken_but_lost)
    due.tick()
    assert due.messages(EAST_LEADER)[-1][1] == "unsure"
    due.rest()
    assert due.messages(EAST_LEADER)[-1] == ("voice", "underway", None)
    assert phones(due.voice) == [EAST_LEADER]


def test_a_key_pressed_meanwhile_settles_it(due: Town) -> None:
    (claimed,) = claim.claim(due.world, "voice", "live", due.now)
    due.voice.send([claimed.request])
    due.press_1(EAST_LEADER)
    assert due.states() == {"东村": "answered"}
    due.rest(seconds=60)
    assert phones(due.voice) == [EAST_LEADER]
    send.record(
        due.world, [claimed], [Sent(claimed.request.token, Outcome.ACCEPTED, "CA1")], due.now
    )
    assert due.messages(EAST_LEADER)[-1][:2] == ("voice", "answered")


def test_a_callback_that_comes_before_our_commit_is_applied(due: Town) -> None:
    (claimed,) = claim.claim(due.world, "voice", "live", due.now)
    (sent,) = due.voice.send([claimed.request])
    callback = due.voice.callback("status", claimed.request.token, word="busy", ref="CA1")
    receive.receive(due.world, callback, due.now)
    receive.apply_kept(due.world, due.now)
    assert due.messages(EAST_LEADER)[-1] == ("voice", "queued", "busy")
    assert send.record(due.world, [claimed], [sent], due.now) == ["late"]
    assert due.messages(EAST_LEADER)[-1] == ("voice", "queued", "busy")


def test_two_senders_and_one_of_them_gets_the_message(due: Town) -> None:
    assert len(claim.claim(due.world, "voice", "live", due.now)) == 1
    assert claim.claim(due.world, "voice", "live", due.now) == []
    assert send.send_due(due.world, "voice", "live", due.now) == 0
    assert phones(due.voice) == []


def test_a_sender_that_slept_through_its_lease_sends_nothing(due: Town) -> None:
    (slept,) = claim.claim(due.world, "voice", "live", due.now)
    due.rest()
    assert phones(due.voice) == [EAST_LEADER]
    assert send.hand_over(due.world, [slept], due.now) == 0
    assert phones(due.voice) == [EAST_LEADER]


def test_what_it_holds_is_free_again_if_nobody_else_took_it(due: Town) -> None:
    (slept,) = claim.claim(due.world, "voice", "live", due.now)
    due.voice.is_down = True
    due.rest()
    assert due.messages(EAST_LEADER)[-1][1] == "unsure"
    assert send.hand_over(due.world, [slept], due.now) == 0
    assert due.messages(EAST_LEADER)[-1][:2] == ("voice", "queued")


def test_a_text_of_which_nothing_can_be_learnt_is_sent_again(town: Town) -> None:
    deaf = Deaf("sms")
    town.channels = [deaf, town.voice]
    town.warn(over=IN_EAST)
    assert phones(deaf) == [EAST_LEADER, EAST_SECRETARY]
    town.rest()
    assert phones(deaf) == [EAST_LEADER, EAST_SECRETARY] * 2


def test_a_call_of_which_nothing_can_be_learnt_goes_to_the_officer(town: Town) -> None:
    deaf = Deaf("voice")
    town.channels = [town.sms, deaf]
    town.settle_in([(EAST_LEADER, "branch_leader", EAST)])
    town.warn(over=IN_EAST)
    town.tick(minutes=10)
    town.rest()
    assert phones(deaf) == [EAST_LEADER]
    assert town.messages(EAST_LEADER)[-1] == ("voice", "manual", "unknown_outcome")
    assert town.to_dial() == [EAST_LEADER]


def test_a_text_is_sent_again_where_the_look_up_is_refused_for_good(town: Town) -> None:
    town.sms = Closed("sms", "sms")
    town.channels = [town.sms, town.voice]
    town.settle_in([(EAST_LEADER, "branch_leader", EAST)])
    town.climb_first(IN_EAST)
    (claimed,) = claim.claim(town.world, "sms", "live", town.now)
    town.sms.send([claimed.request])
    town.rest()
    assert phones(town.sms) == [EAST_LEADER] * 2
    assert town.messages(EAST_LEADER)[0] == ("sms", "underway", None)


def test_a_call_goes_to_the_officer_where_the_look_up_is_refused_for_good(due: Town) -> None:
    due.voice = Closed("voice", "voice")
    due.channels = [due.sms, due.voice]
    claim.claim(due.world, "voice", "live", due.now)
    due.rest()
    assert phones(due.voice) == []
    assert due.to_dial() == [EAST_LEADER]


def test_a_text_is_sent_again_when_nobody_could_say_for_five_minutes(town: Town) -> None:
    town.settle_in([(EAST_LEADER, "branch_leader", EAST)])
    town.climb_first(IN_EAST)
    claim.claim(town.world, "sms", "live", town.now)
    town.sms.is_down = True
    town.rest(seconds=240)
    assert town.messages(EAST_LEADER)[0] == ("sms", "unsure", "unknown_outcome")
    town.rest(seconds=60)
    assert town.messages(EAST_LEADER)[0][1] == "queued"
    town.sms.is_down = False
    town.tick(minutes=1)
    assert phones(town.sms) == [EAST_LEADER]


def test_a_call_goes_to_the_officer_when_nobody_could_say_for_five_minutes(due: Town) -> None:
    claim.claim(due.world, "voice", "live", due.now)
    due.voice.is_down = True
    due.rest(seconds=240)
    assert due.to_dial() == []
    due.rest(seconds=60)
    assert due.to_dial() == [EAST_LEADER]
    due.voice.is_down = False
    due.rest(seconds=600)
    assert phones(due.voice) == []


def test_a_text_is_sent_again_when_no_answer_could_be_read_for_five_minutes(town: Town) -> None:
    broken = Breaking("sms", "sms")
    town.channels = [broken, town.voice]
    town.settle_in([(EAST_LEADER, "branch_leader", EAST)])
    town.climb_first(IN_EAST)
    (claimed,) = claim.claim(town.world, "sms", "live", town.now)
    broken.breaks_on = claimed.request.token
    town.rest(seconds=240)
    assert town.messages(EAST_LEADER)[0] == ("sms", "unsure", "unknown_outcome")
    town.rest(seconds=60)
    assert phones(broken) == [EAST_LEADER]


def test_a_call_goes_to_the_officer_when_no_answer_could_be_read_for_five_minutes(
    due: Town,
) -> None:
    broken = Breaking("voice", "voice")
    due.channels = [due.sms, broken]
    (claimed,) = claim.claim(due.world, "voice", "live", due.now)
    broken.breaks_on = claimed.request.token
    due.rest(seconds=240)
    assert due.to_dial() == []
    due.rest(seconds=60)
    assert due.to_dial() == [EAST_LEADER]
    assert phones(broken) == []


def test_an_answer_that_can_not_be_read_keeps_nobody_from_being_asked_about(town: Town) -> None:
    garbled = Garbled("sms", "sms")
    town.channels = [garbled, town.voice]
    town.warn(over=IN_EAST)
    first, second = phones(garbled)
    garbled.states = {f"sms-{number}": "delivered" for number in (1, 2)}
    town.rest()
    town.tick(minutes=3)
    assert town.requests(first, "sms") == ["accepted"]
    assert town.requests(second, "sms") == ["delivered"]


def test_a_call_of_which_no_word_came_is_asked_about(due: Town) -> None:
    due.tick()
    (held,) = due.voice.held.values()
    due.voice.states[str(held.provider_ref)] = "no_answer"
    due.rest()
    due.tick(minutes=1)
    assert due.requests(EAST_LEADER, "voice") == ["accepted"]
    due.tick(minutes=1)
    assert due.requests(EAST_LEADER, "voice") == ["no_answer"]


def test_a_call_that_is_taken_by_one_request_is_not_adopted_by_another(due: Town) -> None:
    due.tick()
    (held,) = due.voice.held.values()
    due.report(due.voice, EAST_LEADER, "busy")
    due.climb(minutes=3)
    (second,) = claim.claim(due.world, "voice", "live", due.now)
    due.voice.held[second.request.token] = held
    due.rest()
    assert due.requests(EAST_LEADER, "voice") == ["busy", "absent", "accepted"]


def test_who_was_asked_about_in_vain_is_not_asked_about_again_at_once(town: Town) -> None:
    town.sms = Curious("sms", "sms")
    town.channels = [town.sms, town.voice]
    town.warn(over=IN_EAST)
    town.rest()
    for minutes, asked in [(2, 2), (0.1, 2), (2, 4)]:
        town.tick(minutes=minutes)
        assert town.sms.asked == asked


def test_a_message_that_stays_silent_is_asked_about_ever_more_rarely(town: Town) -> None:
    town.sms = Curious("sms", "sms")
    town.channels = [town.sms, town.voice]
    town.settle_in([(EAST_LEADER, "branch_leader", EAST)])
    town.warn(over=IN_EAST, level="yellow")
    town.rest()
    asked = []
    for looks, minutes in [(16, 1), (16, 1), (32, 30), (40, 30), (30, 30)]:
        before = town.sms.asked
        for _ in range(looks):
            town.tick(minutes=minutes)
        asked.append(town.sms.asked - before)
    assert asked == [5, 2, 7, 2, 0]


def test_the_provider_is_not_asked_while_the_request_may_be_on_its_way(due: Town) -> None:
    (claimed,) = claim.claim(due.world, "voice", "live", due.now)
    due.rest(seconds=59)
    assert due.requests(EAST_LEADER, "voice") == ["unknown"]
    due.voice.send([claimed.request])
    due.rest(seconds=1)
    assert due.requests(EAST_LEADER, "voice") == ["accepted"]
    assert phones(due.voice) == [EAST_LEADER]


def test_what_is_lost_each_time_goes_to_the_officer_in_the_end(due: Town) -> None:
    def lost(request: Request) -> Sent:
        return Sent(request.token, Outcome.UNKNOWN)

    due.voice.answers += [lost] * MOST_REQUESTS
    for _ in range(MOST_REQUESTS + 2):
        due.rest()
        due.rest()
    assert due.requests(EAST_LEADER, "voice") == ["absent"] * MOST_REQUESTS
    assert due.messages(EAST_LEADER)[-1] == ("voice", "manual", "unknown_outcome")
    assert due.to_dial() == [EAST_LEADER]


def test_one_that_can_not_be_settled_does_not_hold_up_the_others(town: Town) -> None:
    broken = Breaking("sms", "sms")
    town.channels = [broken, town.voice]
    town.climb_first(IN_EAST)
    first, second = claim.claim(town.world, "sms", "live", town.now)
    broken.breaks_on = first.request.token
    town.rest()
    assert town.messages(first.request.phone)[0][1] == "unsure"
    assert phones(broken) == [second.request.phone]


def test_whoever_was_asked_about_in_vain_lets_the_others_go_first(town: Town) -> None:
    town.climb_first(IN_EAST)
    claim.claim(town.world, "sms", "live", town.now)
    town.sms.is_down = True
    town.rest()
    with town.db.write() as tx:
        later = town.db.real_now(tx)
        first, second = unsettled.unsure(tx, later)
        attempts.change(tx, first.id, asked_at=town.now + timedelta(seconds=5))
        assert unsettled.unsure(tx, later, limit=1) == [second]
        attempts.change(tx, second.id, asked_at=None)
        assert [one.id for one in unsettled.unsure(tx, later)] == [second.id, first.id]


@pytest.mark.parametrize("arrived", [True, False])
def test_a_request_whose_person_answered_before_it_was_recorded_is_settled_too(
    town: Town, arrived: bool
) -> None:
    town.settle_in([(EAST_LEADER, "branch_leader", EAST)])
    town.sms.takes_replies = True
    town.climb_first(IN_EAST)
    (claimed,) = claim.claim(town.world, "sms", "live", town.now)
    if arrived:
        town.sms.send([claimed.request])  # killed before its answer was written down
    town.text_back(EAST_LEADER, "1")
    assert town.states() == {"东村": "answered"}
    assert town.requests(EAST_LEADER, "sms") == ["leaving"]
    town.rest(5)
    assert town.requests(EAST_LEADER, "sms") == ["leaving"]  # its sender may only be slow
    town.rest()
    assert town.requests(EAST_LEADER, "sms") == ["accepted" if arrived else "absent"]
    assert town.messages(EAST_LEADER) == [("sms", "answered", None)]
    assert len(town.sms.outbox) == arrived


def test_a_sender_that_was_only_slow_still_records_what_was_answered_meanwhile(town: Town) -> None:
    town.settle_in([(EAST_LEADER, "branch_leader", EAST)])
    town.sms.takes_replies = True
    town.climb_first(IN_EAST)
    (claimed,) = claim.claim(town.world, "sms", "live", town.now)
    sent = town.sms.send([claimed.request])
    town.text_back(EAST_LEADER, "1")
    town.rest(31)
    assert town.requests(EAST_LEADER, "sms") == ["unknown"]
    assert send.record(town.world, [claimed], sent, town.now) == ["applied"]
    assert town.requests(EAST_LEADER, "sms") == ["accepted"]
