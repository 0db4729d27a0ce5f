"""Configurations: each one that ever ran, which process runs by which, who wanted another."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from alertcast.store.db import Tx
from alertcast.store.rows import new_id, value
from alertcast.store.schema import configuration, process, reload

GONE = timedelta(minutes=2)
"""Real time after which a process that is not heard of any more is taken to have ended."""


@dataclass(frozen=True, slots=True)
class Process:
    """One process at work; times are real."""

    name: str  # host:pid
    does: str  # the command
    digest: str  # of the configuration it runs by
    since: datetime
    on_disk: str  # digest of what its disk holds; "": that has mistakes
    mistakes: int
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Reload:
    """Somebody wanted the processes to run by the configuration with this digest."""

    id: int
    digest: str
    at: datetime  # real time
    by_user: str


def keep(tx: Tx, digest: str, lines: Mapping[str, str], real_now: datetime) -> None:
    """Keep what a configuration says; one that is kept already stays as it is."""
    known = select(configuration.c.digest).where(configuration.c.digest == digest)
    if tx.execute(known).first() is None:
        row = {"digest": digest, "lines": dict(lines), "at": real_now}
        with suppress(IntegrityError), tx.begin_nested():  # another process kept it meanwhile
            tx.execute(insert(configuration).values(row))


def lines_of(tx: Tx, digest: str) -> dict[str, str] | None:
    """Return what the configuration with this digest says; None: it never ran here."""
    rows = select(configuration.c.lines).where(configuration.c.digest == digest)
    found = tx.execute(rows).scalar()
    return None if found is None else dict(found)


def order(tx: Tx, digest: str, by_user: str, real_now: datetime) -> int:
    """Write that the processes are to run by this configuration; return the number of the wish."""
    row = insert(reload).values(digest=digest, at=real_now, by_user=by_user)
    return new_id(tx.execute(row))


def newest_order(tx: Tx) -> Reload | None:
    """Return what was wanted last."""
    rows = select(reload).order_by(reload.c.id.desc()).limit(1)
    row = tx.execute(rows).mappings().first()
    return None if row is None else value(Reload, row)


def report(tx: Tx, one: Process) -> None:
    """Write which configuration a process runs by."""
    row = asdict(one)
    if not tx.execute(update(process).where(process.c.name == one.name).values(row)).rowcount:
        tx.execute(insert(process).values(row))


def forget(tx: Tx, name: str) -> None:
    """Remove a process that ends."""
    tx.execute(delete(process).where(process.c.name == name))


def processes(tx: Tx, real_now: datetime) -> Sequence[Process]:
    """Return the processes that are at work, by name."""
    rows = select(process).where(process.c.seen_at > real_now - GONE).order_by(process.c.name)
    return [value(Process, row) for row in tx.execute(rows).mappings()]
