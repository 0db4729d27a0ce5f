"""Messages looked for by an officer: which there are, and the story of one, receipt by receipt.

Names and phones are masked unless the faces were opened.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict

from sqlalchemy import ColumnElement, Select, func, or_, select

from alertcast.core import link
from alertcast.core.phone import hidden
from alertcast.core.task import Attempt
from alertcast.store import attempts, receipts
from alertcast.store.db import Tx
from alertcast.store.report_areas import inside, tasks_inside
from alertcast.store.report_faces import Faces
from alertcast.store.schema import (
    broadcast,
    callout,
    grid,
    person,
    respondent,
    task,
    task_respondent,
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which messages are looked for; what is empty does not matter."""

    broadcast_id: int | None = None
    people: tuple[int, ...] = ()  # each with the other number, and numbers shared with others
    phone_index: str = ""  # keyed blind index of the number
    state: str = ""
    kind: str = ""
    grid_code: str = ""
    area: str = ""  # of whoever asks
    before: int | None = None  # an id: only older messages, for the next page
    since: datetime | None = None  # planned from then on
    until: datetime | None = None  # planned before


class MessageFacts(TypedDict):
    """One message."""

    id: int
    broadcast_id: int
    title: str
    mode: str
    purpose: str
    kind: str
    level: str | None
    person_id: int
    name: str
    phone: str
    state: str
    reason: str | None
    tries: int
    created_at: datetime | None
    due_at: datetime


class HeardOf(TypedDict):
    """One word of a provider about an attempt."""

    at: datetime
    word: str  # the provider's own
    state: str | None  # what it means to us
    reason: str | None
    code: str | None
    effect: str | None  # what it changed; None: not applied yet


class AttemptStory(TypedDict):
    """One attempt, and everything that was heard of it."""

    n: int
    channel: str
    at: datetime
    state: str
    reason: str | None
    code: str | None
    key: str | None
    provider_ref: str | None
    settled_at: datetime | None
    heard: list[HeardOf]


class MessageStory(MessageFacts):
    """One message from the beginning."""

    places: list[str]
    template: str
    language: str
    text: str  # as it left; "" before it was made
    calls: int  # most attempts
    expires_at: datetime | None
    told_by: int | None  # another message that tells this as well
    attempts: list[AttemptStory]


def found(tx: Tx, faces: Faces, wanted: Wanted, limit: int) -> list[MessageFacts]:
    """Return the messages that are looked for, the newest first."""
    rows = _messages().where(*_conditions(wanted)).order_by(task.c.id.desc()).limit(limit)
    return [_facts(faces, row) for row in tx.execute(rows).mappings()]


def story(tx: Tx, faces: Faces, task_id: int, *, area: str = "") -> MessageStory | None:
    """Return the story of a message, or None if there is none in `area`."""
    rows = _messages(
        task.c.template, task.c.language, task.c.text, task.c.calls, task.c.expires_at
    ).where(task.c.id == task_id, tasks_inside(area))
    row = tx.execute(rows).mappings().first()
    if row is None:
        return None
    lead = row["joined_to"] or task_id
    made = attempts.of_task(tx, lead)
    text = "" if row["text"] is None else link.hidden(faces.vault.read(row["text"]))
    return MessageStory(
        **_facts(faces, row),
        places=_places(tx, task_id, area),
        template=row["template"],
        language=row["language"],
        text=text if faces.is_open else hidden(text),
        calls=row["calls"],
        expires_at=row["expires_at"],
        told_by=row["joined_to"],
        attempts=_attempts(tx, made),
    )


def _conditions(wanted: Wanted) -> list[Any]:
    conditions: list[Any] = [_about(wanted)]
    for column, value in (
        (task.c.broadcast_id, wanted.broadcast_id),
        (task.c.phone_index, wanted.phone_index),
        (task.c.state, wanted.state),
        (task.c.kind, wanted.kind),
    ):
        if value:
            conditions.append(column == value)
    if wanted.before is not None:
        conditions.append(task.c.id < wanted.before)
    if wanted.since is not None:
        conditions.append(task.c.created_at >= wanted.since)
    if wanted.until is not None:
        conditions.append(task.c.created_at < wanted.until)
    if wanted.people:
        conditions.append(_to(wanted.people))
    return conditions


