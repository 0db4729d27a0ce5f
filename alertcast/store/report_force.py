"""Which warnings are in force where: by county and town, each hazard at its highest level there."""

from collections.abc import Sequence
from typing import TypedDict

from sqlalchemy import select

from alertcast.core.plan import highest
from alertcast.store.db import Tx
from alertcast.store.report_areas import inside
from alertcast.store.schema import alert, grid, info, layer, reach


class Holds(TypedDict):
    """One hazard that a warning in force is about, in a place."""

    alert_id: int  # of the newest that says this level
    hazard: str | None
    level: str | None


class TownForce(TypedDict):
    """What holds in one town."""

    code: str
    name: str
    holds: list[Holds]


class CountyForce(TypedDict):
    """What holds in one county: in all of its towns, and what else in which of them."""

    code: str
    name: str
    holds: list[Holds]  # everywhere in it
    towns: list[TownForce]  # those in which something else holds


def force_by_place(tx: Tx, ladder: Sequence[str], area: str = "") -> list[CountyForce]:
    """Return what is in force in each county and town of `area`; `ladder`: the highest first.

    Two queries and a pass over towns; places without a warning are left out.
    """
    columns = (grid.c.county_code, grid.c.county, grid.c.town_code, grid.c.town)
    active = select(grid.c.id).join(layer, layer.c.id == grid.c.layer_id)
    everywhere = (
        select(*columns)
        .join(layer, layer.c.id == grid.c.layer_id)
        .where(layer.c.is_active, inside(area))
        .distinct()
        .order_by(grid.c.county_code, grid.c.town_code)
    )
    hazards = (
        select(info.c.hazard)
        .where(info.c.alert_id == alert.c.id, info.c.hazard.is_not(None))
        .order_by(info.c.ord)
        .limit(1)
        .scalar_subquery()
    )
    rows = (
        select(grid.c.town_code, alert.c.id, hazards.label("hazard"), reach.c.level)
        .select_from(reach)
        .join(alert, alert.c.id == reach.c.alert_id)
        .join(grid, grid.c.code == reach.c.grid_code)
        .where(alert.c.standing == "in_force", alert.c.status == "Actual")
        .where(reach.c.ended_by.is_(None), grid.c.id.in_(active.where(layer.c.is_active)))
        .where(inside(area))
        .distinct()
        .order_by(alert.c.id)
    )
    by_town: dict[str, dict[str | None, Holds]] = {}
    for row in tx.execute(rows):
        known = by_town.setdefault(row.town_code, {})
        before = known.get(row.hazard)
        if before is None or highest((before["level"], row.level), ladder) == row.level:
            known[row.hazard] = Holds(alert_id=row.id, hazard=row.hazard, level=row.level)
    counties: dict[str, CountyForce] = {}
    for row in tx.execute(everywhere):
        county = counties.setdefault(
            row.county_code,
            CountyForce(code=row.county_code, name=row.county, holds=[], towns=[]),
        )
        holds = list(by_town.get(row.town_code, {}).values())
        county["towns"].append(TownForce(code=row.town_code, name=row.town, holds=holds))
    return [_folded(one) for one in counties.values() if any(t["holds"] for t in one["towns"])]


def _folded(county: CountyForce) -> CountyForce:
    """Say once of a county what holds in all of its towns."""
    towns = county["towns"]
    common = [one for one in towns[0]["holds"] if all(one in town["holds"] for town in towns)]
    rest = [
        TownForce(
            code=town["code"],
            name=town["name"],
            holds=[one for one in town["holds"] if one not in common],
        )
        for town in towns
    ]
    return CountyForce(
        code=county["code"],
        name=county["name"],
        holds=common,
        towns=[town for town in rest if town["holds"]],
    )
