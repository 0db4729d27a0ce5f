"""A message was wrong (更正): whoever heard it, or may have, hears that, before everything else."""

import re
from threading import Thread

import pytest

from alertcast.channels.base import Outcome, Request, Sent
from alertcast.channels.memory import MemoryChannel
from alertcast.core.correction import Fault
from alertcast.dispatch import claim, send
from alertcast.dispatch.correct import Corrected
from alertcast.dispatch.start import CanNotStart
from tests.stories.seen import EAST
from tests.stories.town import (
    EAST_DEPUTY,
    EAST_LEADER,
    EAST_SECRETARY,
    HEAD,
    IN_EAST,
    IN_SOUTH,
    IN_WEST,
    SOUTH_LEADER,
    TOWN_DESK,
    TOWN_LEADER,
    WEST_LEADER,
    Town,
    phones,
)


def corrections(channel: MemoryChannel) -> list[str]:
    """The phones that a channel has sent a correction to, in order."""
    return [one.phone for one in channel.outbox if one.template.startswith("correction.")]


def refused(request: Request) -> Sent:
    return Sent(request.token, Outcome.REFUSED, code="21610", reason="opted_out")


def lost(request: Request) -> Sent:
    return Sent(request.token, Outcome.UNKNOWN)


def test_whoever_was_told_by_text_hears_of_it_by_text(town: Town) -> None:
    town.warn(over=IN_EAST)
    done = town.correct()
    town.tick(minutes=30)
    assert sorted(corrections(town.sms)) == [EAST_LEADER, EAST_SECRETARY]
    assert corrections(town.voice) == []
    assert town.broadcast(done.broadcast_id).corrects_id == 1
    assert (done.dropped, done.gone) == (0, 2)


def test_whoever_was_called_is_called_and_gets_a_text(town: Town) -> None:
    town.warn(over=IN_EAST)
    town.tick(minutes=10)
    town.correct()
    town.tick()
    assert sorted(corrections(town.voice)) == [EAST_LEADER, EAST_SECRETARY]
    assert sorted(corrections(town.sms)) == [EAST_LEADER, EAST_SECRETARY]


def test_whoever_was_only_planned_hears_nothing_at_all(town: Town) -> None:
    town.configure(dispatch={"batch": 1})
    town.climb_first(IN_EAST)
    send.send_due(town.world, "sms", "live", town.now)
    done = town.correct()
    town.tick(minutes=60)
    assert phones(town.sms) == [EAST_LEADER, EAST_LEADER]
    assert corrections(town.sms) == [EAST_LEADER]
    assert (done.dropped, done.gone) == (1, 1)
    assert town.messages(EAST_SECRETARY, 1) == [("sms", "cancelled", "corrected")]


def test_a_request_of_unknown_outcome_may_have_told_somebody(town: Town) -> None:
    town.settle_in([(EAST_LEADER, "branch_leader", EAST)])
    town.sms.answers.append(lost)
    town.warn(over=IN_EAST)
    assert town.requests(EAST_LEADER, "sms") == ["unknown"]
    town.correct()
    town.tick()
    assert corrections(town.sms) == [EAST_LEADER]


def test_a_sender_that_died_may_have_told_somebody(town: Town) -> None:
    town.climb_first(IN_EAST)
    claim.claim(town.world, "sms", "live", town.now)
    town.correct()
    town.rest(seconds=40)
    town.rest(seconds=40)
    assert sorted(phones(town.sms)) == [EAST_LEADER, EAST_SECRETARY]
    assert sorted(corrections(town.sms)) == [EAST_LEADER, EAST_SECRETARY]


def test_a_message_that_is_leaving_at_that_moment_may_tell_somebody(town: Town) -> None:
    """Its sender looked before the correction, asks the provider and records after it."""
    town.climb_first(IN_EAST)
    held = claim.claim(town.world, "sms", "live", town.now)
    town.correct()
    send.record(town.world, held, [town.sms.accept(one.request) for one in held], town.now)
    town.tick()
    assert sorted(corrections(town.sms)) == [EAST_LEADER, EAST_SECRETARY]
    assert town.messages(EAST_LEADER, 1) == [("sms", "underway", None)]


