"""What follows when a message does not reach its phone depends on why."""

import dataclasses
from datetime import timedelta
from typing import ClassVar

from alertcast.channels.base import Outcome, Request, Sent
from alertcast.channels.memory import MemoryChannel
from alertcast.core.retry import RetryRule, Then
from alertcast.core.rules import Limits
from alertcast.dispatch import desk
from tests.stories.seen import EAST
from tests.stories.town import (
    EAST_DEPUTY,
    EAST_LEADER,
    EAST_SECRETARY,
    IN_EAST,
    Town,
    phones,
)


def refused(reason: str):  # type: ignore[no-untyped-def]
    return lambda one: Sent(one.token, Outcome.REFUSED, code="1", reason=reason)


def rule(town: Town, reason: str, then: Then, **fields: object) -> None:
    before = town.rules
    town.rules = lambda rules: dataclasses.replace(
        before(rules),
        retry={**rules.retry, reason: RetryRule(then, **fields)},  # type: ignore[arg-type]
    )


def limit(town: Town, **limits: int) -> None:
    town.rules = lambda rules: dataclasses.replace(rules, limits=Limits(**limits))


def alone(town: Town) -> None:
    town.settle_in([(EAST_LEADER, "branch_leader", EAST)])


def test_a_text_that_one_carrier_filters_goes_by_another_at_once(town: Town) -> None:
    alone(town)
    second = MemoryChannel("sms2", "sms")
    town.channels.append(second)
    town.sms.answers.append(refused("filtered"))
    town.warn(over=IN_EAST)
    assert (phones(town.sms), phones(second)) == ([EAST_LEADER], [EAST_LEADER])
    assert town.messages(EAST_LEADER) == [("sms", "underway", None)]


def test_filtered_by_all_there_is_the_next_rung_begins_at_once(town: Town) -> None:
    alone(town)
    second = MemoryChannel("sms2", "sms")
    second.answers.append(refused("filtered"))
    town.channels.append(second)
    town.sms.answers.append(refused("filtered"))
    town.warn(over=IN_EAST)
    assert (len(town.sms.outbox), len(second.outbox)) == (1, 1)
    town.tick(seconds=1)
    assert town.messages(EAST_LEADER)[0] == ("sms", "failed", "filtered")
    assert phones(town.voice) == [EAST_LEADER]


def test_filtered_by_all_there_is_an_officer_dials_where_the_policy_says_so(town: Town) -> None:
    alone(town)
    rule(town, "filtered", Then.ELSEWHERE, last=Then.BY_HAND)
    town.sms.answers.append(refused("filtered"))
    town.warn(over=IN_EAST)
    town.tick(seconds=1)
    assert town.messages(EAST_LEADER) == [("sms", "manual", "filtered")]
    assert town.voice.outbox == []


def test_a_phone_that_the_provider_limits_is_tried_later_and_then_dialled(town: Town) -> None:
    def limits(one: Request) -> Sent:
        is_limited = one.phone == EAST_LEADER
        return refused("number_limit")(one) if is_limited else town.voice.accept(one)

    town.settle_in([(one, "branch_leader", EAST) for one in (EAST_LEADER, EAST_SECRETARY)])
    town.warn(over=IN_EAST, level="red")
    town.voice.answers.extend([limits] * 10)
    for phone in (EAST_LEADER, EAST_SECRETARY):
        town.report(town.voice, phone, "busy")
    town.tick(seconds=100)
    assert town.requests(EAST_LEADER, "voice") == ["busy", "refused"]
    assert town.requests(EAST_SECRETARY, "voice") == ["busy", "accepted"]
    assert town.messages(EAST_LEADER)[-1] == ("voice", "queued", "number_limit")
    town.tick(seconds=110)
    assert phones(town.voice).count(EAST_LEADER) == 2
    town.tick(seconds=20)
    assert town.requests(EAST_LEADER, "voice") == ["busy", "refused", "refused"]
    assert ("voice", "manual", "number_limit") in town.messages(EAST_LEADER)
    assert EAST_LEADER in town.to_dial()


def test_wrong_numbers_only_and_the_deputy_is_told_without_waiting(town: Town) -> None:
    town.settle_in([(EAST_LEADER, "branch_leader", EAST), (EAST_DEPUTY, "deputy", EAST)])
    town.sms.answers.append(refused("wrong_number"))
    town.voice.answers.append(refused("wrong_number"))
    town.warn(over=IN_EAST)
    town.tick(seconds=2)
    assert phones(town.voice) == [EAST_LEADER, EAST_DEPUTY]


