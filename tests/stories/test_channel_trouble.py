"""A provider says no: to one message, for a while, or altogether."""

import dataclasses
from datetime import timedelta

from alertcast.channels.base import ChannelSettings, Outcome, Request, Sent
from alertcast.channels.memory import MemoryChannel
from alertcast.core.roster import Person, Post
from alertcast.store import channels
from tests.stories.seen import EAST
from tests.stories.town import (
    EAST_LEADER,
    EAST_SECRETARY,
    IN_EAST,
    IN_WEST,
    WEST_LEADER,
    WEST_SECRETARY,
    Town,
    phones,
)

DEMO = "+8615400000001"


def test_too_many_requests_is_no_attempt_and_comes_later(town: Town) -> None:
    town.settle_in([(EAST_LEADER, "branch_leader", EAST)])
    town.sms.answers.append(
        lambda one: Sent(one.token, Outcome.THROTTLED, reason="throttled", retry_after=20)
    )
    town.warn(over=IN_EAST)
    assert town.messages(EAST_LEADER) == [("sms", "queued", "throttled")]
    town.tick(seconds=20)
    assert len(town.sms.outbox) == 1
    town.rest(seconds=21)
    assert len(town.sms.outbox) == 2
    assert town.requests(EAST_LEADER, "sms") == ["throttled", "accepted"]
    assert town.tries(EAST_LEADER) == 1


def test_trouble_with_the_account_stops_the_channel_and_keeps_the_messages(town: Town) -> None:
    town.sms.answers.append(
        lambda one: Sent(one.token, Outcome.STOPPED, code="20003", reason="account")
    )
    town.warn(over=IN_EAST)
    first = town.sms.outbox[0].phone
    assert town.channel_state("sms")["stopped"] == "account"
    assert town.messages(first) == [("sms", "queued", "account")]
    town.tick(minutes=5)
    town.rest(seconds=600)
    waiting = len(town.sms.outbox)
    with town.db.write() as tx:
        channels.start(tx, "sms", town.db.real_now(tx))
    town.tick()
    assert len(town.sms.outbox) > waiting
    assert set(phones(town.sms)) == {EAST_LEADER, EAST_SECRETARY}
    assert town.messages(first) == [("sms", "underway", None)]


def test_a_stopped_channel_holds_nothing_that_another_can_carry(town: Town) -> None:
    second = MemoryChannel("sms2", "sms")
    town.channels.append(second)
    town.sms.answers.append(
        lambda one: Sent(one.token, Outcome.STOPPED, code="20003", reason="account")
    )
    town.warn(over=IN_EAST)
    town.tick(seconds=10)
    assert len(town.sms.outbox) == 2  # one batch was on its way already
    refused = town.sms.outbox[0].phone
    assert phones(second) == [refused]
    assert town.messages(refused) == [("sms", "underway", None)]
    town.warn(over=IN_WEST)
    assert len(town.sms.outbox) == 2
    assert set(phones(second)) == {refused, WEST_LEADER, WEST_SECRETARY}


def test_a_pause_is_never_longer_than_five_minutes(town: Town) -> None:
    town.settle_in([(EAST_LEADER, "branch_leader", EAST)])
    town.sms.answers.append(
        lambda one: Sent(one.token, Outcome.THROTTLED, reason="throttled", retry_after=86400)
    )
    town.warn(over=IN_EAST)
    town.now += timedelta(seconds=10)
    town.rest(seconds=290)
    assert len(town.sms.outbox) == 1
    town.rest(seconds=11)
    assert len(town.sms.outbox) == 2


def test_while_a_channel_is_paused_another_carries(town: Town) -> None:
    second = MemoryChannel("sms2", "sms")
    town.channels.append(second)
    town.settle_in([(EAST_LEADER, "branch_leader", EAST)])
    town.sms.answers.append(
        lambda one: Sent(one.token, Outcome.THROTTLED, reason="throttled", retry_after=200)
    )
    town.warn(over=IN_EAST)
    town.tick(seconds=5)
    assert phones(second) == [EAST_LEADER]


def test_a_refused_number_is_not_tried_again(town: Town) -> None:
    town.settle_in([(EAST_LEADER, "branch_leader", EAST)])
    town.sms.answers.append(
        lambda one: Sent(one.token, Outcome.REFUSED, code="21211", reason="wrong_number")
    )
    town.warn(over=IN_EAST)
    assert town.messages(EAST_LEADER)[0] == ("sms", "failed", "wrong_number")
    town.tick(minutes=10)
    assert len(town.sms.outbox) == 1
    assert phones(town.voice) == [EAST_LEADER]


def test_a_slow_channel_sends_the_worst_first(town: Town) -> None:
    town.sms.settings = ChannelSettings(type="memory", rate=0.001, burst=1)
    town.notice("请核对值班电话。", EAST)
    town.warn(over=IN_EAST, level="red")
    for _ in range(3):
        town.rest(seconds=1020)
    assert "寒冷红色" in town.sms.outbox[1].text
    assert "寒冷红色" in town.sms.outbox[2].text


