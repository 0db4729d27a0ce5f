"""转告: what leaders said of their households, summed per town and as rows with who said it."""

from collections.abc import Iterable
from datetime import datetime
from typing import TypedDict

from sqlalchemy import select

from alertcast.store.db import Tx
from alertcast.store.report_areas import inside
from alertcast.store.report_faces import Faces
from alertcast.store.report_facts import GridFacts, RelayFacts, RelaySum, TownRelay
from alertcast.store.rows import chunks
from alertcast.store.schema import callout, grid, person, relay, respondent


class RelayRow(TypedDict):
    """One thing that one person said of one grid."""

    code: str
    town_code: str
    town: str
    grid: str
    person_id: int
    role: str
    name: str
    households_told: int
    households_not_told: int
    growers_told: int | None
    at: datetime
    via: str
    by_user: str | None
    holds: bool  # False: a newer row of the same grid holds instead


class RelayCell(TypedDict):
    """One grid a person may speak of, and what holds of it."""

    respondent_id: int
    code: str
    town: str
    grid: str
    counts: bool  # the person answers for the grid, and is not only told
    relay: RelayFacts | None


def relay_cells(tx: Tx, broadcast_id: int, respondent_ids: Iterable[int]) -> list[RelayCell]:
    """Return the grids that these respondents may speak of, those without any counts first.

    Whoever answers for some of the grids speaks of those only, not of what he is only told of.
    """
    held = relay_by_callout(tx, broadcast_id)
    found: list[RelayCell] = []
    for chunk in chunks(sorted(set(respondent_ids))):
        rows = (
            select(
                respondent.c.id,
                respondent.c.callout_id,
                respondent.c.counts,
                grid.c.code,
                grid.c.town,
                grid.c.name,
            )
            .join(callout, callout.c.id == respondent.c.callout_id)
            .join(grid, grid.c.id == callout.c.grid_id)
            .where(respondent.c.id.in_(chunk))
        )
        found += [
            RelayCell(
                respondent_id=row.id,
                code=row.code,
                town=row.town,
                grid=row.name,
                counts=row.counts,
                relay=held.get(row.callout_id),
            )
            for row in tx.execute(rows)
        ]
    own = [one for one in found if one["counts"]] or found
    return sorted(own, key=lambda one: (one["relay"] is not None, one["code"]))


def relay_by_callout(tx: Tx, broadcast_id: int) -> dict[int, RelayFacts]:
    """Return what holds of each callout of a broadcast, where anything was said."""
    rows = (
        select(relay, respondent.c.callout_id, respondent.c.role)
        .join(respondent, respondent.c.id == relay.c.respondent_id)
        .where(relay.c.broadcast_id == broadcast_id)
        .order_by(relay.c.id)
    )
    return {
        row["callout_id"]: RelayFacts(
            households_told=row["households_told"],
            households_not_told=row["households_not_told"],
            growers_told=row["growers_told"],
            role=row["role"],
            at=row["at"],
            via=row["via"],
            by_user=row["by_user"],
        )
        for row in tx.execute(rows).mappings()  # the newest of a callout comes last
    }


def relay_sum(grids: Iterable[GridFacts]) -> RelaySum:
    """Return the sum over what holds of each of these grids."""
    listed = list(grids)
    said = [one["relay"] for one in listed if one["relay"] is not None]
    return RelaySum(
        grids=len(listed),
        grids_said=len(said),
        households_told=sum(one["households_told"] for one in said),
        households_not_told=sum(one["households_not_told"] for one in said),
        growers_told=sum(one["growers_told"] or 0 for one in said),
    )


def relay_towns(grids: Iterable[GridFacts]) -> list[TownRelay]:
    """Return the sum of each town, in the order of the grids; towns of which nothing was said too.

    None at all before anything was said of any grid.
    """
    towns: dict[str, list[GridFacts]] = {}
    for one in grids:
        towns.setdefault(one["town_code"], []).append(one)
    found = [
        TownRelay(code=code, name=cells[0]["town"], county=cells[0]["county"], **relay_sum(cells))
        for code, cells in towns.items()
    ]
    return found if any(one["grids_said"] for one in found) else []


def relay_rows(
    tx: Tx, faces: Faces, broadcast_id: int, *, area: str = "", town: str = ""
) -> list[RelayRow]:
    """Return everything that was said in a broadcast, by grid, what holds first."""
    rows = (
        select(
            relay,
            respondent.c.callout_id,
            respondent.c.person_id,
            respondent.c.role,
            person.c.name,
            grid.c.code,
            grid.c.town_code,
            grid.c.town,
            grid.c.name.label("grid"),
        )
        .join(respondent, respondent.c.id == relay.c.respondent_id)
        .join(person, person.c.id == respondent.c.person_id)
        .join(callout, callout.c.id == respondent.c.callout_id)
        .join(grid, grid.c.id == callout.c.grid_id)
        .where(relay.c.broadcast_id == broadcast_id, inside(area), inside(town))
        .order_by(grid.c.county_code, grid.c.town_code, grid.c.code, relay.c.id.desc())
    )
    seen: set[int] = set()
    found: list[RelayRow] = []
    for row in tx.execute(rows).mappings():
        found.append(
            RelayRow(
                code=row["code"],
                town_code=row["town_code"],
                town=row["town"],
                grid=row["grid"],
                person_id=row["person_id"],
                role=row["role"],
                name=faces.name(row["name"]),
                households_told=row["households_told"],
                households_not_told=row["households_not_told"],
                growers_told=row["growers_told"],
                at=row["at"],
                via=row["via"],
                by_user=row["by_user"],
                holds=row["callout_id"] not in seen,
            )
        )
        seen.add(row["callout_id"])
    return found
