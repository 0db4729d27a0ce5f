"""A column has the name of the field it keeps; the migrations make exactly these tables."""

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Table, text

from alertcast.core.access import User
from alertcast.core.alert import Alert, Area, Info
from alertcast.core.broadcast import Broadcast
from alertcast.core.callout import Callout, Respondent
from alertcast.core.episode import Standing
from alertcast.core.grid import Grid
from alertcast.core.relay import Relay
from alertcast.core.roster import Person, Post, Station
from alertcast.core.task import Attempt, Task
from alertcast.core.token import Token
from alertcast.store import schema
from alertcast.store.crypto import Vault
from alertcast.store.db import Database, StoreError
from alertcast.store.schema import metadata, of_others
from tests.databases import DATA_KEY, MovableDatabase

KEPT: dict[type[Any], tuple[Table, set[str]]] = {
    # value class: its table, and the fields that are kept in rows of their own
    Alert: (schema.alert, {"infos"}),
    Info: (schema.info, {"areas"}),
    Area: (schema.area, set()),
    Grid: (schema.grid, set()),
    Person: (schema.person, {"other_phone"}),
    Post: (schema.post, {"person_code"}),
    Station: (schema.station, set()),
    Broadcast: (schema.broadcast, set()),
    Callout: (schema.callout, set()),
    Respondent: (schema.respondent, set()),
    Standing: (schema.standing, set()),
    Relay: (schema.relay, set()),
    Task: (schema.task, set()),
    Attempt: (schema.attempt, set()),
    User: (schema.user, set()),
    Token: (schema.api_token, set()),
}
ONLY_KEPT = {
    # what the database knows beyond the value, by table
    "alert": {"key", "received_at", "standing", "expires", "episode_id", "decided_at"}
    | {"decision", "why", "body", "is_trusted"},
    "info": {"alert_id", "ord"},
    "area": {"info_id", "ord"},
    "grid": {"layer_id"},
    "person": {"roster_id", "phone_index", "begins", "begins_of", "other_of", "keeper_of"},
    "post": {"roster_id", "person_id", "written"},
    "station": {"roster_id", "written"},
    "standing": {"episode_id"},
    "task": {"slots"},
    "user": {"password", "created_at"},
    "api_token": {"digest"},
}


@pytest.mark.parametrize("kind", KEPT, ids=lambda kind: kind.__name__)
def test_fields_are_columns(kind: type[Any]) -> None:
    table, elsewhere = KEPT[kind]
    names = {field.name for field in fields(kind)} - elsewhere
    columns = set(table.c.keys()) - ONLY_KEPT.get(table.name, set())
    assert names - columns == set()
    assert columns - names <= {"id"}


def test_the_migrations_make_exactly_these_tables(db: MovableDatabase) -> None:
    with db.read() as tx:
        ours = {"compare_type": True, "include_name": lambda name, *_: not of_others(name or "")}
        context = MigrationContext.configure(tx, opts=ours)
        assert compare_metadata(context, metadata) == []


def test_upgrading_twice_changes_nothing(db: MovableDatabase) -> None:
    db.upgrade()
    db.check_version()


def test_tables_of_another_version_are_refused_by_name(db: MovableDatabase) -> None:
    with db.write() as tx:
        (head,) = tx.execute(text("SELECT version_num FROM alembic_version")).scalars()
        tx.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    try:
        with pytest.raises(StoreError, match="run `alertcast db upgrade`"):
            db.check_version()
    finally:
        with db.write() as tx:
            tx.execute(text("UPDATE alembic_version SET version_num = :head"), {"head": head})


def test_a_database_without_tables_is_refused_by_name(tmp_path: Path) -> None:
    db = Database(f"sqlite:///{tmp_path / 'new.sqlite3'}", Vault.from_text(DATA_KEY))
    with pytest.raises(StoreError, match="is at version None"):
        db.check_version()
    db.close()
