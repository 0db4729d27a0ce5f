"""The people of a broadcast who are looked for: one page of them.

Of everybody the database says how he stands, no more; of those on the page all is read. Names and
numbers are sealed: what is searched in them is looked for among those whom all else leaves.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, func, select

from alertcast.core.callout import CalloutState
from alertcast.store.db import Tx
from alertcast.store.report_areas import broadcasts_behind, called_like, inside
from alertcast.store.report_counts import NAMES, people_of
from alertcast.store.report_faces import Faces, faces_of
from alertcast.store.schema import broadcast, callout, grid, respondent


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whom of a broadcast is looked for; "" narrows nothing."""

    state: str = ""  # a standing, or "reached", "acknowledged", "unanswered", "missing"
    town: str = ""  # code
    role: str = ""
    grid: str = ""  # code
    q: str = ""  # in the name of a place, of a role, or in what is shown of a name or a number
    roles: Collection[str] = ()  # whose names have `q` in them


class Stand(NamedTuple):
    """Somebody of a broadcast, before anything of him is read."""

    person_id: int
    state: str  # a standing
    is_told: bool
    has_answered: bool
    is_for_open: bool = False  # his answer would count for a grid that nobody has answered for

    @property
    def is_missing(self) -> bool:
        """Say whether it is his answer that is missing: he was called, and his grid is open."""
        return self.is_for_open and not self.has_answered and self.state != "not_yet"


def everybody(tx: Tx, broadcast_id: int, order: Collection[str], *, area: str = "") -> list[Stand]:
    """Return everybody of a broadcast, one query.

    `order`: of the standings; within each by their posts. `area` is a prefix of town codes.
    """
    people = people_of(broadcast_id, area)
    is_open = and_(
        callout.c.state.in_((CalloutState.OPEN, CalloutState.UNREACHED)),
        respondent.c.counts,
        inside(area),
    )
    posts = (
        select(
            respondent.c.person_id,
            func.min(respondent.c.id).label("first"),
            func.max(case((is_open, 1), else_=0)).label("open"),
        )
        .join(callout, callout.c.id == respondent.c.callout_id)
        .join(grid, grid.c.id == callout.c.grid_id)
        .where(callout.c.broadcast_id == broadcast_id)
        .group_by(respondent.c.person_id)
        .subquery("posts")
    )
    rows = select(
        people,
        func.coalesce(posts.c.first, 0).label("first"),
        func.coalesce(posts.c.open, 0).label("open"),
    ).outerjoin(posts, posts.c.person_id == people.c.person_id)
    words = list(order)
    place = {number: words.index(name) for number, name in NAMES.items()}
    listed = sorted(tx.execute(rows), key=lambda one: (place[one.state], one.first, one.person_id))
    return [
        Stand(
            one.person_id,
            NAMES[one.state],
            bool(one.is_told),
            bool(one.has_answered),
            bool(one.open),
        )
        for one in listed
    ]


def counts(people: Collection[Stand]) -> dict[str, int]:
    """Return how many there are, were told, have answered, and are in each standing."""
    return {
        "total": len(people),
        "told": sum(one.is_told for one in people),
        "acknowledged": sum(one.has_answered for one in people),
        **Counter(one.state for one in people),
    }


def page(
    tx: Tx,
    faces: Faces,
    broadcast_id: int,
    people: Iterable[Stand],
    wanted: Wanted,
    *,
    area: str = "",
    first: int = 0,
    most: int = 100,
) -> tuple[list[int], int]:
    """Return the ids of one page of `people`, in their order, and how many are looked for."""
    listed = [one.person_id for one in people if _stands_so(one, wanted.state)]
    columns = ((wanted.town, grid.c.town_code), (wanted.role, respondent.c.role))
    for value, column in (*columns, (wanted.grid, grid.c.code)):
        if value:
            stands = _stands(tx, respondent.c.person_id, broadcast_id, area).where(column == value)
            found = set(tx.execute(stands).scalars())
            listed = [one for one in listed if one in found]
    if wanted.q:
        said = _said(tx, broadcast_id, wanted, area)
        found = {one for rows in said for one in tx.execute(rows).scalars()}
        if _may_be_of_a_person(wanted.q):
            shown = faces_of(tx, faces, listed)
            found |= {n for n in listed if any(wanted.q in (one or "") for one in shown[n][:3])}
        listed = [one for one in listed if one in found]
    return listed[first : first + most], len(listed)


def roles(tx: Tx, broadcast_id: int, area: str = "") -> list[str]:
    """Return the roles in which somebody answers in a broadcast."""
    rows = _stands(tx, respondent.c.role, broadcast_id, area).group_by(respondent.c.role)
    return list(tx.execute(rows.order_by(func.min(respondent.c.id))).scalars())


def _stands_so(one: Stand, state: str) -> bool:
    match state:
        case "":
            return True
        case "reached":
            return one.is_told
        case "acknowledged":
            return one.has_answered
        case "unanswered":
            return not one.has_answered
        case "missing":
            return one.is_missing
    return one.state == state


def _said(tx: Tx, broadcast_id: int, wanted: Wanted, area: str) -> list[Select[Any]]:
    """Return who stands in a place, or in a role, that is called like what was typed."""
    layer_id = tx.execute(
        select(broadcast.c.layer_id).where(broadcast.c.id == broadcast_id)
    ).scalar()
    stands = _stands(tx, respondent.c.person_id, broadcast_id, area)
    found = [
        stands.where(respondent.c.place.in_(codes)) for codes in called_like(layer_id, wanted.q)
    ]
    return [*found, stands.where(respondent.c.role.in_(wanted.roles))]


def _stands(tx: Tx, column: ColumnElement[Any], broadcast_id: int, area: str) -> Select[Any]:
    """Return where people stand; of a broadcast without grids, in those that it is about."""
    return (
        select(column)
        .join(callout, callout.c.id == respondent.c.callout_id)
        .join(grid, grid.c.id == callout.c.grid_id)
        .where(callout.c.broadcast_id.in_({broadcast_id, *broadcasts_behind(tx, broadcast_id)}))
        .where(inside(area))
    )


def _may_be_of_a_person(q: str) -> bool:
    """Say whether it may be a part of a masked name or number: a surname, or digits."""
    return len(q) <= 2 or any(one.isdigit() or one in "*+" for one in q)
