"""Places and areas: which part of a broadcast lies in a user's area, and what places are called.

An area is a prefix of town codes, e.g. "441224" for a county; "" is everywhere. The code of a grid
says nothing about it: villages keep theirs when towns are merged.
"""

from collections.abc import Iterable
from typing import Any, TypedDict, cast

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true

from alertcast.core.access import lies_in
from alertcast.core.broadcast import Purpose
from alertcast.store.db import Tx
from alertcast.store.rows import chunks
from alertcast.store.schema import (
    broadcast,
    callout,
    grid,
    help_request,
    layer,
    person,
    respondent,
    task,
    task_respondent,
)


class TownFacts(TypedDict):
    """One town of a layer."""

    code: str
    name: str
    grids: int


class CountyFacts(TypedDict):
    """One county of a layer with its towns."""

    code: str
    name: str
    towns: list[TownFacts]


WITHOUT_GRIDS = (
    Purpose.ALL_CLEAR,
    Purpose.PART_CLEAR,
    Purpose.DOWNGRADE,
    Purpose.CORRECTION,
    Purpose.TEST,
    Purpose.STATION,
)
"""Broadcasts of these purposes have no grids: they tell whom others told, or ask something."""

_OF_AN_EPISODE = (Purpose.ALL_CLEAR, Purpose.PART_CLEAR, Purpose.DOWNGRADE)
"""Those that tell whom the others of their episode told."""


def inside(area: str) -> ColumnElement[bool]:
    """Return the condition that a row of `grid` lies in `area`."""
    return grid.c.town_code.startswith(area, autoescape=True) if area else true()


def place_inside(place: ColumnElement[str], layer_id: int, area: str) -> ColumnElement[bool]:
    """Return the condition that the place of a post lies in `area`.

    A grid of the layer lies where its town does; towns, counties and what the layer does not have
    lie where their own codes say.
    """
    if not area:
        return true()
    grids = select(grid.c.code).where(grid.c.layer_id == layer_id)
    by_code = and_(place.startswith(area, autoescape=True), place.not_in(grids))
    return or_(place.in_(grids.where(inside(area))), by_code)


def towns_of(tx: Tx, broadcast_id: int, person_id: int | None = None) -> set[str]:
    """Return the codes of the towns a broadcast touches, or one person of it stands for.

    One without grids of its own touches those of the broadcasts whose people it tells: a correction
    those of what it corrects, an all-clear those of its episode.
    """
    rows = (
        select(grid.c.town_code)
        .join(callout, callout.c.grid_id == grid.c.id)
        .where(callout.c.broadcast_id.in_(broadcasts_behind(tx, broadcast_id)))
        .distinct()
    )
    if person_id is not None:
        stands = select(respondent.c.callout_id).where(respondent.c.person_id == person_id)
        rows = rows.where(callout.c.id.in_(stands))
    return set(tx.execute(rows).scalars())


def touches(tx: Tx, broadcast_id: int, area: str) -> bool:
    """Say whether any town of a broadcast lies in `area`."""
    return not area or any(lies_in(town, area) for town in towns_of(tx, broadcast_id))


def broadcasts_behind(tx: Tx, broadcast_id: int) -> list[int]:
    """Return the broadcasts whose grids a broadcast is about: itself, if it has any."""
    columns = (broadcast.c.purpose, broadcast.c.corrects_id, broadcast.c.episode_id)
    row = tx.execute(select(*columns).where(broadcast.c.id == broadcast_id)).first()
    while row is not None and row.corrects_id is not None:
        broadcast_id = row.corrects_id
        row = tx.execute(select(*columns).where(broadcast.c.id == broadcast_id)).first()
    if row is None or row.purpose not in _OF_AN_EPISODE:
        return [broadcast_id]
    same = select(broadcast.c.id).where(broadcast.c.episode_id == row.episode_id)
    return list(tx.execute(same).scalars())


def tasks_inside(area: str, broadcast_id: int | None = None) -> ColumnElement[bool]:
    """Return the condition that a row of `task` is about a grid or a call for help in `area`.

    One about no grid (an all-clear, a correction) is, if somebody with its phone answers there.
    """
    if not area:
        return true()
    told = (
        select(task_respondent.c.task_id)
        .join(respondent, respondent.c.id == task_respondent.c.respondent_id)
        .join(callout, callout.c.id == respondent.c.callout_id)
        .join(grid, grid.c.id == callout.c.grid_id)
        .where(inside(area))
    )
    if broadcast_id is not None:
        told = told.where(callout.c.broadcast_id == broadcast_id)
    helped = select(help_request.c.id).where(help_request.c.area.startswith(area, autoescape=True))
    owners = (
        select(person.c.phone_index)
        .join(respondent, respondent.c.person_id == func.coalesce(person.c.other_of, person.c.id))
        .join(callout, callout.c.id == respondent.c.callout_id)
        .join(grid, grid.c.id == callout.c.grid_id)
        .where(inside(area))
    )
    ours = and_(task.c.purpose.in_(WITHOUT_GRIDS), task.c.phone_index.in_(owners))
    return or_(task.c.id.in_(told), task.c.help_request_id.in_(helped), ours)


