"""A backup is taken while everything runs: one moment of the database, whichever it is.

Of SQLite by its online backup, in one step, so that writers neither wait nor make it begin again;
of PostgreSQL by reading every table in one snapshot into a fresh SQLite file. So the archive is the
same for both, and either can be restored from it.
"""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Table, func, insert, inspect, select, text

from alertcast.store import data_keys
from alertcast.store.archive import Manifest, digest, pack
from alertcast.store.db import Database, StoreError, Tx
from alertcast.store.schema import data_key, metadata, person

PIECE = 1000
"""Rows that are in memory at once."""


@dataclass(frozen=True, slots=True)
class _Contents:
    version: str  # of the tables
    rows: Mapping[str, int]  # table -> how many


def back_up(db: Database, target: Path, now: datetime) -> Manifest:
    """Write a backup of `db` to the file `target`; return what it says of itself.

    The database is only read. Raises StoreError if it can not be backed up as it is, DataKeyError
    if the key at hand is not the one its names are sealed with.
    """
    with TemporaryDirectory(dir=target.parent, prefix=".alertcast-") as folder:
        file = Path(folder) / "snapshot.sqlite3"
        if db.is_sqlite:
            _online(Path(str(db.url.database)), file)
        else:
            _read(db, file)
        contents = _contents(db, file)
        _tidy(file)
        manifest = Manifest(
            made_at=now.isoformat(),
            program=version("alertcast"),
            version=contents.version,
            kind=db.url.get_backend_name(),
            key=db.vault.fingerprint,
            sha256=digest(file),
            size=file.stat().st_size,
            rows=contents.rows,
        )
        pack(target, file, manifest, db.vault)
    return manifest


def copy(source: Tx, target: Tx, table: Table) -> int:
    """Copy every row of a table, in the order of its key; return how many there were."""
    rows = select(table).order_by(*table.primary_key).execution_options(yield_per=PIECE)
    copied = 0
    for piece in source.execute(rows).mappings().partitions():
        target.execute(insert(table), [dict(row) for row in piece])
        copied += len(piece)
    return copied


def _online(database: Path, file: Path) -> None:
    if not database.exists():
        msg = f"{database}: there is no database yet: run `alertcast db upgrade`"
        raise StoreError(msg)
    address = f"{database.absolute().as_uri()}?mode=rw"  # never made by looking
    with (
        closing(sqlite3.connect(address, uri=True)) as source,
        closing(sqlite3.connect(file)) as target,
    ):
        source.backup(target)


def _read(db: Database, file: Path) -> None:
    db.check_version()
    snapshot = Database(f"sqlite:///{file}", db.vault)
    try:
        snapshot.upgrade()
        with db.read() as source, snapshot.write() as target:
            source.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
            for table in metadata.sorted_tables:
                copy(source, target, table)
    finally:
        snapshot.close()


def _contents(db: Database, file: Path) -> _Contents:
    snapshot = Database(f"sqlite:///{file}", db.vault)
    try:
        with snapshot.read() as tx:
            there = set(inspect(tx).get_table_names())
            if "alembic_version" not in there:
                raise StoreError("there are no tables yet: run `alertcast db upgrade`")
            schema = tx.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
            rows = {
                name: tx.execute(select(func.count()).select_from(table)).scalar_one()
                for name, table in sorted(metadata.tables.items())
                if name in there
            }
            if data_key.name in there:  # a backup that named the wrong key could not be read
                data_keys.settle(tx, db.vault)
                if data_keys.unfinished(tx) is not None:
                    raise StoreError(
                        "the data key is being replaced, so a backup would need both: let "
                        "`alertcast db rotate-key` come to its end first"
                    )
            elif person.name in there:
                data_keys.check(tx, db.vault)
    finally:
        snapshot.close()
    return _Contents(schema, rows)


def _tidy(file: Path) -> None:
    """Leave one file, without a log beside it; raise StoreError if what it holds is damaged."""
    with closing(sqlite3.connect(file)) as snapshot:
        snapshot.execute("PRAGMA journal_mode=DELETE").close()
        (found,) = snapshot.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        msg = f"the database is damaged, so its backup would be ({found}): take an older backup"
        raise StoreError(msg)
