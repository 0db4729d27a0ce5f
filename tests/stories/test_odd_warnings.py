"""Warnings that are odd, and yet nobody is lost and nobody is told what is not so."""

from datetime import timedelta

import pytest
from shapely.geometry.base import BaseGeometry
from sqlalchemy import update

from alertcast.dispatch import desk
from alertcast.store import alerts, source_states
from alertcast.store.schema import info as info_row
from tests.stories.published import Warned, cap, info
from tests.stories.publishers import feed
from tests.stories.town import (
    EAST_LEADER,
    EVENING,
    IN_EAST,
    IN_SOUTH,
    IN_WEST,
    NOWHERE,
    WEST_LEADER,
    Town,
    phones,
)


def named(identifier: str, minutes: float = 0) -> Warned:
    return Warned(identifier, EVENING + timedelta(minutes=minutes))


def cold(shape: BaseGeometry = IN_EAST, level: str = "orange") -> str:
    return info(EVENING, shape, level)


def without_area(said: str) -> str:
    return said[: said.index("<area>")] + "</info>"


def test_a_warning_that_names_no_area_is_held_and_never_called_another_place_s(town: Town) -> None:
    town.publish(cap(named("no-area"), without_area(cold())))
    word, why = town.decision("no-area")
    assert word == "held"
    assert "范围" in why


def test_one_area_that_can_not_be_found_does_not_hide_behind_another(town: Town) -> None:
    nameless = "<area><areaDesc>马宁镇某处</areaDesc></area></info>"
    town.publish(cap(named("partly"), cold().replace("</info>", nameless)))
    word, why = town.decision("partly")
    assert word == "confirm"
    assert "马宁镇某处" in why
    assert phones(town.sms) == []
    town.tick(minutes=4)
    assert EAST_LEADER in phones(town.sms)


def test_a_ring_that_can_not_be_read_does_not_hide_behind_one_that_can(town: Town) -> None:
    spoilt = "<polygon>0,0 0,x 1,1 0,0</polygon></area></info>"
    town.publish(cap(named("ring"), cold().replace("</area></info>", spoilt)))
    assert town.decision("ring")[0] == "confirm"
    assert phones(town.sms) == []
    town.tick(minutes=4)
    assert EAST_LEADER in phones(town.sms)


def test_areas_of_other_countries_beside_ours_are_no_doubt(town: Town) -> None:
    elsewhere = (
        "<area><areaDesc>far away</areaDesc><polygon>50,50 50,51 51,51 50,50</polygon></area>"
    )
    town.publish(cap(named("ours-too"), cold().replace("</info>", f"{elsewhere}</info>")))
    assert town.decision("ours-too")[0] == "broadcast"


def test_a_publisher_that_keeps_its_identifier_ends_the_earlier_message(town: Town) -> None:
    first = named("same")
    town.publish(cap(first, cold()))
    town.now += timedelta(minutes=5)
    end = Warned("same", town.now)
    town.publish(cap(end, "", msg_type="Cancel", replaces=first))
    assert "已由发布单位解除" in town.sms.outbox[-1].text
    assert town.in_force() == []


def test_an_update_under_the_same_identifier_takes_the_place_of_the_message_before(
    town: Town,
) -> None:
    first = named("same")
    town.publish(cap(first, cold(level="red")))
    town.now += timedelta(minutes=5)
    again = Warned("same", town.now)
    town.publish(cap(again, cold(level="orange"), msg_type="Update", replaces=first))
    assert town.in_force() == [again.sent]


def test_a_message_that_names_itself_takes_its_own_place_by_no_means(town: Town) -> None:
    itself = named("macao")
    town.publish(cap(itself, cold(), msg_type="Update", replaces=itself))
    assert town.decision("macao")[0] == "broadcast"
    assert town.in_force() == [itself.sent]


def test_a_cancel_ends_nothing_of_another_sender_under_the_same_identifier(town: Town) -> None:
    ours = named("A-1")
    town.publish(cap(ours, cold()))
    other = cap(named("A-2", 1), "", msg_type="Cancel", replaces=ours)
    town.publish(other.replace("observatory", "somebody_else"))
    assert town.decision("A-2")[0] == "held"
    assert town.states() == {"东村": "open"}


