"""The shared state of each channel: its slots, its pace, its breaker, why it is stopped.

A row per channel, so that all processes together keep the provider's rate. Everything here is in
real time. The pace is the share of the rate that is used: halved when the provider throttles
(429), small after its breaker has closed or its receipts stayed away, and growing back by itself.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Update, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from alertcast.store.db import Tx
from alertcast.store.schema import channel_state

AHEAD = timedelta(seconds=1)
"""How far ahead slots are given: what is urgent waits no longer behind what was claimed before."""

SLACK = timedelta(milliseconds=20)
"""How late a claim may come without its channel losing a slot: 2 % of a second."""

HURRY = 1.015
"""How much faster than its rate a channel may go while it makes up for slots it was late for."""

SLOWEST = 0.05
"""The smallest pace."""

RECOVERY = 0.02
"""By how much a pace grows in a second: from a twentieth to all of it in some 48 s."""

BREAKS_AT = 5
"""Failures in a row (no connection, no answer, 5xx) that open a channel's breaker."""

REST, LONGEST_REST = 15.0, 300.0
"""Seconds that an open breaker rests: the first time, doubled with each failed trial, at most."""

SLOW_FOR = timedelta(minutes=5)
"""How long a channel whose receipts stay away carries only what no other can."""

LONGEST_PAUSE = max(timedelta(seconds=LONGEST_REST), SLOW_FOR)
"""How far ahead a rest may end: one that ends later was begun before the clock was set back."""

TRIAL = timedelta(seconds=30)
"""How long the one request that tries a failing channel again keeps others from doing so."""


@dataclass(frozen=True, slots=True)
class Slots:
    """Places in a channel's queue."""

    waits: tuple[float, ...] = ()  # seconds from now at which each request may leave, ascending
    was_failing: bool = False  # its last request failed: a success is news
    gap: float = 0.0  # least seconds between two of them, however late they are
    is_recovering: bool = False  # fewer than its rate allows: another may carry the rest

    def __len__(self) -> int:
        return len(self.waits)


@dataclass(frozen=True, slots=True)
class Resting:
    """A channel that others work for, as far as they can."""

    name: str
    why: str  # failing: its breaker is open; slow: its receipts stay away
    since: datetime | None  # real time
    until: datetime | None  # real time; None: it is tried again with the next message


@dataclass(frozen=True, slots=True)
class Moods:
    """Names of the channels that do not carry whatever they are given."""

    resting: frozenset[str]  # stopped or paused
    slow: frozenset[str]  # they carry only what no other can
    on_trial: frozenset[str]  # their next request tries whether they work again


def moods(tx: Tx, real_now: datetime) -> Moods:
    """Return which channels rest, are slow, or are tried again at this moment."""
    rows = [(row, _rests(row, real_now)) for row in tx.execute(_MOODS).mappings()]
    return Moods(
        frozenset(row["name"] for row, rests in rows if rests),
        frozenset(row["name"] for row, _ in rows if _is_slow(row, real_now)),
        frozenset(row["name"] for row, rests in rows if row["failures"] >= BREAKS_AT and not rests),
    )


def take(tx: Tx, name: str, wanted: int, *, rate: float, burst: float, real_now: datetime) -> Slots:
    """Take up to `wanted` slots of a channel within the next second; return those there are.

    `rate` is requests per second, `burst` how many may leave at once after a rest. There are none
    while the channel is paused or stopped, and one while it is tried again after failures.
    """
    row = _row(tx, name)
    if _rests(row, real_now) or wanted < 1:
        return Slots()
    if row["failures"] >= BREAKS_AT:
        _change(tx, name, paused_until=real_now + TRIAL, next_at=real_now)
        return Slots((0.0,), was_failing=True, is_recovering=True)
    share = pace(row, real_now)
    interval = timedelta(seconds=1 / (rate * share))
    earliest = real_now - max(SLACK, (burst - 1) * interval)
    first = max(row["next_at"] or earliest, earliest)
    if first > real_now + AHEAD + interval:  # the clock was set back
        first = real_now + AHEAD
    end = real_now + AHEAD
    free = int((end - first) / interval) + 1 if first <= end else 0
    taken = min(wanted, free)
    if taken:
        _change(tx, name, next_at=first + taken * interval)
    due = (first + number * interval for number in range(taken))
    waits = tuple(max(0.0, (at - real_now).total_seconds()) for at in due)
    gap = interval.total_seconds() / HURRY if burst <= 1 else 0.0
    return Slots(waits, was_failing=row["failures"] > 0, gap=gap, is_recovering=share < 1.0)


def pace(row: Mapping[Any, Any], real_now: datetime) -> float:
    """Return the share of its rate that a channel may use now."""
    return min(
        1.0,
        _grown(row["pace"], row["pace_at"], real_now),
        1.0 if _is_slow(row, real_now) else _grown(SLOWEST, row["slow_until"], real_now),
    )


def pause(tx: Tx, name: str, until: datetime, real_now: datetime) -> None:
    """Let a channel rest until `until`, as its provider asked, and halve its pace."""
    slower = max(SLOWEST, pace(_row(tx, name), real_now) / 2)
    _change(tx, name, paused_until=until, pace=slower, pace_at=until)


