"""Grids that nobody answered for, each with the people to ring or to visit, by name."""

from collections.abc import Sequence

from sqlalchemy import select

from alertcast.core.callout import CalloutState
from alertcast.store.db import Tx
from alertcast.store.report_areas import inside
from alertcast.store.report_faces import Faces
from alertcast.store.report_facts import PersonFacts, Unreached, UnreachedPerson
from alertcast.store.report_people import Standing, shown, standings
from alertcast.store.schema import callout, grid, respondent

UNREACHED = (CalloutState.UNREACHED,)
WAITING = (CalloutState.UNREACHED, CalloutState.OPEN)
"""States of a grid that nobody has answered for."""


def waiting_grids(tx: Tx, faces: Faces, broadcast_id: int, *, area: str = "") -> list[Unreached]:
    """Return each grid that nobody answered for yet, with everybody who may, to be rung by hand."""
    standing = standings(tx, broadcast_id, area)
    listed = shown(tx, faces, broadcast_id, standing)
    return grids_by_name(tx, broadcast_id, area, WAITING, standing, listed)


def unreached_grids(
    tx: Tx, faces: Faces, broadcast_id: int, *, area: str = "", limit: int
) -> list[Unreached]:
    """Return the first grids that nobody was reached for, with whom to visit; no more is read."""
    first = (
        select(callout.c.id)
        .join(grid, grid.c.id == callout.c.grid_id)
        .where(callout.c.broadcast_id == broadcast_id, inside(area))
        .where(callout.c.state.in_(UNREACHED))
        .order_by(grid.c.county_code, grid.c.town_code, grid.c.code)
        .limit(limit)
    )
    ids = list(tx.execute(first).scalars())
    if not ids:
        return []
    theirs = select(respondent.c.person_id).where(respondent.c.callout_id.in_(ids)).distinct()
    only = set(tx.execute(theirs).scalars())
    standing = standings(tx, broadcast_id, area, only=only)
    listed = shown(tx, faces, broadcast_id, standing)
    return grids_by_name(tx, broadcast_id, area, UNREACHED, standing, listed)[:limit]


def grids_by_name(
    tx: Tx,
    broadcast_id: int,
    area: str,
    states: Sequence[str],
    standing: Sequence[Standing],
    listed: Sequence[PersonFacts],
) -> list[Unreached]:
    """Return the grids of a broadcast in one of `states` with those of `standing` who may answer.

    `listed` are the same people, shown.
    """
    people: dict[int, list[UnreachedPerson]] = {}
    pairs = [(s, f) for one, f in zip(standing, listed, strict=True) for s in one.callouts]
    for stands, face in sorted(pairs, key=lambda pair: pair[0].respondent_id):
        people.setdefault(stands.callout_id, []).append(
            UnreachedPerson(
                person_id=face["person_id"],
                role=stands.role,
                counts=stands.counts,
                name=face["name"],
                phone=face["phone"],
                other_phone=face["other_phone"],
                state=face["state"],
            )
        )
    columns = (grid.c.code, grid.c.name, grid.c.town, grid.c.county)
    rows = (
        select(callout.c.id, callout.c.level, *columns)
        .join(grid, grid.c.id == callout.c.grid_id)
        .where(callout.c.broadcast_id == broadcast_id, inside(area))
        .where(callout.c.state.in_(states))
        .order_by(grid.c.county_code, grid.c.town_code, grid.c.code)
    )
    return [
        Unreached(
            code=row.code,
            name=row.name,
            town=row.town,
            county=row.county,
            level=row.level,
            people=people.get(row.id, []),
        )
        for row in tx.execute(rows)
    ]
