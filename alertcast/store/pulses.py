"""Pulses: when each process last let time pass, claimed messages, polled a feed, or watched."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from alertcast.core.watch import is_ahead
from alertcast.store.db import StoreError, Tx
from alertcast.store.schema import pulse

AT_WORK = timedelta(seconds=30)
"""Real time after its last pulse for which a process may still be there."""

KEPT = timedelta(days=1)
"""How long the last pulses of a process that is gone are kept, if another has had one since."""


def write(tx: Tx, process: str, whats: Iterable[str], real_now: datetime) -> None:
    """Write that `process` had these pulses at `real_now` (real time)."""
    for what in whats:
        mine = (pulse.c.process == process) & (pulse.c.what == what)
        if tx.execute(update(pulse).where(mine).values(at=real_now)).rowcount:
            continue
        with suppress(IntegrityError), tx.begin_nested():  # a thread of ours wrote it meanwhile
            tx.execute(insert(pulse).values(process=process, what=what, at=real_now))


def latest(tx: Tx, real_now: datetime) -> dict[str, datetime]:
    """Return the last of each pulse, whichever process it came from.

    One of the future is returned only where there is no other: whoever wrote it has not been felt
    since the clock was set back.
    """
    rows = tx.execute(select(pulse.c.what, pulse.c.at)).all()
    ordered = sorted(rows, key=lambda row: (not is_ahead(row.at, real_now), row.at))
    return {row.what: row.at for row in ordered}


def refuse_if_at_work(tx: Tx, real_now: datetime, url: str) -> None:
    """Raise StoreError if a process works on this database, or did until just now."""
    last = select(pulse.c.process, pulse.c.at).order_by(pulse.c.at.desc()).limit(1)
    row = tx.execute(last).first()
    if row is not None and row.at > real_now - AT_WORK:
        msg = (
            f"{url}: alertcast is running on it ({row.process}): stop it first. If it has just "
            f"been killed, wait {AT_WORK.seconds} s"
        )
        raise StoreError(msg)


def forget(tx: Tx, real_now: datetime) -> None:
    """Remove what processes that are long gone left, unless it is the last of its kind."""
    other = pulse.alias()
    newer = select(other.c.what).where(other.c.what == pulse.c.what, other.c.at > pulse.c.at)
    tx.execute(delete(pulse).where(pulse.c.at < real_now - KEPT, newer.exists()))
