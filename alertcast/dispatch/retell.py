"""Whoever a wrong message told is told of its correction: in short transactions, and also late.

Senders take the first while the rest is being written. The sweep goes on as long as the correction
runs: whoever the wrong message still reaches, or an officer turns out to have told, hears of it
too, and whoever no channel reaches is dialled.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial

import structlog

from alertcast.core.broadcast import Broadcast, BroadcastState, priority
from alertcast.core.correction import Told
from alertcast.core.plan import Telling
from alertcast.dispatch.tell import tell
from alertcast.dispatch.world import World
from alertcast.store import broadcasts, corrections, orders, tellings
from alertcast.store.db import Tx

log = structlog.get_logger()

FIRST, NEXT, MOST = 50, 500, 20
"""Phones planned together with the correction, then in one transaction; transactions a sweep."""


def sweep(world: World, now: datetime) -> int:
    """Tell whoever is still to hear of a correction; return how many phones. Safe at any moment.

    Those left over from its beginning, those whom the wrong message reached late, and those of whom
    no message went through: an officer dials them.
    """
    with world.db.read() as tx:
        running = corrections.running(tx)
    done = 0
    for correction_id in running:
        try:
            with world.db.read() as tx:
                if not _is_waiting(tx, correction_id):
                    continue
            for _ in range(MOST):
                step = partial(_sweep_once, world, correction_id=correction_id, now=now)
                told = world.db.together(step)
                done += told
                if not told:
                    break
        except Exception:  # one that can not be told must not hold up the others
            log.exception("correction could not go on", broadcast=correction_id)
    return done


def tell_next(world: World, tx: Tx, correction: Broadcast, most: int, now: datetime) -> int:
    """Plan the correction for up to `most` phones that have none; return how many there were.

    Each hears it over the kinds by which it was told; whoever was told aloud goes to the officer.
    """
    found = corrections.untold(tx, correction.corrects_id or 0, correction.id, most)
    rules = world.config.rules.correction
    groups: dict[tuple[str, ...], list[Telling]] = {}
    for one in found:
        if one.repeats:
            telling = Telling(None, one.person_id, one.phone_index, one.language, None)
            groups.setdefault(one.repeats, []).append(telling)
    for kinds, those in groups.items():
        calls, every = rules.calls, rules.every
        tell(world, tx, correction, those, kinds, now, calls=calls, every=every)
    _hand_over(tx, correction, _by_hand(found), "told_by_hand", now)
    return len(found)


def _is_waiting(tx: Tx, correction_id: int) -> bool:
    found = broadcasts.get(tx, correction_id)
    if found is None or found.corrects_id is None:
        return False
    late = corrections.untold(tx, found.corrects_id, correction_id, 1)
    return bool(late or corrections.missed(tx, correction_id, 1))


def _sweep_once(world: World, tx: Tx, correction_id: int, now: datetime) -> int:
    found = broadcasts.get(tx, correction_id, lock=True)
    if found is None or found.state is not BroadcastState.RUNNING:
        return 0
    told = tell_next(world, tx, found, NEXT, now)
    lost = corrections.missed(tx, correction_id, NEXT)
    for one in lost:
        person = Telling(None, one.person_id, one.phone_index, one.language, None)
        _hand_over(tx, found, [person], one.reason, now)
    return told + len(lost)


def _by_hand(found: Iterable[Told]) -> list[Telling]:
    return [
        Telling(None, one.person_id, one.phone_index, one.language, None)
        for one in found
        if one.is_by_hand
    ]


def _hand_over(
    tx: Tx, correction: Broadcast, folk: Sequence[Telling], reason: str | None, now: datetime
) -> None:
    """Put these people on the list of those an officer dials, before everybody else on it."""
    order = orders.Order(
        broadcast_id=correction.id,
        kind="manual",
        purpose=correction.purpose,
        template="correction.voice",
        due_at=now,
        expires_at=None,
        priorities={},
        priority=priority(correction.purpose, correction.mode, 0),
        languages={one.language: one.language for one in folk},
        reason=reason,
    )
    tellings.begin(tx)
    tellings.put(tx, folk, 0)
    orders.write(tx, order, 0, now)