def test_an_update_of_another_sender_that_came_first_hides_no_warning_of_ours(town: Town) -> None:
    ours = named("A-1")
    other = cap(named("A-2", 1), cold(NOWHERE), msg_type="Update", replaces=ours)
    town.publish(other.replace("observatory", "somebody_else"))
    town.publish(cap(ours, cold()))
    assert town.decision("A-1")[0] == "broadcast"


def test_an_update_of_what_never_came_is_a_warning(town: Town) -> None:
    town.publish(cap(named("B-2", 1), cold(), msg_type="Update", replaces=named("B-1")))
    assert town.decision("B-2")[0] == "broadcast"


def test_an_old_message_that_comes_after_its_update_is_never_sent(town: Town) -> None:
    old = named("B-1")
    town.publish(cap(named("B-2", 1), cold(IN_EAST), msg_type="Update", replaces=old))
    town.publish(cap(old, cold(IN_WEST, "red")))
    assert town.decision("B-1")[0] == "superseded"
    assert WEST_LEADER not in phones(town.sms)


@pytest.mark.parametrize("seconds", [0, 90])
def test_a_warning_that_comes_after_its_end_is_never_sent(town: Town, seconds: int) -> None:
    warned, end = named("B-1"), named("B-2", 1)
    town.publish(cap(end, "", msg_type="Cancel", replaces=warned))
    word, why = town.decision("B-2")
    assert word == "held"
    assert "B-1" in why
    town.tick(seconds=seconds)
    town.publish(cap(warned, cold()))
    town.tick(minutes=10)
    assert town.decision("B-1")[0] == "superseded"
    assert town.decision("B-2")[0] == "ended"
    assert town.sms.outbox == town.voice.outbox == []
    assert town.in_force() == []


def test_an_end_that_may_not_act_and_came_first_hides_no_warning(town: Town) -> None:
    warned, end = named("B-1"), named("B-2", 1)
    said = cap(end, "", msg_type="Cancel", replaces=warned)
    town.publish(said.replace("<scope>Public<", "<scope>Private<"))
    town.publish(cap(warned, cold()))
    assert (town.decision("B-1")[0], town.decision("B-2")[0]) == ("broadcast", "held")


def test_an_end_that_an_officer_dismissed_hides_no_warning(town: Town) -> None:
    warned, end = named("B-1"), named("B-2", 1)
    town.publish(cap(end, "", msg_type="Cancel", replaces=warned))
    with town.db.read() as tx:
        (end_id,) = alerts.find(tx, end.identifier)
    assert desk.dismiss(town.world, end_id, "wang", "误报", town.now)
    town.publish(cap(warned, cold()))
    assert town.decision("B-1")[0] == "broadcast"


@pytest.mark.parametrize("chain", [2, 3])
def test_an_end_of_the_first_of_a_chain_is_the_officer_s(town: Town, chain: int) -> None:
    first = before = named("C-1")
    town.publish(cap(first, cold()))
    for number in range(1, chain):
        newest = named(f"C-{number + 1}", number)
        town.publish(cap(newest, cold(), msg_type="Update", replaces=before))
        before = newest
    end = named("C-9", 9)
    town.publish(cap(end, "", msg_type="Cancel", replaces=first))
    word, why = town.decision("C-9")
    assert word == "held"
    assert newest.identifier in why
    assert town.in_force() == [newest.sent]
    assert "open" in town.states().values()
    assert town.lifts(end, newest)
    town.tick()
    assert town.in_force() == []
    assert "已由发布单位解除" in town.sms.outbox[-1].text


def test_an_end_of_the_first_of_a_chain_that_went_elsewhere_is_told(town: Town) -> None:
    first = named("C-1")
    town.publish(cap(first, cold()))
    town.publish(cap(named("C-2", 1), cold(NOWHERE), msg_type="Update", replaces=first))
    town.publish(cap(named("C-3", 2), "", msg_type="Cancel", replaces=first))
    assert town.decision("C-3")[0] != "held"


