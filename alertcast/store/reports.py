"""What a broadcast has done so far: the facts behind its page, `alertcast status` and the JSON.

Plain queries, a fixed number of them for any size; a broadcast may have 2,000 grids and 10,000
people. Values are ready for JSON, times are aware.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select

from alertcast.core.access import lies_in
from alertcast.core.broadcast import Broadcast, Purpose
from alertcast.store import broadcasts, corrections, helps
from alertcast.store.crypto import Vault
from alertcast.store.db import Tx
from alertcast.store.report_areas import WITHOUT_GRIDS, inside, tasks_inside
from alertcast.store.report_faces import Faces
from alertcast.store.report_facts import (
    AnsweredBy,
    BroadcastFacts,
    DeliveryReport,
    GridCounts,
    GridFacts,
    HelpFacts,
    PersonFacts,
    Progress,
    StatusRow,
)
from alertcast.store.report_people import Standing, has_arrived, shown, standings
from alertcast.store.report_relay import relay_by_callout, relay_sum, relay_towns
from alertcast.store.report_texts import texts_back
from alertcast.store.report_unreached import UNREACHED, grids_by_name
from alertcast.store.schema import (
    acknowledgement,
    attempt,
    broadcast,
    callout,
    grid,
    respondent,
    task,
)

LONGEST_ID = 18
"""Most digits of an id that the database can hold."""


def delivery_report(
    tx: Tx, vault: Vault, broadcast_id: int, *, area: str = "", faces: Faces | None = None
) -> DeliveryReport | None:
    """Return everything about a broadcast, or None if there is no such broadcast.

    `area` narrows it to the grids of an area. Names and phones are masked unless `faces` were
    opened with `report_people.unmask`.
    """
    found = broadcasts.get(tx, broadcast_id)
    if found is None:
        return None
    faces = faces or Faces(vault)
    standing = standings(tx, broadcast_id, area)
    listed = shown(tx, faces, found.id, standing)
    done = _progress(tx, found, area)
    unreached = grids_by_name(tx, broadcast_id, area, UNREACHED, standing, listed)
    is_correction = found.purpose is Purpose.CORRECTION
    return DeliveryReport(
        **done,
        people=people_counts(standing),
        people_list=listed,
        unreached=unreached,
        texts_back=texts_back(tx, faces, found.id, area),
        scripts=found.scripts,
        wording_versions=found.wording_versions,
        uncorrected=[
            one for one in listed if is_correction and not has_arrived(one["tasks"], one["answer"])
        ],
    )


def uncorrected(
    tx: Tx, faces: Faces, broadcast_id: int, area: str = "", *, limit: int
) -> tuple[list[PersonFacts], int]:
    """Return the first whom a correction has not reached so far, and how many there are."""
    found = [
        one for one in standings(tx, broadcast_id, area) if not has_arrived(one.tasks, one.answer)
    ]
    return shown(tx, faces, broadcast_id, found[:limit]), len(found)


def progress(tx: Tx, broadcast_id: int, *, area: str = "") -> Progress | None:
    """Return how far a broadcast is, opening nothing; None if there is no such broadcast."""
    found = broadcasts.get(tx, broadcast_id)
    return None if found is None else _progress(tx, found, area)


def people_counts(people: Sequence[Standing]) -> dict[str, int]:
    """Return how many people there are, were told, have answered, and are in each standing."""
    counts = {
        "total": len(people),
        "told": sum(one.is_told for one in people),
        "acknowledged": sum(one.answer is not None for one in people),
    }
    for one in people:
        counts[one.state] = counts.get(one.state, 0) + 1
    return counts


def status(
    tx: Tx,
    *,
    area: str = "",
    limit: int = 200,
    states: Sequence[str] = (),
    before: int | None = None,
    mode: str = "",
    purpose: str = "",
    q: str = "",
) -> list[StatusRow]:
    """Return the newest broadcasts with how many grids are in each state.

    `before` is an id: only older ones. `q`: in the title, or the number, as 7 or #7. Where an area
    is named, those that touch no grid of it, and tell nobody there, are left out.
    """
    rows = select(broadcast).order_by(broadcast.c.id.desc()).limit(limit)
    if states:
        rows = rows.where(broadcast.c.state.in_(states))
    if before is not None:
        rows = rows.where(broadcast.c.id < before)
    if mode:
        rows = rows.where(broadcast.c.mode == mode)
    if purpose:
        rows = rows.where(broadcast.c.purpose == purpose)
    if q:
        called = broadcast.c.title.contains(q, autoescape=True)
        number = q.removeprefix("#")
        is_number = number.isascii() and number.isdecimal() and len(number) <= LONGEST_ID
        rows = rows.where(or_(called, broadcast.c.id == int(number)) if is_number else called)
    if area:
        touching = select(callout.c.broadcast_id).join(grid, grid.c.id == callout.c.grid_id)
        touching = touching.where(inside(area))
        telling = select(task.c.broadcast_id).where(
            task.c.purpose.in_(WITHOUT_GRIDS), tasks_inside(area)
        )
        rows = rows.where(or_(broadcast.c.id.in_(touching), broadcast.c.id.in_(telling)))
    found = tx.execute(rows).mappings().all()
    counts = _counts(tx, [row["id"] for row in found], area)
    return [
        StatusRow(**_broadcast_facts(row), grids=_summed(counts.get(row["id"], {})))
        for row in found
    ]


def _progress(tx: Tx, found: Broadcast, area: str) -> Progress:
    row = tx.execute(select(broadcast).where(broadcast.c.id == found.id)).mappings().one()
    ours = tasks_inside(area, found.id)
    cells = _grid_list(tx, found, area)
    return Progress(
        broadcast=_broadcast_facts(row),
        grids=_summed(_counts(tx, [found.id], area).get(found.id, {})),
        grid_list=cells,
        tasks=_tasks(tx, found.id, ours),
        attempts=_attempts(tx, found.id, ours),
        acknowledged=_acknowledged(tx, found.id, area),
        help_requests=help_list(helps.listed(tx, broadcast_id=found.id), area),
        relay=relay_sum(cells),
        relay_towns=relay_towns(cells),
        corrected_by=corrections.of(tx, found.id),
    )


def help_list(rows: Sequence[Mapping[Any, Any]], area: str) -> list[HelpFacts]:
    """Return the help requests of `rows` that lie in `area`."""
    return [
        HelpFacts(
            id=row["id"],
            broadcast_id=row["broadcast_id"],
            person_id=row["person_id"],
            role=row["role"],
            places=list(row["places"]),
            area=row["area"],
            opened_at=row["opened_at"],
            closed_at=row["closed_at"],
            closed_by=row["closed_by"],
            done=row["done"],
        )
        for row in rows
        if lies_in(row["area"], area)
    ]


def _grid_list(tx: Tx, found: Broadcast, area: str) -> list[GridFacts]:
    first = _first_answers(tx, found.id)
    people = _respondents(tx, found.id)
    relayed = relay_by_callout(tx, found.id)
    columns = (grid.c.code, grid.c.name, grid.c.town_code, grid.c.town, grid.c.county)
    rows = (
        select(callout, *columns)
        .join(grid, grid.c.id == callout.c.grid_id)
        .where(callout.c.broadcast_id == found.id, inside(area))
        .order_by(grid.c.county_code, grid.c.town_code, grid.c.code)
    )
    return [
        GridFacts(
            code=row["code"],
            name=row["name"],
            town_code=row["town_code"],
            town=row["town"],
            county=row["county"],
            level=row["level"],
            state=row["state"],
            rung=row["rung"],
            rungs=_rungs(found, row["policy"]),
            next_step_at=row["next_step_at"],
            opened_at=row["opened_at"],
            ended_at=row["ended_at"],
            matched_by=row["matched_by"],
            share=row["share"],
            counted_by=row["counted_by"],
            respondents=people.get(row["id"], 0),
            answered_by=first.get(row["id"]),
            relay=relayed.get(row["id"]),
        )
        for row in tx.execute(rows).mappings()
    ]


def _respondents(tx: Tx, broadcast_id: int) -> dict[int, int]:
    rows = (
        select(respondent.c.callout_id, func.count())
        .join(callout, callout.c.id == respondent.c.callout_id)
        .where(callout.c.broadcast_id == broadcast_id)
        .group_by(respondent.c.callout_id)
    )
    return {row[0]: row[1] for row in tx.execute(rows)}


def _first_answers(tx: Tx, broadcast_id: int) -> dict[int, AnsweredBy]:
    columns = (acknowledgement.c.at, acknowledgement.c.via, acknowledgement.c.value)
    rows = (
        select(respondent.c.callout_id, respondent.c.role, *columns)
        .join(respondent, respondent.c.id == acknowledgement.c.respondent_id)
        .where(acknowledgement.c.broadcast_id == broadcast_id, respondent.c.counts)
        .order_by(acknowledgement.c.id)
    )
    found: dict[int, AnsweredBy] = {}
    for row in tx.execute(rows):
        said = AnsweredBy(role=row.role, at=row.at, via=row.via, value=row.value)
        found.setdefault(row.callout_id, said)
    return found


def _tasks(tx: Tx, broadcast_id: int, ours: ColumnElement[bool]) -> dict[str, dict[str, int]]:
    rows = (
        select(task.c.kind, task.c.state, func.count())
        .where(task.c.broadcast_id == broadcast_id, ours)
        .group_by(task.c.kind, task.c.state)
        .order_by(task.c.kind, task.c.state)
    )
    found: dict[str, dict[str, int]] = {}
    for kind, state, number in tx.execute(rows):
        found.setdefault(kind, {})[state] = number
    return found


def _attempts(tx: Tx, broadcast_id: int, ours: ColumnElement[bool]) -> int:
    rows = (
        select(func.count(attempt.c.id))
        .join(task, task.c.id == attempt.c.task_id)
        .where(task.c.broadcast_id == broadcast_id, ours)
    )
    return int(tx.execute(rows).scalar_one())


def _acknowledged(tx: Tx, broadcast_id: int, area: str) -> int:
    rows = select(func.count(acknowledgement.c.id)).where(
        acknowledgement.c.broadcast_id == broadcast_id
    )
    if area:
        rows = (
            rows.join(respondent, respondent.c.id == acknowledgement.c.respondent_id)
            .join(callout, callout.c.id == respondent.c.callout_id)
            .join(grid, grid.c.id == callout.c.grid_id)
            .where(inside(area))
        )
    return int(tx.execute(rows).scalar_one())


def _counts(tx: Tx, ids: Sequence[int], area: str) -> dict[int, dict[str, int]]:
    rows = (
        select(callout.c.broadcast_id, callout.c.state, func.count())
        .join(grid, grid.c.id == callout.c.grid_id)
        .where(callout.c.broadcast_id.in_(ids), inside(area))
        .group_by(callout.c.broadcast_id, callout.c.state)
    )
    found: dict[int, dict[str, int]] = {}
    for broadcast_id, state, number in tx.execute(rows):
        found.setdefault(broadcast_id, {})[state] = number
    return found


def _summed(by_state: dict[str, int]) -> GridCounts:
    return GridCounts(total=sum(by_state.values()), by_state=by_state)


def _rungs(found: Broadcast, policy: str) -> int:
    rungs = found.policies.get(policy, {}).get("rungs")
    return len(rungs) if isinstance(rungs, list) else 0


def _broadcast_facts(row: Mapping[Any, Any]) -> BroadcastFacts:
    return BroadcastFacts(
        id=row["id"],
        key=row["key"],
        purpose=row["purpose"],
        mode=row["mode"],
        state=row["state"],
        title=row["title"],
        hazard=row["hazard"],
        created_at=row["created_at"],
        created_by=row["created_by"],
        starts_at=row["starts_at"],
        expires_at=row["expires_at"],
        ended_at=row["ended_at"],
        corrects_id=row["corrects_id"],
    )
