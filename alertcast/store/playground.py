"""A place in a database for drills: made, emptied, dropped, and every move in it written down.

The moves are written by triggers, in the transaction that makes them: no step can forget one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    Column,
    Integer,
    MetaData,
    String,
    Table,
    bindparam,
    delete,
    insert,
    make_url,
    select,
    text,
)

from alertcast.core.task import AttemptState
from alertcast.store import guards
from alertcast.store.db import Database, StoreError, Tx
from alertcast.store.schema import attempt, channel_state, metadata

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
_furniture = Table(
    "drill_furniture",
    MetaData(),
    Column("name", String, primary_key=True),  # of a table
    Column("held", String, nullable=False),  # how many rows, and by which transaction at last
)
_BEGUN = select(attempt.c.requested_real).where(attempt.c.state == bindparam("state"))
_PAUSES = select(channel_state.c.paused_until).where(
    channel_state.c.paused_until > bindparam("now")
)
_FROM_ONE = text(
    "SELECT setval(one.oid::regclass, 1, false) FROM pg_class one "
    "JOIN pg_depend its ON its.objid = one.oid AND its.deptype IN ('a', 'i') "
    "JOIN pg_class holder ON holder.oid = its.refobjid "
    "WHERE one.relkind = 'S' AND one.relnamespace = current_schema()::regnamespace "
    "AND holder.relname NOT IN :left"
).bindparams(bindparam("left", expanding=True))


@dataclass(frozen=True, slots=True)
class StateMove:
    """One row went from one state to another."""

    thing: str  # one of WATCHED
    row_id: int
    was: str
    became: str


def inside(url: str, schema: str) -> str:
    """Return the address of a schema of its own in a PostgreSQL database.

    A commit does not wait for the disk there: processes are killed in a drill, not the database.
    """
    options = f"-c search_path={schema} -c synchronous_commit=off"
    found = make_url(url).update_query_dict({"options": options})
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


def furnish(tx: Tx) -> None:
    """Remember which tables in the schema of `tx` hold rows now: `clear` leaves those alone."""
    _furniture.create(tx)
    rows = [{"name": one.name, "held": held} for one in _tables() if (held := _held(tx, one))]
    tx.execute(insert(_furniture), rows)


def clear(tx: Tx) -> None:
    """Empty, on PostgreSQL, all tables but those that held rows when it was furnished.

    Ids begin at 1 again. Raises StoreError if a table that was to be left alone was written to.
    """
    left = {row.name: row.held for row in tx.execute(select(_furniture))}
    with guards.lifted(tx):
        for one in _tables():
            if one.name not in left:
                tx.execute(delete(one))
            elif _held(tx, one) != left[one.name]:
                raise StoreError(f"{one.name}: the drill must leave it as it was furnished")
    tx.execute(_FROM_ONE, {"left": list(left)})


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


def begun(tx: Tx, state: AttemptState) -> list[datetime]:
    """Return the real times at which the requests in a state were claimed."""
    return list(tx.execute(_BEGUN, {"state": state}).scalars())


def pauses(tx: Tx, real_now: datetime) -> list[datetime]:
    """Return the real times after `real_now` at which channels end their pause."""
    return list(tx.execute(_PAUSES, {"now": real_now}).scalars())


def _tables() -> list[Table]:
    """Return every table of ours, those first that point at others."""
    return [_move, *reversed(metadata.sorted_tables)]


def _held(tx: Tx, one: Table) -> str:
    """Return, on PostgreSQL, how many rows a table holds and who wrote last; "": none."""
    name = tx.dialect.identifier_preparer.format_table(one)
    found = tx.execute(text(f"SELECT count(*), max(xmin::text::bigint) FROM {name}")).one()  # noqa: S608
    return f"{found[0]} by {found[1]}" if found[0] else ""


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
