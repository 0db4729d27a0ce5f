"""The end of a call is never told, and nobody can be asked about it: it has ended all the same."""

import dataclasses
from collections.abc import Sequence
from datetime import timedelta

import pytest

from alertcast.channels.base import (
    Callback,
    ChannelError,
    ChannelSettings,
    Reply,
    Request,
    Sent,
    Situation,
)
from alertcast.channels.events import Event
from alertcast.channels.memory import MemoryChannel
from alertcast.core.retry import RetryRule, Then
from alertcast.core.rules import Rules
from alertcast.dispatch import reconcile
from tests.stories.seen import EAST
from tests.stories.town import EAST_DEPUTY, EAST_LEADER, IN_EAST, Town, phones


class Mute:
    """A provider of calls that can not be asked, and reports only what a story lets it report."""

    is_drill, is_loopback, takes_replies, gives_receipts = False, True, False, True
    name = kind = "voice"

    def __init__(self) -> None:
        self._inner = MemoryChannel("voice", "voice")
        self.settings: ChannelSettings = self._inner.settings
        self.outbox = self._inner.outbox
        self.callback = self._inner.callback

    def refusal(self, phone: str) -> None:
        return None

    def send(self, requests: Sequence[Request]) -> list[Sent]:
        return self._inner.send(requests)

    def read(self, callback: Callback) -> list[Event]:
        return self._inner.read(callback)

    def reply(self, callback: Callback, situation: Situation) -> Reply:
        return self._inner.reply(callback, situation)


class Dead(MemoryChannel):
    """A provider that takes calls, and whose answers about them never come, or can not be read."""

    def __init__(self, name: str, kind: str, error: Exception) -> None:
        super().__init__(name, kind)
        self.error = error

    def status_of(self, provider_ref: str) -> None:
        raise self.error


class Ringing(MemoryChannel):
    """A provider that says one word of every call: that it is on its way. None: no word at all."""

    def __init__(self, name: str, kind: str, word: str | None = "sent") -> None:
        super().__init__(name, kind)
        self.word = word

    def send(self, requests: Sequence[Request]) -> list[Sent]:
        sent = super().send(requests)
        if self.word is not None:
            self.states |= {one.provider_ref: self.word for one in sent if one.provider_ref}
        return sent


@pytest.fixture
def mute(town: Town) -> Town:
    """The town whose calls go by a provider that says nothing and can not be asked."""
    return by(town, Mute())


def by(town: Town, channel: Mute | MemoryChannel) -> Town:
    """Let one leader in the east be all there is, and calls go by `channel`."""
    town.settle_in([(EAST_LEADER, "branch_leader", EAST)])
    town.voice = channel
    town.channels = [town.sms, channel]
    return town


def wait(town: Town, minutes: float) -> None:
    """Let product time and real time pass."""
    for _ in range(round(minutes)):
        town.db.ahead += timedelta(seconds=60)
        town.tick(minutes=1)


def test_it_is_called_again_as_after_one_that_rang_out(mute: Town) -> None:
    mute.warn(over=IN_EAST, level="red")
    wait(mute, 14)
    assert mute.messages(EAST_LEADER)[-1] == ("voice", "underway", None)
    assert phones(mute.voice) == [EAST_LEADER]
    wait(mute, 2)
    assert phones(mute.voice) == [EAST_LEADER] * 2
    wait(mute, 15)
    assert phones(mute.voice) == [EAST_LEADER] * 3
    wait(mute, 60)
    assert phones(mute.voice) == [EAST_LEADER] * 3
    assert mute.messages(EAST_LEADER)[-1] == ("voice", "unanswered", "no_receipt")
    assert mute.states() == {"东村": "unreached"}


def test_the_broadcast_comes_to_its_end(mute: Town) -> None:
    mute.warn(over=IN_EAST, level="red", hours=1)
    wait(mute, 20)
    assert mute.broadcast().state == "running"
    wait(mute, 60)
    assert mute.broadcast().state == "closed"
    assert mute.messages(EAST_LEADER)[-1][1] in ("expired", "unanswered")


def test_the_time_is_configured(mute: Town) -> None:
    mute.configure(dispatch={"no_receipt": "30m"})
    mute.warn(over=IN_EAST, level="red")
    wait(mute, 29)
    assert phones(mute.voice) == [EAST_LEADER]
    wait(mute, 2)
    assert phones(mute.voice) == [EAST_LEADER] * 2


def test_the_policy_may_give_it_to_an_officer(mute: Town) -> None:
    before = mute.rules
    mute.rules = lambda rules: replace_retry(before(rules))
    mute.warn(over=IN_EAST, level="red")
    wait(mute, 16)
    assert phones(mute.voice) == [EAST_LEADER]
    assert mute.to_dial() == [EAST_LEADER]


def replace_retry(rules: Rules) -> Rules:
    return dataclasses.replace(rules, retry={**rules.retry, "no_receipt": RetryRule(Then.BY_HAND)})


def test_a_key_that_comes_late_counts(mute: Town) -> None:
    mute.warn(over=IN_EAST, level="red")
    wait(mute, 15)
    mute.press_1(EAST_LEADER)
    assert mute.states() == {"东村": "answered"}
    wait(mute, 60)
    assert mute.messages(EAST_LEADER)[-1][1] == "answered"


