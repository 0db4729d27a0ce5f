"""Of what a provider lists, each request gets its own, in whatever order they are asked about."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from alertcast.channels.twilio_found import Distance, InDoubt, Sought, found

NOW = datetime(2026, 1, 20, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def ours(*rivals: float, made: dict[str, float], ahead: float = 0) -> str | None:
    distance = Distance(timedelta(seconds=ahead), timedelta(seconds=ahead + 1))
    sought = Sought(NOW, MINUTE, [at(one) for one in rivals])
    return found(sought, {ref: at(when) for ref, when in made.items()}, distance)


@pytest.mark.parametrize(
    ("ahead", "made", "ref"),
    [
        (0, {}, None),
        (0, {"CA1": 1}, "CA1"),
        (0, {"CA1": 60}, "CA1"),
        (0, {"CA1": -9}, "CA1"),
        (0, {"CA1": -3601}, None),
        (-15, {"CA1": -14}, "CA1"),  # our clock is ahead
        (-900, {"CA1": -899, "CA2": -4502}, "CA1"),
        (900, {"CA1": 905}, "CA1"),
        (0, {"CA2": 20, "CA1": 2}, "CA1"),
    ],
)
def test_it_is_the_nearest_by_the_providers_clock(
    ahead: float, made: dict[str, float], ref: str | None
) -> None:
    assert ours(made=made, ahead=ahead) == ref


@pytest.mark.parametrize(
    ("rivals", "made"),
    [
        ((), {"CA1": -60}),  # before it: a clock may have been set
        ((), {"CA1": 90}),  # after it
        ((5,), {"CA1": 6}),  # either of two may have made the one
        ((0,), {"CA1": 1}),
        ((-5,), {"CA1": 1}),
    ],
)
def test_what_may_be_ours_or_not_is_in_doubt(
    rivals: tuple[float, ...], made: dict[str, float]
) -> None:
    with pytest.raises(InDoubt):
        ours(*rivals, made=made)


def test_what_only_another_can_have_made_is_not_ours() -> None:
    assert ours(120, made={"CA2": 121}) is None


@pytest.mark.parametrize("ahead", [0, -40, 40])
def test_two_get_two_in_either_order(ahead: float) -> None:
    begun, made = [0.0, 7.0, 21.0], {"CA1": 2.0, "CA2": 8.0, "CA3": 24.0}
    for order in permutations(range(3)):
        left, refs = dict(made), {}
        waiting = list(order)
        while waiting:
            one = waiting.pop(0)
            shown = {ref: at(when + ahead) for ref, when in left.items()}
            sought = Sought(at(begun[one]), MINUTE, [at(begun[other]) for other in waiting])
            seconds = timedelta(seconds=ahead)
            refs[one] = found(sought, shown, Distance(seconds, seconds))
            del left[str(refs[one])]
        assert refs == {0: "CA1", 1: "CA2", 2: "CA3"}