def test_an_end_of_the_first_of_a_chain_sent_before_the_second_changes_nothing(
    town: Town,
) -> None:
    first, second = named("C-1"), named("C-2", 2)
    town.publish(cap(first, cold()))
    town.publish(cap(second, cold(), msg_type="Update", replaces=first))
    town.publish(cap(named("C-3", 1), "", msg_type="Cancel", replaces=first))
    assert town.decision("C-3")[0] == "ended"
    assert town.in_force() == [second.sent]


def test_an_update_that_can_not_be_placed_leaves_in_force_what_it_replaces(town: Town) -> None:
    first, lost = named("D-1"), named("D-2", 1)
    town.publish(cap(first, cold()))
    nowhere = without_area(cold()).replace("</info>", "<area><areaDesc>?</areaDesc></area></info>")
    town.publish(cap(lost, nowhere, msg_type="Update", replaces=first))
    assert town.decision("D-2")[0] == "held"
    assert first.sent in town.in_force()
    town.tick(minutes=10)
    assert EAST_LEADER in phones(town.voice)


def test_once_an_officer_has_started_a_held_update_it_alone_is_in_force(town: Town) -> None:
    first, unknown = named("D-1"), named("D-2", 1)
    town.publish(cap(first, cold()))
    strange = cold(level="red").replace("寒冷", "怪事")
    town.publish(cap(unknown, strange, msg_type="Update", replaces=first))
    assert town.decision("D-2")[0] == "held"
    assert town.in_force() == [first.sent, unknown.sent]
    town.start(unknown)
    assert town.in_force() == [unknown.sent]


def test_an_update_that_nobody_understands_and_that_came_first_hides_no_warning(
    town: Town,
) -> None:
    first, unknown = named("D-1"), named("D-2", 1)
    strange = cold(level="red").replace("寒冷", "怪事")
    town.publish(cap(unknown, strange, msg_type="Update", replaces=first))
    town.publish(cap(first, cold()))
    assert town.decision("D-1")[0] == "broadcast"
    assert EAST_LEADER in phones(town.sms)


def test_a_warning_whose_update_of_the_same_poll_is_not_understood_is_told(town: Town) -> None:
    first, unknown = named("D-1"), named("D-2", 1)
    strange = cold(level="red").replace("寒冷", "怪事")
    town.keep(cap(first, cold()))
    town.keep(cap(unknown, strange, msg_type="Update", replaces=first))
    town.tick()
    town.tick(seconds=30)
    assert (town.decision("D-1")[0], town.decision("D-2")[0]) == ("broadcast", "held")
    assert EAST_LEADER in phones(town.sms)


@pytest.mark.parametrize("msg_type", ["Update", "Cancel"])
@pytest.mark.parametrize("is_first", [True, False])
def test_what_may_not_act_hides_no_warning_of_the_same_poll(
    town: Town, msg_type: str, *, is_first: bool
) -> None:
    first, other = named("D-1"), named("D-2", 1)
    said = cap(other, cold(level="red"), msg_type=msg_type, replaces=first)
    documents = [cap(first, cold()), said.replace("<scope>Public<", "<scope>Restricted<")]
    for one in reversed(documents) if is_first else documents:
        town.keep(one)
    town.tick()
    town.tick(seconds=30)
    assert (town.decision("D-1")[0], town.decision("D-2")[0]) == ("broadcast", "held")
    assert phones(town.sms).count(EAST_LEADER) == 1
    assert first.sent in town.in_force()


def test_an_update_that_can_not_be_decided_on_hides_no_warning(town: Town) -> None:
    first, broken = named("D-1"), named("D-2", 1)
    town.keep(cap(first, cold()))
    town.keep(cap(broken, cold(level="red"), msg_type="Update", replaces=first))
    with town.db.write() as tx:
        tx.execute(update(info_row).where(info_row.c.level == "red").values(category=7))
    town.tick()
    town.tick(seconds=30)
    assert (town.decision("D-1")[0], town.decision("D-2")[0]) == ("broadcast", "fault")
    assert EAST_LEADER in phones(town.sms)