def _about(wanted: Wanted) -> ColumnElement[bool]:
    """Return the condition that a row of `task` is about the grid or the area that is looked for.

    What serves a grid of the area is about the area: nothing else has to be asked then.
    """
    if not wanted.grid_code:
        return tasks_inside(wanted.area)
    told = (
        select(task_respondent.c.task_id)
        .join(respondent, respondent.c.id == task_respondent.c.respondent_id)
        .join(callout, callout.c.id == respondent.c.callout_id)
        .join(grid, grid.c.id == callout.c.grid_id)
        .where(callout.c.grid_code == wanted.grid_code, inside(wanted.area))
    )
    return task.c.id.in_(told)


def _to(people: Sequence[int]) -> ColumnElement[bool]:
    """Return the condition that a row of `task` tells any of these people, on whichever number."""
    others = select(person.c.other_of).where(person.c.id.in_(people))
    own = select(person.c.id).where(
        or_(person.c.id.in_(people), person.c.other_of.in_(people), person.c.id.in_(others))
    )
    shared = (
        select(task_respondent.c.task_id)
        .join(respondent, respondent.c.id == task_respondent.c.respondent_id)
        .where(respondent.c.person_id.in_(own))
    )
    return or_(task.c.person_id.in_(own), task.c.id.in_(shared))


def _messages(*more: Any) -> Select[Any]:
    return (
        select(
            task.c.id,
            task.c.broadcast_id,
            broadcast.c.title,
            broadcast.c.mode,
            task.c.purpose,
            task.c.kind,
            task.c.level,
            func.coalesce(person.c.other_of, person.c.id).label("person_id"),
            person.c.name,
            person.c.phone,
            task.c.state,
            task.c.reason,
            task.c.tries,
            task.c.created_at,
            task.c.due_at,
            task.c.joined_to,
            *more,
        )
        .join(broadcast, broadcast.c.id == task.c.broadcast_id)
        .join(person, person.c.id == task.c.person_id)
    )


def _facts(faces: Faces, row: Any) -> MessageFacts:
    return MessageFacts(
        id=row["id"],
        broadcast_id=row["broadcast_id"],
        title=row["title"],
        mode=row["mode"],
        purpose=row["purpose"],
        kind=row["kind"],
        level=row["level"],
        person_id=row["person_id"],
        name=faces.name(row["name"]),
        phone=faces.phone(row["phone"]),
        state=row["state"],
        reason=row["reason"],
        tries=row["tries"],
        created_at=row["created_at"],
        due_at=row["due_at"],
    )


def _places(tx: Tx, task_id: int, area: str) -> list[str]:
    rows = (
        select(grid.c.town, grid.c.name)
        .join(callout, callout.c.grid_id == grid.c.id)
        .join(respondent, respondent.c.callout_id == callout.c.id)
        .join(task_respondent, task_respondent.c.respondent_id == respondent.c.id)
        .where(task_respondent.c.task_id == task_id)
        .where(inside(area))
        .order_by(grid.c.code)
    )
    return list(dict.fromkeys(f"{row.town}{row.name}" for row in tx.execute(rows)))


def _attempts(tx: Tx, made: Sequence[Attempt]) -> list[AttemptStory]:
    heard: dict[int, list[HeardOf]] = {}
    for row in receipts.of_attempts(tx, [one.id for one in made]):
        said = HeardOf(
            at=row["received_at"],
            word=row["word"] or row["what"],
            state=row["state"],
            reason=row["reason"],
            code=row["code"],
            effect=row["effect"],
        )
        heard.setdefault(row["attempt_id"], []).append(said)
    return [
        AttemptStory(
            n=one.n,
            channel=one.channel,
            at=one.requested_at,
            state=one.state,
            reason=one.reason,
            code=one.code,
            key=one.key,
            provider_ref=one.provider_ref,
            settled_at=one.settled_at,
            heard=heard.get(one.id, []),
        )
        for one in made
    ]
