"""The ladder: what is due climbs one rung, or ends on the list of those nobody reached.

What is due is planned in parts, the most urgent first, so that its first messages leave while the
others are still planned. Restarted at any point, the first tick does what is overdue, once: a part
is one transaction, and what has climbed is not due any more.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial

import structlog

from alertcast.core.broadcast import Purpose
from alertcast.dispatch import downgrade, together
from alertcast.dispatch.climb import climb
from alertcast.dispatch.start import begin
from alertcast.dispatch.world import World
from alertcast.store import alerts, broadcasts, counts, ladders, turns
from alertcast.store.db import TROUBLE, Tx
from alertcast.store.rows import chunks

log = structlog.get_logger()

FRESH = timedelta(seconds=60)
"""Product time for which a first rung waits at most for an alert that came with its own."""

FIRST, NEXT = 20, 2_000
"""Callouts that climb in one transaction: few at first, so that the first messages leave soon."""

MANY = 1_000
"""Callouts due at one moment of which the database is to know before most of them climb."""

Wake = Callable[[], None]
"""Lets senders look for work now."""


def nobody() -> None:
    """Wake nobody: senders look for themselves."""


def advance(world: World, now: datetime, wake: Wake = nobody) -> int:
    """Move every callout whose next step is due; return how many moved.

    A phone is told once of several warnings that are due at one moment. `wake` is called as soon as
    the first messages are there. A broadcast that raises is logged, and tried again at the next
    tick, but does not hold up the others.
    """
    with world.db.read() as tx:  # most ticks find nothing: they keep no writer waiting
        beginning, due = broadcasts.ready_to_run(tx, now), ladders.due_broadcasts(tx, now)
        finished = broadcasts.finished(tx, now)
    if beginning:
        _begin(world, beginning, now)
        with world.db.read() as tx:
            due = ladders.due_broadcasts(tx, now)
    moved = 0
    try:
        moved = _climb(world, due, now, wake)
    except Exception:  # one of them is at fault: each by itself, so that it does not hold up others
        log.exception("broadcasts could not be advanced together", broadcasts=len(due))
        for broadcast_id in due:
            try:
                moved += _climb(world, [broadcast_id], now, wake)
            except Exception:
                log.exception("broadcast could not be advanced", broadcast=broadcast_id)
    if finished:
        with world.db.write() as tx:
            broadcasts.close_finished(tx, finished, now)
    return moved


def _begin(world: World, waiting: Sequence[int], now: datetime) -> None:
    """Begin what has waited long enough; one that can not begin holds up no other."""
    for broadcast_id in waiting:
        try:
            with world.db.write() as tx:
                turns.take(tx, "decide")
                if broadcast_id in broadcasts.ready_to_run(tx, now):
                    _begin_one(world, tx, broadcast_id, now)
        except TROUBLE:
            raise
        except Exception:
            log.exception("broadcast could not begin", broadcast=broadcast_id)


def _begin_one(world: World, tx: Tx, broadcast_id: int, now: datetime) -> None:
    found = broadcasts.get(tx, broadcast_id)
    if found is not None and found.purpose is Purpose.DOWNGRADE:
        downgrade.begin(world, tx, broadcast_id, now)
    else:
        begin(world, tx, broadcast_id, now)


def _climb(world: World, due: Sequence[int], now: datetime, wake: Wake) -> int:
    moved = 0
    for climbed in _parts(world, due, now):
        moved += climbed
        if climbed:
            wake()
    return moved


def _parts(world: World, due: Sequence[int], now: datetime) -> Iterator[int]:
    """Plan part after part; yield how many callouts climbed in each."""
    if not due:
        return
    with world.db.read() as tx:
        left = ladders.due(tx, due, now, world.config.hazards.ordered)
    parts = [left[:FIRST], *chunks(left[FIRST:], NEXT)] if left else []
    for number, part in enumerate(parts, 1):
        if number == 2 and len(left) >= MANY:
            counts.recount(world.db)  # else each part would be compared with all that is planned
        climbed = world.db.together(partial(_part, world, due, part, number < len(parts), now))
        if climbed is None:
            return
        yield climbed


def _part(
    world: World, due: Sequence[int], part: Sequence[int], are_more: bool, now: datetime, tx: Tx
) -> int | None:
    """Let these callouts climb; return how many did, None if another scheduler is at it."""
    if not turns.is_free(tx, "advance"):
        return None
    waits = alerts.arrived_with_others(tx, due, now - FRESH)  # what came with it is not decided yet
    ready = [one for one in due if one not in waits]
    climbed = climb(world, tx, ready, part, now, are_more=are_more)
    if climbed:
        together.join(world, tx, now)
    return climbed
