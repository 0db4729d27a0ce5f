"""Tasks are planned: one for each phone and kind, written from the people's own rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Column, Insert, Table, bindparam, insert, literal, select, update

from alertcast.core.plan import PlannedTask
from alertcast.core.task import TaskState
from alertcast.store import bells
from alertcast.store.db import Tx
from alertcast.store.many import among, among_many, given
from alertcast.store.schema import person, task, task_grid, task_respondent


@dataclass(frozen=True, slots=True)
class Order:
    """What the tasks of one fan-out step have in common."""

    broadcast_id: int
    kind: str
    purpose: str
    template: str
    due_at: datetime
    expires_at: datetime | None
    calls: int = 1
    every: float = 100.0  # product seconds from one attempt to the next
    reason: str | None = None  # manual tasks: why no channel carries it
    help_request_id: int | None = None


def write(tx: Tx, order: Order, planned: Sequence[tuple[PlannedTask, int]], now: datetime) -> int:
    """Write one task for each planned one (with its priority); return how many are new.

    A task of the same phone and kind whose text is not frozen yet is widened instead: one phone is
    told once for all it stands for. Otherwise a new wave begins.
    """
    waves, waiting = _existing(tx, order, [one.phone_index for one, _ in planned])
    widened: list[tuple[_Waiting, PlannedTask, int]] = []
    news: dict[_Alike, list[PlannedTask]] = {}
    for one, priority in planned:
        known = waiting.get(one.phone_index)
        if known is not None:
            widened.append((known, one, priority))
        else:
            wave = waves.get(one.phone_index, -1) + 1
            news.setdefault(_Alike(one.level, priority, one.language, wave), []).append(one)
    _widen(tx, widened)
    for alike, those in news.items():
        _add(tx, order, alike, those, now)
    bells.note(tx, order.kind)
    return sum(len(those) for those in news.values())


class _Waiting(NamedTuple):
    """A task that waits, and whose text is not frozen yet."""

    id: int
    priority: int


class _Alike(NamedTuple):
    """What differs between the tasks of one order, beside the person."""

    level: str | None
    priority: int
    language: str
    wave: int


def _existing(
    tx: Tx, order: Order, phones: Sequence[str]
) -> tuple[dict[str, int], dict[str, _Waiting]]:
    """Return the last wave of each of the phones, and the tasks that can be widened, by phone."""
    waves: dict[str, int] = {}
    waiting: dict[str, _Waiting] = {}
    asked = {"broadcast_id": order.broadcast_id, "kind": order.kind, "ids": phones}
    for row in tx.execute(_OF_PHONES, asked):
        waves[row.phone_index] = row.wave
        is_open = row.state in (TaskState.QUEUED, TaskState.MANUAL) and row.is_unwritten
        same = row.help_request_id == order.help_request_id and row.purpose == order.purpose
        if is_open and same:
            waiting[row.phone_index] = _Waiting(row.id, row.priority)
    return waves, waiting


def _widen(tx: Tx, widened: Sequence[tuple[_Waiting, PlannedTask, int]]) -> None:
    """Let these tasks serve more respondents, and be as urgent as the most urgent of them."""
    if not widened:
        return
    rows = [
        {"b_id": task.id, "b_priority": priority, "b_level": one.level}
        for task, one, priority in widened
        if priority < task.priority
    ]
    if rows:
        tx.execute(_RAISE, rows)
    served = {tuple(row) for row in tx.execute(_LINKS, {"ids": [task.id for task, *_ in widened]})}
    links = {(task.id, found) for task, one, _ in widened for found in one.respondents}
    _write(tx, _LINK, ("task_id", "respondent_id"), sorted(links - served))
    about = {tuple(row) for row in tx.execute(_ABOUT, {"ids": [task.id for task, *_ in widened]})}
    grids = {(task.id, found) for task, one, _ in widened for found in one.grids}
    _write(tx, _LINK_GRID, ("task_id", "grid_id"), sorted(grids - about))


def _add(tx: Tx, order: Order, alike: _Alike, those: Sequence[PlannedTask], now: datetime) -> None:
    """Write new tasks and whom they serve; each phone is taken from the person's row."""
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
        **alike._asdict(),
    }
    values = [literal(one, task.c[name].type).label(name) for name, one in shared.items()]
    rows = select(person.c.id, person.c.phone_index, *values).where(among(person.c.id))
    added = (
        insert(task)
        .from_select(["person_id", "phone_index", *shared], rows.order_by(person.c.id))
        .execution_options(preserve_rowcount=True)
    )
    written = tx.execute(added, {"ids": [one.person_id for one in those]}).rowcount
    if written != len(those):
        msg = f"broadcast {order.broadcast_id}: {written} of {len(those)} tasks were planned"
        raise LookupError(msg)
    asked = {"broadcast_id": order.broadcast_id, "kind": order.kind, "wave": alike.wave}
    for statement, links in (
        (_SERVE, [(one.phone_index, found) for one in those for found in one.respondents]),
        (_TELL_OF, [(one.phone_index, found) for one in those for found in one.grids]),
    ):
        if links:
            tx.execute(statement, {**asked, "links": links})


def _write(
    tx: Tx, statement: Insert, names: tuple[str, str], links: Iterable[tuple[int, int]]
) -> None:
    """Write which task serves, or is about, what."""
    rows = [dict(zip(names, one, strict=True)) for one in links]
    if rows:
        tx.execute(statement, rows)


def _of_new_tasks(table: Table, other: Column[int]) -> Insert:
    """Return what links the tasks that were just written, by their phones, with rows of `other`."""
    links = given("links", task.c.phone_index, other)
    new = (
        select(task.c.id)
        .where(task.c.broadcast_id == bindparam("broadcast_id"))
        .where(task.c.kind == bindparam("kind"), task.c.wave == bindparam("wave"))
        .where(task.c.phone_index == links.c.phone_index)
        .scalar_subquery()  # not a join: SQLite would read all links for each task
    )
    return insert(table).from_select(["task_id", other.name], select(new, links.c[1]))


_OF_PHONES = (
    select(
        task.c.id,
        task.c.phone_index,
        task.c.wave,
        task.c.priority,
        task.c.state,
        task.c.purpose,
        task.c.help_request_id,
        task.c.text.is_(None).label("is_unwritten"),
    )
    .where(task.c.broadcast_id == bindparam("broadcast_id"), task.c.kind == bindparam("kind"))
    .where(among_many(task.c.phone_index))
    .order_by(task.c.wave)
)
_RAISE = (
    update(task)
    .where(task.c.id == bindparam("b_id"))
    .values(priority=bindparam("b_priority"), level=bindparam("b_level"))
)
_LINKS = select(task_respondent.c.task_id, task_respondent.c.respondent_id).where(
    among(task_respondent.c.task_id)
)
_LINK = insert(task_respondent)
_ABOUT = select(task_grid.c.task_id, task_grid.c.grid_id).where(among(task_grid.c.task_id))
_LINK_GRID = insert(task_grid)
_SERVE = _of_new_tasks(task_respondent, task_respondent.c.respondent_id)
_TELL_OF = _of_new_tasks(task_grid, task_grid.c.grid_id)
