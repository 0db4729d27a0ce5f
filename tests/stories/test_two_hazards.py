"""Cold and ice rise at one moment: one message carries both, and each keeps its own ladder."""

from datetime import timedelta

from shapely.geometry.base import BaseGeometry

from alertcast.core.task import AttemptState
from alertcast.dispatch import escalate, fanout
from alertcast.scheduler import tick
from alertcast.store import corrections
from alertcast.store.report_now import manual_count
from alertcast.store.reports import delivery_report
from tests.stories.published import Warned, cap, info
from tests.stories.seen import EAST
from tests.stories.town import (
    EAST_DEPUTY,
    EAST_LEADER,
    EAST_SECRETARY,
    IN_EAST,
    IN_WEST,
    WEST_LEADER,
    Town,
    phones,
)

COLD, ICE = "寒冷", "道路结冰"
BOTH = [EAST_LEADER, EAST_SECRETARY]


def published(
    town: Town, *warnings: tuple[str, str, BaseGeometry], hours: float = 24
) -> list[Warned]:
    """Let one poll bring several warnings (hazard, level, where); nobody decides on them yet."""
    found = []
    for _ in warnings:
        town.numbers += 1
        found.append(Warned(f"44122441600000_202612261720{town.numbers:02d}", town.now))
    for warned, (event, level, over) in reversed(list(zip(found, warnings, strict=True))):
        town.put(cap(warned, info(town.now, over, level, event=event, hours=hours)))
    town.poll()  # the index names the newest first
    return found


def rise(town: Town, *warnings: tuple[str, str, BaseGeometry]) -> list[Warned]:
    """Let one poll bring several warnings, and tick once."""
    found = published(town, *warnings)
    town.tick()
    return found


def text_to(town: Town, phone: str, kind: str = "sms") -> str:
    channel = town.sms if kind == "sms" else town.voice
    return next(r.text for r in reversed(channel.outbox) if r.phone == phone)


def test_one_message_carries_both_the_highest_first(town: Town) -> None:
    rise(town, (COLD, "yellow", IN_EAST), (ICE, "orange", IN_EAST))
    assert town.count() == 2
    assert sorted(phones(town.sms)) == BOTH
    text = text_to(town, EAST_LEADER)
    rest = "预警信号（怀集县气象台12月26日17时20分发布）。涉及冷坑镇东村。"
    ice, cold = f"怀集县气象台发布道路结冰橙色{rest}", f"怀集县气象台发布寒冷黄色{rest}"
    assert ice in text
    assert cold in text
    assert text.index(ice) < text.index(cold)
    assert text.count("内部通知：") == 1
    assert text.count("核实请拨") == 1


def test_who_is_in_one_of_the_areas_only_hears_of_that_one(town: Town) -> None:
    rise(town, (COLD, "orange", IN_EAST), (ICE, "orange", IN_WEST))
    assert "寒冷" in text_to(town, EAST_LEADER)
    assert "结冰橙色" not in text_to(town, EAST_LEADER)
    assert "寒冷" not in text_to(town, WEST_LEADER)


def test_each_hazard_is_told_of_its_own_places(town: Town) -> None:
    town.settle_in([(EAST_LEADER, "branch_leader", EAST), (EAST_LEADER, "deputy", "441224101001")])
    rise(town, (COLD, "orange", IN_EAST), (ICE, "red", IN_WEST.union(IN_EAST).convex_hull))
    text = text_to(town, EAST_LEADER)
    assert "寒冷橙色预警信号（怀集县气象台12月26日17时20分发布）。涉及冷坑镇东村。" in text


