"""A place in a database for drills: made, emptied, dropped, and every move in it written down.

The moves are written by triggers, in the transaction that makes them: no step can forget one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Column, Integer, MetaData, String, Table, make_url, select, text

from alertcast.store.db import Database, Tx
from alertcast.store.schema import metadata

WATCHED = ("attempt", "task", "callout")
"""Tables whose rows have a state that must never move back."""

_move = Table(
    "drill_move",
    MetaData(),
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("thing", String, nullable=False),
    Column("row_id", Integer, nullable=False),
    Column("was", String, nullable=False),
    Column("became", String, nullable=False),
)


@dataclass(frozen=True, slots=True)
class StateMove:
    """One row went from one state to another."""

    thing: str  # one of WATCHED
    row_id: int
    was: str
    became: str


def inside(url: str, schema: str) -> str:
    """Return the address of a schema of its own in a PostgreSQL database."""
    found = make_url(url).update_query_dict({"options": f"-c search_path={schema}"})
    return found.render_as_string(hide_password=False)


def create(db: Database, schema: str) -> None:
    """Make a schema in the PostgreSQL `db`; an older one of its name is dropped."""
    drop(db, schema)
    with db.write() as tx:
        tx.execute(text(f"CREATE SCHEMA {schema}"))


def drop(db: Database, schema: str) -> None:
    """Drop a schema and all that is in it; one that is not there is fine."""
    with db.write() as tx:
        tx.execute(text(f"DROP SCHEMA IF EXISTS {schema} CASCADE"))


def empty(tx: Tx) -> None:
    """Empty every table of ours in the schema of `tx`, on PostgreSQL; ids begin at 1 again."""
    quoted = tx.dialect.identifier_preparer.format_table
    names = ", ".join(quoted(one) for one in (*metadata.sorted_tables, _move))
    tx.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))


def watch(db: Database) -> None:
    """From now on every move of a watched row is written down."""
    with db.write() as tx:
        _move.create(tx)
        for statement in _triggers(is_sqlite=db.is_sqlite):
            tx.exec_driver_sql(statement)


def moves(tx: Tx) -> Sequence[StateMove]:
    """Return every move since `watch`, in order."""
    columns = (_move.c.thing, _move.c.row_id, _move.c.was, _move.c.became)
    rows = tx.execute(select(*columns).order_by(_move.c.id))
    return [StateMove(*row) for row in rows]


def _triggers(*, is_sqlite: bool) -> list[str]:
    written = "INSERT INTO drill_move (thing, row_id, was, became)"
    if is_sqlite:
        return [
            f"CREATE TRIGGER drill_{name} AFTER UPDATE OF state ON {name} "
            f"WHEN old.state IS NOT new.state BEGIN {written} "
            f"VALUES ('{name}', new.id, old.state, new.state); END"
            for name in WATCHED
        ]
    function = (
        "CREATE FUNCTION drill_moved() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"{written} VALUES (TG_TABLE_NAME, new.id, old.state, new.state); RETURN new; END $$"
    )
    return [function] + [
        f"CREATE TRIGGER drill_{name} AFTER UPDATE OF state ON {name} FOR EACH ROW "
        "WHEN (old.state IS DISTINCT FROM new.state) EXECUTE FUNCTION drill_moved()"
        for name in WATCHED
    ]
