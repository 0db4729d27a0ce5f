"""What all tables of a call record, and of other papers, are made with."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from alertcast.core.sheet import Table
from alertcast.web.context import world

Column = tuple[str, float, Callable[[Any], str]]
"""Header, share of the width, and what stands there of a row's facts."""


def moment(at: datetime | None) -> str:
    """Return a date and time of the office's zone, to the second; "" where there is none."""
    return "" if at is None else f"{world().local(at):%Y-%m-%d %H:%M:%S}"


def table(key: str, title: str, facts: Iterable[Any], columns: Iterable[Column]) -> Table:
    """Return a table with a row for each of `facts`."""
    listed = list(columns)
    return Table(
        title=title,
        headers=tuple(name for name, _, _ in listed),
        rows=[tuple(shown(one) for _, _, shown in listed) for one in facts],
        widths=tuple(width for _, width, _ in listed),
        key=key,
    )


def number(found: int | None) -> str:
    """Return a count in digits; "" where there is none."""
    return "" if found is None else str(found)
