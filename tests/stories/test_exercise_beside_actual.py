"""One source says exercise, another says it is real: duty desk and leader are rung at once."""

import pytest

from alertcast.sources.signed import SignedSettings
from tests.sources.signers import signer
from tests.stories.published import Warned, cap, info
from tests.stories.town import (
    COUNTY_DESK,
    EAST_LEADER,
    HEAD,
    IN_EAST,
    IN_WEST,
    WEST_LEADER,
    Town,
    phones,
)

NATIONAL, OTHER = "44122441600000_20261226172001", "any-1"
ELSEWHERE = {"type": "folder", "path": "inbox", "jurisdiction": {"box": [40, 40, 41, 41]}}


def document(town: Town, identifier: str = NATIONAL, status: str = "Actual") -> str:
    warned = Warned(identifier, town.now)
    return cap(warned, info(town.now, IN_EAST, "red"), status=status)


@pytest.mark.parametrize("identifier", [NATIONAL, OTHER])
@pytest.mark.parametrize(("status", "word"), [("Exercise", "演练"), ("Test", "测试")])
def test_the_real_one_after_the_exercise_is_asked_about_by_telephone(
    town: Town, status: str, word: str, identifier: str
) -> None:
    real = document(town, identifier)
    town.publish(document(town, identifier, status), "second")
    assert town.decision(identifier)[0] == "not_actual"
    town.publish(real)
    decision, why = town.decision(identifier)
    assert decision == "confirm"
    assert f"有来源说它只是{word}，有来源说它是正式预警" in why
    assert town.dissents(identifier) == ["status"]
    assert phones(town.sms) == []
    assert sorted(phones(town.voice)) == sorted([COUNTY_DESK, HEAD])
    assert f"只是{word}" in town.pick_up(HEAD)
    town.press("1", HEAD)
    assert EAST_LEADER in phones(town.sms)


def test_the_answer_that_it_is_none_tells_nobody(town: Town) -> None:
    town.publish(document(town, status="Exercise"), "second")
    town.publish(document(town))
    town.press("2", COUNTY_DESK)
    town.tick(minutes=30)
    assert phones(town.sms) == []
    assert town.decision(NATIONAL)[0] == "refused"


def test_unanswered_red_goes_out_and_what_is_lower_waits(town: Town) -> None:
    town.publish(document(town, status="Exercise"), "second")
    town.publish(document(town))
    town.tick(minutes=2)
    assert phones(town.sms) == []
    town.tick(minutes=2)
    assert EAST_LEADER in phones(town.sms)
    lower = Warned(OTHER, town.now)
    said = cap(lower, info(town.now, IN_WEST, "orange"), status="Exercise")
    town.publish(said, "second")
    town.publish(said.replace("Exercise", "Actual"))
    town.tick(minutes=30)
    assert town.decision(OTHER)[0] == "approval"
    assert WEST_LEADER not in phones(town.sms)


@pytest.mark.parametrize("first", ["Exercise", "Actual"])
def test_both_at_once_are_asked_about(town: Town, first: str) -> None:
    exercise, real = document(town, status="Exercise"), document(town)
    one, other = (exercise, real) if first == "Exercise" else (real, exercise)
    town.keep(one, "second")
    town.publish(other)
    assert town.decision(NATIONAL)[0] == "confirm"
    assert phones(town.sms) == []
    assert HEAD in phones(town.voice)


def test_twice_is_once_and_what_was_answered_stays(town: Town) -> None:
    exercise, real = document(town, status="Exercise"), document(town)
    town.publish(exercise, "second")
    town.publish(real)
    town.press("1", HEAD)
    decided, told = town.decision(NATIONAL), len(town.sms.outbox)
    for source, again in (("second", exercise), ("inbox", real), ("third", real)):
        town.publish(again, source)
    assert town.decision(NATIONAL) == decided
    assert len(town.sms.outbox) == told


def test_an_exercise_of_a_source_that_is_not_believed_holds_nothing_up(town: Town) -> None:
    pinned = [signer("observatory").write(town.folder)]
    town.signed["second"] = SignedSettings(certificates=pinned, must_be_signed=True)
    town.keep(document(town))
    town.publish(document(town, status="Exercise"), "second")
    assert town.dissents(NATIONAL) == ["status"]
    assert town.decision(NATIONAL)[0] == "broadcast"


def test_an_exercise_after_the_real_one_changes_nothing_that_was_told(town: Town) -> None:
    town.publish(document(town))
    town.publish(document(town, status="Exercise"), "second")
    assert town.decision(NATIONAL)[0] == "broadcast"
    assert town.dissents(NATIONAL) == ["status"]


def test_a_source_of_another_place_makes_no_exercise_real(town: Town) -> None:
    town.configure(sources={"inbox": ELSEWHERE})
    real = document(town)
    town.publish(document(town, status="Exercise"), "second")
    town.publish(real)
    assert town.decision(NATIONAL)[0] == "not_actual"
    assert town.dissents(NATIONAL) == ["status"]


def test_an_end_that_was_an_exercise_first_ends_nothing_by_itself(town: Town) -> None:
    first = town.warn(IN_EAST)
    calling = town.last
    end = Warned("44122441600000_20261226182001", town.now)
    drill = cap(end, "", status="Exercise", msg_type="Cancel", replaces=first)
    town.publish(drill, "second")
    town.publish(drill.replace("Exercise", "Actual"))
    assert town.decision(end.identifier)[0] == "held"
    assert town.states(calling) == {"东村": "open"}
    assert town.lifts(end, first)
    assert town.decision(end.identifier)[0] == "all_clear"
