"""Somebody has two telephones: where the first one fails, the other is told at once."""

import pytest

from alertcast.channels.base import Outcome, Sent
from alertcast.channels.memory import Answer
from alertcast.core.roster import Person, Post
from alertcast.store import call_lists
from alertcast.store.report_faces import Faces
from alertcast.store.report_manual import manual_list
from alertcast.store.report_people import shown, standings
from tests.stories.seen import EAST
from tests.stories.test_two_hazards import COLD, ICE, rise
from tests.stories.town import (
    COUNTY,
    EAST_DEPUTY,
    EAST_LEADER,
    EAST_SECRETARY,
    IN_EAST,
    Town,
    phones,
)

OTHER = "+8613800000029"


def refused(reason: str) -> Answer:
    return lambda one: Sent(one.token, Outcome.REFUSED, code="1", reason=reason)


wrong = refused("wrong_number")


@pytest.fixture
def town(town: Town) -> Town:
    """The town where the leader of the east has two numbers, and a deputy is behind him."""
    town.draw_grids()
    folk = [
        Person("leader", "某甲", EAST_LEADER, drills=True, other_phone=OTHER),
        Person("deputy", "某乙", EAST_DEPUTY, drills=True),
    ]
    held = [Post("leader", "branch_leader", EAST), Post("deputy", "deputy", EAST)]
    town.enrol(folk, held)
    return town


def test_the_other_number_is_left_alone_while_the_first_one_works(town: Town) -> None:
    town.warn(over=IN_EAST)
    town.tick(minutes=10)
    town.press_1(EAST_LEADER)
    town.tick(minutes=60)
    assert OTHER not in phones(town.sms) + phones(town.voice)


def test_a_text_to_a_wrong_number_goes_to_the_other_one_at_once(town: Town) -> None:
    town.sms.answers.append(wrong)
    town.warn(over=IN_EAST)
    assert phones(town.sms) == [EAST_LEADER, OTHER]
    assert town.messages(OTHER) == [("sms", "underway", None)]
    assert EAST_DEPUTY not in phones(town.sms)


@pytest.mark.parametrize("reason", ["filtered", "blocked", "not_allowed", "too_long"])
def test_a_text_that_no_other_channel_can_carry_goes_to_the_other_number(
    town: Town, reason: str
) -> None:
    town.sms.answers.append(refused(reason))
    town.warn(over=IN_EAST)
    town.tick(seconds=1)
    assert phones(town.sms) == [EAST_LEADER, OTHER]
    assert town.messages(EAST_LEADER)[0] == ("sms", "failed", reason)
    assert town.messages(OTHER) == [("sms", "underway", None)]
    assert phones(town.voice) == []


def test_a_call_that_no_other_channel_can_make_goes_to_the_other_number(town: Town) -> None:
    town.warn(over=IN_EAST)
    town.voice.answers.append(refused("blocked"))
    town.tick(minutes=10)
    town.tick(seconds=1)
    assert phones(town.voice) == [EAST_LEADER, OTHER]
    town.press_1(OTHER)
    assert town.states() == {"东村": "answered"}


def test_where_no_channel_carries_the_first_number_the_other_is_told(town: Town) -> None:
    town.sms.refuse = lambda phone: "landline" if phone == EAST_LEADER else None
    town.warn(over=IN_EAST)
    assert phones(town.sms) == [OTHER]
    assert town.messages(OTHER) == [("sms", "underway", None)]
    assert town.messages(EAST_LEADER) == []
    town.tick(minutes=10)
    assert phones(town.voice) == [EAST_LEADER]
    town.press_1(EAST_LEADER)
    assert town.states() == {"东村": "answered"}


def test_where_no_channel_carries_either_number_an_officer_dials_once(town: Town) -> None:
    town.sms.refuse = lambda phone: "landline"
    town.warn(over=IN_EAST)
    assert phones(town.sms) == []
    assert town.messages(EAST_LEADER) == [("manual", "manual", "landline")]
    assert town.messages(OTHER) == []


def test_who_has_a_fixed_line_first_is_texted_on_the_other_number_at_once(town: Town) -> None:
    folk = [Person("leader", "某甲", "+867582231234", other_phone=OTHER)]
    town.enrol(folk, [Post("leader", "branch_leader", EAST)])
    town.warn(over=IN_EAST)
    town.tick(seconds=3)
    assert phones(town.sms) == [OTHER]
    assert phones(town.voice) == []


def test_a_fixed_line_as_other_number_takes_no_text_either(town: Town) -> None:
    folk = [Person("leader", "某甲", EAST_LEADER, other_phone="+867582231234")]
    town.enrol(folk, [Post("leader", "branch_leader", EAST)])
    town.sms.answers.append(wrong)
    town.warn(over=IN_EAST)
    town.tick(seconds=3)
    assert phones(town.sms) == [EAST_LEADER]
    assert phones(town.voice) == [EAST_LEADER]


