"""Where a broadcast can go, and in which order messages leave."""

from itertools import pairwise

from alertcast.core.broadcast import (
    BROADCAST_MOVES,
    HELP,
    REPEAT,
    BroadcastState,
    Purpose,
    priority,
)


def test_what_is_over_stays_over() -> None:
    assert set(BROADCAST_MOVES) == set(BroadcastState)
    assert not BROADCAST_MOVES[BroadcastState.CLOSED]
    assert not BROADCAST_MOVES[BroadcastState.CANCELLED]


def test_everything_that_is_not_over_can_be_stopped() -> None:
    going_on = set(BroadcastState) - {BroadcastState.CLOSED, BroadcastState.CANCELLED}
    assert all(BroadcastState.CANCELLED in BROADCAST_MOVES[state] for state in going_on)


def test_the_order_in_which_messages_leave() -> None:
    ordered = [
        priority(Purpose.CORRECTION, "live", 4),
        HELP,
        priority(Purpose.WARNING, "live", 0),
        priority(Purpose.WARNING, "live", 0) + REPEAT,
        priority(Purpose.WARNING, "live", 1),
        priority(Purpose.WARNING, "live", 4),
        priority(Purpose.ALL_CLEAR, "live", 5),
        priority(Purpose.WARNING, "drill", 0),
    ]
    assert all(first < second for first, second in pairwise(ordered))


def test_a_correction_in_a_drill_waits_for_everything_live() -> None:
    drilled = priority(Purpose.CORRECTION, "drill", 0)
    assert drilled > priority(Purpose.WARNING, "live", 5) + REPEAT
