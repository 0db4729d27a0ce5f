"""From a row to the value it keeps, and the two things every table needs written once."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any, ClassVar, Protocol, TypeVar

from sqlalchemy import CursorResult, Table, insert, select, update

from alertcast.store.db import Tx


class _Value(Protocol):
    __dataclass_fields__: ClassVar[dict[str, Any]]


V = TypeVar("V", bound=_Value)
T = TypeVar("T")


def value(kind: type[V], row: Mapping[Any, Any], **instead: object) -> V:
    """Return the value of type `kind` kept in `row`; `instead` replaces fields, e.g. enums."""
    names = [field.name for field in fields(kind)]
    return kind(**{name: instead[name] if name in instead else row[name] for name in names})


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


def chunks(items: Iterable[T], size: int = 500) -> Iterator[Sequence[T]]:
    """Return `items` in pieces that fit the number of parameters a statement may have."""
    listed = list(items)
    return (listed[at : at + size] for at in range(0, len(listed), size))