def test_a_key_pressed_on_the_other_number_is_the_persons_answer(town: Town) -> None:
    town.voice.answers.append(wrong)
    town.warn(over=IN_EAST)
    town.tick(minutes=10)
    assert phones(town.voice) == [EAST_LEADER, OTHER]
    town.press_1(OTHER)
    assert town.states() == {"东村": "answered"}
    assert town.answers() == [(EAST_LEADER, "key", "1")]
    town.tick(minutes=60)
    assert EAST_DEPUTY not in phones(town.voice)


def test_who_lets_all_calls_ring_out_is_called_on_the_other_number(town: Town) -> None:
    town.warn(over=IN_EAST)
    town.tick(minutes=10)
    while town.messages(EAST_LEADER)[-1][1] != "unanswered":
        town.report(town.voice, EAST_LEADER, "no_answer")
        town.tick(minutes=2)
    assert phones(town.voice)[-1] == OTHER


def test_a_warning_that_somebody_else_answered_is_not_told_to_it(town: Town) -> None:
    town.warn(over=IN_EAST)
    town.tick(minutes=10)
    town.write_down(EAST_DEPUTY)
    town.report(town.voice, EAST_LEADER, "failed", reason="wrong_number")
    assert OTHER not in phones(town.voice)


def test_a_failure_that_is_reported_twice_tells_the_other_number_once(town: Town) -> None:
    town.warn(over=IN_EAST)
    for _ in range(2):
        town.report(town.sms, EAST_LEADER, "failed", reason="wrong_number")
    town.tick(minutes=1)
    assert phones(town.sms).count(OTHER) == 1


def test_where_both_numbers_are_wrong_the_next_rung_begins_at_once(town: Town) -> None:
    town.sms.answers.extend([wrong, wrong])
    town.voice.answers.extend([wrong, wrong])
    town.warn(over=IN_EAST)
    town.tick(seconds=3)
    assert town.messages(OTHER) == [
        ("sms", "failed", "wrong_number"),
        ("voice", "failed", "wrong_number"),
    ]
    assert phones(town.voice) == [EAST_LEADER, OTHER, EAST_DEPUTY]


def test_of_two_warnings_in_one_message_the_other_number_hears_both(town: Town) -> None:
    town.sms.answers.append(wrong)
    rise(town, (COLD, "orange", IN_EAST), (ICE, "yellow", IN_EAST))
    said = [one.text for one in town.sms.outbox if one.phone == OTHER]
    assert any(COLD in text for text in said)
    assert any(ICE in text for text in said)


def test_a_correction_goes_to_the_number_that_was_told(town: Town) -> None:
    town.sms.answers.append(wrong)
    town.warn(over=IN_EAST)
    town.sms.outbox.clear()
    town.correct()
    town.tick(minutes=1)
    assert phones(town.sms) == [OTHER]


def test_he_is_one_person_on_every_list(town: Town) -> None:
    town.sms.answers.append(wrong)
    town.warn(over=IN_EAST)
    with town.db.read() as tx:
        found = shown(tx, Faces(town.db.vault, is_open=True), town.last, standings(tx, town.last))
    by_phone = {one["phone"]: one for one in found}
    assert set(by_phone) == {EAST_LEADER, EAST_DEPUTY}
    assert [task["state"] for task in by_phone[EAST_LEADER]["tasks"]] == ["failed", "underway"]


def test_an_officer_who_dials_sees_both_numbers(town: Town) -> None:
    town.sms.answers.append(lambda one: Sent(one.token, Outcome.REFUSED, "1", reason="opted_out"))
    town.warn(over=IN_EAST)
    with town.db.read() as tx:
        (row,) = manual_list(tx, Faces(town.db.vault, is_open=True), town.now)
    assert (row["phone"], row["other_phone"]) == (EAST_LEADER, OTHER)


def test_the_call_list_without_a_database_has_both_numbers(town: Town) -> None:
    town.warn(over=IN_EAST)
    with town.db.read() as tx:
        one = call_lists.Wanted(town.last, COUNTY, "怀集县", "", 0)
        listed = [town.db.vault.open(row["phone"]) for row in call_lists.respondents(tx, one)]
    assert listed == [EAST_LEADER, OTHER, EAST_DEPUTY]


def test_he_calls_back_from_the_other_number_and_hears_the_warning(town: Town) -> None:
    town.voice.answers.append(wrong)
    town.warn(over=IN_EAST)
    town.tick(minutes=10)
    assert "寒冷" in town.call_in(OTHER)


def test_without_another_number_nothing_changes(town: Town) -> None:
    town.settle_in([(EAST_LEADER, "branch_leader", EAST), (EAST_SECRETARY, "deputy", EAST)])
    town.sms.answers.append(wrong)
    town.warn(over=IN_EAST)
    assert phones(town.sms) == [EAST_LEADER]
