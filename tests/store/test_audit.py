"""Who did what can neither be changed nor removed; where it was all the same, that is found."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import delete, insert, text, update
from sqlalchemy.exc import DBAPIError

from alertcast.core.chain import START, Anchor, ChainBroken
from alertcast.store import audit, guards
from alertcast.store.crypto import Vault
from alertcast.store.db import CanNotKeep, Database, Tx, _alembic, savepoint
from alertcast.store.schema import audit as acts
from alertcast.store.schema import audit_link as links
from tests.databases import DATA_KEY, MovableDatabase

NOW = datetime(2026, 12, 26, 9, 20, tzinfo=UTC)


def act(db: Database, *users: str) -> None:
    """Let each do something, in a transaction of its own."""
    for user in users:
        with db.write() as tx:
            audit.record(tx, user, "stop", "broadcast:1", NOW, gone=1, towns=("冷坑镇",))


def tamper(db: Database, deed: Callable[[Tx], Any]) -> None:
    with db.write() as tx, guards.lifted(tx):
        deed(tx)


def broken(db: Database, *anchors: Anchor) -> ChainBroken:
    with db.read() as tx, pytest.raises(ChainBroken) as found:
        audit.verify(tx, anchors)
    return found.value


def test_what_is_done_is_chained_in_the_transaction_that_does_it(db: MovableDatabase) -> None:
    with db.read() as tx:
        assert audit.verify(tx) == audit.end(tx) == Anchor(0, START)
    act(db, "wang", "li")
    with db.write() as tx:
        audit.record(tx, "zhao", "start", "broadcast:2", NOW)
        audit.record(tx, "zhao", "stop", "broadcast:2", NOW)
    with db.read() as tx:
        assert audit.verify(tx).n == 4
        assert audit.verify(tx) == audit.end(tx)


def test_what_is_undone_leaves_nothing(db: MovableDatabase) -> None:
    with pytest.raises(RuntimeError, match="fell"), db.write() as tx:
        audit.record(tx, "wang", "start", "broadcast:1", NOW)
        raise RuntimeError("fell")
    with db.write() as tx:
        with pytest.raises(CanNotKeep), savepoint(tx):
            audit.record(tx, "wang", "start", "broadcast:1", NOW)
            raise RuntimeError("fell")
        audit.record(tx, "li", "start", "broadcast:1", NOW)
    with db.read() as tx:
        assert [row["user"] for row in audit.listed(tx)] == ["li"]
        assert audit.verify(tx).n == 1


def test_a_transaction_that_was_opened_to_read_can_record_nothing(db: MovableDatabase) -> None:
    act(db, "wang")
    with db.read() as tx, pytest.raises(LookupError, match="opened to read"):
        audit.record(tx, "wang", "start", "broadcast:1", NOW)


def test_those_who_do_something_at_once_are_one_chain(db: MovableDatabase) -> None:
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: act(db, f"u{number}"), range(40)))
    with db.read() as tx:
        assert audit.verify(tx).n == 40


@pytest.mark.parametrize("table", [acts, links], ids=lambda table: str(table.name))
@pytest.mark.parametrize("how", ["update", "delete", "truncate"])
def test_a_row_can_neither_be_changed_nor_removed(
    db: MovableDatabase, table: Any, how: str
) -> None:
    act(db, "wang")
    with pytest.raises(DBAPIError, match="is append-only"), db.write() as tx:
        if how == "update":
            tx.execute(update(table).values({table.primary_key.columns[0]: 7}))
        elif how == "delete" or db.is_sqlite:
            tx.execute(delete(table))
        else:
            tx.execute(text(f"TRUNCATE {table.name} CASCADE"))
    with db.read() as tx:
        assert audit.verify(tx).n == 1


def test_a_row_changed_by_the_owner_of_the_database_is_named(db: MovableDatabase) -> None:
    act(db, "wang", "li", "zhao")
    tamper(db, lambda tx: tx.execute(update(acts).where(acts.c.user == "li").values(user="wu")))
    assert broken(db).n == 2


def test_a_removed_row_is_missed(db: MovableDatabase) -> None:
    act(db, "wang", "li", "zhao")

    def remove(tx: Tx) -> None:
        tx.execute(delete(links).where(links.c.n == 2))
        tx.execute(delete(acts).where(acts.c.user == "li"))

    tamper(db, remove)
    assert "there is no n=2" in str(broken(db))


def test_a_row_slipped_in_is_found(db: MovableDatabase) -> None:
    act(db, "wang")
    row = {"at": NOW, "user": "li", "action": "stop", "subject": "broadcast:1", "detail": {}}
    with db.write() as tx:
        tx.execute(insert(acts).values(row))
    assert "it was slipped in" in str(broken(db))


def test_an_end_cut_off_is_found_with_an_anchor(db: MovableDatabase) -> None:
    act(db, "wang", "li")
    with db.read() as tx:
        anchor = audit.end(tx)

    def cut(tx: Tx) -> None:
        tx.execute(delete(links).where(links.c.n == 2))
        tx.execute(delete(acts).where(acts.c.user == "li"))

    tamper(db, cut)
    with db.read() as tx:
        assert audit.verify(tx).n == 1
    assert "its end was cut off" in str(broken(db, anchor))
    act(db, "zhao")
    assert "the chain was rewritten" in str(broken(db, anchor))


def test_once_the_triggers_are_back_they_hold(db: MovableDatabase) -> None:
    act(db, "wang")
    tamper(db, lambda tx: None)
    with pytest.raises(DBAPIError, match="is append-only"), db.write() as tx:
        tx.execute(delete(links))


def test_what_was_done_before_there_was_a_chain_is_chained(tmp_path: Path) -> None:
    db = Database(f"sqlite:///{tmp_path / 'old.sqlite3'}", Vault.from_text(DATA_KEY))
    with db.write() as tx:
        config = _alembic()
        config.attributes["connection"] = tx
        command.upgrade(config, "0026")
    row = {"at": NOW, "action": "stop", "subject": "broadcast:1", "detail": {"gone": 2}}
    with db.write() as tx:
        tx.execute(insert(acts).values([row | {"user": "wang"}, row | {"user": "li"}]))
    db.upgrade()
    act(db, "zhao")
    with db.read() as tx:
        assert audit.verify(tx).n == 3
    tamper(db, lambda tx: tx.execute(update(acts).where(acts.c.id == 1).values(user="wu")))
    assert broken(db).n == 1
    db.close()
