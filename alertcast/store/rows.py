"""From a row to the value it keeps, and the few things every table needs written once."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from enum import StrEnum
from functools import cache
from operator import itemgetter
from typing import Any, ClassVar, Protocol, TypeVar

from sqlalchemy import (
    CursorResult,
    Dialect,
    String,
    Table,
    insert,
    select,
    type_coerce,
    update,
)
from sqlalchemy.types import TypeDecorator

from alertcast.store.db import Tx


class _Value(Protocol):
    __dataclass_fields__: ClassVar[dict[str, Any]]


V = TypeVar("V", bound=_Value)
T = TypeVar("T")


def value(kind: type[V], row: Mapping[Any, Any], **instead: object) -> V:
    """Return the value of type `kind` kept in `row`; `instead` replaces fields, e.g. enums."""
    found = {name: row[name] for name in _names(kind) if name not in instead}
    return kind(**found, **instead)


def columns(kind: type[_Value], table: Table, **instead: Any) -> list[Any]:
    """Return the columns of a table in the order of the fields of `kind`: its arguments.

    So that `kind(*row)` is the value: for what is read all the time. `instead` replaces columns.
    """
    found: list[Any] = []
    for field in fields(kind):
        one = instead.get(field.name, table.c.get(field.name))
        if isinstance(field.type, type) and issubclass(field.type, StrEnum):
            one = type_coerce(one, _Word(field.type))
        found.append(one)
    return found


class _Word(TypeDecorator[StrEnum]):
    """A word that is read as the member of an enum."""

    impl = String
    cache_ok = True

    def __init__(self, kind: type[StrEnum]) -> None:
        super().__init__()
        self.kind = kind

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        """Return what finds the member."""
        return {one.value: one for one in self.kind}.__getitem__


@cache
def _names(kind: type[_Value]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def new_id(result: CursorResult[Any]) -> int:
    """Return the id of the row that was just inserted."""
    key = result.inserted_primary_key
    if key is None:
        msg = "the insert returned no id"
        raise LookupError(msg)
    return int(key[0])


def new_version(
    tx: Tx, table: Table, name: str, sha256: str, **columns: object
) -> tuple[int, int, bool]:
    """Make the next version of `name` in `table` the active one; return id, version, is new.

    If the newest version came from the same bytes it is made active, and nothing is written.
    """
    rows = select(table).where(table.c.name == name).order_by(table.c.version.desc())
    newest = tx.execute(rows).mappings().first()
    tx.execute(update(table).values(is_active=False))
    if newest is not None and newest["sha256"] == sha256:
        tx.execute(update(table).where(table.c.id == newest["id"]).values(is_active=True))
        return newest["id"], newest["version"], False
    version = newest["version"] + 1 if newest is not None else 1
    row = insert(table).values(name=name, version=version, sha256=sha256, is_active=True, **columns)
    return new_id(tx.execute(row)), version, True


def insert_plainly(
    tx: Tx, table: Table, names: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> None:
    """Insert many rows of what the driver takes as it is: text, numbers, bytes, JSON as text.

    SQLAlchemy's own way with each row takes several times as long as SQLite does.
    """
    statement = insert(table).compile(dialect=tx.dialect, column_keys=list(names))
    if statement.positiontup is not None:
        in_order = itemgetter(*map(names.index, statement.positiontup))
        given: list[Any] = [*map(in_order, rows)]
    else:
        given = [dict(zip(names, row, strict=True)) for row in rows]
    if given:
        tx.exec_driver_sql(str(statement), given)


def chunks(items: Iterable[T], size: int = 500) -> Iterator[Sequence[T]]:
    """Return `items` in pieces that fit the number of parameters a statement may have."""
    listed = list(items)
    return (listed[at : at + size] for at in range(0, len(listed), size))
