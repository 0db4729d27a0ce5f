"""Whom an officer is to ring next: those no channel carries, the most urgent first."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict

from sqlalchemy import select

from alertcast.store import grids
from alertcast.store.db import Tx
from alertcast.store.report_areas import WITHOUT_GRIDS, inside, place_names, tasks_inside
from alertcast.store.report_faces import Face, Faces, faces_of
from alertcast.store.report_now import is_to_dial
from alertcast.store.report_people import standings
from alertcast.store.rows import chunks
from alertcast.store.schema import (
    attempt,
    broadcast,
    callout,
    grid,
    help_request,
    respondent,
    task,
    task_respondent,
)


class ManualFacts(TypedDict):
    """One phone to be dialled by hand, for everything it stands for in one broadcast."""

    broadcast_id: int
    title: str
    mode: str
    purpose: str
    help_request_id: int | None
    person_id: int
    name: str
    phone: str
    other_phone: str | None
    roles: list[str]
    places: list[str]
    level: str | None
    reason: str | None  # key of channels.reasons.REASONS: why no channel carries it
    tries: int  # times an officer has dialled
    last: str | None  # how the last of them ended
    last_at: datetime | None
    elsewhere: bool  # also stands for grids outside the area that was asked for


@dataclass(slots=True)
class _Waiting:
    row: Mapping[Any, Any]
    tasks: list[int]
    tries: int = 0
    last: str | None = None
    last_at: datetime | None = None


def manual_list(
    tx: Tx,
    faces: Faces,
    now: datetime,
    *,
    area: str = "",
    broadcast_id: int | None = None,
    limit: int = 100,
) -> list[ManualFacts]:
    """Return whom to ring, the next first: by priority, then whoever was rung least.

    One row per broadcast and phone. `broadcast_id` narrows it to one broadcast.
    """
    waiting = _waiting(tx, now, area, broadcast_id)
    _count_tries(tx, waiting)
    first = sorted(waiting, key=_order)[:limit]
    posts = _posts(tx, [task_id for one in first for task_id in one.tasks], area)
    _posts_behind(tx, first, posts, area)
    people = faces_of(tx, faces, {one.row["person_id"] for one in first})
    layers: dict[int | None, set[str]] = {}
    for one in first:
        held = layers.setdefault(one.row["layer_id"], set())
        held |= {place for task_id in one.tasks for _, place, _ in posts.get(task_id, ())}
    active = grids.active_layer(tx) if None in layers else None  # a broadcast without grids
    in_use: int | None = active["id"] if active else None
    names = {
        layer: place_names(tx, in_use if layer is None else layer, codes)
        for layer, codes in layers.items()
    }
    return [_facts(one, faces, people, posts, names[one.row["layer_id"]]) for one in first]


def _waiting(tx: Tx, now: datetime, area: str, broadcast_id: int | None) -> list[_Waiting]:
    columns = (
        task.c.id,
        task.c.broadcast_id,
        task.c.phone_index,
        task.c.person_id,
        task.c.purpose,
        task.c.level,
        task.c.priority,
        task.c.reason,
        task.c.help_request_id,
        broadcast.c.title,
        broadcast.c.mode,
        broadcast.c.layer_id,
        help_request.c.places.label("help_places"),
    )
    rows = (
        select(*columns)
        .join(broadcast, broadcast.c.id == task.c.broadcast_id)
        .outerjoin(help_request, help_request.c.id == task.c.help_request_id)
        .where(is_to_dial(now), tasks_inside(area, broadcast_id))
        .order_by(task.c.priority, task.c.id)
    )
    if broadcast_id is not None:
        rows = rows.where(task.c.broadcast_id == broadcast_id)
    found: dict[tuple[int, str], _Waiting] = {}
    for row in tx.execute(rows).mappings():
        key = (row["broadcast_id"], row["phone_index"])
        found.setdefault(key, _Waiting(row, [])).tasks.append(row["id"])
    return list(found.values())


def _count_tries(tx: Tx, waiting: Iterable[_Waiting]) -> None:
    by_task = {task_id: one for one in waiting for task_id in one.tasks}
    for chunk in chunks(sorted(by_task)):
        rows = select(attempt.c.task_id, attempt.c.state, attempt.c.requested_at)
        rows = rows.where(attempt.c.task_id.in_(chunk), attempt.c.channel == "manual")
        for row in tx.execute(rows.order_by(attempt.c.id)):
            one = by_task[row.task_id]
            one.last, one.last_at = row.state, row.requested_at
            one.tries += row.task_id == one.tasks[0]


def _order(one: _Waiting) -> tuple[int, int, str, int]:
    last = one.last_at.isoformat() if one.last_at else ""
    return (one.row["priority"], one.tries, last, one.tasks[0])


def _posts(tx: Tx, task_ids: Iterable[int], area: str) -> dict[int, list[tuple[str, str, bool]]]:
    found: dict[int, list[tuple[str, str, bool]]] = {}
    for chunk in chunks(sorted(set(task_ids))):
        rows = (
            select(
                task_respondent.c.task_id,
                respondent.c.role,
                respondent.c.place,
                inside(area).label("is_inside"),
            )
            .join(respondent, respondent.c.id == task_respondent.c.respondent_id)
            .join(callout, callout.c.id == respondent.c.callout_id)
            .join(grid, grid.c.id == callout.c.grid_id)
            .where(task_respondent.c.task_id.in_(chunk))
            .order_by(respondent.c.id)
        )
        for row in tx.execute(rows):
            found.setdefault(row.task_id, []).append((row.role, row.place, row.is_inside))
    return found


def _posts_behind(
    tx: Tx,
    waiting: Iterable[_Waiting],
    posts: dict[int, list[tuple[str, str, bool]]],
    area: str,
) -> None:
    """Add the posts of those who are told without a callout, as by a correction."""
    bare: dict[int, dict[int, int]] = {}  # broadcast -> person -> task
    for one in waiting:
        if one.row["purpose"] in WITHOUT_GRIDS and not any(posts.get(id_) for id_ in one.tasks):
            bare.setdefault(one.row["broadcast_id"], {})[one.row["person_id"]] = one.tasks[0]
    for broadcast_id, theirs in bare.items():
        for known in standings(tx, broadcast_id, area, only=theirs.keys()):
            pairs = zip(known.roles, known.places, strict=False)
            posts[theirs[known.person_id]] = [(role, place, True) for role, place in pairs]


def _facts(
    one: _Waiting,
    faces: Faces,
    people: Mapping[int, Face],
    posts: Mapping[int, list[tuple[str, str, bool]]],
    names: Mapping[str, str],
) -> ManualFacts:
    row = one.row
    face = people[row["person_id"]]
    held = [post for task_id in one.tasks for post in posts.get(task_id, ())]
    places = dict.fromkeys(names[place] for _, place, is_inside in held if is_inside)
    return ManualFacts(
        broadcast_id=row["broadcast_id"],
        title=row["title"],
        mode=row["mode"],
        purpose=row["purpose"],
        help_request_id=row["help_request_id"],
        person_id=row["person_id"],
        name=face.name,
        phone=face.phone,
        other_phone=face.other_phone,
        roles=list(dict.fromkeys(role for role, _, is_inside in held if is_inside)),
        places=list(places) or list(row["help_places"] or ()),
        level=row["level"],
        reason=row["reason"],
        tries=one.tries,
        last=one.last,
        last_at=one.last_at,
        elsewhere=not all(is_inside for _, _, is_inside in held),
    )
