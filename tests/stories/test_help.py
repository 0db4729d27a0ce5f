"""Whoever presses 2 is helped: the desks are called, and it stays red until it is done."""

from dataclasses import replace

import pytest

from alertcast.dispatch import answers
from alertcast.dispatch.watch import first_page
from alertcast.store.report_now import HelpOpen
from tests.stories.seen import EAST, WEST
from tests.stories.town import (
    COUNTY_DESK,
    EAST_LEADER,
    EAST_SECRETARY,
    IN_EAST,
    TOWN_DESK,
    Town,
    phones,
)


@pytest.fixture
def asked(town: Town) -> Town:
    """The town after the leader of the east was called and pressed 2."""
    town.warn(over=IN_EAST)
    town.tick(minutes=10)
    town.heard = town.press("2", EAST_LEADER)
    return town


def test_pressing_2_brings_the_desks(asked: Town) -> None:
    assert phones(asked.voice)[-2:] == [TOWN_DESK, COUNTY_DESK]
    words = asked.voice.outbox[-1].text
    assert "冷坑镇东村的党支部书记在预警电话中请求支援" in words


def test_the_desk_hears_the_number_to_call_back(asked: Town) -> None:
    assert "回拨电话" in asked.voice.outbox[-1].text
    assert "1 3 8" not in asked.voice.outbox[-1].text
    assert "回拨电话1 3 8 0 0 0 0 0 0 2 1。" in asked.press_1(asked.voice.outbox[-1].phone)


def test_the_desk_reads_the_number_to_call_back(town: Town) -> None:
    town.rules = lambda rules: replace(rules, help=replace(rules.help, kinds=("sms",)))
    town.warn(over=IN_EAST)
    town.tick(minutes=10)
    town.press("2", EAST_LEADER)
    assert town.sms.outbox[-1].phone == COUNTY_DESK
    assert "回拨电话13800000021。" in town.sms.outbox[-1].text


def test_the_caller_hears_who_was_told_and_the_emergency_numbers(asked: Town) -> None:
    assert "正在通知镇(街)值班室、县(区)值班室" in asked.heard
    assert "1 1 0 、 1 1 9 或者 1 2 0" in asked.heard


def test_who_asks_for_help_has_understood(asked: Town) -> None:
    assert asked.states() == {"东村": "answered"}


def test_the_request_is_open_until_an_officer_writes_what_was_done(asked: Town) -> None:
    (request,) = asked.help_requests()
    assert request["closed_at"] is None
    assert answers.close_help(asked.world, request["id"], "wang", "已派人到场", asked.now)
    (request,) = asked.help_requests()
    assert (request["closed_by"], request["done"]) == ("wang", "已派人到场")
    assert not answers.close_help(asked.world, request["id"], "li", "又", asked.now)
    assert asked.audited()[-1] == ("wang", "close_help")


def test_the_desk_is_called_until_it_answers(asked: Town) -> None:
    asked.report(asked.voice, TOWN_DESK, "no_answer")
    asked.tick(minutes=1)
    assert phones(asked.voice)[-1] == TOWN_DESK
    asked.press_1(TOWN_DESK)
    assert asked.messages(TOWN_DESK) == [("voice", "answered", None)]
    (request,) = asked.help_requests()
    assert request["closed_at"] is None


def test_no_desk_is_called_any_more_once_the_request_is_closed(asked: Town) -> None:
    asked.report(asked.voice, TOWN_DESK, "no_answer")
    answers.close_help(asked.world, asked.help_requests()[0]["id"], "wang", "好", asked.now)
    asked.report(asked.voice, COUNTY_DESK, "no_answer")
    before = len(asked.voice.outbox)
    asked.tick(minutes=10)
    assert len(asked.voice.outbox) == before


def test_pressing_2_twice_is_one_request(asked: Town) -> None:
    asked.press("2", EAST_LEADER)
    assert len(asked.help_requests()) == 1
    assert phones(asked.voice).count(TOWN_DESK) == 1


def test_two_who_ask_for_help_are_two_requests_and_two_calls(asked: Town) -> None:
    asked.press("2", EAST_SECRETARY)
    assert len(asked.help_requests()) == 2
    assert phones(asked.voice).count(TOWN_DESK) == 2


