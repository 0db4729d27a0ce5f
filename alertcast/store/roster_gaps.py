"""What a roster lacks, by the rows: which grids nobody leads, whose number nobody has confirmed.

That a number is confirmed is an answer from it: a key, a text or a link. What an officer wrote down
may have been said on another telephone.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypedDict

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    true,
)

from alertcast.core.roster_gaps import ENDS_WITHIN, Gap
from alertcast.core.task import TaskState
from alertcast.store.crypto import Vault
from alertcast.store.db import Tx
from alertcast.store.people import held_on
from alertcast.store.report_areas import inside, place_inside
from alertcast.store.report_faces import Faces
from alertcast.store.schema import (
    acknowledgement,
    grid,
    person,
    post,
    roster_check,
    task,
)

_WHO = func.coalesce(person.c.other_of, person.c.id)
"""The person whose number a row of `person` is, his first or his other one."""

_IN_VAIN = (TaskState.FAILED, TaskState.UNANSWERED, TaskState.EXPIRED, TaskState.MANUAL)


@dataclass(frozen=True, slots=True)
class Scope:
    """What is checked, and by which measure."""

    roster_id: int
    layer_id: int
    leads: tuple[str, ...]  # roles
    confirmed_since: datetime
    unreached_in: int  # broadcasts in a row
    day: date  # the local day that is looked at
    area: str = ""  # prefix of codes of towns


class GapRow(TypedDict):
    """One gap as it may be shown: no whole name, no whole number."""

    gap: str
    place: str  # code of the grid, or of a post of the person
    name: str  # of the grid, or of the person, masked
    phone: str | None  # masked
    count: int  # grids that are led, people with the number, else 1
    since: datetime | None  # unconfirmed: when the number was confirmed last
    ends: date | None  # ends: the last day of the first post that runs out


def counts(tx: Tx, scope: Scope) -> dict[Gap, int]:
    """Return how many there are of each gap."""
    return {
        gap: int(
            tx.execute(select(func.count()).select_from(_of(gap, scope).subquery())).scalar_one()
        )
        for gap in Gap
    }


def rows(
    tx: Tx, vault: Vault, gap: Gap, scope: Scope, *, first: int = 0, most: int = 100
) -> list[GapRow]:
    """Return the gaps of one kind, a page of them."""
    faces, found = Faces(vault), _of(gap, scope).subquery()
    if gap is Gap.NO_LEADER:
        named = select(grid.c.code, grid.c.name).join(found, found.c.id == grid.c.id)
        ordered = tx.execute(named.order_by(grid.c.code).limit(most).offset(first))
        return [
            GapRow(
                gap=gap, place=one.code, name=one.name, phone=None, count=1, since=None, ends=None
            )
            for one in ordered
        ]
    place = select(func.min(post.c.place)).where(post.c.person_id == person.c.id).scalar_subquery()
    ends = (
        select(func.min(post.c.valid_to))
        .where(post.c.person_id == person.c.id, _runs_out(scope))
        .scalar_subquery()
    )
    listed = (
        select(person.c.name, person.c.phone, found.c.n, place.label("place"))
        .add_columns(_confirmed_at().label("since"), ends.label("ends"))
        .join(found, found.c.id == person.c.id)
        .order_by(place, person.c.id)
    )
    return [
        GapRow(
            gap=gap,
            place=one.place or "",
            name=faces.name(one.name),
            phone=faces.phone(one.phone),
            count=one.n,
            since=one.since if gap is Gap.UNCONFIRMED else None,
            ends=one.ends if gap is Gap.ENDS else None,
        )
        for one in tx.execute(listed.limit(most).offset(first))
    ]


def unconfirmed(tx: Tx, scope: Scope) -> list[tuple[int, str, str, bool]]:
    """Return person, phone index, languages and whether enrolled of those to be asked."""
    found = _of(Gap.UNCONFIRMED, scope).subquery()
    columns = (person.c.id, person.c.phone_index, person.c.languages, person.c.drills)
    asked = select(*columns).join(found, found.c.id == person.c.id).order_by(person.c.id)
    return [(one.id, one.phone_index, one.languages, one.drills) for one in tx.execute(asked)]


def last(tx: Tx) -> dict[str, Any] | None:
    """Return the newest check: roster_id, layer_id, at, counts; None before the first."""
    row = tx.execute(select(roster_check).order_by(roster_check.c.id.desc()).limit(1)).first()
    return None if row is None else dict(row._mapping)


def write(tx: Tx, scope: Scope, found: dict[Gap, int], now: datetime) -> None:
    """Keep what a check has counted."""
    values = {"roster_id": scope.roster_id, "layer_id": scope.layer_id, "at": now}
    tx.execute(insert(roster_check).values(counts=dict(found), **values))


def _of(gap: Gap, scope: Scope) -> Select[Any]:
    """Return the grids (id) or the people (id, n) that are a gap."""
    return {
        Gap.NO_LEADER: _no_leader,
        Gap.SEVERAL: _several,
        Gap.SHARED: _shared,
        Gap.UNREACHED: _unreached,
        Gap.UNCONFIRMED: _unconfirmed,
        Gap.ENDS: _ends,
    }[gap](scope)


def _no_leader(scope: Scope) -> Select[Any]:
    led = exists().where(
        post.c.roster_id == scope.roster_id,
        post.c.role.in_(scope.leads),
        held_on(scope.day),
        or_(post.c.place == grid.c.code, post.c.place == grid.c.parent_code),
    )
    mine = (grid.c.layer_id == scope.layer_id, inside(scope.area))
    return select(grid.c.id, literal(1).label("n")).where(*mine, ~led)


def _several(scope: Scope) -> Select[Any]:
    number = func.count(func.distinct(post.c.place))
    return (
        select(post.c.person_id.label("id"), number.label("n"))
        .join(person, person.c.id == post.c.person_id)
        .where(post.c.roster_id == scope.roster_id, post.c.role.in_(scope.leads), _in_area(scope))
        .where(held_on(scope.day))
        .group_by(post.c.person_id)
        .having(number > 1)
    )


def _shared(scope: Scope) -> Select[Any]:
    number = func.count(func.distinct(_WHO))
    shared = (
        select(person.c.phone_index, number.label("n"))
        .where(person.c.roster_id == scope.roster_id)
        .group_by(person.c.phone_index)
        .having(number > 1)
        .subquery()
    )
    theirs = (
        select(_WHO.label("id"), func.max(shared.c.n).label("n"))
        .join(shared, shared.c.phone_index == person.c.phone_index)
        .where(person.c.roster_id == scope.roster_id)
        .group_by(_WHO)
        .subquery()
    )
    whole = select(theirs.c.id, theirs.c.n).join(person, person.c.id == theirs.c.id)
    return whole.where(_in_area(scope))


def _unreached(scope: Scope) -> Select[Any]:
    """Return whoever was told nothing by any of the last broadcasts that were for him.

    What is still on its way, or was called off, says nothing.
    """
    told = (
        select(
            _WHO.label("id"),
            task.c.broadcast_id,
            func.max(case((task.c.state.in_(_IN_VAIN), 0), else_=1)).label("reached"),
            func.row_number()
            .over(partition_by=_WHO, order_by=task.c.broadcast_id.desc())
            .label("n"),
        )
        .join(task, task.c.phone_index == person.c.phone_index)
        .where(person.c.roster_id == scope.roster_id, task.c.state != TaskState.CANCELLED)
        .group_by(_WHO, task.c.broadcast_id)
        .subquery()
    )
    vain = (
        select(told.c.id, func.count().label("n"))
        .where(told.c.n <= scope.unreached_in)
        .group_by(told.c.id)
        .having(func.count() == scope.unreached_in, func.max(told.c.reached) == 0)
        .subquery()
    )
    whole = select(vain.c.id, vain.c.n).join(person, person.c.id == vain.c.id)
    return whole.where(_in_area(scope))


def _unconfirmed(scope: Scope) -> Select[Any]:
    lately = _answered().where(acknowledgement.c.at > scope.confirmed_since)
    mine = (person.c.roster_id == scope.roster_id, person.c.other_of.is_(None))
    is_keeper = person.c.keeper_of.is_not(None)
    return select(person.c.id, literal(1).label("n")).where(
        *mine, ~is_keeper, ~lately.exists(), _in_area(scope)
    )


def _ends(scope: Scope) -> Select[Any]:
    """Return whoever holds posts that run out soon, or ran out, and that nobody else takes over."""
    return (
        select(post.c.person_id.label("id"), func.count().label("n"))
        .join(person, person.c.id == post.c.person_id)
        .where(post.c.roster_id == scope.roster_id, _runs_out(scope), _in_area(scope))
        .group_by(post.c.person_id)
    )


def _runs_out(scope: Scope) -> ColumnElement[bool]:
    """Return the condition that a post ends within ENDS_WITHIN with nobody to hold it after.

    One that ended before today is of no interest once somebody else holds it.
    """
    other = post.alias("other")
    after = exists().where(
        other.c.roster_id == post.c.roster_id,
        other.c.role == post.c.role,
        other.c.place == post.c.place,
        or_(other.c.valid_to.is_(None), other.c.valid_to > post.c.valid_to),
    )
    soon = post.c.valid_to <= scope.day + ENDS_WITHIN
    return and_(soon, ~after.correlate(post))


def _confirmed_at() -> ColumnElement[Any]:
    return _answered(func.max(acknowledgement.c.at)).scalar_subquery()


def _answered(*columns: ColumnElement[Any]) -> Select[Any]:
    return (
        select(*(columns or (acknowledgement.c.id,)))
        .join(task, task.c.id == acknowledgement.c.task_id)
        .where(task.c.phone_index == person.c.phone_index, acknowledgement.c.via != "spoken")
        .correlate(person)
    )


def _in_area(scope: Scope) -> ColumnElement[bool]:
    if not scope.area:
        return true()
    here = place_inside(post.c.place, scope.layer_id, scope.area)
    held = and_(post.c.person_id == person.c.id, here)
    return select(post.c.id).where(held).correlate(person).exists()