def test_a_receipt_of_what_was_thought_never_to_have_left_is_found(town: Town) -> None:
    town.settle_in([(EAST_LEADER, "branch_leader", EAST)])
    town.sms.answers.append(
        lambda request: Sent(request.token, Outcome.REFUSED, reason="not_delivered")
    )
    town.warn(over=IN_EAST)
    town.correct()
    town.tick()
    assert corrections(town.sms) == []
    town.report(town.sms, EAST_LEADER, "delivered")
    town.tick()
    assert corrections(town.sms) == [EAST_LEADER]


def test_whoever_an_officer_told_aloud_is_told_aloud(town: Town) -> None:
    town.channels = []
    town.warn(over=IN_EAST)
    town.dial_in_vain(EAST_SECRETARY)
    town.write_down(EAST_LEADER)
    town.correct()
    town.tick()
    assert town.to_dial() == [EAST_LEADER]
    assert town.messages(EAST_LEADER) == [("manual", "manual", "told_by_hand")]
    town.write_down(EAST_LEADER)
    assert town.to_dial() == []


def test_whoever_rang_the_office_is_told_aloud_and_by_text(town: Town) -> None:
    town.warn(over=IN_EAST)
    town.write_down(EAST_LEADER)
    town.write_down(EAST_DEPUTY)
    town.correct()
    town.tick()
    assert sorted(town.to_dial()) == [EAST_LEADER, EAST_DEPUTY]
    assert sorted(corrections(town.sms)) == [EAST_LEADER, EAST_SECRETARY]


def test_what_an_officer_writes_down_afterwards_is_found(town: Town) -> None:
    town.warn(over=IN_EAST)
    done = town.correct()
    town.tick(minutes=30)
    town.write_down_in(1, EAST_DEPUTY)
    town.tick()
    assert town.to_dial() == [EAST_DEPUTY]
    assert town.messages(EAST_DEPUTY, done.broadcast_id) == [("manual", "manual", "told_by_hand")]


def test_a_correction_stays_open_for_a_while_and_then_ends(town: Town) -> None:
    town.warn(over=IN_EAST)
    town.correct()
    town.tick(minutes=90)
    assert town.broadcast().state == "running"
    town.tick(minutes=60)
    assert town.broadcast().state == "closed"


def test_whoever_has_opted_out_since_is_dialled(town: Town) -> None:
    town.settle_in([(EAST_LEADER, "branch_leader", EAST)])
    town.warn(over=IN_EAST)
    town.sms.answers.append(refused)
    town.correct()
    town.tick(seconds=1)
    assert town.to_dial() == [EAST_LEADER]
    assert town.messages(EAST_LEADER) == [("sms", "manual", "opted_out")]
    town.tick(minutes=30)
    assert town.to_dial() == [EAST_LEADER]


def test_whoever_no_channel_carries_any_more_is_dialled(town: Town) -> None:
    town.warn(over=IN_EAST)
    town.channels = []
    town.correct()
    assert sorted(town.to_dial()) == [EAST_LEADER, EAST_SECRETARY]


def test_while_the_channel_is_down_it_waits_and_is_the_first_when_it_is_back(town: Town) -> None:
    town.warn(over=IN_EAST)
    town.sms.is_down = True
    town.notice("请检查驿站。", EAST)
    town.correct(1)
    town.tick(minutes=2)
    assert corrections(town.sms) == []
    assert len(town.sms.outbox) == 2
    town.sms.is_down = False
    town.rest(seconds=400)
    town.rest(seconds=30)
    last = [one.template for one in town.sms.outbox[2:]]
    assert last == ["correction.sms", "correction.sms", "desk.sms", "desk.sms"]


def test_it_leaves_before_red_traffic(town: Town) -> None:
    town.notice("请检查驿站。", EAST)
    town.configure(dispatch={"batch": 1})
    town.climb_first(IN_WEST)
    town.warn_asleep(over=IN_SOUTH, level="red")
    town.correct(1)
    for _ in range(3):
        send.send_due(town.world, "sms", "live", town.now)
    assert phones(town.sms)[2:4] in ([EAST_LEADER, EAST_SECRETARY], [EAST_SECRETARY, EAST_LEADER])
    assert phones(town.sms)[4] in (SOUTH_LEADER, TOWN_LEADER, HEAD)