def test_the_end_of_an_update_that_is_held_ends_what_it_would_replace(town: Town) -> None:
    first, unknown = named("D-1"), named("D-2", 1)
    strange = cold(level="red").replace("寒冷", "怪事")
    town.publish(cap(first, cold()))
    town.publish(cap(unknown, strange, msg_type="Update", replaces=first))
    town.publish(cap(named("D-3", 2), "", msg_type="Cancel", replaces=unknown))
    assert town.decision("D-3")[0] == "all_clear"
    assert town.in_force() == []


@pytest.mark.parametrize("scope", ["Private", "Restricted"])
def test_what_is_not_public_is_held_and_ends_nothing(town: Town, scope: str) -> None:
    first = named("E-1")
    town.publish(cap(first, cold()))
    said = {
        "E-2": cap(named("E-2", 1), cold(IN_WEST, "red")),
        "E-3": cap(named("E-3", 2), "", msg_type="Cancel", replaces=first),
    }
    for identifier, document in said.items():
        town.publish(document.replace("<scope>Public<", f"<scope>{scope}<"))
        word, why = town.decision(identifier)
        assert word == "held"
        assert scope in why
    assert WEST_LEADER not in phones(town.sms)
    assert first.sent in town.in_force()


def test_two_messages_that_name_each_other_are_decided_once(town: Town) -> None:
    one, two = named("C-1", 1), named("C-2", 2)
    town.keep(cap(one, cold(level="orange"), msg_type="Update", replaces=two))
    town.keep(cap(two, cold(level="red"), msg_type="Update", replaces=one))
    town.tick()
    assert town.decision("C-1")[0] == "superseded"
    assert town.decision("C-2")[0] == "broadcast"
    assert town.in_force() == [two.sent]


def test_where_an_update_gives_all_clear_nobody_is_warned(town: Town) -> None:
    first = named("D-1")
    town.publish(cap(first, cold(IN_EAST) + cold(IN_WEST)))
    before = len(town.sms.outbox)
    cleared = cold(IN_WEST, "red").replace(
        "<urgency>", "<responseType>AllClear</responseType><urgency>"
    )
    town.publish(cap(named("D-2", 1), cleared + cold(IN_EAST), msg_type="Update", replaces=first))
    assert {one.template for one in town.sms.outbox[before:]} == {"part_clear.sms"}
    assert town.states(1) == {"东村": "open", "西村": "cancelled"}


def test_the_same_warning_under_a_new_identifier_is_quiet(town: Town) -> None:
    town.publish(cap(named("E-1"), cold()))
    before = len(town.sms.outbox)
    town.publish(cap(named("E-2", 30), cold()))
    assert town.decision("E-2")[0] == "quiet"
    assert len(town.sms.outbox) == before


def test_an_update_that_names_nothing_tells_only_what_is_news(town: Town) -> None:
    town.publish(cap(named("F-1"), cold(IN_EAST)))
    town.publish(cap(named("F-2", 5), cold(IN_EAST), msg_type="Update"))
    assert town.decision("F-2")[0] == "quiet"
    town.publish(cap(named("F-3", 6), cold(IN_SOUTH), msg_type="Update"))
    assert town.decision("F-3")[0] == "broadcast"


def test_other_words_under_the_same_identifier_and_time_are_the_officer_s(town: Town) -> None:
    first = named("T-1")
    town.publish(cap(first, cold(IN_EAST)))
    before = len(town.sms.outbox)
    town.publish(cap(first, cold(IN_WEST, "red")), source="mirror")
    assert len(town.sms.outbox) == before
    assert town.states() == {"东村": "open"}
    assert town.dissents("T-1") == ["area", "level"]


def test_the_same_message_by_another_way_is_no_contradiction(town: Town) -> None:
    first = named("T-1")
    town.publish(cap(first, cold(IN_EAST)))
    town.publish(cap(first, cold(IN_EAST)), source="mirror")
    assert town.dissents("T-1") == []


def test_a_warning_without_an_end_holds_for_a_day_and_not_for_ever(town: Town) -> None:
    said = cold()
    start, end = said.index("<expires>"), said.index("<headline>")
    town.publish(cap(named("G-1"), said[:start] + said[end:]))
    town.tick(minutes=23 * 60)
    assert town.in_force() == [EVENING]
    town.tick(minutes=2 * 60)
    assert town.in_force() == []


