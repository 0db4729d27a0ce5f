"""A table of duty shifts: what is wrong with it."""

from datetime import UTC, datetime, timedelta

import pytest

from alertcast.core.shift import FlawKind, Seat, Shift, flaws

DAY = datetime(2026, 12, 26, tzinfo=UTC)
KNOWN = ("wang", "li", "zhao")


def hour(n: float) -> datetime:
    return DAY + timedelta(hours=n)


def shift(start: float, end: float, who: str = "wang", area: str = "441224", seat=Seat.DESK):
    return Shift(area, seat, who, hour(start), hour(end))


def found(*shifts: Shift, since: float = 0, until: float = 24):
    return [
        (one.kind.value, one.starts_at, one.ends_at)
        for one in flaws(shifts, KNOWN, hour(since), hour(until))
    ]


@pytest.mark.parametrize(
    ("shifts", "expected"),
    [
        ([], []),
        ([shift(0, 24)], []),
        ([shift(0, 8), shift(8, 24, "li")], []),
        ([shift(0, 8), shift(0, 8, "li"), shift(8, 24, "zhao")], []),  # several people of one
        ([shift(0, 12)], [("gap", hour(12), None)]),
        ([shift(0, 8), shift(10, 24, "li")], [("gap", hour(8), hour(10))]),
        (
            [shift(0, 24), shift(2, 4, "li"), shift(20, 30, "zhao")],
            [("overlap", hour(2), hour(4)), ("overlap", hour(20), hour(24))],
        ),
        (
            [shift(0, 12), shift(6, 24)],
            [("overlap", hour(6), hour(12)), ("twice", hour(6), hour(12))],
        ),
        (
            [shift(0, 24), shift(0, 24, area="441225")],
            [("twice", hour(0), hour(24))],
        ),
        ([shift(0, 24, "gone")], [("unknown", hour(0), hour(24))]),
        (
            [shift(0, 12), shift(12, 24, "gone")],
            [("gap", hour(12), None), ("unknown", hour(12), hour(24))],
        ),
        ([shift(-20, -4), shift(0, 24)], []),  # what is past is past
        ([shift(0, 24), shift(40, 48)], []),  # looked at later
    ],
)
def test_what_is_wrong(shifts, expected):
    assert found(*shifts) == expected


def test_leaders_and_desks_do_not_fill_each_others_gaps():
    those = (shift(0, 24), shift(0, 12, "li", seat=Seat.LEADER))
    (gap,) = flaws(those, KNOWN, hour(0), hour(24))
    assert (gap.kind, gap.seat, gap.starts_at) == (FlawKind.GAP, Seat.LEADER, hour(12))


def test_a_shift_holds_from_its_first_moment_to_before_its_last():
    one = shift(0, 8)
    assert one.holds(hour(0))
    assert not one.holds(hour(8))
