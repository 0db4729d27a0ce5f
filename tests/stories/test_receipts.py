"""Receipts come late, twice, reversed, contradictory, forged: all are kept, none moves it back."""

import dataclasses

import pytest

from alertcast.channels.base import Callback, Forged
from alertcast.dispatch import forged as forging
from alertcast.dispatch import receive
from tests.stories.seen import EAST
from tests.stories.town import EAST_LEADER, IN_EAST, Town


@pytest.fixture
def told(town: Town) -> Town:
    """The town after one leader was sent a text."""
    town.settle_in([(EAST_LEADER, "branch_leader", EAST)])
    town.warn(over=IN_EAST)
    return town


def test_twice_is_once(told: Town) -> None:
    told.report(told.sms, EAST_LEADER, "delivered")
    told.report(told.sms, EAST_LEADER, "delivered")
    assert told.receipts(EAST_LEADER) == [("delivered", "applied"), ("delivered", "repeated")]
    assert told.messages(EAST_LEADER) == [("sms", "delivered", None)]


def test_reversed_never_moves_it_back(told: Town) -> None:
    for word in ("delivered", "sent", "queued"):
        told.report(told.sms, EAST_LEADER, word)
    assert [effect for _, effect in told.receipts(EAST_LEADER)] == ["applied", "late", "late"]
    assert told.requests(EAST_LEADER, "sms") == ["delivered"]


def test_of_two_last_words_the_first_stays_and_the_other_is_kept(told: Town) -> None:
    told.report(told.sms, EAST_LEADER, "delivered")
    told.report(told.sms, EAST_LEADER, "failed")
    assert told.receipts(EAST_LEADER)[-1] == ("failed", "contradicts")
    assert told.messages(EAST_LEADER) == [("sms", "delivered", None)]


def test_an_unknown_word_is_kept_and_shown_and_never_guessed(told: Town) -> None:
    told.report(told.sms, EAST_LEADER, "teleported")
    assert told.receipts(EAST_LEADER) == [("teleported", "unreadable")]
    assert told.messages(EAST_LEADER) == [("sms", "underway", None)]


def test_a_forged_callback_changes_nothing_and_is_counted(told: Town) -> None:
    told.tick(minutes=10)
    real = told.voice.callback("keys", told.voice.outbox[-1].token, key="1")
    forged = dataclasses.replace(real, form={"key": ["2"]})
    with pytest.raises(Forged):
        receive.receive(told.world, forged, told.now)
    assert told.states() == {"东村": "open"}
    assert told.answers() == []
    assert told.help_requests() == []
    assert told.channel_state("voice")["forged"] == 1


def test_many_forged_callbacks_cost_few_writes(told: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    real = told.sms.callback("status", told.sms.outbox[-1].token, word="failed")
    forged, world, commits = dataclasses.replace(real, headers={}), told.world, []
    told.db.count_commits(lambda number, is_done: commits.append(number) if is_done else None)
    at = iter([0.0] * 20 + [forging.EVERY])
    monkeypatch.setattr(forging.time, "monotonic", lambda: next(at))
    for _ in range(21):
        with pytest.raises(Forged):
            receive.receive(world, forged, told.now)
    assert len(commits) == 2  # the first at once, the others together
    assert told.channel_state("sms")["forged"] == 21


def test_a_callback_for_a_channel_we_do_not_have_is_not_found(told: Town) -> None:
    nobody = Callback("nobody", "status", "token", "https://town.example/", {}, {})
    assert receive.receive(told.world, nobody, told.now).status == 404


def test_a_callback_about_nothing_of_ours_is_kept_and_changes_nothing(told: Town) -> None:
    callback = told.voice.callback("keys", "no-such-token", key="1")
    said = receive.receive(told.world, callback, told.now)
    assert "没有找到这次呼叫" in said.body
    assert told.unmatched() == ["key 1"]
    assert told.states() == {"东村": "open"}


def test_a_late_word_of_the_first_call_does_not_disturb_the_second(told: Town) -> None:
    told.tick(minutes=10)
    first = told.voice.outbox[-1]
    told.report(told.voice, EAST_LEADER, "busy")
    told.tick(minutes=3)
    again = told.voice.callback("status", first.token, word="completed")
    receive.receive(told.world, again, told.now)
    assert told.requests(EAST_LEADER, "voice") == ["busy", "accepted"]
    assert told.messages(EAST_LEADER)[-1][:2] == ("voice", "underway")


def test_a_key_pressed_in_the_first_call_answers_while_the_second_rings(told: Town) -> None:
    told.tick(minutes=10)
    first = told.voice.outbox[-1]
    told.report(told.voice, EAST_LEADER, "busy")
    told.tick(minutes=3)
    key = told.voice.callback("keys", first.token, key="1")
    receive.receive(told.world, key, told.now)
    assert told.states() == {"东村": "answered"}
