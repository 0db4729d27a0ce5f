"""Who is to answer in a broadcast, as pages and lists show them: where each person stands.

Nothing is opened before `shown`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select

from alertcast.core.callout import NEEDS_HELP
from alertcast.core.task import AttemptState, TaskState
from alertcast.store.db import Tx
from alertcast.store.many import among, among_many, words
from alertcast.store.report_areas import (
    WITHOUT_GRIDS,
    broadcasts_behind,
    inside,
    place_names,
    tasks_inside,
)
from alertcast.store.report_faces import Faces, faces_of
from alertcast.store.report_facts import AnswerFacts, PersonFacts, TaskFacts
from alertcast.store.rows import chunks
from alertcast.store.schema import (
    acknowledgement,
    attempt,
    broadcast,
    callout,
    grid,
    person,
    respondent,
    task,
)


@dataclass(frozen=True, slots=True)
class Stands:
    """For which callout a person may answer, and in which post."""

    respondent_id: int  # grows from the nearest post to the widest
    callout_id: int
    role: str
    counts: bool


@dataclass(slots=True)
class Standing:
    """One person, before anything is opened."""

    person_id: int
    phone_index: str = ""
    is_told: bool = False
    roles: dict[str, None] = field(default_factory=dict)
    places: dict[str, None] = field(default_factory=dict)  # codes
    grids: set[str] = field(default_factory=set)  # codes of those the person answers for
    towns: set[str] = field(default_factory=set)  # and of their towns
    callouts: list[Stands] = field(default_factory=list)
    counts: bool = False
    elsewhere: bool = False
    tasks: list[TaskFacts] = field(default_factory=list)
    answer: AnswerFacts | None = None

    @property
    def state(self) -> str:
        """Where the person stands, in one word."""
        return standing_of(self.tasks, self.answer)


def standing_of(tasks: Sequence[TaskFacts], answer: AnswerFacts | None) -> str:
    """Return one word for where a person stands, the most telling one first.

    help, answered, manual (an officer must dial), calling, queued, no_key (a call was picked up,
    no key pressed), silent (it left or arrived, nobody answered), failed, dropped (stopped or
    needless before it left), not_yet (a later rung).
    """
    if answer is not None:
        return "help" if answer["value"] == NEEDS_HELP else "answered"
    states = {_state_of(one) for one in tasks}
    for word, members in WORDS.items():
        if states & members:
            return word
    return "not_yet"


def has_arrived(tasks: Sequence[TaskFacts], answer: AnswerFacts | None) -> bool:
    """Say whether any message is known to have reached a person: a handset, a key, a word."""
    arrived = (TaskState.DELIVERED, TaskState.ANSWERED)
    return answer is not None or any(one["state"] in arrived for one in tasks)


def _state_of(one: TaskFacts) -> str:
    if one["state"] == TaskState.UNANSWERED and one["reason"] == NO_KEY:
        return NO_KEY
    is_gone = one["kind"] == "sms" and one["state"] == TaskState.UNDERWAY
    return TaskState.DELIVERED if is_gone else one["state"]  # nobody is being called by a text


NO_KEY = "no_key"

_TOLD = (AttemptState.CONNECTED, AttemptState.COMPLETED, AttemptState.DELIVERED)
"""Attempts that told somebody: what rang out, failed or met a voicemail told nobody."""

_TEXTED = (AttemptState.ACCEPTED, AttemptState.SENT)
"""And these of a text: no receipt need ever come."""


WORDS: dict[str, frozenset[str]] = {
    "manual": frozenset({TaskState.MANUAL}),
    "calling": frozenset({TaskState.LEAVING, TaskState.UNDERWAY, TaskState.UNSURE}),
    "queued": frozenset({TaskState.QUEUED}),
    "answered": frozenset({TaskState.ANSWERED}),
    "no_key": frozenset({NO_KEY}),
    "silent": frozenset({TaskState.DELIVERED, TaskState.UNANSWERED}),
    "failed": frozenset({TaskState.FAILED}),
    "dropped": frozenset({TaskState.CANCELLED, TaskState.EXPIRED}),
}

STATES = ("help", *WORDS, "not_yet")
"""Every word for where a person stands."""


def standings(
    tx: Tx, broadcast_id: int, area: str = "", *, only: Collection[int] | None = None
) -> list[Standing]:
    """Return everybody of a broadcast in the order of their grids; five queries, none per row.

    `area` is a prefix of town codes. Whoever was told without any callout (an all-clear, a
    correction) is in it if somebody with that phone answers for a grid there. With `only` (ids)
    nobody but these people.
    """
    found: dict[int, Standing] = {}
    _respondents(tx, broadcast_id, area, found, only)
    asked = {} if only is None else {"only": sorted(only)}
    tasks = tx.execute(_tasks_of(broadcast_id, area, only), asked).mappings().all()
    for row in tasks:
        if only is not None and row["person_id"] not in only:
            continue  # another one with this phone
        if not area or (row["is_inside"] and row["purpose"] in WITHOUT_GRIDS):
            found.setdefault(row["person_id"], Standing(row["person_id"]))
    _posts_behind(tx, broadcast_id, area, found)
    _phones(tx, found)
    _answers(tx, broadcast_id, found, {row["id"]: row["person_id"] for row in tasks})
    by_phone: dict[str, list[Standing]] = {}
    for one in found.values():
        by_phone.setdefault(one.phone_index, []).append(one)
    for row in tasks:
        told = by_phone.get(row["phone_index"], [])
        if row["is_other"] and row["person_id"] in found:
            told = [
                found[row["person_id"]],
                *(one for one in told if one.person_id != row["person_id"]),
            ]
        for one in told:
            one.tasks.append(_task_facts(row))
            one.is_told = one.is_told or row["is_told"] or row["state"] == TaskState.ANSWERED
    for one in found.values():
        one.is_told = one.is_told or one.answer is not None
    return list(found.values())


def shown(tx: Tx, faces: Faces, broadcast_id: int, people: Sequence[Standing]) -> list[PersonFacts]:
    """Return these people of a broadcast with their names, phones and the names of their places."""
    layer_id = tx.execute(
        select(broadcast.c.layer_id).where(broadcast.c.id == broadcast_id)
    ).scalar()
    names = place_names(tx, layer_id, {code for one in people for code in one.places})
    opened = faces_of(tx, faces, {one.person_id for one in people})
    return [
        PersonFacts(
            person_id=one.person_id,
            name=opened[one.person_id].name,
            phone=opened[one.person_id].phone,
            other_phone=opened[one.person_id].other_phone,
            specialities=list(opened[one.person_id].specialities),
            roles=list(one.roles),
            places=[names[code] for code in one.places],
            grids=len(one.callouts),
            counts=one.counts,
            elsewhere=one.elsewhere,
            state=one.state,
            tasks=one.tasks,
            answer=one.answer,
        )
        for one in people
    ]


def _respondents(
    tx: Tx,
    broadcast_id: int,
    area: str,
    found: dict[int, Standing],
    only: Collection[int] | None,
) -> None:
    columns = (
        grid.c.code,
        grid.c.town_code,
        respondent.c.id,
        respondent.c.callout_id,
        respondent.c.person_id,
        respondent.c.role,
        respondent.c.place,
        respondent.c.counts,
        inside(area).label("is_inside"),
    )
    # not by an index: few people are found by theirs, not by all grids times all of them
    its = callout.c.broadcast_id if only is None else callout.c.broadcast_id + 0
    rows = (
        select(*columns)
        .join(callout, callout.c.id == respondent.c.callout_id)
        .join(grid, grid.c.id == callout.c.grid_id)
        .where(its == broadcast_id)
        .order_by(grid.c.county_code, grid.c.town_code, grid.c.code, respondent.c.id)
    )
    if only is not None:
        rows = rows.where(among(respondent.c.person_id, "only"))
    outside: set[int] = set()
    for row in tx.execute(rows, {} if only is None else {"only": sorted(only)}):
        if not row.is_inside:
            outside.add(row.person_id)
            continue
        one = found.setdefault(row.person_id, Standing(row.person_id))
        one.roles[row.role] = None
        one.places[row.place] = None
        one.grids.add(row.code)
        one.towns.add(row.town_code)
        one.callouts.append(Stands(row.id, row.callout_id, row.role, row.counts))
        one.counts = one.counts or row.counts
    for person_id in outside & found.keys():
        found[person_id].elsewhere = True


def _posts_behind(tx: Tx, broadcast_id: int, area: str, found: Mapping[int, Standing]) -> None:
    """Say of whoever is told without a callout which posts the broadcast is about."""
    bare = {one.person_id for one in found.values() if not one.callouts}
    behind = [one for one in broadcasts_behind(tx, broadcast_id) if one != broadcast_id]
    if not bare or not behind:
        return
    columns = (respondent.c.person_id, respondent.c.role, respondent.c.place)
    rows = (
        select(*columns, grid.c.code, grid.c.town_code)
        .join(callout, callout.c.id == respondent.c.callout_id)
        .join(grid, grid.c.id == callout.c.grid_id)
        .where(callout.c.broadcast_id.in_(behind), inside(area))
        .where(among_many(respondent.c.person_id, "bare"))
        .order_by(respondent.c.id)
    )
    for row in tx.execute(rows, {"bare": sorted(bare)}):
        one = found[row.person_id]
        one.roles[row.role] = None
        one.places[row.place] = None
        one.grids.add(row.code)
        one.towns.add(row.town_code)


def _tasks_of(broadcast_id: int, area: str, only: Collection[int] | None) -> Select[Any]:
    columns = (
        task.c.id,
        func.coalesce(person.c.other_of, person.c.id).label("person_id"),
        person.c.other_of.is_not(None).label("is_other"),
        task.c.phone_index,
        task.c.kind,
        task.c.purpose,
        task.c.state,
        task.c.tries,
        task.c.reason,
        is_told().label("is_told"),
        tasks_inside(area, broadcast_id).label("is_inside"),
    )
    rows = select(*columns).join(person, person.c.id == task.c.person_id)
    rows = rows.where(task.c.broadcast_id == broadcast_id, task.c.purpose != "help")
    if only is not None:
        theirs = select(person.c.phone_index).where(
            or_(among(person.c.id, "only"), among(person.c.other_of, "only"))
        )
        rows = rows.where(task.c.phone_index.in_(theirs))
    return rows.order_by(task.c.id)


def is_told() -> ColumnElement[bool]:
    """Return the condition that a row of `task`, or the one it was joined to, told somebody."""
    return exists().where(
        attempt.c.task_id == func.coalesce(task.c.joined_to, task.c.id),
        or_(
            attempt.c.state.in_(words(*_TOLD)),
            and_(task.c.kind == "sms", attempt.c.state.in_(words(*_TEXTED))),
        ),
    )


def _phones(tx: Tx, found: Mapping[int, Standing]) -> None:
    for chunk in chunks(sorted(found)):
        rows = select(person.c.id, person.c.phone_index).where(person.c.id.in_(chunk))
        for row in tx.execute(rows):
            found[row.id].phone_index = row.phone_index


def _answers(
    tx: Tx, broadcast_id: int, found: Mapping[int, Standing], owners: Mapping[int, int]
) -> None:
    columns = (
        acknowledgement.c.task_id,
        acknowledgement.c.value,
        acknowledgement.c.via,
        acknowledgement.c.at,
        acknowledgement.c.by_user,
        respondent.c.person_id,
    )
    rows = (
        select(*columns)
        .outerjoin(respondent, respondent.c.id == acknowledgement.c.respondent_id)
        .where(acknowledgement.c.broadcast_id == broadcast_id)
        .order_by(acknowledgement.c.id)
    )
    for row in tx.execute(rows):
        owner = row.person_id if row.person_id is not None else owners.get(row.task_id)
        one = None if owner is None else found.get(owner)
        if one is not None:
            one.answer = AnswerFacts(value=row.value, via=row.via, at=row.at, by_user=row.by_user)


def _task_facts(row: Mapping[Any, Any]) -> TaskFacts:
    return TaskFacts(
        kind=row["kind"],
        purpose=row["purpose"],
        state=row["state"],
        tries=row["tries"],
        reason=row["reason"],
    )