def test_who_waits_for_a_slow_channel_is_called_even_after_the_ladder_has_ended(town: Town) -> None:
    town.voice.settings = ChannelSettings(type="memory", rate=0.001, burst=1)
    town.warn(over=IN_EAST)
    town.tick(minutes=30)
    assert town.states() == {"东村": "unreached"}
    assert len(town.voice.outbox) == 1
    town.rest(seconds=1020)
    town.rest(seconds=1020)
    assert {EAST_LEADER, EAST_SECRETARY} <= set(phones(town.voice))


def test_a_message_that_waited_until_the_warning_ran_out_is_not_sent(town: Town) -> None:
    town.sms.settings = ChannelSettings(type="memory", rate=0.001, burst=1)
    town.warn(over=IN_EAST, hours=0.1)
    assert len(town.sms.outbox) == 1
    town.tick(minutes=7)
    town.rest(seconds=2000)
    assert len(town.sms.outbox) == 1
    waiting = ({EAST_LEADER, EAST_SECRETARY} - set(phones(town.sms))).pop()
    assert town.messages(waiting)[0] == ("sms", "expired", "expired")


def test_the_second_channel_carries_what_the_first_may_not(town: Town) -> None:
    town.voice.refuse = lambda phone: "mainland_voice"
    second = MemoryChannel("mainland", "voice")
    town.channels.append(second)
    town.warn(over=IN_EAST)
    town.tick(minutes=10)
    assert town.voice.outbox == []
    assert sorted(phones(second)) == [EAST_LEADER, EAST_SECRETARY]


def test_demo_numbers_can_go_only_to_this_machine(town: Town) -> None:
    town.enrol([Person("d", "某丁", DEMO)], [Post("d", "branch_leader", EAST)])
    town.sms.is_loopback = False  # type: ignore[misc]
    town.warn(over=IN_EAST)
    assert town.sms.outbox == []
    assert town.messages(DEMO) == [("manual", "manual", "demo_number")]
    town.tick(minutes=10)
    assert phones(town.voice) == [DEMO]


def test_a_text_that_can_not_be_made_holds_up_nobody_else(town: Town) -> None:
    """The English wording asks for a slot that nobody fills; the Chinese one is right."""
    town.texts = lambda texts: dataclasses.replace(
        texts,
        by_id={**texts.by_id, "warning.sms": {"zh": "{headline}", "en": "{nobody_fills_this}"}},
    )
    folk = [Person("a", "A", EAST_LEADER, "en"), Person("b", "某乙", EAST_SECRETARY)]
    town.enrol(folk, [Post("a", "branch_leader", EAST), Post("b", "first_secretary", EAST)])
    town.warn(over=IN_EAST)
    assert phones(town.sms) == [EAST_SECRETARY]
    assert town.messages(EAST_LEADER) == [("sms", "manual", "no_text")]


def test_an_answer_the_provider_lost_is_no_throttle(town: Town) -> None:
    def lost(one: Request) -> Sent:
        return Sent(one.token, Outcome.UNKNOWN, reason="no_connection")

    town.settle_in([(EAST_LEADER, "branch_leader", EAST)])
    town.sms.answers.append(lost)
    town.warn(over=IN_EAST)
    assert town.messages(EAST_LEADER)[0][1] == "unsure"
    town.now += timedelta(minutes=1)
    town.rest()
    assert phones(town.sms) == [EAST_LEADER] * 2


def failing(town: Town, name: str) -> None:
    with town.db.write() as tx:
        for _ in range(channels.BREAKS_AT):
            channels.failed(tx, name, town.db.real_now(tx) - timedelta(minutes=10))


def test_a_failing_channel_is_tried_with_one_and_another_carries_the_rest_at_once(
    town: Town,
) -> None:
    second = MemoryChannel("sms2", "sms")
    town.channels.append(second)
    failing(town, "sms")
    town.sms.is_down = True
    town.warn(over=IN_EAST)
    assert len(second.outbox) == 1
    town.tick(seconds=10)
    assert sorted(phones(second)) == sorted([EAST_LEADER, EAST_SECRETARY])


def test_what_a_recovering_channel_can_not_take_goes_by_another(town: Town) -> None:
    second = MemoryChannel("sms2", "sms")
    town.channels.append(second)
    town.sms.settings = ChannelSettings(type="memory", rate=1.0, burst=1)
    with town.db.write() as tx:
        real = town.db.real_now(tx)
        channels.failed(tx, "sms", real)
        channels.pause(tx, "sms", real, real)
    town.warn(over=IN_EAST)
    assert (len(town.sms.outbox), len(second.outbox)) == (1, 1)
