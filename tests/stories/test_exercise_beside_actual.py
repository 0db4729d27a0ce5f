"""One source says exercise, another says it is real: an officer is shown it at once."""

import pytest

from alertcast.dispatch.watch import first_page
from tests.stories.published import Warned, cap, info
from tests.stories.town import EAST_LEADER, IN_EAST, Town, phones

NATIONAL, OTHER = "44122441600000_20261226172001", "any-1"
ELSEWHERE = {"type": "folder", "path": "inbox", "jurisdiction": {"box": [40, 40, 41, 41]}}


def held(town: Town) -> list[str | None]:
    with town.db.read() as tx:
        return [one["why"] for one in first_page(town.world, tx, town.now)["held"]]


def document(town: Town, identifier: str = NATIONAL, status: str = "Actual") -> str:
    warned = Warned(identifier, town.now)
    return cap(warned, info(town.now, IN_EAST, "red"), status=status)


@pytest.mark.parametrize("identifier", [NATIONAL, OTHER])
@pytest.mark.parametrize("status", ["Exercise", "Test"])
def test_the_real_one_after_the_exercise_waits_for_an_officer(
    town: Town, status: str, identifier: str
) -> None:
    real = document(town, identifier)
    town.publish(document(town, identifier, status), "second")
    assert town.decision(identifier)[0] == "not_actual"
    town.publish(real)
    decision, why = town.decision(identifier)
    assert decision == "held"
    assert why == (
        f"先到的一份状态为 {status}，来源 inbox 说它是正式预警，没有自动下发，请值班员立即核实。"
    )
    assert held(town) == [why]
    assert town.dissents(identifier) == ["status"]
    assert phones(town.sms) == []
    town.start(Warned(identifier, town.now))
    assert EAST_LEADER in phones(town.sms)
    assert held(town) == []


def test_both_at_once_wait_for_an_officer(town: Town) -> None:
    real = document(town)
    town.keep(document(town, status="Exercise"), "second")
    town.publish(real)
    assert town.decision(NATIONAL)[0] == "held"
    assert len(held(town)) == 1
    assert phones(town.sms) == []


def test_twice_is_once_and_what_an_officer_decided_stays(town: Town) -> None:
    exercise, real = document(town, status="Exercise"), document(town)
    town.publish(exercise, "second")
    town.publish(real)
    town.start(Warned(NATIONAL, town.now))
    decided, told = town.decision(NATIONAL), len(town.sms.outbox)
    for source, again in (("second", exercise), ("inbox", real), ("third", real)):
        town.publish(again, source)
    assert town.decision(NATIONAL) == decided
    assert len(town.sms.outbox) == told


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