def test_the_wrong_broadcast_and_its_ladders_stop(town: Town) -> None:
    town.warn(over=IN_EAST)
    town.tick(minutes=10)
    town.correct()
    assert town.states(1) == {"东村": "cancelled"}
    assert town.broadcast(1).state == "cancelled"
    town.report(town.voice, EAST_LEADER, "no_answer")
    calls = [one.phone for one in town.voice.outbox if one.template == "warning.voice"]
    town.tick(minutes=60)
    assert calls == [one.phone for one in town.voice.outbox if one.template == "warning.voice"]
    assert EAST_DEPUTY not in phones(town.sms)


def test_nobody_has_to_go_to_a_grid_of_a_wrong_warning(town: Town) -> None:
    town.warn(over=IN_EAST)
    town.tick(minutes=60)
    assert town.states() == {"东村": "unreached"}
    town.correct()
    assert town.states(1) == {"东村": "cancelled"}


def test_a_broadcast_that_has_ended_can_be_corrected(town: Town) -> None:
    town.warn(over=IN_EAST)
    town.tick(minutes=10)
    town.press_1(EAST_LEADER)
    town.report(town.voice, EAST_SECRETARY, "completed")
    town.tick(minutes=30)
    assert town.broadcast().state == "closed"
    town.correct()
    town.tick()
    assert sorted(corrections(town.sms)) == [EAST_LEADER, EAST_SECRETARY]
    assert town.broadcast(1).state == "closed"


def test_a_broadcast_that_was_stopped_can_be_corrected(town: Town) -> None:
    town.warn(over=IN_EAST)
    town.stop()
    town.correct()
    town.tick()
    assert sorted(corrections(town.sms)) == [EAST_LEADER, EAST_SECRETARY]


def test_one_that_nobody_heard_of_is_to_be_stopped_instead(town: Town) -> None:
    town.limit_people(1)
    town.warn(over=IN_EAST)
    before = town.count()
    with pytest.raises(CanNotStart, match="不必更正"):
        town.correct()
    assert town.count() == before


def test_help_asked_for_stays_open_and_the_desks_are_still_called(town: Town) -> None:
    town.warn(over=IN_EAST)
    town.tick(minutes=10)
    town.press("2", EAST_LEADER)
    town.correct()
    town.report(town.voice, TOWN_DESK, "no_answer")
    town.tick(minutes=5)
    assert [one["closed_at"] for one in town.help_requests()] == [None]
    assert phones(town.voice).count(TOWN_DESK) == 2
    assert TOWN_DESK not in corrections(town.voice)


def test_twice_is_once(town: Town) -> None:
    town.warn(over=IN_EAST)
    first, second = town.correct(1), town.correct(1, Fault.AREA)
    town.tick(minutes=10)
    assert second == Corrected(first.broadcast_id, is_new=False)
    assert len(corrections(town.sms)) == 2
    assert town.audited() == [("wang", "correct")]


