"""Stations (驿站): a keeper's key, or an officer, opens one for a night; then texts name it."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from alertcast.core.roster import Person, Post, Station
from alertcast.core.station import Said
from alertcast.dispatch import stations
from alertcast.store import audit, people, station_nights
from alertcast.store import stations as kept
from tests.stories.town import (
    ALL,
    EAST,
    EAST_LEADER,
    EVERYBODY,
    IN_EAST,
    IN_SOUTH,
    IN_WEST,
    SOUTH,
    WEST_LEADER,
    Town,
    phones,
)

KEEPER, OTHER_KEEPER = "+8613800000061", "+8613800000062"
EAST_HALL = Station("S1", "东村驿站", EAST, "陈某", KEEPER, "18:00-08:00", True, 1.5, 0.5)
SOUTH_HALL = Station("S2", "南村驿站", SOUTH, "李某", OTHER_KEEPER, "全天", False, 1.5, -0.0001)


def build(town: Town, found: Sequence[Station] = (EAST_HALL, SOUTH_HALL)) -> None:
    with town.db.write() as tx:
        roster = people.active_roster(tx)
        assert roster is not None
        kept.replace(tx, town.db.vault, roster["id"], found)


@pytest.fixture
def with_halls(town: Town) -> Town:
    """The town with a station in the east, and one at the edge of the south."""
    build(town)
    return town


def tonight(town: Town) -> dict[str, str]:
    with town.db.read() as tx:
        found = station_nights.listed(tx, town.now)
    return {one.station["code"]: one.word.said.value for one in found if one.word}


def last_text(town: Town, phone: str) -> str:
    return next(one.text for one in reversed(town.sms.outbox) if one.phone == phone)


def keepers_called(town: Town) -> list[str]:
    return [phone for phone in phones(town.voice) if phone in (KEEPER, OTHER_KEEPER)]


def test_a_cold_warning_asks_the_keepers_of_the_touched_towns(with_halls: Town) -> None:
    with_halls.warn(IN_EAST)
    assert keepers_called(with_halls) == [KEEPER]
    said = with_halls.pick_up(KEEPER)
    assert "东村驿站今晚能不能开放" in said
    assert "今晚开放请按1" in said
    assert "需要支援" not in said
    assert tonight(with_halls) == {"S1": "asked"}


def test_a_key_opens_it_and_answers_for_no_grid(with_halls: Town) -> None:
    with_halls.warn(IN_EAST, "red")
    warned = with_halls.last - 1
    said = with_halls.press_1(KEEPER)
    assert "已登记今晚开放" in said
    assert "应答已经记录" not in said
    assert tonight(with_halls) == {"S1": "open"}
    assert with_halls.states(warned) == {"东村": "open"}
    assert with_halls.answers() == []
    assert ("phone:驿站负责人", "station_open") in with_halls.audited()


def test_only_what_is_confirmed_enters_a_text(with_halls: Town) -> None:
    with_halls.warn(IN_EAST)
    assert "驿站" not in last_text(with_halls, EAST_LEADER)
    with_halls.press_1(KEEPER)
    with_halls.warn(IN_EAST, "red")
    said = last_text(with_halls, EAST_LEADER)
    assert "内部通知：已确认今晚开放的驿站：东村驿站（冷坑镇东村，18:00-08:00，可过夜）。" in said


def test_the_nearest_is_named_with_true_metres(with_halls: Town) -> None:
    near = Station("S3", "路口驿站", SOUTH, "李某", OTHER_KEEPER, "全天", False, 0.5, -0.0108)
    build(with_halls, [EAST_HALL, SOUTH_HALL, near])
    for code in ("S1", "S2", "S3"):
        stations.write_down(with_halls.world, code, Said.OPEN, "wang", with_halls.now)
    with_halls.warn(IN_WEST)
    # 0.0108 degrees of latitude at the equator are 1194 m
    assert "路口驿站（马宁镇南村，约1.2公里，全天）" in last_text(with_halls, WEST_LEADER)
    assert "东村驿站" not in last_text(with_halls, WEST_LEADER)


def test_a_station_far_away_is_named_to_nobody(with_halls: Town) -> None:
    stations.write_down(with_halls.world, "S1", Said.OPEN, "wang", with_halls.now)
    with_halls.warn(IN_WEST)
    assert "驿站" not in last_text(with_halls, WEST_LEADER)


def test_who_stands_for_many_grids_hears_of_several_without_distances(with_halls: Town) -> None:
    for code in ("S1", "S2"):
        stations.write_down(with_halls.world, code, Said.OPEN, "wang", with_halls.now)
    with_halls.enrol_twice_in_east_and_south()
    with_halls.warn(ALL, "red")
    said = last_text(with_halls, EAST_LEADER)
    assert "东村驿站（冷坑镇东村，18:00-08:00，可过夜）、南村驿站（马宁镇南村，全天）" in said
    assert "约" not in said


def test_closed_is_an_answer_too_and_a_later_one_counts(with_halls: Town) -> None:
    with_halls.warn(IN_EAST)
    with_halls.press_1(KEEPER)
    said = with_halls.press("2", KEEPER)
    assert "今晚不开放" in said
    assert tonight(with_halls) == {"S1": "closed"}
    with_halls.warn(IN_EAST, "red")
    assert "驿站" not in last_text(with_halls, EAST_LEADER)


def test_the_word_lapses_in_the_morning_and_the_next_night_is_asked_again(
    with_halls: Town,
) -> None:
    with_halls.warn(IN_EAST)
    with_halls.press_1(KEEPER)
    with_halls.warn(IN_EAST, "red", hours=48)
    assert keepers_called(with_halls) == [KEEPER]
    with_halls.now = datetime(2026, 12, 27, 0, 0, tzinfo=UTC)  # 08:00 in Huaiji
    with_halls.tick()
    assert tonight(with_halls) == {}
    with_halls.warn(IN_WEST)
    assert keepers_called(with_halls) == [KEEPER, KEEPER]


def test_an_officer_says_it_and_the_keeper_is_called_no_more(with_halls: Town) -> None:
    with_halls.warn(IN_EAST)
    with_halls.report(with_halls.voice, KEEPER, "no_answer")
    stations.write_down(with_halls.world, "S1", Said.OPEN, "wang", with_halls.now)
    with_halls.tick(minutes=10)
    assert keepers_called(with_halls) == [KEEPER]
    assert ("wang", "station_open") in with_halls.audited()
    with pytest.raises(LookupError, match="S9"):
        stations.write_down(with_halls.world, "S9", Said.OPEN, "wang", with_halls.now)


def test_silence_opens_nothing(with_halls: Town) -> None:
    with_halls.warn(IN_EAST)
    for _ in range(3):
        with_halls.report(with_halls.voice, KEEPER, "no_answer")
        with_halls.tick(minutes=3)
    assert keepers_called(with_halls) == [KEEPER] * 3
    assert tonight(with_halls) == {"S1": "asked"}
    with_halls.warn(IN_EAST, "red")
    assert "驿站" not in last_text(with_halls, EAST_LEADER)


def test_what_needs_no_shelter_asks_nobody(with_halls: Town) -> None:
    with_halls.warn(IN_EAST, "yellow")
    with_halls.warn(IN_SOUTH, "red", event="大风", headline="怀集县气象台发布大风红色预警信号")
    assert keepers_called(with_halls) == []


def test_a_drill_asks_nobody(with_halls: Town) -> None:
    with_halls.add_drill_channels()
    warned = with_halls.warn(IN_EAST, "yellow")
    with_halls.start(warned, mode="drill")
    with_halls.tick(minutes=5)
    assert keepers_called(with_halls) == []


def test_two_warnings_ask_once(with_halls: Town) -> None:
    with_halls.warn(IN_EAST)
    with_halls.warn(IN_WEST)
    with_halls.tick(minutes=1)
    assert keepers_called(with_halls) == [KEEPER]


def test_stopped_it_asks_no_more(with_halls: Town) -> None:
    with_halls.warn(IN_EAST)
    with_halls.report(with_halls.voice, KEEPER, "no_answer")
    with_halls.stop(with_halls.last - 1)
    with_halls.tick(minutes=10)
    assert keepers_called(with_halls) == [KEEPER]
    assert with_halls.broadcast().state.value == "cancelled"


def test_a_keeper_with_two_stations_is_asked_once_for_both(town: Town) -> None:
    second = Station("S4", "东村二站", EAST, "陈某", KEEPER, "全天", True, 1.6, 0.5)
    build(town, [EAST_HALL, second])
    town.warn(IN_EAST)
    assert "东村驿站、东村二站今晚能不能开放" in town.pick_up(KEEPER)
    stations.write_down(town.world, "S4", Said.CLOSED, "wang", town.now)
    town.press_1(KEEPER)
    assert tonight(town) == {"S1": "open", "S4": "open"}
    assert keepers_called(town) == [KEEPER]


def test_a_leader_who_keeps_a_station_is_asked_apart_from_the_warning(town: Town) -> None:
    build(town, [Station("S1", "东村驿站", EAST, "陈某", EAST_LEADER, "全天", True, 1.5, 0.5)])
    town.sms.takes_replies = True
    town.warn(IN_EAST)
    warned = town.last - 1
    assert phones(town.voice) == [EAST_LEADER]
    town.text_back(EAST_LEADER, "1")
    assert town.states(warned) == {"东村": "answered"}
    assert tonight(town) == {"S1": "asked"}
    town.press_1(EAST_LEADER)
    assert tonight(town) == {"S1": "open"}


def test_a_keeper_reached_on_his_other_number_opens_it_too(town: Town) -> None:
    folk = [Person("k", "陈某", KEEPER, other_phone=OTHER_KEEPER)]
    town.enrol(folk, [Post("k", "resident_contact", EAST)])
    build(town, [EAST_HALL])
    town.warn(IN_EAST)
    town.report(town.voice, KEEPER, "failed", reason="wrong_number")
    town.tick()
    assert keepers_called(town) == [KEEPER, OTHER_KEEPER]
    assert "东村驿站今晚" in town.pick_up(OTHER_KEEPER)
    town.press_1(OTHER_KEEPER)
    assert tonight(town) == {"S1": "open"}


def test_a_keeper_answers_by_text_with_words_of_its_own(with_halls: Town) -> None:
    with_halls.sms.takes_replies = True
    with_halls.ask_keepers_by("sms")
    with_halls.warn(IN_EAST)
    assert "开放请回复“开放”" in last_text(with_halls, KEEPER)
    with_halls.text_back(KEEPER, "1")
    assert tonight(with_halls) == {"S1": "asked"}
    with_halls.text_back(KEEPER, "开放。")
    assert tonight(with_halls) == {"S1": "open"}
    with_halls.text_back(EAST_LEADER, "不开")
    assert tonight(with_halls) == {"S1": "open"}
    assert with_halls.states(with_halls.last - 1) == {"东村": "open"}


def test_a_roster_imported_later_keeps_stations_and_what_was_said(with_halls: Town) -> None:
    with_halls.warn(IN_EAST)
    with_halls.press_1(KEEPER)
    with_halls.settle_in([*EVERYBODY, ("+8613800000099", "deputy", SOUTH)])
    assert tonight(with_halls) == {"S1": "open"}
    with with_halls.db.read() as tx:
        roster = people.active_roster(tx)
        assert roster is not None
        assert people.counts(tx, roster["id"])["people"] == len(EVERYBODY) + 1
        assert people.counts(tx, roster["id"])["stations"] == 2


def test_the_same_code_for_another_station_is_not_open(with_halls: Town) -> None:
    stations.write_down(with_halls.world, "S1", Said.OPEN, "wang", with_halls.now)
    build(with_halls, [Station("S1", "新站", EAST, "陈某", KEEPER, "全天", True, 1.5, 0.5)])
    assert tonight(with_halls) == {}


def test_killed_after_the_question_was_written_it_is_asked_once(with_halls: Town) -> None:
    with_halls.warn_asleep(IN_EAST, "orange")
    stations.ask_keepers(with_halls.world, with_halls.now)
    assert stations.ask_keepers(with_halls.world, with_halls.now) == 0
    with_halls.tick(minutes=1)
    assert keepers_called(with_halls) == [KEEPER]


def test_an_answer_taken_twice_says_the_same(with_halls: Town) -> None:
    with_halls.warn(IN_EAST)
    with_halls.answer_and_die(KEEPER)
    with_halls.press_1(KEEPER)
    assert tonight(with_halls) == {"S1": "open"}


def test_a_question_goes_after_the_warning(with_halls: Town) -> None:
    with_halls.warn_asleep(ALL, "red")
    assert with_halls.priority(with_halls.last) > with_halls.priority(with_halls.last - 1)


def test_what_was_said_is_in_the_chain_of_the_audit(with_halls: Town) -> None:
    stations.write_down(with_halls.world, "S1", Said.CLOSED, "wang", with_halls.now)
    with with_halls.db.read() as tx:
        assert audit.listed(tx, 1, "station:S1")[0]["action"] == "station_closed"
        assert audit.verify(tx).n > 0


def test_a_keeper_who_calls_back_is_offered_the_question(with_halls: Town) -> None:
    with_halls.warn(IN_EAST)
    with_halls.report(with_halls.voice, KEEPER, "no_answer")
    assert "东村驿站今晚能不能开放" in with_halls.call_in(KEEPER)
    with_halls.press_1(KEEPER)
    assert tonight(with_halls) == {"S1": "open"}
    assert "东村驿站今晚能不能开放" in with_halls.call_in(KEEPER)
    with_halls.press("2", KEEPER)
    assert tonight(with_halls) == {"S1": "closed"}


def test_a_keeper_who_was_only_texted_hears_the_question_when_he_calls(with_halls: Town) -> None:
    with_halls.sms.takes_replies = True
    with_halls.ask_keepers_by("sms")
    with_halls.warn(IN_EAST)
    said = with_halls.call_in(KEEPER)
    assert "东村驿站今晚能不能开放" in said
    assert "今晚开放请按1" in said
    with_halls.press("1", KEEPER, with_halls.sms)
    assert tonight(with_halls) == {"S1": "open"}


def test_a_leader_who_keeps_a_station_hears_first_what_waits_for_him(town: Town) -> None:
    build(town, [Station("S1", "东村驿站", EAST, "陈某", EAST_LEADER, "全天", True, 1.5, 0.5)])
    town.warn(IN_EAST)
    assert "寒冷橙色预警信号" in town.call_in(EAST_LEADER)
    town.write_down_in(town.last - 1, EAST_LEADER)
    assert "东村驿站今晚能不能开放" in town.call_in(EAST_LEADER)
    stations.write_down(town.world, "S1", Said.OPEN, "wang", town.now)
    assert "寒冷橙色预警信号" in town.call_in(EAST_LEADER)


def test_after_the_night_nobody_is_offered_the_question_and_no_key_opens(with_halls: Town) -> None:
    with_halls.warn(IN_EAST, hours=48)
    with_halls.report(with_halls.voice, KEEPER, "no_answer")
    with_halls.now = datetime(2026, 12, 27, 0, 1, tzinfo=UTC)  # 08:01 in Huaiji
    assert "东村驿站" not in with_halls.call_in(KEEPER)
    with_halls.press_1(KEEPER)
    assert tonight(with_halls) == {}
    with_halls.warn(IN_EAST, "red")
    assert "东村驿站" not in last_text(with_halls, EAST_LEADER)


def test_a_keeper_whom_no_channel_reaches_leaves_his_station_unasked(with_halls: Town) -> None:
    with_halls.channels = [with_halls.sms]
    with_halls.warn(IN_EAST)
    assert tonight(with_halls) == {}
    assert with_halls.states(1) == {"东村": "open"}
    stations.write_down(with_halls.world, "S1", Said.OPEN, "wang", with_halls.now)
    assert tonight(with_halls) == {"S1": "open"}


def test_a_station_that_closes_again_leaves_the_texts(with_halls: Town) -> None:
    stations.write_down(with_halls.world, "S1", Said.OPEN, "wang", with_halls.now)
    with_halls.warn(IN_EAST)
    assert "东村驿站" in last_text(with_halls, EAST_LEADER)
    stations.write_down(with_halls.world, "S1", Said.CLOSED, "wang", with_halls.now)
    with_halls.warn(IN_EAST, "red")
    assert "东村驿站" not in last_text(with_halls, EAST_LEADER)