def test_an_unchanged_source_leaves_a_warning_in_force_until_it_runs_out(town: Town) -> None:
    town.publish(cap(named("U-1"), info(EVENING, IN_EAST, "orange", hours=2)))
    town.tick(minutes=60)
    assert town.poll().outcome == "unchanged"
    town.tick()
    assert town.in_force() == [EVENING]
    town.tick(minutes=61)
    assert town.poll().outcome == "unchanged"
    assert town.in_force() == []


def test_killed_between_poll_and_commit_it_is_read_again(town: Town) -> None:
    town.put(cap(named("V-1"), cold()))
    with town.db.read() as tx:
        memory = source_states.memory(tx, "inbox")
    assert len(feed("inbox").poll(memory, town.now).documents) == 1  # and is killed: nothing kept
    assert len(town.poll().new) == 1
    assert town.poll().new == ()


def test_what_runs_out_before_it_begins_is_told_while_it_has_not_run_out(town: Town) -> None:
    onset = f"<onset>{(EVENING + timedelta(hours=30)).isoformat()}</onset><expires>"
    town.publish(cap(named("H-1"), cold().replace("<expires>", onset)))
    assert town.decision("H-1")[0] == "broadcast"


def test_neither_colour_nor_severity_goes_to_the_officer(town: Town) -> None:
    said = cold().replace("橙色", "").replace("Severe", "Foobar")
    town.publish(cap(named("I-1"), said))
    assert town.decision("I-1")[0] == "held"


def part(where: BaseGeometry, level: str) -> str:
    """Return an info about one place; of level "" it says neither colour nor severity."""
    said = info(EVENING, where, level or "orange")
    return said if level else said.replace("橙色", "").replace("Severe", "Foobar")


def test_a_part_without_level_does_not_hide_behind_one_that_has_one(town: Town) -> None:
    town.publish(cap(named("I-2"), part(IN_EAST, "yellow") + part(IN_WEST, "")))
    word, why = town.decision("I-2")
    assert word == "confirm"
    assert "有 1 个网格等级未能识别（西村），没有下发，请值班员核对。" in why
    assert phones(town.sms) == []
    assert desk.approve(town.world, town.last, "li", town.now)
    town.tick()
    assert EAST_LEADER in phones(town.sms)
    assert WEST_LEADER not in phones(town.sms)


def test_a_part_without_level_is_held_beside_one_that_is_too_low(town: Town) -> None:
    first = town.warn([(IN_EAST, "orange"), (IN_WEST, "orange")], identifier="I-3")
    both = part(IN_EAST, "blue") + part(IN_WEST, "")
    town.publish(cap(named("I-4"), both, msg_type="Update", replaces=first))
    word, why = town.decision("I-4")
    assert (word, "西村" in why) == ("held", True)
    assert set(town.states().values()) == {"open"}
    assert len(town.in_force()) == 2


def test_a_part_without_level_is_held_where_the_others_know(town: Town) -> None:
    first = town.warn([(IN_EAST, "orange"), (IN_WEST, "orange")], identifier="I-5")
    both = part(IN_EAST, "orange") + part(IN_WEST, "")
    town.publish(cap(named("I-6"), both, msg_type="Update", replaces=first))
    word, why = town.decision("I-6")
    assert (word, "西村" in why) == ("held", True)
    assert town.states() == {"东村": "open", "西村": "open"}, "an unknown level is not too low"


def test_an_event_that_nobody_knows_goes_to_the_officer(town: Town) -> None:
    town.publish(cap(named("J-1"), info(EVENING, IN_EAST, "orange", event="奇观")))
    assert town.decision("J-1")[0] == "held"


def test_marks_of_a_web_page_are_not_read_aloud(town: Town) -> None:
    headline = "怀集县气象台发布&lt;b&gt;寒冷橙色&lt;/b&gt;预警信号&amp;nbsp;"
    town.publish(cap(named("K-1"), info(EVENING, IN_EAST, "orange", headline=headline)))
    assert town.decision("K-1")[0] == "broadcast"
    text = town.sms.outbox[0].text
    assert "怀集县气象台" in text
    assert "<" not in text
    assert "&" not in text
