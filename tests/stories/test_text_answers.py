"""Where the channel is two-way, a text message can answer."""

from datetime import timedelta

import pytest

from alertcast.dispatch import receive
from alertcast.dispatch.answers import close_help
from alertcast.store.reports import delivery_report
from tests.stories.town import (
    COUNTY_DESK,
    EAST_LEADER,
    EAST_SECRETARY,
    IN_EAST,
    IN_WEST,
    TOWN_DESK,
    WEST_LEADER,
    Town,
    phones,
)


@pytest.fixture
def two_way(town: Town) -> Town:
    """The town whose people can answer by text."""
    town.sms.takes_replies = True
    return town


def test_the_text_says_how_to_answer(town: Town) -> None:
    town.warn(over=IN_EAST)
    assert town.sms.outbox[-1].text.endswith("接来电请按1。")
    town.sms.takes_replies = True
    town.warn(over=IN_WEST)
    assert town.sms.outbox[-1].text.endswith("收到请回复1，需要支援请回复2。")
    town.channels = [town.sms]
    town.sms.takes_replies = False
    town.notice("请核对值班电话。", "441224102001")
    assert town.sms.outbox[-1].text.endswith("请回电确认。")


@pytest.mark.parametrize("text", ["1", "\uff11", " 1 ", "收到", "收到。", "已收到！", "OK"])
def test_understood(two_way: Town, text: str) -> None:
    two_way.warn(over=IN_EAST)
    two_way.text_back(EAST_LEADER, text)
    assert two_way.states() == {"东村": "answered"}
    assert two_way.answers() == [(EAST_LEADER, "sms", "1")]
    two_way.tick(minutes=30)
    assert phones(two_way.voice) == []


@pytest.mark.parametrize("text", ["什么？", "", "11", "没收到"])
def test_anything_else_is_kept_and_is_not_an_answer(two_way: Town, text: str) -> None:
    two_way.warn(over=IN_EAST)
    two_way.text_back(EAST_LEADER, text)
    assert two_way.states() == {"东村": "open"}


def test_2_asks_for_help(two_way: Town) -> None:
    two_way.warn(over=IN_EAST)
    two_way.text_back(EAST_LEADER, "2")
    assert len(two_way.help_requests()) == 1


def test_a_text_from_nobody_we_told_changes_nothing(two_way: Town) -> None:
    two_way.warn(over=IN_EAST)
    two_way.text_back(WEST_LEADER, "1")
    two_way.text_back("+8613899999999", "1")
    assert two_way.states() == {"东村": "open"}


def test_an_answer_goes_to_the_newest_broadcast_that_told_this_phone(two_way: Town) -> None:
    two_way.warn(over=IN_EAST)
    warning = two_way.last
    two_way.notice("请核对值班电话。", "441224101002")
    two_way.text_back(EAST_SECRETARY, "1")
    assert two_way.states() == {"东村": "answered"}
    assert two_way.states(warning) == {"东村": "open"}


def test_an_answer_long_after_the_warning_ran_out_is_not_taken(two_way: Town) -> None:
    two_way.warn(over=IN_EAST, hours=1)
    two_way.tick(minutes=90)
    two_way.text_back(EAST_LEADER, "1")
    assert two_way.answers() == []


def test_2_after_the_all_clear_still_brings_help(two_way: Town) -> None:
    two_way.lift(two_way.warn(over=IN_EAST))
    two_way.text_back(EAST_LEADER, "2")
    assert len(two_way.help_requests()) == 1
    assert phones(two_way.voice) == [TOWN_DESK, COUNTY_DESK]


def test_1_after_the_all_clear_answers_the_all_clear(two_way: Town) -> None:
    warned = two_way.warn(over=IN_EAST)
    warning = two_way.last
    two_way.lift(warned)
    two_way.text_back(EAST_LEADER, "1")
    assert two_way.messages(EAST_LEADER) == [("sms", "answered", None)]
    assert two_way.messages(EAST_LEADER, warning)[0][1] != "answered"


def test_2_after_the_calling_was_stopped_still_brings_help(two_way: Town) -> None:
    two_way.warn(over=IN_EAST)
    two_way.stop()
    two_way.text_back(EAST_LEADER, "2")
    assert len(two_way.help_requests()) == 1
    assert phones(two_way.voice) == [TOWN_DESK, COUNTY_DESK]


def test_2_after_the_warning_ran_out_still_brings_help(two_way: Town) -> None:
    two_way.warn(over=IN_EAST, hours=1)
    two_way.tick(minutes=90)
    before = len(two_way.voice.outbox)
    two_way.text_back(EAST_LEADER, "2")
    assert len(two_way.help_requests()) == 1
    assert phones(two_way.voice)[before:] == [TOWN_DESK, COUNTY_DESK]


