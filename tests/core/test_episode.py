"""Who is told of a new message in an episode: where it rises, and where it is new."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertcast.core.episode import Standing, turn
from alertcast.core.plan import rank

LEVELS = ("red", "orange", "yellow", "blue")
A = "441224101001"


def standing(level: str | None, *, told: bool = True) -> dict[str, Standing]:
    return {A: Standing(A, level, level if told else None, told)}


@pytest.mark.parametrize(
    ("now", "before", "is_told"),
    [
        ("orange", {}, True),
        (None, {}, True),
        ("orange", standing("orange"), False),
        ("yellow", standing("orange"), False),
        (None, standing("orange"), False),
        ("red", standing("orange"), True),
        ("blue", standing(None), True),
        ("orange", standing("orange", told=False), True),
    ],
)
def test_turn(now: str | None, before: dict[str, Standing], is_told: bool) -> None:
    change = turn({A: now}, before, LEVELS)
    assert (A in change.tell) is is_told
    assert (A in change.quiet) is not is_told
    assert change.standings[0].level == now


def test_after_a_downgrade_the_old_level_is_news() -> None:
    down = turn({A: "yellow"}, standing("orange"), LEVELS)
    assert down.standings == (Standing(A, "yellow", "orange", was_told=True),)
    assert turn({A: "orange"}, {A: down.standings[0]}, LEVELS).tell == {A}


def test_what_holds_but_was_never_told_is_news_when_a_message_says_it() -> None:
    waited = {A: Standing(A, "red", "orange", was_told=True)}
    assert turn({A: "red"}, waited, LEVELS, {A: "red"}).tell == {A}
    assert turn({A: "red"}, waited, LEVELS, {A: "orange"}).tell == frozenset()


levels = st.sampled_from([*LEVELS, None])
areas = st.dictionaries(st.sampled_from(["a", "b", "c", "d"]), levels)


@given(st.lists(areas, max_size=5))
def test_the_same_message_twice_tells_nobody_the_second_time(
    messages: list[dict[str, str | None]],
) -> None:
    held: dict[str, Standing] = {}
    for message in messages:
        change = turn(message, held, LEVELS)
        assert change.tell | change.quiet == set(message)
        assert not change.tell & change.quiet
        for code in change.tell:
            before = held.get(code)
            assert before is None or rank(message[code], LEVELS) < rank(before.level, LEVELS)
        held |= {row.grid_code: row for row in change.standings}
        assert turn(message, held, LEVELS).tell == frozenset()