def test_a_key_answers_both(town: Town) -> None:
    rise(town, (COLD, "orange", IN_EAST), (ICE, "orange", IN_EAST))
    town.tick(minutes=10)
    assert sorted(phones(town.voice)) == BOTH
    assert "现有多项预警" in text_to(town, EAST_LEADER, "voice")
    town.press_1(EAST_LEADER)
    assert [town.states(1), town.states(2)] == [{"东村": "answered"}] * 2
    assert town.answers() == [(EAST_LEADER, "key", "1")] * 2
    for broadcast in (1, 2):
        assert town.messages(EAST_LEADER, broadcast)[-1] == ("voice", "answered", None)
    town.report(town.voice, EAST_SECRETARY, "no_answer")
    town.tick(minutes=60)
    assert len(town.voice.outbox) == 2


def test_help_is_asked_for_once(town: Town) -> None:
    rise(town, (COLD, "orange", IN_EAST), (ICE, "orange", IN_EAST))
    town.tick(minutes=10)
    town.press("2", EAST_LEADER)
    (asked,) = town.help_requests()
    assert asked["places"] == ["冷坑镇东村"]


def test_a_later_rise_of_one_is_one_message_about_it(town: Town) -> None:
    cold, _ = rise(town, (COLD, "orange", IN_EAST), (ICE, "orange", IN_EAST))
    town.tick(minutes=5)
    town.warn(IN_EAST, "red", replaces=cold)
    told = phones(town.sms)[2:]
    assert told.count(EAST_LEADER) == 1
    text = text_to(town, EAST_LEADER)
    assert "寒冷红色" in text
    assert "道路结冰橙色" not in text


def test_two_polls_minutes_apart_are_two_messages(town: Town) -> None:
    town.warn(IN_EAST, "orange")
    town.tick(minutes=3)
    town.warn(IN_EAST, "orange", event=ICE)
    assert phones(town.sms).count(EAST_LEADER) == 2


def test_what_still_waits_in_a_slow_queue_is_joined_by_the_next(town: Town) -> None:
    published(town, (COLD, "orange", IN_EAST))
    town.climb(minutes=0)
    published(town, (ICE, "red", IN_EAST))
    town.climb(minutes=1)
    town.tick()
    assert phones(town.sms).count(EAST_LEADER) == 1
    assert text_to(town, EAST_LEADER).index("结冰红色") < text_to(town, EAST_LEADER).index("寒冷")


def test_a_first_rung_waits_for_the_alert_that_came_with_its_own(town: Town) -> None:
    published(town, (COLD, "orange", IN_EAST), (ICE, "orange", IN_EAST))
    fanout.decide(town.world, 1, town.now)  # another thread ticks between the two decisions
    assert escalate.advance(town.world, town.now) == 0
    town.tick()
    assert sorted(phones(town.sms)) == BOTH


def test_it_does_not_wait_for_ever_for_one_that_can_not_be_decided(town: Town) -> None:
    published(town, (COLD, "orange", IN_EAST), (ICE, "orange", IN_EAST))
    fanout.decide(town.world, 1, town.now)
    town.now += timedelta(seconds=61)
    assert escalate.advance(town.world, town.now) == 1


def test_stopping_one_before_it_leaves_leaves_the_other(town: Town) -> None:
    for stopped, left in ((1, "结冰"), (2, "寒冷")):
        town.now += timedelta(days=2)
        published(town, (COLD, "orange", IN_EAST), (ICE, "orange", IN_EAST))
        town.climb(minutes=0)
        before = len(town.sms.outbox)
        town.stop(town.last - 2 + stopped)
        town.tick(seconds=5)
        assert sorted(phones(town.sms)[before:]) == BOTH
        text = text_to(town, EAST_LEADER)
        assert f"{left}橙色" in text
        assert ("结冰橙色" in text) != ("寒冷橙色" in text)


def test_a_call_in_vain_speaks_only_of_what_still_holds(town: Town) -> None:
    rise(town, (COLD, "orange", IN_EAST), (ICE, "orange", IN_EAST))
    town.tick(minutes=10)
    assert "结冰" in text_to(town, EAST_LEADER, "voice")
    town.stop(2)
    town.report(town.voice, EAST_LEADER, "no_answer")
    town.tick(minutes=4)
    assert phones(town.voice).count(EAST_LEADER) == 2
    again = text_to(town, EAST_LEADER, "voice")
    assert "寒冷橙色" in again
    assert "结冰橙色" not in again


