"""The facts of a call record (叫应记录): what was published, decided, told, answered and done.

Everything is read from rows that are there: made twice, a record says the same twice. Names and
phones are masked unless the faces were opened; the address by which somebody could answer for
another is never in it.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TypedDict

from sqlalchemy import and_, func, select, true

from alertcast.core import link
from alertcast.core.phone import hidden
from alertcast.store import alerts, responses, witnesses
from alertcast.store.attempts import NEVER_LEFT
from alertcast.store.broadcasts import alerts_of
from alertcast.store.db import Tx
from alertcast.store.report_alerts import InfoFacts, warning
from alertcast.store.report_answers import SaidFacts, said
from alertcast.store.report_areas import messages_beyond, tasks_inside
from alertcast.store.report_calls import CallFacts, calls
from alertcast.store.report_faces import Faces, faces_of
from alertcast.store.report_facts import BroadcastFacts, GridFacts, HelpFacts, PersonFacts, RelaySum
from alertcast.store.report_people import Standing, shown, standings
from alertcast.store.report_relay import RelayRow, relay_rows
from alertcast.store.reports import people_counts, progress
from alertcast.store.responses import ResponseFacts
from alertcast.store.schema import (
    attempt,
    audit,
    callout,
    respondent,
    task,
    task_respondent,
)
from alertcast.store.witnesses import WitnessFacts

ELSEWHERE = ("unmask", "answer", "dialled", "relay", "export_record")
"""Actions that are told in another part of a record, or are no part of what it tells."""


class HeardFacts(TypedDict):
    """A source that brought a warning to us."""

    source: str
    since: datetime
    signature: str
    signer: str


class PublishedFacts(TypedDict):
    """A warning as its authority published it, unaltered, and who brought it to us when."""

    alert_id: int
    identifier: str
    sender: str
    sent: datetime
    status: str
    msg_type: str
    expires: datetime | None
    received_at: datetime
    infos: list[InfoFacts]
    sources: list[HeardFacts]


class StepFacts(TypedDict):
    """Something that somebody decided."""

    at: datetime
    user: str
    action: str
    detail: dict[str, object]  # ids and counts


class TextFacts(TypedDict):
    """One text that was used."""

    template: str  # the most general id; see dispatch.record
    language: str
    level: str | None
    messages: int
    sample: str  # of the first that speaks of nothing else; "" while none has left


class GridRecord(GridFacts):
    """One grid, and when its people were called first."""

    first_call_at: datetime | None


class PersonRecord(PersonFacts):
    """One person, and how he was told."""

    first_call_at: datetime | None
    texts: int  # that left
    calls: int  # that left; calls about somebody else's need for help are not among them
    dialled: int  # by an officer


class HelpRecord(HelpFacts):
    """One help request, and who asked."""

    name: str
    phone: str


class RecordFacts(TypedDict):
    """Everything that a call record says."""

    broadcast: BroadcastFacts
    area: str  # the record covers this area only; "": all of it
    corrected_by: int | None
    published: list[PublishedFacts]
    responses: list[ResponseFacts]  # levels (应急响应) that held meanwhile, at any of the grids
    steps: list[StepFacts]
    texts: list[TextFacts]
    counts: dict[str, int]  # of people
    relay: RelaySum
    grids: list[GridRecord]
    people: list[PersonRecord]
    calls: list[CallFacts]
    answers: list[SaidFacts]
    help_requests: list[HelpRecord]
    relays: list[RelayRow]


def record_facts(tx: Tx, faces: Faces, broadcast_id: int, *, area: str = "") -> RecordFacts | None:
    """Return what a broadcast's record says, or None if there is no such broadcast.

    `area` narrows it to the grids of an area.
    """
    done = progress(tx, broadcast_id, area=area)
    if done is None:
        return None
    standing = standings(tx, broadcast_id, area)
    made = calls(tx, faces, broadcast_id, area)
    first = _first_calls(tx, broadcast_id)
    return RecordFacts(
        broadcast=done["broadcast"],
        area=area,
        corrected_by=done["corrected_by"],
        published=_published(tx, broadcast_id),
        responses=responses.during(
            tx,
            {one["town_code"] for one in done["grid_list"]},
            done["broadcast"]["created_at"],
            done["broadcast"]["ended_at"],
        ),
        steps=_steps(tx, broadcast_id),
        texts=_texts(tx, faces, broadcast_id, area),
        counts=people_counts(standing),
        relay=done["relay"],
        grids=[
            GridRecord(**one, first_call_at=first.get(one["code"])) for one in done["grid_list"]
        ],
        people=_people(tx, faces, broadcast_id, standing, made),
        calls=made,
        answers=said(tx, faces, broadcast_id, area),
        help_requests=_helps(tx, faces, done["help_requests"]),
        relays=relay_rows(tx, faces, broadcast_id, area=area),
    )


def _published(tx: Tx, broadcast_id: int) -> list[PublishedFacts]:
    """Return the warnings; not how they stand now, which changes after the record is closed."""
    found = []
    for alert_id in sorted(alerts_of(tx, broadcast_id)):
        its = warning(tx, alert_id)
        if its is None:
            continue
        found.append(
            PublishedFacts(
                alert_id=alert_id,
                identifier=its["identifier"],
                sender=its["sender"],
                sent=its["sent"],
                status=its["status"],
                msg_type=its["msg_type"],
                expires=its["expires"],
                received_at=alerts.facts(tx, alert_id)["received_at"],
                infos=its["infos"],
                sources=[_heard(one) for one in witnesses.of_alert(tx, alert_id)],
            )
        )
    return found


def _heard(one: WitnessFacts) -> HeardFacts:
    return HeardFacts(
        source=one["source"],
        since=one["since"],
        signature=one["signature"],
        signer=one["signer"],
    )


def _steps(tx: Tx, broadcast_id: int) -> list[StepFacts]:
    subjects = [
        f"broadcast:{broadcast_id}",
        *(f"alert:{one}" for one in alerts_of(tx, broadcast_id)),
    ]
    rows = (
        select(audit.c.at, audit.c.user, audit.c.action, audit.c.detail)
        .where(audit.c.subject.in_(subjects), audit.c.action.notin_(ELSEWHERE))
        .order_by(audit.c.id)
    )
    return [
        StepFacts(at=row.at, user=row.user, action=row.action, detail=row.detail)
        for row in tx.execute(rows)
    ]


def _texts(tx: Tx, faces: Faces, broadcast_id: int, area: str) -> list[TextFacts]:
    lead = task.alias()
    columns = (lead.c.template, lead.c.language, task.c.level)
    is_ours = lead.c.id.not_in(messages_beyond(area)) if area else true()
    has_text = and_(lead.c.text.is_not(None), is_ours)
    with_text = func.min(lead.c.id).filter(has_text).label("sample")
    rows = (
        select(*columns, func.count().label("messages"), with_text)
        .join(lead, lead.c.id == func.coalesce(task.c.joined_to, task.c.id))
        .where(task.c.broadcast_id == broadcast_id, tasks_inside(area, broadcast_id))
        .group_by(*columns)
        .order_by(*columns)
    )
    found = tx.execute(rows).all()
    samples = select(task.c.id, task.c.text).where(task.c.id.in_([row.sample for row in found]))
    sealed = {row.id: row.text for row in tx.execute(samples)}
    return [
        TextFacts(
            template=row.template,
            language=row.language,
            level=row.level,
            messages=row.messages,
            sample=_readable(faces, sealed.get(row.sample)),
        )
        for row in found
    ]


def _readable(faces: Faces, sealed: bytes | None) -> str:
    text = "" if sealed is None else link.hidden(faces.vault.read(sealed))
    return text if faces.is_open else hidden(text)


def _first_calls(tx: Tx, broadcast_id: int) -> dict[str, datetime]:
    """Return grid code -> when somebody who was to answer for it was called or written to first."""
    rows = (
        select(callout.c.grid_code, func.min(attempt.c.requested_at).label("first"))
        .join(respondent, respondent.c.callout_id == callout.c.id)
        .join(task_respondent, task_respondent.c.respondent_id == respondent.c.id)
        .join(attempt, attempt.c.task_id == task_respondent.c.task_id)
        .where(callout.c.broadcast_id == broadcast_id)
        .where(attempt.c.state.notin_(NEVER_LEFT))
        .group_by(callout.c.grid_code)
    )
    return {row.grid_code: row.first for row in tx.execute(rows)}


def _people(
    tx: Tx,
    faces: Faces,
    broadcast_id: int,
    standing: Sequence[Standing],
    made: Iterable[CallFacts],
) -> list[PersonRecord]:
    """Return everybody with how he was told: whoever shares a phone was told by its calls too."""
    phone_of = _phones_of_tasks(tx, broadcast_id)
    by_owner: dict[int, list[CallFacts]] = {}
    by_phone: dict[str, list[CallFacts]] = {}
    for one in made:
        if one["state"] not in NEVER_LEFT and one["purpose"] != "help":
            by_owner.setdefault(one["person_id"], []).append(one)
            by_phone.setdefault(phone_of[one["task_id"]], []).append(one)
    found = []
    for stands, facts in zip(standing, shown(tx, faces, broadcast_id, standing), strict=True):
        own = by_owner.get(stands.person_id, [])
        shared = [one for one in by_phone.get(stands.phone_index, ()) if one not in own]
        heard = [*own, *shared]
        found.append(
            PersonRecord(
                **facts,
                first_call_at=min((one["at"] for one in heard), default=None),
                texts=sum(one["kind"] == "sms" for one in heard),
                calls=sum(one["kind"] == "voice" for one in heard),
                dialled=sum(one["kind"] == "manual" for one in heard),
            )
        )
    return found


def _phones_of_tasks(tx: Tx, broadcast_id: int) -> dict[int, str]:
    rows = select(task.c.id, task.c.phone_index).where(task.c.broadcast_id == broadcast_id)
    return {row.id: row.phone_index for row in tx.execute(rows)}


def _helps(tx: Tx, faces: Faces, asked: Sequence[HelpFacts]) -> list[HelpRecord]:
    people = faces_of(tx, faces, {one["person_id"] for one in asked})
    return [
        HelpRecord(
            **one | {"done": one["done"] if faces.is_open else hidden(one["done"] or "") or None},
            name=people[one["person_id"]].name,
            phone=people[one["person_id"]].phone,
        )
        for one in asked
    ]
