"""Real databases for tests: SQLite always, PostgreSQL when ALERTCAST_TEST_DATABASE_URL is set."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, text

from alertcast.store.crypto import Vault, new_key
from alertcast.store.db import Database
from alertcast.store.schema import metadata

POSTGRESQL = os.environ.get("ALERTCAST_TEST_DATABASE_URL")
KINDS = ["sqlite"] + (["postgresql"] if POSTGRESQL else [])
DATA_KEY = new_key()
_made: list[str] = []


@contextmanager
def database(kind: str, folder: Path) -> Iterator[Database]:
    """Open an empty database of the newest version; on PostgreSQL the tables are emptied."""
    if kind == "sqlite":
        db = Database(f"sqlite:///{folder / 'alertcast.sqlite3'}", Vault.from_text(DATA_KEY))
        db.upgrade()
    else:
        db = Database(POSTGRESQL or "", Vault.from_text(DATA_KEY))
        _empty(db)
    try:
        yield db
    finally:
        db.close()


def _empty(db: Database) -> None:
    if not _made:
        engine = create_engine(db.url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
        engine.dispose()
        db.upgrade()
        _made.append("public")
        return
    names = ", ".join(f'"{table.name}"' for table in metadata.sorted_tables)
    with db.write() as tx:
        tx.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