def test_2_after_a_drill_is_about_the_warning(two_way: Town) -> None:
    two_way.add_drill_channels()
    two_way.warn(over=IN_EAST)
    two_way.notice("演练", "441224101002", mode="drill")
    two_way.text_back(EAST_LEADER, "2")
    assert phones(two_way.voice) == [TOWN_DESK, COUNTY_DESK]


def test_2_in_a_drill_does_not_open_an_old_warning(two_way: Town) -> None:
    _, voice = two_way.add_drill_channels()
    two_way.lift(two_way.warn(over=IN_EAST))
    two_way.tick(minutes=60)
    drill = two_way.notice("检验叫应流程。", "441224101002", mode="drill")
    two_way.text_back(EAST_LEADER, "2")
    assert [row["broadcast_id"] for row in two_way.help_requests()] == [drill]
    assert phones(two_way.voice) == []
    assert TOWN_DESK in phones(voice)


def test_2_after_more_than_a_week_opens_nothing(two_way: Town) -> None:
    two_way.lift(two_way.warn(over=IN_EAST))
    two_way.now += timedelta(days=7, minutes=1)
    two_way.text_back(EAST_LEADER, "2")
    assert two_way.help_requests() == []
    assert phones(two_way.voice) == []


def test_1_after_more_than_a_week_answers_nothing(two_way: Town) -> None:
    two_way.notice("请核对值班电话。", "441224101002")
    two_way.now += timedelta(days=7, minutes=1)
    two_way.text_back(EAST_LEADER, "1")
    assert two_way.answers() == []


def test_2_to_a_warning_that_holds_for_longer_than_a_week_brings_help(two_way: Town) -> None:
    two_way.warn(over=IN_EAST, hours=24 * 10)
    two_way.now += timedelta(days=8)
    two_way.text_back(EAST_LEADER, "2")
    assert len(two_way.help_requests()) == 1


def test_what_can_not_be_read_is_shown_with_the_broadcast(two_way: Town) -> None:
    two_way.warn(over=IN_EAST)
    two_way.text_back(EAST_LEADER, "路上有冰，车过不来")
    two_way.text_back(WEST_LEADER, "什么？")
    with two_way.db.read() as tx:
        report = delivery_report(tx, two_way.db.vault, two_way.last)
    assert report is not None
    (shown,) = report["texts_back"]
    assert (shown["text"], shown["name"]) == ("路上有冰，车过不来", "某*")
    assert EAST_LEADER not in shown["phone"]


def test_a_text_that_is_delivered_again_does_not_answer_the_next_warning(two_way: Town) -> None:
    yellow = two_way.warn(over=IN_EAST, level="yellow")
    two_way.text_back(EAST_LEADER, "1", ref="SM1")
    assert two_way.states() == {"东村": "answered"}
    two_way.tick(minutes=30)
    two_way.warn(over=IN_EAST, level="red", replaces=yellow)
    two_way.text_back(EAST_LEADER, "1", ref="SM1")
    assert two_way.states() == {"东村": "open"}
    assert two_way.answers() == [(EAST_LEADER, "sms", "1")]
    two_way.text_back(EAST_LEADER, "1", ref="SM2")
    assert two_way.states() == {"东村": "answered"}


def test_a_cry_for_help_that_is_delivered_again_opens_nothing_new(two_way: Town) -> None:
    two_way.warn(over=IN_EAST)
    two_way.text_back(EAST_LEADER, "2", ref="SM1")
    (asked,) = two_way.help_requests()
    assert close_help(two_way.world, asked["id"], "wang", "went there", two_way.now)
    two_way.text_back(EAST_LEADER, "2", ref="SM1")
    assert len(two_way.help_requests()) == 1


def test_what_can_not_be_read_is_shown_once_however_often_it_is_delivered(two_way: Town) -> None:
    two_way.warn(over=IN_EAST)
    for _ in range(2):
        two_way.text_back(EAST_LEADER, "什么？", ref="SM1")
    with two_way.db.read() as tx:
        report = delivery_report(tx, two_way.db.vault, two_way.last)
    assert report is not None
    assert len(report["texts_back"]) == 1


def test_a_text_that_could_not_be_taken_is_taken_when_it_comes_again(two_way: Town) -> None:
    two_way.warn(over=IN_EAST)
    sms, world = two_way.sms, two_way.world
    callback = sms.callback("inbound", phone=EAST_LEADER, text="1", ref="SM1")
    with pytest.raises(RuntimeError), two_way.db.write() as tx:
        receive.take(world, tx, sms, callback, sms.read(callback), two_way.now)
        raise RuntimeError("killed before the commit")
    two_way.text_back(EAST_LEADER, "1", ref="SM1")
    assert two_way.states() == {"东村": "answered"}


def test_a_provider_that_gives_its_texts_no_name_is_heard(two_way: Town) -> None:
    two_way.warn(over=IN_EAST)
    callback = two_way.sms.callback("inbound", phone=EAST_LEADER, text="1")
    receive.receive(two_way.world, callback, two_way.now)
    assert two_way.states() == {"东村": "answered"}
