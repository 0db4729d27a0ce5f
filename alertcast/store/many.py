"""Many values in one parameter of one statement, written once for both databases.

A statement for each row, or a parameter for each value, costs more than what it does. So a list is
given as one parameter, and read by the database itself: as JSON, or as an array of PostgreSQL's.
"""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    Dialect,
    LargeBinary,
    String,
    Subquery,
    Text,
    bindparam,
    func,
    literal_column,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.visitors import InternalTraversal
from sqlalchemy.types import TypeDecorator, TypeEngine

from alertcast.store.db import as_text, in_utc


def among(found: ColumnElement[Any], name: str = "ids") -> ColumnElement[bool]:
    """Return the condition that `found` is in the list given as the parameter `name`."""
    return _Among(found, bindparam(name, type_=_List(found.type)))


def among_many(found: ColumnElement[Any], name: str = "ids") -> ColumnElement[bool]:
    """Return the same condition for lists of thousands, where an index finds each value.

    PostgreSQL may find rows otherwise, and look through the whole list for each of them.
    """
    return _AmongMany(found, bindparam(name, type_=_List(found.type)))


def word(said: str) -> ColumnElement[str]:
    """Return a word of ours that is part of a statement: so an index of rows with it is found."""
    return literal_column(f"'{said}'", String())


def words(*said: str) -> list[ColumnElement[str]]:
    """Return words of ours for `in_`, whose parameters would be spelled out anew at each run."""
    return [word(one) for one in said]


def given(name: str, *columns: ColumnElement[Any]) -> Subquery:
    """Return the rows given as the parameter `name` as a table: sequences of these columns.

    Bytes are given in hexadecimal digits.
    """
    every = _Rows(bindparam(name, type_=_Table())).table_valued("value", name=f"{name}_row")
    cells = [_cell(every.c.value, at, one.type).label(one.name) for at, one in enumerate(columns)]
    return select(*cells).select_from(every).subquery(name)


def _cell(row: ColumnElement[Any], at: int, kind: TypeEngine[Any]) -> ColumnElement[Any]:
    if isinstance(kind, LargeBinary):  # SQLite is taught PostgreSQL's function, see `db`
        return func.decode(_Cell(row, at, Text()), "hex", type_=kind)
    return _Cell(row, at, kind)


class _List(TypeDecorator[Sequence[Any]]):
    """A list of values of one type."""

    impl = Text
    cache_ok = True

    def __init__(self, item: TypeEngine[Any]) -> None:
        super().__init__()
        self.item = item

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return an array of that type, or text."""
        kind = Text() if dialect.name == "sqlite" else ARRAY(self.item)
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """Return what the driver is given."""
        return _json(list(value)) if dialect.name == "sqlite" else list(value)


class _Table(TypeDecorator[Sequence[Sequence[Any]]]):
    """Rows as JSON: an array of arrays."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        """Return the rows as JSON, times as the database writes them."""
        return _json(value, as_text if dialect.name == "sqlite" else _iso)


def _json(value: Any, default: Callable[[Any], str] | None = None) -> str:
    """Return JSON with its letters as they are: what is none, drivers refuse, and SQLite keeps."""
    return json.dumps(value, default=default, ensure_ascii=False)


def _iso(value: datetime) -> str:
    return in_utc(value).isoformat()


class _Among(FunctionElement[bool]):
    """A value and a list: it is in the list."""

    name = "among"
    type = Boolean()
    inherit_cache = True

    def self_group(self, against: Any = None) -> Any:
        """Return it as it is: SQLite finds no index for a condition that is compared with 1."""
        return self


class _AmongMany(_Among):
    """A value and a long list."""

    name = "among_many"
    inherit_cache = True


class _Rows(FunctionElement[Any]):
    """The elements of a JSON array."""

    name = "rows"
    inherit_cache = True


class _Cell(ColumnElement[Any]):
    """The element of a row at a place, of a type."""

    _traverse_internals = [  # noqa: RUF012  # SQLAlchemy's way to say what tells two apart
        ("row", InternalTraversal.dp_clauseelement),
        ("at", InternalTraversal.dp_plain_obj),
        ("type", InternalTraversal.dp_type),
    ]

    def __init__(self, row: ColumnElement[Any], at: int, kind: TypeEngine[Any]) -> None:
        self.row, self.at, self.type = row, at, kind


@compiles(_Among, "sqlite")
def _among_sqlite(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    found, listed = (compiler.process(one, **options) for one in element.clauses)
    return f"{found} IN (SELECT value FROM json_each({listed}))"  # noqa: S608  # of parameters


@compiles(_Among, "postgresql")
def _among_postgresql(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    found, listed = (compiler.process(one, **options) for one in element.clauses)
    return f"{found} = ANY ({listed})"


@compiles(_AmongMany, "postgresql")
def _among_many_postgresql(element: _AmongMany, compiler: SQLCompiler, **options: Any) -> str:
    found, listed = (compiler.process(one, **options) for one in element.clauses)
    return f"{found} IN (SELECT unnest({listed}))"


@compiles(_Rows, "sqlite")
def _rows_sqlite(element: _Rows, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **options)})"


@compiles(_Rows, "postgresql")
def _rows_postgresql(element: _Rows, compiler: SQLCompiler, **options: Any) -> str:
    return f"jsonb_array_elements(CAST({compiler.process(element.clauses, **options)} AS JSONB))"


@compiles(_Cell, "sqlite")
def _cell_sqlite(element: _Cell, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_extract({compiler.process(element.row, **options)}, '$[{element.at}]')"


@compiles(_Cell, "postgresql")
def _cell_postgresql(element: _Cell, compiler: SQLCompiler, **options: Any) -> str:
    kind = compiler.dialect.type_compiler_instance.process(element.type)
    return f"CAST({compiler.process(element.row, **options)} ->> {element.at} AS {kind})"
