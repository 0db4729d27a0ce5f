"""What was said of the stations (驿站) for this night, and whose keepers are to be asked.

What was said is kept by a station's code and name, append-only: it holds in whatever roster the
station stands by then, and proves who said it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import shapely
from sqlalchemy import Select, String, and_, bindparam, cast, exists, insert, or_, select

from alertcast.core.broadcast import BroadcastState, Purpose
from alertcast.core.station import OpenStation, Said
from alertcast.core.task import FINAL_TASKS
from alertcast.store.crypto import Vault
from alertcast.store.db import Tx
from alertcast.store.many import among, words
from alertcast.store.report_areas import inside
from alertcast.store.rows import value
from alertcast.store.schema import (
    broadcast,
    callout,
    grid,
    layer,
    person,
    roster,
    station,
    station_night,
    task,
)

# Made once: these are asked at every tick, and making a statement costs as much as running it.
_ANY = (
    select(station.c.id)
    .join(roster, and_(roster.c.id == station.c.roster_id, roster.c.is_active))
    .limit(1)
)
_QUESTION = broadcast.alias()
_UNASKED = (
    select(broadcast.c.id, broadcast.c.hazard)
    .where(broadcast.c.state == BroadcastState.RUNNING)
    .where(broadcast.c.purpose == Purpose.WARNING, broadcast.c.mode == "live")
    .where(broadcast.c.starts_at > bindparam("since"))
    .where(
        exists().where(
            callout.c.broadcast_id == broadcast.c.id,
            callout.c.level.in_(bindparam("levels", expanding=True)),
        )
    )
    .where(
        ~exists().where(
            _QUESTION.c.key
            == bindparam("prefix", type_=String).concat(cast(broadcast.c.id, String))
        )
    )
    .order_by(broadcast.c.id)
)


@dataclass(frozen=True, slots=True)
class Word:
    """What was said of a station for this night."""

    said: Said
    at: datetime
    until: datetime
    by: str
    broadcast_id: int | None


@dataclass(frozen=True, slots=True)
class Stands:
    """A station of the roster in use, its keeper sealed, and what was said of it."""

    station: Mapping[Any, Any]  # its row
    town_code: str | None  # None: its grid is not in the layer in use
    at: str  # town and grid, as people call it; else the grid's code
    word: Word | None


def listed(tx: Tx, now: datetime, area: str = "") -> list[Stands]:
    """Return the stations of the roster in use that lie in `area`, by their grids."""
    columns = (station, grid.c.town_code, grid.c.town, grid.c.name.label("grid"))
    rows = _placed(select(*columns), is_outer=True)
    rows = rows.order_by(station.c.grid_code, station.c.code)
    if area:
        rows = rows.where(inside(area))
    said = said_of(tx, now)
    return [
        Stands(
            row,
            row["town_code"],
            f"{row['town']}{row['grid']}" if row["grid"] else row["grid_code"],
            said.get((row["code"], row["name"])),
        )
        for row in tx.execute(rows).mappings()
    ]


def say(
    tx: Tx,
    named: Iterable[tuple[str, str]],
    said: Said,
    *,
    at: datetime,
    until: datetime,
    by: str,
    broadcast_id: int | None = None,
    person_id: int | None = None,
) -> None:
    """Write what was said of stations (code and name) for the night that ends at `until`."""
    rows = [
        {
            "code": code,
            "name": name,
            "said": said,
            "at": at,
            "until": until,
            "by": by,
            "broadcast_id": broadcast_id,
            "person_id": person_id,
        }
        for code, name in named
    ]
    if rows:
        tx.execute(insert(station_night), rows)


def open_now(tx: Tx, now: datetime) -> list[OpenStation]:
    """Return the stations in use that are confirmed open now, and lie somewhere; by code."""
    opened = {key for key, word in said_of(tx, now).items() if word.said is Said.OPEN}
    if not opened:
        return []
    rows = _placed(select(station, grid.c.town, grid.c.name.label("grid"), grid.c.geometry))
    rows = rows.where(among(station.c.code, "codes")).order_by(station.c.code)
    found = []
    for row in tx.execute(rows, {"codes": sorted({code for code, _ in opened})}).mappings():
        spot = _spot(row)
        if (row["code"], row["name"]) in opened and spot is not None:
            lon, lat = spot
            at = f"{row['town']}{row['grid']}"
            found.append(value(OpenStation, row, at=at, lon=lon, lat=lat))
    return found


def to_ask(tx: Tx, broadcast_id: int) -> list[Mapping[Any, Any]]:
    """Return the stations in use that stand in a town whose grids a broadcast calls."""
    called = (
        select(grid.c.town_code)
        .join(callout, callout.c.grid_id == grid.c.id)
        .where(callout.c.broadcast_id == broadcast_id)
    )
    rows = _placed(select(station)).where(grid.c.town_code.in_(called)).order_by(station.c.code)
    return list(tx.execute(rows).mappings())


def keeper(tx: Tx, vault: Vault, one: Mapping[Any, Any]) -> int | None:
    """Return whose phone the keeper of a station has in its roster, written down if nobody's.

    None if the phone can not be read. Twice is once.
    """
    phone = vault.read(one["phone"])
    if not phone:
        return None
    index = vault.index(phone)
    rows = (
        select(person.c.id)
        .where(person.c.roster_id == one["roster_id"], person.c.phone_index == index)
        .order_by(person.c.other_of.is_not(None), person.c.id)
    )
    known = tx.execute(rows.limit(1)).scalar()
    if known is not None:
        return int(known)
    values = {
        "roster_id": one["roster_id"],
        "code": f"station {index}",  # no code of a roster: those of people have a phone of theirs
        "name": one["keeper"],
        "phone": one["phone"],
        "phone_index": index,
        "drills": False,
        "keeper_of": one["code"],
    }
    added = insert(person).values(**values).returning(person.c.id)
    return int(tx.execute(added).scalar_one())


def asked(tx: Tx, broadcast_id: int, person_id: int) -> list[tuple[str, str]]:
    """Return code and name of the stations that a question asked a person about.

    Also where it is the person's other number that was called.
    """
    owner = select(person.c.other_of).where(person.c.id == person_id).scalar_subquery()
    rows = select(station_night.c.code, station_night.c.name).where(
        station_night.c.broadcast_id == broadcast_id,
        or_(station_night.c.person_id == person_id, station_night.c.person_id == owner),
        station_night.c.said == Said.ASKED,
    )
    return [(row.code, row.name) for row in tx.execute(rows.order_by(station_night.c.id))]


def questions(tx: Tx, named: Iterable[tuple[str, str]], now: datetime) -> list[tuple[int, int]]:
    """Return broadcast and person of the questions of this night about any of the stations."""
    wanted = set(named)
    rows = select(station_night).where(
        station_night.c.until > now, station_night.c.said == Said.ASKED
    )
    found = [row for row in tx.execute(rows) if (row.code, row.name) in wanted]
    return list(dict.fromkeys((row.broadcast_id, row.person_id) for row in found))


def left(tx: Tx, broadcast_id: int, person_id: int) -> list[int]:
    """Return the messages of a question to a person, by whichever number, that may still leave."""
    mine = or_(person.c.id == person_id, person.c.other_of == person_id)
    rows = (
        select(task.c.id)
        .join(person, person.c.id == task.c.person_id)
        .where(task.c.broadcast_id == broadcast_id, mine, task.c.state.not_in(words(*FINAL_TASKS)))
    )
    return list(tx.execute(rows).scalars())


def said_of(tx: Tx, now: datetime) -> dict[tuple[str, str], Word]:
    """Return what holds of each station (code and name) of which anything was said.

    That one was asked replaces no word that was given.
    """
    rows = select(station_night).where(station_night.c.until > now).order_by(station_night.c.id)
    found: dict[tuple[str, str], Word] = {}
    for row in tx.execute(rows):
        key = (row.code, row.name)
        word = Word(Said(row.said), row.at, row.until, row.by, row.broadcast_id)
        known = found.get(key)
        if known is None or known.said is Said.ASKED or word.said is not Said.ASKED:
            found[key] = word
    return found


def unasked(
    tx: Tx, prefix: str, levels: Sequence[str], since: datetime
) -> list[tuple[int, str | None]]:
    """Return id and hazard of the live warnings begun after `since` that asked nobody yet.

    Only of those that call at one of `levels`. A question has the key `prefix` and the id of its
    broadcast.
    """
    if tx.execute(_ANY).first() is None:
        return []
    asked_for = {"prefix": prefix, "levels": list(levels), "since": since}
    return [(row.id, row.hazard) for row in tx.execute(_UNASKED, asked_for)]


def _spot(row: Mapping[Any, Any]) -> tuple[float, float] | None:
    """Return where a station is: as it was written, else in the middle of its grid."""
    if row["lon"] is not None and row["lat"] is not None:
        return row["lon"], row["lat"]
    if row["geometry"] is None:
        return None
    middle = shapely.point_on_surface(shapely.from_wkb(row["geometry"]))
    return middle.x, middle.y


def _placed(rows: Select[Any], *, is_outer: bool = False) -> Select[Any]:
    """Return `rows` of the stations in use with their grids in the layer in use."""
    here = and_(grid.c.layer_id == layer.c.id, grid.c.code == station.c.grid_code)
    return (
        rows.select_from(station)
        .join(roster, and_(roster.c.id == station.c.roster_id, roster.c.is_active))
        .join(layer, layer.c.is_active, isouter=is_outer)
        .join(grid, here, isouter=is_outer)
    )
