"""A backup is restored in one transaction, and what it left half done waits for a human.

A restored database does not know what left after its backup was made. So nothing of it leaves by
itself: what was running is `held` until somebody confirms it, calls for help go to the officer's
list, and what was on its way is asked about at the provider, as after any crash.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Table, func, inspect, literal_column, select, update

from alertcast.core.broadcast import BROADCAST_MOVES, BroadcastState
from alertcast.core.task import TaskState
from alertcast.store import audit, guards, pulses
from alertcast.store.archive import ArchiveError, Manifest, unpack
from alertcast.store.backup import copy
from alertcast.store.db import Database, StoreError, Tx
from alertcast.store.schema import broadcast, help_request, metadata, pulse, session, task, upload

RESTORED = "restored"
"""Reason (key of channels.reasons.REASONS) of what a restored database does not do by itself."""

_MOVING = (TaskState.LEAVING, TaskState.UNSURE, TaskState.UNDERWAY)
_MIGRATIONS = Path(__file__).with_name("migrations")


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored, and what of it waits for a human."""

    manifest: Manifest
    rows: int
    held: tuple[int, ...]  # broadcasts that were running
    queued: int  # their messages that had not left when the backup was made
    underway: int  # messages of which the provider is asked
    dial: int  # calls for help, now on the officer's list


def restore(db: Database, source: Path, now: datetime, *, user: str, force: bool) -> Restored:
    """Fill `db` from a backup, all of it or nothing; an older one is brought up to date.

    `force` replaces what `db` holds.

    Raises
    ------
    ArchiveError
        The file is damaged, needs another key, or is of a newer program.
    StoreError
        `db` is not empty, or somebody is at work on it.
    """
    with TemporaryDirectory(prefix="alertcast-") as folder:
        file = Path(folder) / "snapshot.sqlite3"
        manifest = unpack(source, file, db.vault)
        if not _is_known(manifest.version):
            raise ArchiveError(
                f"{source}: its tables are of version {manifest.version}, which this program does "
                f"not know: it was made by alertcast {manifest.program}, use that or a newer one"
            )
        snapshot = Database(f"sqlite:///{file}", db.vault)
        try:
            snapshot.upgrade()
            _refuse_if_at_work(db)
            if not force:
                _refuse_if_full(db)
            db.upgrade()
            with snapshot.read() as kept, db.write() as tx:
                return _fill(db, kept, tx, manifest, now, user)
        finally:
            snapshot.close()


def _fill(db: Database, kept: Tx, tx: Tx, manifest: Manifest, now: datetime, user: str) -> Restored:
    with guards.lifted(tx):
        for table in reversed(metadata.sorted_tables):
            tx.execute(table.delete())
    rows = 0
    for table in metadata.sorted_tables:
        rows += copy(kept, tx, table)
        if not db.is_sqlite:
            _count_on(tx, table)
    tx.execute(pulse.delete())  # of processes that ran on another day, perhaps another machine
    tx.execute(upload.delete())  # they were to be kept for an hour
    tx.execute(session.delete())  # who has been logged out since is not logged in again
    held, dial = _hold(tx), _hand_over_help(tx)
    done = Restored(
        manifest,
        rows,
        held,
        queued=_how_many(tx, held, (TaskState.QUEUED,)),
        underway=_how_many(tx, held, _MOVING),
        dial=dial,
    )
    audit.record(
        tx, user, "restore", "database", now, made_at=manifest.made_at, rows=rows, held=list(held)
    )
    return done


def _hold(tx: Tx) -> tuple[int, ...]:
    starts = [state for state, to in BROADCAST_MOVES.items() if BroadcastState.HELD in to]
    rows = select(broadcast.c.id).where(broadcast.c.state.in_(starts)).order_by(broadcast.c.id)
    found = tuple(tx.execute(rows).scalars())
    held = update(broadcast).where(broadcast.c.state.in_(starts))
    tx.execute(held.values(state=BroadcastState.HELD))
    return found


def _hand_over_help(tx: Tx) -> int:
    """Let an officer dial instead: a call for help would leave whatever became of its broadcast.

    Also if it was on its way: what became of it is still asked, and it is not made again.
    """
    unmet = select(help_request.c.id).where(help_request.c.closed_at.is_(None))
    rows = update(task).where(
        task.c.help_request_id.in_(unmet), task.c.state.in_((TaskState.QUEUED, *_MOVING))
    )
    to = {"state": TaskState.MANUAL, "lease_token": None, "lease_until": None}
    return tx.execute(rows.values(reason=RESTORED, **to)).rowcount


def _how_many(tx: Tx, held: tuple[int, ...], states: tuple[TaskState, ...]) -> int:
    rows = select(func.count()).where(task.c.broadcast_id.in_(held), task.c.state.in_(states))
    return int(tx.execute(rows).scalar_one())


def _refuse_if_at_work(db: Database) -> None:
    with db.read() as tx:
        if pulse.name in inspect(tx).get_table_names():
            pulses.refuse_if_at_work(tx, db.real_now(tx), str(db.url))


def _refuse_if_full(db: Database) -> None:
    with db.read() as tx:
        there = set(inspect(tx).get_table_names())
        full = [
            table.name
            for table in metadata.sorted_tables
            if table.name in there
            and tx.execute(select(literal_column("1")).select_from(table).limit(1)).first()
        ]
    if full:
        msg = (
            f"{db.url} is not empty ({', '.join(full[:5])}): back it up first; --force replaces "
            "everything in it"
        )
        raise StoreError(msg)


def _count_on(tx: Tx, table: Table) -> None:
    """Let PostgreSQL's next id follow the highest one."""
    if "id" in table.c:
        last = tx.execute(select(func.max(table.c.id))).scalar()
        sequence = func.pg_get_serial_sequence(f'"{table.name}"', "id")
        tx.execute(select(func.setval(sequence, last or 1, last is not None)))


def _is_known(schema: str) -> bool:
    try:
        return ScriptDirectory(str(_MIGRATIONS)).get_revision(schema) is not None
    except CommandError:
        return False
