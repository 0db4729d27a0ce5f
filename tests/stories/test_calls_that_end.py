"""What the carrier says of a call decides whether it is made again, and is never an answer."""

import pytest

from tests.stories.seen import EAST
from tests.stories.town import EAST_DEPUTY, EAST_LEADER, IN_EAST, Town, phones


@pytest.fixture
def called(town: Town) -> Town:
    """The town with one leader and a deputy, at the moment when the leader is called."""
    town.settle_in([(EAST_LEADER, "branch_leader", EAST), (EAST_DEPUTY, "deputy", EAST)])
    town.warn(over=IN_EAST)
    town.tick(minutes=10)
    assert phones(town.voice) == [EAST_LEADER]
    return town


def test_busy_and_then_an_answer(called: Town) -> None:
    called.report(called.voice, EAST_LEADER, "busy")
    assert called.messages(EAST_LEADER)[-1] == ("voice", "queued", "busy")
    called.tick(minutes=3)
    called.press_1(EAST_LEADER)
    assert called.states() == {"东村": "answered"}
    assert called.requests(EAST_LEADER, "voice") == ["busy", "accepted"]


def test_a_voicemail_is_not_an_answer(called: Town) -> None:
    called.report(called.voice, EAST_LEADER, "machine")
    assert called.states() == {"东村": "open"}
    called.tick(minutes=3)
    assert phones(called.voice) == [EAST_LEADER] * 2


def test_a_machine_that_was_found_out_is_called_again_and_stays_a_machine(called: Town) -> None:
    called.pick_up(EAST_LEADER)
    called.voicemail(EAST_LEADER)
    assert called.requests(EAST_LEADER, "voice") == ["machine"]
    assert called.messages(EAST_LEADER)[-1] == ("voice", "queued", "machine")
    called.report(called.voice, EAST_LEADER, "completed")
    assert called.requests(EAST_LEADER, "voice") == ["machine"]
    assert called.states() == {"东村": "open"}
    called.tick(minutes=3)
    assert phones(called.voice) == [EAST_LEADER] * 2


def test_a_voicemail_hears_nothing_but_whom_to_call(called: Town) -> None:
    called.voicemail(EAST_LEADER)
    assert called.pick_up(EAST_LEADER) == (
        "这里是怀集县三防指挥部办公室，有重要通知，请尽快致电0 7 5 8 5 5 2 2 0 0 0。"
        "如果您正在接听，请按3收听。"
    )


def test_who_was_taken_for_a_machine_hears_it_all_and_answers(called: Town) -> None:
    called.voicemail(EAST_LEADER)
    assert "收到请按1" in called.press("3", EAST_LEADER)
    called.press_1(EAST_LEADER)
    assert called.states() == {"东村": "answered"}
    called.tick(minutes=10)
    assert phones(called.voice) == [EAST_LEADER]


@pytest.mark.parametrize("key", ["1", "3"])
def test_a_key_shows_that_it_was_no_machine(called: Town, key: str) -> None:
    called.pick_up(EAST_LEADER)
    called.press(key, EAST_LEADER)
    called.voicemail(EAST_LEADER)
    assert called.requests(EAST_LEADER, "voice") == ["connected"]
    assert called.receipts(EAST_LEADER)[-1] == ("machine_start", "contradicts")
    called.tick(minutes=5)
    assert phones(called.voice) == [EAST_LEADER]


def test_who_was_taken_for_a_machine_is_not_called_while_he_listens(called: Town) -> None:
    called.pick_up(EAST_LEADER)
    called.voicemail(EAST_LEADER)
    called.press("3", EAST_LEADER)
    called.tick(minutes=5)
    assert phones(called.voice) == [EAST_LEADER]
    called.tick(minutes=6)
    assert phones(called.voice).count(EAST_LEADER) == 2


def test_no_key_at_all_shows_nothing(called: Town) -> None:
    called.press("", EAST_LEADER)
    called.voicemail(EAST_LEADER)
    assert called.requests(EAST_LEADER, "voice") == ["machine"]


def test_a_call_that_was_picked_up_and_ended_without_a_key_is_not_an_answer(called: Town) -> None:
    assert "收到请按1" in called.pick_up(EAST_LEADER)
    called.report(called.voice, EAST_LEADER, "completed")
    assert called.states() == {"东村": "open"}
    assert called.messages(EAST_LEADER)[-1] == ("voice", "queued", "no_key")


def test_key_3_reads_it_again_and_is_not_an_answer(called: Town) -> None:
    assert "怀集县气象台发布寒冷橙色预警信号" in called.press("3", EAST_LEADER)
    assert called.states() == {"东村": "open"}
    assert called.answers() == []


def test_a_wrong_number_is_shown_with_its_reason_and_the_next_rung_follows(called: Town) -> None:
    called.report(called.voice, EAST_LEADER, "failed", reason="wrong_number")
    assert called.messages(EAST_LEADER)[-1] == ("voice", "failed", "wrong_number")
    called.tick(minutes=10)
    assert phones(called.voice) == [EAST_LEADER, EAST_DEPUTY]


def test_no_more_calls_than_the_rung_allows(called: Town) -> None:
    for _ in range(3):
        called.report(called.voice, EAST_LEADER, "no_answer")
        called.tick(minutes=3)
    assert phones(called.voice) == [EAST_LEADER] * 3
    assert called.messages(EAST_LEADER)[-1] == ("voice", "unanswered", "no_answer")


def test_a_call_is_made_again_only_after_the_last_one_has_ended(called: Town) -> None:
    called.tick(minutes=9)
    assert phones(called.voice) == [EAST_LEADER]


def test_a_text_that_could_not_be_delivered_is_sent_once_more(town: Town) -> None:
    town.settle_in([(EAST_LEADER, "branch_leader", EAST)])
    town.warn(over=IN_EAST)
    town.report(town.sms, EAST_LEADER, "failed", reason="switched_off")
    town.tick(minutes=2)
    assert phones(town.sms) == [EAST_LEADER] * 2
    town.report(town.sms, EAST_LEADER, "failed", reason="switched_off")
    town.tick(minutes=2)
    assert phones(town.sms) == [EAST_LEADER] * 2


def test_a_delivered_text_is_not_an_answer(town: Town) -> None:
    town.warn(over=IN_EAST)
    town.report(town.sms, EAST_LEADER, "delivered")
    assert town.states() == {"东村": "open"}
    town.tick(minutes=10)
    assert EAST_LEADER in phones(town.voice)