def test_one_wrong_number_does_not_hurry_a_rung_in_which_another_was_told(town: Town) -> None:
    town.sms.answers.append(refused("wrong_number"))
    town.warn(over=IN_EAST)
    town.tick(minutes=9)
    assert town.voice.outbox == []
    town.tick(minutes=1)
    assert set(phones(town.voice)) == {EAST_LEADER, EAST_SECRETARY}


def test_whoever_opted_out_is_dialled_by_an_officer(town: Town) -> None:
    alone(town)
    town.sms.answers.append(refused("opted_out"))
    town.warn(over=IN_EAST)
    assert town.messages(EAST_LEADER) == [("sms", "manual", "opted_out")]


def test_a_rule_says_how_often_and_how_far_apart(town: Town) -> None:
    alone(town)
    rule(town, "busy", Then.AGAIN, every=timedelta(seconds=20), most=5)
    town.warn(over=IN_EAST)
    town.tick(minutes=10)
    for call in range(1, 5):
        assert len(town.voice.outbox) == call
        town.report(town.voice, EAST_LEADER, "busy")
        town.tick(seconds=20)
    town.report(town.voice, EAST_LEADER, "busy")
    town.tick(seconds=60)
    assert len(town.voice.outbox) == 5
    assert town.messages(EAST_LEADER)[-1] == ("voice", "unanswered", "busy")


def test_a_phone_called_too_often_is_dialled_by_an_officer_when_it_is_urgent(town: Town) -> None:
    alone(town)
    limit(town, calls_per_hour=1)
    town.warn(over=IN_EAST, level="red")
    town.report(town.voice, EAST_LEADER, "busy")
    town.tick(seconds=100)
    assert len(town.voice.outbox) == 1
    assert ("voice", "manual", "limit") in town.messages(EAST_LEADER)


def test_of_three_texts_of_one_moment_a_phone_gets_as_many_as_are_allowed(town: Town) -> None:
    town.settle_in([(EAST_LEADER, "branch_leader", EAST)])
    limit(town, sms_per_day=1)
    for number in range(3):
        desk.start_notice(
            town.world,
            text=f"通知{number}：请各村检查取暖设备。",
            codes=(EAST,),
            user="wang",
            mode="live",
            key=f"k{number}",
            now=town.now,
        )
    town.climb(minutes=0)
    town.send_all()
    assert phones(town.sms) == [EAST_LEADER]


def test_what_is_not_urgent_waits_until_the_phone_may_be_used_again(town: Town) -> None:
    alone(town)
    limit(town, sms_per_day=1)
    town.warn(over=IN_EAST, level="yellow", hours=48)
    town.notice("请核对值班电话。", EAST)
    town.tick(minutes=30)
    assert len(town.sms.outbox) == 1
    town.tick(minutes=24 * 60 - 30)
    assert len(town.sms.outbox) == 2


def test_a_person_whose_record_is_spoilt_holds_up_nobody(town: Town) -> None:
    class Broken(MemoryChannel):
        def refusal(self, phone: str) -> str | None:
            if phone == EAST_LEADER:
                raise RuntimeError("spoilt")
            return None

    broken = Broken("sms", "sms")
    town.climb_first(IN_EAST)
    town.channels[0] = broken
    town.tick()
    assert phones(broken) == [EAST_SECRETARY]
    assert town.messages(EAST_LEADER) == [("sms", "manual", "put_aside")]


def test_a_load_of_several_that_is_partly_refused(town: Town) -> None:
    class Many(MemoryChannel):
        loads: ClassVar[list[int]] = []

        def send(self, requests: list[Request]) -> list[Sent]:  # type: ignore[override]
            self.loads.append(len(requests))
            return super().send(requests)

    many = Many("sms", "sms")
    many.settings = many.settings.model_copy(update={"batch_size": 10})
    many.answers.append(refused("wrong_number"))
    town.channels[0] = many
    town.warn(over=IN_EAST)
    assert many.loads == [2]
    told = sorted(town.messages(one)[0][1] for one in (EAST_LEADER, EAST_SECRETARY))
    assert told == ["failed", "underway"]