def test_a_receipt_that_comes_late_puts_the_row_right(mute: Town) -> None:
    mute.change_rung("red", 0, calls=1)
    mute.warn(over=IN_EAST, level="red")
    wait(mute, 16)
    assert mute.messages(EAST_LEADER)[-1] == ("voice", "unanswered", "no_receipt")
    mute.report(mute.voice, EAST_LEADER, "busy")
    assert mute.requests(EAST_LEADER, "voice") == ["busy"]
    assert mute.receipts(EAST_LEADER)[-1] == ("busy", "applied")
    assert len(mute.voice.outbox) == 1


def test_who_picks_up_late_is_not_called_again_meanwhile(mute: Town) -> None:
    mute.warn(over=IN_EAST, level="red")
    mute.now += timedelta(minutes=16)
    mute.db.ahead += timedelta(minutes=16)
    reconcile.poll_silent(mute.world, mute.now)
    assert mute.messages(EAST_LEADER)[-1] == ("voice", "queued", "no_receipt")
    mute.pick_up(EAST_LEADER)
    mute.tick(minutes=5)
    assert phones(mute.voice) == [EAST_LEADER]
    mute.press_1(EAST_LEADER)
    mute.tick(minutes=30)
    assert phones(mute.voice) == [EAST_LEADER]


def test_given_up_twice_is_once(mute: Town) -> None:
    mute.warn(over=IN_EAST, level="red")
    mute.now += timedelta(minutes=16)
    mute.db.ahead += timedelta(minutes=16)
    for _ in range(3):
        reconcile.poll_silent(mute.world, mute.now)
    assert mute.messages(EAST_LEADER)[-1] == ("voice", "queued", "no_receipt")
    mute.tick(seconds=1)
    assert mute.requests(EAST_LEADER, "voice") == ["accepted", "accepted"]


def test_many_that_were_called_again_do_not_stand_before_the_others(mute: Town) -> None:
    many = [f"+861380001{number:04d}" for number in range(110)]
    mute.settle_in([(phone, "branch_leader", EAST) for phone in many])
    mute.warn(over=IN_EAST, level="red", hours=2)
    for calls in (2, 3):
        mute.now += timedelta(minutes=16)
        mute.db.ahead += timedelta(minutes=16)
        mute.tick(seconds=1)
        mute.tick(seconds=1)
        assert sorted(phones(mute.voice)) == sorted(many * calls)


def test_who_is_on_the_next_rung_does_not_wait_for_it(mute: Town) -> None:
    mute.settle_in([(EAST_LEADER, "branch_leader", EAST), (EAST_DEPUTY, "deputy", EAST)])
    mute.warn(over=IN_EAST, level="red")
    wait(mute, 6)
    assert phones(mute.voice) == [EAST_LEADER, EAST_DEPUTY]


@pytest.mark.parametrize("error", [ChannelError("HTTP 503", retryable=True), KeyError("status")])
def test_a_provider_that_never_answers_the_question_is_like_one_that_can_not_be_asked(
    town: Town, error: Exception
) -> None:
    by(town, Dead("voice", "voice", error)).warn(over=IN_EAST, level="red")
    wait(town, 14)
    assert phones(town.voice) == [EAST_LEADER]
    wait(town, 12)
    assert phones(town.voice) == [EAST_LEADER] * 2


@pytest.mark.parametrize("word", [None, "NEVER HEARD OF"])
def test_a_provider_whose_answer_tells_nothing_is_like_one_that_can_not_be_asked(
    town: Town, word: str | None
) -> None:
    by(town, Ringing("voice", "voice", word)).warn(over=IN_EAST, level="red")
    wait(town, 14)
    assert phones(town.voice) == [EAST_LEADER]
    wait(town, 61)
    assert phones(town.voice) == [EAST_LEADER] * 3
    assert town.messages(EAST_LEADER)[-1] == ("voice", "unanswered", "no_receipt")


def test_a_provider_that_says_that_it_is_on_its_way_is_believed(town: Town) -> None:
    by(town, Ringing("voice", "voice")).warn(over=IN_EAST, level="red")
    wait(town, 60)
    assert phones(town.voice) == [EAST_LEADER]
    assert town.requests(EAST_LEADER, "voice") == ["sent"]


def test_what_is_asked_about_no_more_is_given_up_too(town: Town) -> None:
    by(town, Ringing("voice", "voice")).warn(over=IN_EAST, level="red")
    town.now += timedelta(hours=35)
    town.db.ahead += timedelta(hours=35)
    town.tick(minutes=30)
    assert town.messages(EAST_LEADER)[-1][1] == "expired"
    assert town.broadcast().state == "closed"


def test_a_text_is_told_once_the_provider_has_it(town: Town) -> None:
    town.settle_in([(EAST_LEADER, "branch_leader", EAST)])
    town.warn(over=IN_EAST)
    wait(town, 9)
    wait(town, 21)
    assert phones(town.sms) == [EAST_LEADER]
