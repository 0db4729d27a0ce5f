"""A ladder is climbed as a small model of it says, whatever its rungs and whoever answers when.

The model walks down the rungs once with a pencil; the program sees one step at a time, and answers
in between, as it does at every tick.
"""

from dataclasses import dataclass
from datetime import timedelta
from functools import reduce
from itertools import pairwise
from operator import or_

from hypothesis import given, settings
from hypothesis import strategies as st

from alertcast.core.callout import Respondent, is_answered, next_rung
from alertcast.core.policy import Policy, Rung

Told = tuple[int, int, int, frozenset[int]]
"""Minute, rung, repeat, respondents."""


@dataclass(frozen=True)
class Case:
    rungs: tuple[Rung, ...]
    people: tuple[Respondent, ...]
    answers: dict[int, float]  # respondent -> minute; halves, so that no step is at the same time


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


@st.composite
def rungs(draw: st.DrawFn) -> Rung:
    kinds = draw(st.sampled_from([("sms",), ("voice",), ("sms", "voice")]))
    calls, every = draw(st.integers(1, 3)), draw(st.integers(1, 5))
    repeat = draw(st.integers(0, 3))
    lap = every * (calls if "voice" in kinds else 1)
    within = repeat * lap + draw(st.integers(1, 10))
    need = draw(st.sampled_from(["any", "all", "1", "2", "3"]))
    return Rung(("leader",), kinds, minutes(within), need, calls, minutes(every), repeat)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    ladder = tuple(draw(st.lists(rungs(), min_size=1, max_size=4)))
    every_rung = st.integers(0, 2 ** len(ladder) - 1)
    people = tuple(
        Respondent(number, 1, number, "leader", "x", draw(every_rung), draw(st.booleans()))
        for number in range(draw(st.integers(0, 6)))
    )
    at = st.integers(0, 90).map(lambda minute: minute + 0.5)
    answers = draw(
        st.dictionaries(st.sampled_from([p.id for p in people]), at) if people else st.just({})
    )
    return Case(ladder, people, answers)


def modelled(case: Case) -> tuple[list[Told], float | None]:
    """Return who is told when if nobody's answer sufficed, cut where one did; and that minute."""
    told: list[Told] = []
    minute = 0
    for number, rung in enumerate(case.rungs):
        here = [p.id for p in case.people if p.rungs & 2**number]

        def left(minute: int, here: list[int] = here) -> frozenset[int]:
            return frozenset(p for p in here if case.answers.get(p, 1000) > minute)

        if not left(minute):
            continue
        lap = int(rung.lap / minutes(1))
        for repeat in range(rung.repeat + 1):
            at = minute + repeat * lap
            if not left(at):
                minute = at  # everybody in it has answered: the next rung at once
                break
            told.append((at, number, repeat, left(at)))
        else:
            minute += int(rung.within / minutes(1))
    done = next((m for m in sorted(case.answers.values()) if _enough(case, told, m)), None)
    if done is not None and done > minute:
        return told, done  # after the end of the ladder: unreached, then answered
    return [one for one in told if done is None or one[0] < done], done


def _enough(case: Case, told: list[Told], minute: float) -> bool:
    """Say whether any rung has enough answers; of one that comes later, of those new in it."""
    running = max((number for at, number, _, _ in told if at <= minute), default=-1)
    for number, rung in enumerate(case.rungs):
        asked = {p.id for p in case.people if p.counts and p.rungs & 2**number}
        if number > running:
            asked -= {p.id for p in case.people if p.rungs & (2**number - 1)}
        heard = sum(case.answers.get(one, 1000) <= minute for one in asked)
        wanted = {"any": "1", "all": "99"}.get(rung.need, rung.need)
        if asked and heard >= min(int(wanted), len(asked)):
            return True
    return False


def climbed(case: Case) -> tuple[list[Told], float | None]:
    """Return what the program does: a step when one is due, and a look at each answer."""
    policy = Policy("p", case.rungs, ("leader",))
    told: list[Told] = []
    answered: set[int] = set()
    rung, repeat, due = -1, 0, 0.0
    is_open = True
    for minute, who in [*sorted((m, p) for p, m in case.answers.items()), (10_000.0, None)]:
        while is_open and due <= minute:
            left = [one for one in case.people if one.id not in answered]
            bits = reduce(or_, (one.rungs for one in left), 0)
            follows, repeat = next_rung(policy, rung, bits, repeat=repeat)
            if follows is None:
                is_open = False
                break
            rung = follows
            now = frozenset(one.id for one in left if one.rungs >> rung & 1)
            told.append((int(due), rung, repeat, now))
            due += policy.rungs[rung].wait(repeat) / minutes(1)
        if who is not None:
            answered.add(who)
            if is_answered(policy, rung, case.people, answered):
                return told, minute
    return told, None


@settings(max_examples=500)
@given(cases())
def test_the_ladder_is_climbed_as_the_model_says(case: Case) -> None:
    assert climbed(case) == modelled(case)


@given(cases())
def test_nobody_who_has_answered_is_told_again(case: Case) -> None:
    for minute, _, _, told in climbed(case)[0]:
        assert all(case.answers.get(person, 1000) > minute for person in told)
        assert told


@given(cases())
def test_a_rung_has_its_whole_time_before_the_next(case: Case) -> None:
    steps, _ = climbed(case)
    for (at, rung, repeat, _), (then, other, _, _) in pairwise(steps):
        assert (other, then - at) == (rung, case.rungs[rung].wait(repeat) / minutes(1)) or (
            other > rung and then - at <= case.rungs[rung].within / minutes(1)
        )
