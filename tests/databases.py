"""Real databases for tests: SQLite always, PostgreSQL when ALERTCAST_TEST_DATABASE_URL is set."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import create_engine, inspect, make_url, select, text

from alertcast.store import guards
from alertcast.store.crypto import Vault, new_key
from alertcast.store.db import Database, Tx
from alertcast.store.schema import metadata, of_others


def _own(url: str | None) -> str | None:
    """Return the database at `url`; for each process of pytest-xdist one of its own beside it."""
    process = os.environ.get("PYTEST_XDIST_WORKER")
    if not url or not process:
        return url
    named = make_url(url)
    own = f"{named.database}_{process}"
    engine = create_engine(named, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        known = text("SELECT 1 FROM pg_database WHERE datname = :own")
        if connection.execute(known, {"own": own}).first() is None:
            connection.execute(text(f'CREATE DATABASE "{own}"'))
    engine.dispose()
    return named.set(database=own).render_as_string(hide_password=False)


POSTGRESQL = _own(os.environ.get("ALERTCAST_TEST_DATABASE_URL"))
KINDS = ["sqlite"] + (["postgresql"] if POSTGRESQL else [])
DATA_KEY = new_key()
_emptying: list[str] = []  # what empties PostgreSQL, as soon as there are tables
_files: dict[str, bytes] = {}  # SQLite's, as they were furnished
_copying: dict[str, str] = {}  # what furnishes PostgreSQL so again


class MovableDatabase(Database):
    """A database whose real clock can be put forward: leases run out without waiting."""

    ahead = timedelta(0)
    is_new = False  # nobody has opened it yet

    def real_now(self, tx: Tx) -> datetime:
        return super().real_now(tx) + self.ahead


@contextmanager
def database(kind: str, folder: Path) -> Iterator[MovableDatabase]:
    """Open an empty database of the newest version; on PostgreSQL the tables are emptied."""
    if kind == "sqlite":
        file = folder / "alertcast.sqlite3"
        file.write_bytes(_empty_file())
        db = MovableDatabase(f"sqlite:///{file}", Vault.from_text(DATA_KEY))
    else:
        db = MovableDatabase(_quick(POSTGRESQL or ""), Vault.from_text(DATA_KEY))
        _empty(db)
    db.is_new = True
    try:
        yield db
    finally:
        db.close()


def furnish(db: MovableDatabase, name: str, make: Callable[[], None]) -> None:
    """Let `make` write into a new database; what it wrote is kept, and copied from then on."""
    file = Path(db.url.database or "")
    is_new, db.is_new = db.is_new and not Path(f"{file}-wal").exists(), False
    if not is_new:
        make()
    elif db.is_sqlite:
        if name in _files:
            file.write_bytes(_files[name])
            return
        make()
        db.close()  # what is beside the file goes into it
        _files[name] = file.read_bytes()
    elif name in _copying:
        with db.write() as tx:
            tx.exec_driver_sql(_copying[name])
    else:
        make()
        _copying[name] = _copied(db, name)


def _copied(db: Database, name: str) -> str:
    """Copy all rows into tables beside; return what brings them back, said all at once."""
    said = []
    with db.write() as tx:
        tx.execute(text(f"DROP SCHEMA IF EXISTS kept_{name} CASCADE"))
        tx.execute(text(f"CREATE SCHEMA kept_{name}"))
        for table in metadata.sorted_tables:
            if tx.execute(select(table).limit(1)).first() is None:
                continue
            kept = f'kept_{name}."{table.name}"'
            tx.execute(text(f'CREATE TABLE {kept} AS TABLE "{table.name}"'))
            said.append(f'INSERT INTO "{table.name}" SELECT * FROM {kept}')
        counters = text("SELECT schemaname, sequencename, last_value FROM pg_sequences")
        for schema, counter, last in tx.execute(counters):
            if schema == "public" and last is not None:
                said.append(f"SELECT setval('\"{counter}\"', {last})")
    return "; ".join(said)


@contextmanager
def out_of_reach(db: Database) -> Iterator[Database]:
    """Open `db` while it takes nothing.

    Another process holds SQLite's lock and does not let go; PostgreSQL does not answer.
    """
    if not db.is_sqlite:
        away = db.url.set(host="127.0.0.1", port=1).difference_update_query(["host"])
        gone = Database(away.render_as_string(hide_password=False), db.vault)
        yield gone
        gone.close()
        return
    url = db.url.render_as_string(hide_password=False)
    hasty = Database(url, db.vault, patience=timedelta(milliseconds=50))
    other = create_engine(db.url, isolation_level="AUTOCOMMIT")
    with other.connect() as thief:
        thief.execute(text("BEGIN IMMEDIATE"))
        yield hasty
        thief.execute(text("ROLLBACK"))
    other.dispose()
    hasty.close()


@cache
def _empty_file() -> bytes:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "empty.sqlite3"
        db = Database(f"sqlite:///{file}", Vault.from_text(DATA_KEY))
        db.upgrade()
        db.close()
        return file.read_bytes()


def _quick(url: str) -> str:
    """Let a commit not wait for the disk: no test pulls the plug."""
    quick = make_url(url).update_query_dict({"options": "-c synchronous_commit=off"})
    return quick.render_as_string(hide_password=False)


def _empty(db: Database) -> None:
    if not _emptying:
        _emptying.append(_made(db))
        return
    with db.write() as tx, guards.lifted(tx):
        tx.exec_driver_sql(_emptying[0])


def _made(db: Database) -> str:
    """Make the tables; return what empties them, said all at once."""
    engine = create_engine(db.url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    db.upgrade()
    with db.read() as tx:
        others = sorted(filter(of_others, inspect(tx).get_table_names()))
    names = [*(one.name for one in reversed(metadata.sorted_tables)), *others]
    kept = "relkind = 'S' AND relpersistence <> 't'"  # a session that ends may have others still
    from_one = f"SELECT setval(oid, 1, false) FROM pg_class WHERE {kept}"
    return "; ".join([*(f'DELETE FROM "{name}"' for name in names), from_one])