def test_the_lift_of_one_is_told_and_the_other_is_still_called(town: Town) -> None:
    cold, _ = rise(town, (COLD, "orange", IN_EAST), (ICE, "orange", IN_EAST))
    town.tick(minutes=1)
    town.lift(cold)
    assert phones(town.sms).count(EAST_LEADER) == 2
    assert "解除" in text_to(town, EAST_LEADER)
    town.tick(minutes=10)
    assert sorted(phones(town.voice)) == BOTH
    assert "寒冷" not in text_to(town, EAST_LEADER, "voice")


def test_whoever_heard_of_both_hears_of_both_ends(town: Town) -> None:
    cold, ice = rise(town, (COLD, "orange", IN_EAST), (ICE, "orange", IN_EAST))
    town.lift(ice)
    town.lift(cold)
    ends = [r.text for r in town.sms.outbox if r.phone == EAST_LEADER][1:]
    assert ["结冰" in text for text in ends] == [True, False]
    assert len(ends) == 2


def test_a_correction_reaches_whoever_was_told_by_the_other_message(town: Town) -> None:
    rise(town, (COLD, "orange", IN_EAST), (ICE, "orange", IN_EAST))
    with town.db.read() as tx:
        assert corrections.counts(tx, 1)["phones"] == 2
        assert corrections.counts(tx, 2)["phones"] == 2


def test_both_pages_show_that_people_were_told(town: Town) -> None:
    rise(town, (COLD, "orange", IN_EAST), (ICE, "orange", IN_EAST))
    town.tick(minutes=11)
    town.press_1(EAST_LEADER)
    for broadcast in (1, 2):
        with town.db.read() as tx:
            report = delivery_report(tx, town.db.vault, broadcast)
        assert report is not None
        assert report["people"]["told"] == 2
        assert report["people"]["acknowledged"] == 1


def test_an_answer_for_one_by_somebody_else_lets_the_call_for_the_other_go_on(town: Town) -> None:
    rise(town, (COLD, "orange", IN_EAST), (ICE, "orange", IN_EAST))
    town.change_rung("orange", 1, calls=3)
    town.tick(minutes=10)
    town.report(town.voice, EAST_SECRETARY, "busy")
    town.write_down_in(1, EAST_LEADER)
    assert [town.states(1), town.states(2)] == [{"东村": "answered"}, {"东村": "open"}]
    town.tick(minutes=3)
    assert phones(town.voice).count(EAST_SECRETARY) == 2


def test_the_deputy_is_told_of_both_at_once_too(town: Town) -> None:
    rise(town, (COLD, "orange", IN_EAST), (ICE, "orange", IN_EAST))
    town.tick(minutes=21)
    assert phones(town.sms).count(EAST_DEPUTY) == 1
    assert phones(town.voice).count(EAST_DEPUTY) == 1


def test_by_hand_one_number_is_dialled_once_for_both(town: Town) -> None:
    town.channels = []
    rise(town, (COLD, "orange", IN_EAST), (ICE, "orange", IN_EAST))
    with town.db.read() as tx:
        assert manual_count(tx, town.now) == 2
    town.dial_in_vain(EAST_SECRETARY, AttemptState.BUSY)
    town.write_down(EAST_LEADER)
    assert [town.states(1), town.states(2)] == [{"东村": "answered"}] * 2


def test_a_drill_and_a_warning_are_never_one_message(town: Town) -> None:
    sms, _ = town.add_drill_channels()
    _, ice = published(town, (COLD, "orange", IN_EAST), (ICE, "orange", IN_EAST))
    fanout.decide(town.world, 1, town.now)
    town.start(ice, mode="drill")
    assert all("演练" in request.text and "寒冷" not in request.text for request in sms.outbox)
    assert all("演练" not in request.text for request in town.sms.outbox)


