"""When a grid is answered, and what happens to it next."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertcast.core.callout import (
    CALLOUT_MOVES,
    CalloutState,
    Respondent,
    is_answered,
    next_rung,
)
from alertcast.core.policy import Policy, Rung


def policy(*needs: str) -> Policy:
    rungs = tuple(Rung(("leader",), ("sms",), timedelta(minutes=5), need) for need in needs)
    return Policy("p", rungs, ("leader",))


def person(number: int, rungs: int = 1, *, counts: bool = True) -> Respondent:
    return Respondent(number, 1, number, "leader", "x", rungs, counts)


LEADER, SECRETARY, DESK = person(1), person(2), person(3, counts=False)


@pytest.mark.parametrize(
    ("need", "people", "answered", "expected"),
    [
        ("any", [], set(), False),
        ("all", [], set(), False),
        ("any", [DESK], {3}, False),
        ("all", [DESK], {3}, False),
        ("any", [LEADER, SECRETARY], set(), False),
        ("any", [LEADER, SECRETARY], {9}, False),
        ("all", [LEADER, SECRETARY], {1}, False),
        ("all", [LEADER, SECRETARY, DESK], {1, 3}, False),
        ("2", [LEADER, SECRETARY], {2}, False),
        ("any", [LEADER, SECRETARY], {2}, True),
        ("all", [LEADER, SECRETARY, DESK], {1, 2}, True),
        ("2", [LEADER, SECRETARY, person(4)], {1, 4}, True),
        ("5", [LEADER], {1}, True),
    ],
)
def test_is_answered(
    need: str, people: list[Respondent], answered: set[int], expected: bool
) -> None:
    assert is_answered(policy(need), 0, people, answered) is expected


def test_a_rung_that_has_not_begun_can_be_answered_too() -> None:
    people = [person(1, rungs=0b01), person(2, rungs=0b10)]
    assert is_answered(policy("all", "any"), 0, people, {2})


def test_all_of_a_rung_is_not_any_of_a_later_one_that_asks_them_again() -> None:
    people = [person(1, rungs=0b11), person(2, rungs=0b11), person(3, rungs=0b10)]
    ladder = policy("all", "any")
    assert not is_answered(ladder, 0, people, {1})
    assert is_answered(ladder, 0, people, {3})
    assert is_answered(ladder, 0, people, {1, 2})
    assert is_answered(ladder, 1, people, {1})


def test_answers_of_different_rungs_do_not_add_up() -> None:
    people = [person(1, 0b01), person(2, 0b01), person(3, 0b10), person(4, 0b10)]
    assert not is_answered(policy("all", "all"), 1, people, {1, 3})


@pytest.mark.parametrize(
    ("rung", "left", "expected"),
    [
        (-1, 0b101, 0),
        (-1, 0b001, 0),
        (-1, 0b100, 2),
        (-1, 0, None),
        (0, 0b101, 2),
        (1, 0b101, 2),
        (0, 0b001, None),
        (2, 0b101, None),
        (9, 0b101, None),
    ],
)
def test_next_rung(rung: int, left: int, expected: int | None) -> None:
    assert next_rung(policy("any", "any", "any"), rung, left) == (expected, 0)


@given(st.integers(0, 0b1111))
def test_every_ladder_ends(left: int) -> None:
    ladder = policy("any", "all", "2", "any")
    at = [-1]
    for _ in ladder.rungs:
        rung, _ = next_rung(ladder, at[-1], left)
        if rung is None:
            break
        assert left >> rung & 1
        at.append(rung)
    assert at == sorted(set(at))
    assert next_rung(ladder, 3, left) == (None, 0)


@given(
    st.lists(st.integers(0, 0b11), max_size=5),
    st.sets(st.integers(0, 4)),
    st.sets(st.integers(0, 4)),
    st.sampled_from(["any", "all", "2"]),
)
def test_more_answers_never_undo_an_answer(
    rungs: list[int], some: set[int], more: set[int], need: str
) -> None:
    people = [person(number, bits) for number, bits in enumerate(rungs)]
    if is_answered(policy(need, need), 0, people, some):
        assert is_answered(policy(need, need), 0, people, some | more)


def test_only_a_late_answer_leads_back() -> None:
    assert set(CALLOUT_MOVES) == set(CalloutState)
    assert CalloutState.ANSWERED in CALLOUT_MOVES[CalloutState.UNREACHED]
    opens = [state for state, moves in CALLOUT_MOVES.items() if CalloutState.OPEN in moves]
    assert opens == [CalloutState.PLANNED]
    final = [CalloutState.ANSWERED, CalloutState.SUPERSEDED, CalloutState.CANCELLED]
    assert all(not CALLOUT_MOVES[state] for state in final)