def test_two_who_ask_at_the_same_moment_are_both_told_to_the_desk(town: Town) -> None:
    town.settle_in(
        [
            (EAST_LEADER, "branch_leader", EAST),
            (EAST_SECRETARY, "branch_leader", WEST),
            (TOWN_DESK, "town_desk", "441224101"),
        ]
    )
    town.warn()
    town.write_down_at_once([EAST_LEADER, EAST_SECRETARY], "2")
    texts = " ".join(one.text for one in town.voice.outbox if one.phone == TOWN_DESK)
    assert "东村" in texts
    assert "西村" in texts


def test_help_is_called_even_after_the_calling_was_stopped(town: Town) -> None:
    town.warn(over=IN_EAST)
    town.tick(minutes=10)
    town.stop()
    town.press("2", EAST_LEADER)
    assert phones(town.voice)[-2:] == [TOWN_DESK, COUNTY_DESK]


def test_help_is_called_even_after_the_last_grid_has_answered(town: Town) -> None:
    town.sms.takes_replies = True
    town.warn(over=IN_EAST)
    town.text_back(EAST_LEADER, "1")
    town.tick(minutes=11)
    assert town.broadcast().state == "closed"
    town.text_back(EAST_SECRETARY, "2")
    assert phones(town.voice) == [TOWN_DESK, COUNTY_DESK]


def test_stopping_the_calling_does_not_stop_a_call_for_help(asked: Town) -> None:
    asked.report(asked.voice, TOWN_DESK, "busy")
    asked.stop()
    asked.tick(minutes=1)
    assert phones(asked.voice)[-1] == TOWN_DESK


def test_where_no_desk_is_on_the_roster_the_page_is_what_is_left(town: Town) -> None:
    town.settle_in([(EAST_LEADER, "branch_leader", EAST)])
    town.warn(over=IN_EAST)
    town.tick(minutes=10)
    assert "没有能自动通知的值班人员" in town.press("2", EAST_LEADER)
    assert len(town.help_requests()) == 1


@pytest.fixture
def asked_twice(town: Town) -> Town:
    """Return a town in which one leader pressed 2 at orange, and again when it became red."""
    orange = town.warn(over=IN_EAST)
    town.tick(minutes=10)
    town.press("2", EAST_LEADER)
    town.tick(minutes=5)
    town.warn(over=IN_EAST, level="red", replaces=orange)
    town.press("2", EAST_LEADER)
    return town


def in_need(town: Town) -> list[HelpOpen]:
    with town.db.read() as tx:
        return first_page(town.world, tx, town.now)["help_open"]


def test_who_asks_in_two_rounds_is_one_in_need(asked_twice: Town) -> None:
    first, second = asked_twice.help_requests()
    (one,) = in_need(asked_twice)
    assert one["id"] == second["id"]
    assert one["asked_at"] == [first["opened_at"], second["opened_at"]]


@pytest.mark.parametrize("closed", [0, 1])
def test_closing_one_of_them_closes_both(asked_twice: Town, closed: int) -> None:
    both = [one["id"] for one in asked_twice.help_requests()]
    assert close(asked_twice, both[closed], seen=both)
    assert [one["done"] for one in asked_twice.help_requests()] == ["去了", "去了"]
    assert in_need(asked_twice) == []
    before = len(asked_twice.voice.outbox)
    asked_twice.tick(minutes=10)
    assert [one for one in asked_twice.voice.outbox[before:] if one.phone == TOWN_DESK] == []


def test_what_was_asked_after_the_officer_looked_stays_open(asked_twice: Town) -> None:
    first, second = (one["id"] for one in asked_twice.help_requests())
    assert close(asked_twice, first, seen=[])
    assert [one["id"] for one in in_need(asked_twice)] == [second]


def test_only_what_the_officer_saw_is_closed_with_it(asked_twice: Town) -> None:
    first, second = (one["id"] for one in asked_twice.help_requests())
    assert close(asked_twice, second, seen=[])  # the earlier one was written down later
    assert [one["id"] for one in in_need(asked_twice)] == [first]


def test_somebody_else_stays_in_need(asked_twice: Town) -> None:
    asked_twice.press("2", EAST_SECRETARY)
    first, second, other = (one["id"] for one in asked_twice.help_requests())
    assert [one["id"] for one in in_need(asked_twice)] == [second, other]
    assert close(asked_twice, first, seen=[second, other])
    assert [one["id"] for one in in_need(asked_twice)] == [other]


def close(town: Town, help_id: int, seen: list[int]) -> bool:
    return answers.close_help(town.world, help_id, "wang", "去了", town.now, seen)