def messages_beyond(area: str) -> Select[Any]:
    """Return the ids of the messages whose words are about a grid outside of `area` as well."""
    message = func.coalesce(task.c.joined_to, task.c.id)
    return (
        select(message)
        .join(task_respondent, task_respondent.c.task_id == task.c.id)
        .join(respondent, respondent.c.id == task_respondent.c.respondent_id)
        .join(callout, callout.c.id == respondent.c.callout_id)
        .join(grid, grid.c.id == callout.c.grid_id)
        .where(~inside(area))
    )


def counties(tx: Tx, layer_id: int, area: str = "") -> list[CountyFacts]:
    """Return the counties and towns of a layer that lie in `area`."""
    columns = (grid.c.county_code, grid.c.county, grid.c.town_code, grid.c.town)
    rows = (
        select(*columns, func.count().label("grids"))
        .where(grid.c.layer_id == layer_id, inside(area))
        .group_by(*columns)
        .order_by(grid.c.county_code, grid.c.town_code)
    )
    found: dict[str, CountyFacts] = {}
    for row in tx.execute(rows):
        county = found.setdefault(
            row.county_code, CountyFacts(code=row.county_code, name=row.county, towns=[])
        )
        county["towns"].append(TownFacts(code=row.town_code, name=row.town, grids=row.grids))
    return list(found.values())


def areas_of(tx: Tx, layer_id: int, codes: Iterable[str]) -> dict[str, str]:
    """Return for each code of a county, town or grid of the layer the area it lies in.

    A grid lies in its town; codes that the layer does not have are left out.
    """
    found: dict[str, str] = {}
    for chunk in chunks(sorted(set(codes))):
        rows = select(grid.c.code, grid.c.town_code, grid.c.county_code).where(
            grid.c.layer_id == layer_id,
            or_(grid.c.code.in_(chunk), grid.c.town_code.in_(chunk), grid.c.county_code.in_(chunk)),
        )
        wanted = set(chunk)
        for row in tx.execute(rows):
            areas = {
                row.county_code: row.county_code,
                row.town_code: row.town_code,
                row.code: row.town_code,
            }
            found |= {code: areas[code] for code in wanted & areas.keys()}
    return found


class CellFacts(TypedDict):
    """One grid of a layer."""

    code: str
    name: str
    kind: str
    town_code: str
    town: str
    county_code: str
    county: str


def grids_in(
    tx: Tx, layer_id: int, area: str, *, place: str = "", after: str = "", limit: int = 100
) -> list[CellFacts]:
    """Return the first grids of a layer in `area` by code, in the county, town or grid `place`.

    `after` is a code: only grids that follow it.
    """
    columns = [grid.c[name] for name in CellFacts.__annotations__]
    rows = select(*columns).where(grid.c.layer_id == layer_id, inside(area), grid.c.code > after)
    if place:
        rows = rows.where(or_(*(grid.c[name] == place for name in _PLACES)))
    found = tx.execute(rows.order_by(grid.c.code).limit(limit)).mappings()
    return [cast(CellFacts, dict(row)) for row in found]


_PLACES = ("code", "town_code", "county_code")


def name_of(tx: Tx, area: str) -> str:
    """Return what a county or town of the active layer is called; another code is its own name."""
    rows = (
        select(grid.c.town_code, grid.c.town, grid.c.county)
        .join(layer, layer.c.id == grid.c.layer_id)
        .where(layer.c.is_active, or_(grid.c.town_code == area, grid.c.county_code == area))
        .limit(1)
    )
    row = tx.execute(rows).first()
    return area if row is None else str(row.town if row.town_code == area else row.county)


def unknown(tx: Tx, area: str) -> str | None:
    """Return why nobody can be limited to `area`: no town of the active layer lies in it.

    None if one does, if there is no layer yet, and for everywhere.
    """
    towns = select(grid.c.id).join(layer, layer.c.id == grid.c.layer_id).where(layer.c.is_active)
    if not area or tx.execute(towns.limit(1)).first() is None:
        return None
    if tx.execute(towns.where(inside(area)).limit(1)).first() is not None:
        return None
    return f"area {area}: no town of the layer in use lies in it"


def place_names(tx: Tx, layer_id: int | None, codes: Iterable[str]) -> dict[str, str]:
    """Return what people call each place: a grid with its town, a town, a county.

    A code that the layer does not have (the city) is its own name.
    """
    wanted = sorted(set(codes))
    found = {code: code for code in wanted}
    if layer_id is None:
        return found
    for part in chunks(wanted):
        for code, name in _CALLED:
            rows = select(code, func.min(name)).where(grid.c.layer_id == layer_id, code.in_(part))
            found |= {row[0]: row[1] for row in tx.execute(rows.group_by(code))}
    return found


def called_like(layer_id: int | None, words: str) -> list[Select[tuple[str]]]:
    """Return the codes of the counties, towns and grids of a layer with these words in the name.

    Or in the code of a grid.
    """
    here = grid.c.layer_id == layer_id
    found = [
        select(code).where(here, name.contains(words, autoescape=True)) for code, name in _CALLED
    ]
    return [*found, select(grid.c.code).where(here, grid.c.code.contains(words, autoescape=True))]


_CALLED: tuple[tuple[ColumnElement[str], ColumnElement[str]], ...] = (
    (grid.c.county_code, grid.c.county),
    (grid.c.town_code, grid.c.town),
    (grid.c.code, grid.c.town + grid.c.name),
)
"""Code and name of each sort of place, from the widest to the nearest."""