def test_two_officers_at_the_same_moment_are_once(town: Town) -> None:
    town.warn(over=IN_EAST)
    made: list[Corrected] = []
    both = [Thread(target=lambda: made.append(town.correct(1))) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    town.tick()
    assert sorted(one.is_new for one in made) == [False, True]
    assert len({one.broadcast_id for one in made}) == 1
    assert len(corrections(town.sms)) == 2


def test_killed_right_after_the_click_the_next_tick_goes_on(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.warn(over=IN_EAST)
    monkeypatch.setattr("alertcast.dispatch.correct.FIRST", 1)
    town.correct()
    assert town.planned() == 1
    town.tick()
    assert sorted(corrections(town.sms)) == [EAST_LEADER, EAST_SECRETARY]


def test_a_drills_correction_is_a_drill(town: Town) -> None:
    sms, voice = town.add_drill_channels()
    town.notice("检验叫应流程。", EAST, mode="drill")
    town.tick(minutes=15)
    town.correct()
    town.tick()
    assert town.broadcast().mode == "drill"
    assert town.sms.outbox == town.voice.outbox == []
    assert sorted(corrections(sms)) == sorted(corrections(voice)) == [EAST_LEADER, EAST_SECRETARY]
    for one in (sms.outbox[-1], voice.outbox[-1]):
        assert re.fullmatch("演练.*内部通知.*更正.*演练", one.text)


def test_the_words_are_our_own_and_the_official_text_is_unaltered(town: Town) -> None:
    headline = "怀集县气象台发布寒冷橙色预警信号"
    town.warn(over=IN_EAST)
    town.correct(fault=Fault.AREA, detail="应为马宁镇")
    town.tick()
    assert town.sms.outbox[-1].text == (
        "【怀集三防】内部通知·更正：12月26日17时20分起告知您的寒冷预警消息有误：通知范围有误（应为马宁镇）。"
        f"目前有效的官方预警：{headline}（怀集县气象台12月26日17时20分发布，范围：怀集县）。"
        "核实请拨0758-5522000。"
    )


@pytest.mark.parametrize("fault", Fault)
def test_our_own_words_name_no_level(town: Town, fault: Fault) -> None:
    town.warn(over=IN_EAST, level="red", hours=1)
    town.tick(minutes=90)
    town.correct(fault=fault)
    town.tick()
    said = next(one.text for one in town.sms.outbox if one.template == "correction.sms")
    assert "内部通知·更正" in said
    assert "请不要再按那条消息行动" in said
    assert not re.search("[红橙黄蓝白]色|预警信号", said)


def test_words_of_a_signal_are_refused_in_what_the_officer_adds(town: Town) -> None:
    town.warn(over=IN_EAST)
    with pytest.raises(CanNotStart, match="红色预警"):
        town.correct(detail="应为红色预警")
    with pytest.raises(CanNotStart, match="60 字"):
        town.correct(detail="长" * 61)
    assert town.broadcast().state == "running"


def test_who_speaks_english_reads_it_in_english(town: Town) -> None:
    town.enrol_in("en", EAST_LEADER, EAST)
    town.warn(over=IN_EAST)
    town.correct(fault=Fault.LEVEL)
    town.tick()
    assert "its level was wrong. Official warning in force: " in town.sms.outbox[-1].text


def test_an_answer_is_asked_for_only_where_the_policy_says_so(town: Town) -> None:
    town.warn(over=IN_EAST)
    town.correct()
    town.tick()
    assert "请按1" not in town.sms.outbox[-1].text
    town.ask_for_answers_to_corrections()
    town.notice("请检查驿站。", EAST)
    town.correct()
    town.tick()
    assert town.sms.outbox[-1].text.endswith("接来电请按1。")


def test_whoever_calls_back_hears_the_correction_and_never_what_was_wrong(town: Town) -> None:
    town.warn(over=IN_EAST)
    town.tick(minutes=10)
    town.press_1(EAST_LEADER)
    town.report(town.voice, EAST_SECRETARY, "completed")
    town.tick(minutes=30)
    assert town.broadcast().state == "closed"
    assert "寒冷橙色预警" in town.call_in(EAST_LEADER)
    town.voice.is_down = town.sms.is_down = True
    town.correct()
    assert "寒冷橙色预警" not in town.call_in(EAST_LEADER)
    town.voice.is_down = town.sms.is_down = False
    town.tick(seconds=10)
    town.rest(seconds=400)
    assert "更正" in town.call_in(EAST_LEADER)


def test_an_answer_to_it_is_kept(town: Town) -> None:
    town.warn(over=IN_EAST)
    town.tick(minutes=10)
    town.correct()
    town.tick()
    town.press_1(EAST_LEADER)
    assert ("voice", "answered", None) in town.messages(EAST_LEADER)


def test_the_next_official_message_is_news_again(town: Town) -> None:
    first = town.warn(over=IN_EAST)
    town.correct()
    town.tick()
    town.warn(over=IN_EAST, replaces=first)
    assert town.states() == {"东村": "open"}
    assert town.broadcast().purpose == "warning"


def test_the_other_broadcasts_go_on(town: Town) -> None:
    town.warn(over=IN_EAST)
    notice = town.notice("请核对值班电话。", EAST)
    town.correct(notice)
    town.tick(minutes=10)
    assert town.states(1) == {"东村": "open"}
    assert sorted(phones(town.voice)) == [EAST_LEADER, EAST_SECRETARY]
    assert WEST_LEADER not in phones(town.sms)


def test_the_end_of_the_warning_is_still_told_and_does_not_stop_the_correction(town: Town) -> None:
    warned = town.warn(over=IN_EAST)
    town.sms.is_down = True
    town.correct()
    town.lift(warned)
    town.sms.is_down = False
    town.tick(seconds=10)
    town.rest(seconds=400)
    town.rest(seconds=30)
    said = [one.template for one in town.sms.outbox[2:]]
    assert said == ["correction.sms"] * 2 + ["all_clear.sms"] * 2