def failed(tx: Tx, name: str, real_now: datetime, begun: datetime | None = None) -> bool:
    """Count a failure in a row; return whether that opened the channel's breaker.

    `begun` is when the request was claimed. What was on its way when the breaker opened fails with
    it, and is no failed trial: a cut of a second must not silence a channel for minutes.
    """
    row = _row(tx, name)
    is_open = row["failures"] >= BREAKS_AT
    if is_open and begun is not None and row["next_at"] is not None and begun < row["next_at"]:
        return False
    failures = row["failures"] + 1
    _change(tx, name, failures=failures)
    if failures < BREAKS_AT:
        return False
    if not is_open:
        _change(tx, name, next_at=real_now, broke_at=real_now)
    rest = min(LONGEST_REST, REST * 2.0 ** min(failures - BREAKS_AT, 10))
    until = real_now + timedelta(seconds=rest)
    _change(tx, name, paused_until=until, pace=SLOWEST, pace_at=until)
    return bool(failures == BREAKS_AT)


def works_again(tx: Tx, name: str, real_now: datetime) -> None:
    """Close a channel's breaker after a success; it drifts back from a small pace."""
    row = _row(tx, name)
    was_open = row["failures"] >= BREAKS_AT
    _change(tx, name, failures=0, broke_at=None)
    if was_open:
        _change(tx, name, paused_until=None, pace=SLOWEST, pace_at=real_now)


def slow(tx: Tx, name: str, real_now: datetime) -> bool:
    """Let others carry what they can for a while; say whether that is news.

    What no other can carry still leaves. Afterwards it drifts back from a small pace.
    """
    if _is_slow(_row(tx, name), real_now):
        return False
    _change(tx, name, slow_at=real_now, slow_until=real_now + SLOW_FOR)
    return True


def stop(tx: Tx, name: str, reason: str) -> None:
    """Stop a channel until an officer starts it again; its messages are kept."""
    _row(tx, name)
    _change(tx, name, stopped=reason)


def start(tx: Tx, name: str, real_now: datetime) -> None:
    """Let a stopped, paused or slow channel work again; what was counted is counted anew."""
    row = _row(tx, name)
    anew: dict[str, object] = {"stopped": None, "paused_until": None, "failures": 0, "forged": 0}
    _change(tx, name, **anew, pace_at=None, broke_at=None)
    if _is_slow(row, real_now):
        _change(tx, name, slow_until=real_now)


def in_trouble(tx: Tx, real_now: datetime) -> list[Resting]:
    """Return the channels whose breaker is open, or whose receipts stay away."""
    found = (_trouble(row, real_now) for row in listed(tx) if not row["stopped"])
    return [one for one in found if one is not None]


def count_forged(tx: Tx, name: str, number: int = 1) -> None:
    """Count callbacks that were refused because their signature was wrong."""
    _row(tx, name)
    more = update(channel_state).values(forged=channel_state.c.forged + number)
    tx.execute(more.where(channel_state.c.name == name))


def listed(tx: Tx) -> Sequence[Mapping[Any, Any]]:
    """Return the state of every channel that was ever used."""
    return tx.execute(select(channel_state).order_by(channel_state.c.name)).mappings().all()


def _rests(row: Mapping[Any, Any], real_now: datetime) -> bool:
    paused = _lasts(row["paused_until"], real_now)
    return row["stopped"] is not None or paused


def _is_slow(row: Mapping[Any, Any], real_now: datetime) -> bool:
    return _lasts(row["slow_until"], real_now)


def _lasts(until: datetime | None, real_now: datetime) -> bool:
    return until is not None and real_now < until <= real_now + LONGEST_PAUSE


def _grown(share: float, since: datetime | None, real_now: datetime) -> float:
    if since is None or since > real_now + LONGEST_PAUSE:
        return 1.0
    return float(share + max(0.0, (real_now - since).total_seconds()) * RECOVERY)


def _trouble(row: Mapping[Any, Any], real_now: datetime) -> Resting | None:
    if row["failures"] >= BREAKS_AT:
        until = row["paused_until"]
        later = until if _lasts(until, real_now) else None
        return Resting(row["name"], "failing", row["broke_at"], later)
    if _is_slow(row, real_now):
        return Resting(row["name"], "slow", row["slow_at"], row["slow_until"])
    return None


def _row(tx: Tx, name: str) -> Mapping[Any, Any]:
    row = tx.execute(_BY_NAME, {"name": name}).mappings().first()
    if row is not None:
        return row
    first = insert(channel_state).values(name=name, pace=1.0, failures=0, forged=0)
    # another process may write it between our two statements: then its row is taken
    with suppress(IntegrityError), tx.begin_nested():
        tx.execute(first)
    return tx.execute(_BY_NAME, {"name": name}).mappings().one()


def _change(tx: Tx, name: str, **values: object) -> None:
    tx.execute(_changing(*values), {**values, "of": name})


@cache
def _changing(*names: str) -> Update:
    """Return what changes these columns; making it costs more than running it."""
    changed: dict[str, Any] = {name: bindparam(name) for name in names}
    return update(channel_state).where(channel_state.c.name == bindparam("of")).values(changed)


_MOODS = select(
    channel_state.c.name,
    channel_state.c.stopped,
    channel_state.c.paused_until,
    channel_state.c.slow_until,
    channel_state.c.failures,
)
_BY_NAME = select(channel_state).where(channel_state.c.name == bindparam("name")).with_for_update()
