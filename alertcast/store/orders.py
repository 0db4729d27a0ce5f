"""Tasks are planned: one for each phone and kind, written from those who are to be told."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Insert,
    Table,
    and_,
    bindparam,
    case,
    insert,
    literal,
    select,
    update,
)

from alertcast.core.task import TaskState
from alertcast.store import bells
from alertcast.store.db import Tx
from alertcast.store.many import given
from alertcast.store.moving import still_told
from alertcast.store.schema import task, task_grid, task_respondent
from alertcast.store.tellings import IS_BUSY, IS_KNOWN, LEADS, telling


@dataclass(frozen=True, slots=True)
class Order:
    """What the tasks of one fan-out step have in common."""

    broadcast_id: int
    kind: str
    purpose: str
    template: str
    due_at: datetime
    expires_at: datetime | None
    priorities: Mapping[str, int]  # of each level
    priority: int  # of any other
    languages: Mapping[str, str]  # tags of a person -> the one that is spoken
    calls: int = 1
    every: float = 100.0  # product seconds from one attempt to the next
    reason: str | None = None  # manual tasks: why no channel carries it
    help_request_id: int | None = None
    is_repeat: bool = False  # whoever is still being told by this kind is left out


def write(tx: Tx, order: Order, way: int, now: datetime) -> int:
    """Write a task for each phone that is told in this way; return how many are new.

    A task of the same phone and kind whose text is not frozen yet is widened instead: one phone is
    told once for all it stands for. Otherwise a new wave begins.
    """
    marks = _marks(tx, order, way)
    if marks:
        tx.execute(_MARK, {"marks": [(one.id, one.wave, one.becomes) for one in marks]})
    new = tx.execute(_add(order, now), {"way": way}).rowcount
    asked = {"broadcast_id": order.broadcast_id, "kind": order.kind, "way": way}
    for link in _LINKS_ANEW if marks else _LINKS:
        tx.execute(link, asked)
    if marks:
        tx.execute(_MARK, {"marks": [(one.id, 0, one.part) for one in marks]})
    bells.note(tx, order.kind)
    return new


class _Mark(NamedTuple):
    """One of those who are to be told, whose phone has a task of this kind already."""

    id: int
    part: int
    wave: int
    becomes: int


def _marks(tx: Tx, order: Order, way: int) -> list[_Mark]:
    """Widen the tasks that wait; return what becomes of those on whose phone any was planned."""
    asked = {"broadcast_id": order.broadcast_id, "kind": order.kind, "way": way}
    known: dict[str, list[Any]] = {}
    for row in tx.execute(_KNOWN, asked):
        known.setdefault(row.phone_index, []).append(row)
    told = still_told(order.kind) if order.is_repeat else frozenset()
    marks: list[_Mark] = []
    raised: list[dict[str, Any]] = []
    for rows in known.values():
        last = rows[-1]
        mine = {row.id: row for row in rows}.values()
        waiting = [row for row in rows if _waits(row, order)]
        if any(row.state in told and row.help_request_id is None for row in rows):
            marks += [_Mark(row.id, row.part, 0, IS_BUSY) for row in mine]
        elif waiting:
            found = waiting[-1]
            marks += [_Mark(row.id, row.part, found.wave, IS_KNOWN) for row in mine]
            (lead,) = (row for row in mine if row.part == LEADS)
            priority = order.priorities.get(lead.level, order.priority)
            if priority < found.priority:
                level = {"b_priority": priority, "b_level": lead.level}
                raised.append({"b_id": found.task_id, **level})
        else:
            marks += [_Mark(row.id, row.part, last.wave + 1, row.part) for row in mine]
    if raised:
        tx.execute(_RAISE, raised)
    return marks


def _waits(row: Any, order: Order) -> bool:
    """Say whether this task waits for its first attempt, and would tell the same."""
    is_open = row.state in (TaskState.QUEUED, TaskState.MANUAL) and row.is_unwritten
    same = row.help_request_id == order.help_request_id and row.purpose == order.purpose
    return bool(is_open and same)


def _add(order: Order, now: datetime) -> Insert:
    """Return what writes a new task for each phone: of the row that leads."""
    shared = {
        "broadcast_id": order.broadcast_id,
        "kind": order.kind,
        "state": TaskState.MANUAL if order.kind == "manual" else TaskState.QUEUED,
        "purpose": order.purpose,
        "due_at": order.due_at,
        "expires_at": order.expires_at,
        "calls": order.calls,
        "every": order.every,
        "tries": 0,
        "template": order.template,
        "reason": order.reason,
        "help_request_id": order.help_request_id,
        "created_at": now,
    }
    values: dict[str, ColumnElement[Any]] = {
        name: literal(one, task.c[name].type) for name, one in shared.items()
    }
    values["priority"] = _by(telling.c.level, order.priorities, order.priority)
    values["language"] = _by(telling.c.language, order.languages, "")
    own = ("person_id", "phone_index", "level", "wave")
    rows = (
        select(*(telling.c[name] for name in own), *values.values())
        .where(telling.c.way == bindparam("way"), telling.c.part == LEADS)
        .order_by(telling.c.id)
    )
    return insert(task).from_select([*own, *values], rows).execution_options(preserve_rowcount=True)


def _by(found: ColumnElement[Any], values: Mapping[str, Any], other: object) -> ColumnElement[Any]:
    """Return what `values` says of a column; of one value only, that."""
    if len(values) == 1 and not other:
        return literal(next(iter(values.values())))
    return case(values, value=found, else_=other) if values else literal(other)


def _links(table: Table, name: str) -> tuple[Insert, Insert]:
    """Return what links tasks with `name` of those they tell: of new tasks alone, and of any."""
    own, other = table.c.task_id, table.c[name]
    rows = (
        select(task.c.id, telling.c[name])
        .join_from(telling, task, _SAME)
        .where(task.c.wave == telling.c.wave)
        .where(telling.c.way == bindparam("way"), telling.c.part != IS_BUSY)
        .where(telling.c[name].is_not(None))
        .order_by(telling.c.id)
    )
    is_there = select(own).where(own == task.c.id, other == telling.c[name])
    anew = rows.where(~is_there.exists()).order_by(None).distinct()
    names = ["task_id", name]
    return insert(table).from_select(names, rows), insert(table).from_select(names, anew)


_SAME = and_(
    task.c.phone_index == telling.c.phone_index,
    task.c.broadcast_id == bindparam("broadcast_id"),
    task.c.kind == bindparam("kind"),
)
_KNOWN = (
    select(
        telling.c.id,
        telling.c.phone_index,
        telling.c.part,
        telling.c.level,
        task.c.id.label("task_id"),
        task.c.wave,
        task.c.priority,
        task.c.state,
        task.c.purpose,
        task.c.help_request_id,
        task.c.text.is_(None).label("is_unwritten"),
    )
    .join_from(telling, task, _SAME)
    .where(telling.c.way == bindparam("way"))
    .order_by(task.c.wave, telling.c.id)
)
_MARKS = given("marks", telling.c.id, telling.c.wave, telling.c.part)
_MARK = (
    update(telling)
    .where(telling.c.id == _MARKS.c.id)
    .values(wave=_MARKS.c.wave, part=_MARKS.c.part)
)
_RAISE = (
    update(task)
    .where(task.c.id == bindparam("b_id"))
    .values(priority=bindparam("b_priority"), level=bindparam("b_level"))
)
_LINKS, _LINKS_ANEW = zip(
    _links(task_respondent, "respondent_id"), _links(task_grid, "grid_id"), strict=True
)