def test_three_hazards_fit_and_a_fourth_is_a_message_of_its_own(town: Town) -> None:
    four = (COLD, ICE, "大雾", "大风")
    rise(town, *((event, "orange", IN_EAST) for event in four))
    assert town.count() == 4
    mine = [request.text for request in town.sms.outbox if request.phone == EAST_LEADER]
    assert sorted(sum(f"发布{event}" in text for event in four) for text in mine) == [1, 3]


def test_twice_is_once(town: Town) -> None:
    published(town, (COLD, "orange", IN_EAST), (ICE, "orange", IN_EAST))
    for _ in range(3):
        tick(town.world, town.now)
    town.tick()
    assert sorted(phones(town.sms)) == BOTH


def test_what_ran_out_before_it_left_is_not_told(town: Town) -> None:
    published(town, (COLD, "yellow", IN_EAST), hours=0.1)
    published(town, (ICE, "orange", IN_EAST))
    town.climb(minutes=0)
    town.climb(minutes=7)
    town.tick()
    text = text_to(town, EAST_LEADER)
    assert "结冰橙色" in text
    assert "寒冷" not in text
    assert sorted(phones(town.sms)) == BOTH
    assert town.messages(EAST_LEADER, 2) == [("sms", "expired", "expired")]


def test_a_call_that_is_overdue_since_it_ran_out_is_not_told_with_a_new_one(town: Town) -> None:
    rise(town, (COLD, "orange", IN_EAST))
    town.now += timedelta(days=3)
    rise(town, (ICE, "red", IN_EAST))
    assert "结冰红色" in text_to(town, EAST_LEADER, "voice")
    assert "寒冷" not in text_to(town, EAST_LEADER, "voice")


def test_what_runs_out_while_it_leads_lets_the_other_go(town: Town) -> None:
    published(town, (COLD, "red", IN_EAST), hours=0.1)
    published(town, (ICE, "orange", IN_EAST))
    town.climb(minutes=0)
    town.climb(minutes=7)
    town.tick(seconds=5)
    texts = [r.text for r in town.sms.outbox if r.phone == EAST_LEADER]
    assert len(texts) == 1
    assert "结冰橙色" in texts[0]
    assert "寒冷" not in texts[0]


def test_a_call_that_ended_in_vain_takes_the_joined_one_with_it(town: Town) -> None:
    rise(town, (COLD, "orange", IN_EAST), (ICE, "orange", IN_EAST))
    town.change_rung("orange", 1, calls=1)
    town.tick(minutes=10)
    for _ in range(3):
        town.report(town.voice, EAST_LEADER, "no_answer")
        town.tick(minutes=3)
    assert phones(town.voice).count(EAST_LEADER) == 3
    assert {town.messages(EAST_LEADER, one)[-1][:2] for one in (1, 2)} == {("voice", "unanswered")}


def test_every_broadcast_comes_to_its_end(town: Town) -> None:
    rise(town, (COLD, "orange", IN_EAST), (ICE, "orange", IN_EAST))
    town.tick(minutes=10)
    town.press_1(EAST_LEADER)
    town.report(town.voice, EAST_SECRETARY, "no_answer")
    town.tick(minutes=30)
    assert [town.broadcast(one).state for one in (1, 2)] == ["closed", "closed"]


def test_a_number_that_does_not_exist_hurries_the_next_rung_of_both(town: Town) -> None:
    town.settle_in([(EAST_LEADER, "branch_leader", EAST), (EAST_DEPUTY, "deputy", EAST)])
    rise(town, (COLD, "orange", IN_EAST), (ICE, "orange", IN_EAST))
    town.tick(minutes=10)
    town.report(town.voice, EAST_LEADER, "failed", reason="wrong_number")
    town.report(town.sms, EAST_LEADER, "failed", reason="wrong_number")
    town.tick(seconds=60)
    assert phones(town.voice).count(EAST_DEPUTY) == 1
    assert "寒冷" in text_to(town, EAST_DEPUTY)
    assert "结冰橙色" in text_to(town, EAST_DEPUTY)
