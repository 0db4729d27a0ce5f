"""A list of stations (驿站) is brought in: read, compared, given to the roster in use, or refused.

From a terminal and from a page alike. Nothing is written before `write`, which writes all of it or
nothing. What was said of a station tonight holds on.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from alertcast.core.station_diff import StationDifference, compare_stations
from alertcast.dispatch.bring_roster import ChangedMeanwhile
from alertcast.dispatch.world import World
from alertcast.grids.places import KnownPlaces
from alertcast.grids.problem import has_errors
from alertcast.grids.sheet import File
from alertcast.grids.stations import StationsRead, read_stations
from alertcast.store import audit, data_keys, grids, people, stations
from alertcast.store.db import Tx

IMPORTED = "import_stations"
"""What the audit calls it."""


class NoRoster(Exception):  # it is what it says
    """There is no roster yet that could have stations."""


class StationsRefusal(StrEnum):
    """Why a list of stations is not brought in."""

    EMPTY = "empty"  # there is no good row
    ERRORS = "errors"  # there are bad rows, and it was not said to leave them out
    REMOVALS = "removals"  # it removes more than by mistake, and that was not said to be meant


@dataclass(frozen=True, slots=True)
class Found:
    """What was read, and what it changes."""

    read: StationsRead
    roster: Mapping[Any, Any]  # the row of the roster in use, whose stations they become
    layer_id: int  # whose grids they name
    before: str  # names the stations that it has (see store.stations.mark)
    changes: StationDifference


def look(world: World, file: File) -> Found:
    """Read a list of stations, compare it with the roster's; raises NoRoster."""
    vault = world.db.vault
    with world.db.read() as tx:
        layer, roster = grids.active_layer(tx), people.active_roster(tx)
        if layer is None or roster is None:
            raise NoRoster
        places = KnownPlaces(grids.load(tx, layer["id"], is_drawn=False).values())
        before = stations.of_roster(tx, vault, roster["id"])
    read = read_stations(file, places=places, area_code=world.config.main.roster.area_code)
    changes = compare_stations(before, {one.code: one for one in read.stations})
    return Found(read, roster, layer["id"], stations.mark(vault, before), changes)


def refusal(
    world: World, found: Found, *, skip_bad: bool, allow_removals: bool
) -> StationsRefusal | None:
    """Return why this is not brought in, or None."""
    if not found.read.stations:
        return StationsRefusal.EMPTY
    if has_errors(found.read.problems) and not skip_bad:
        return StationsRefusal.ERRORS
    most = world.config.main.roster.most_removed
    is_too_much = found.changes.removes_more_than(most) and not allow_removals
    return StationsRefusal.REMOVALS if is_too_much else None


def write(world: World, tx: Tx, found: Found, *, by: str, now: datetime) -> None:
    """Let the roster in use have these stations and no others; raises ChangedMeanwhile."""
    vault, roster_id = world.db.vault, found.roster["id"]
    data_keys.hold(tx, vault)  # one import waits here for another, and then sees what it wrote
    row, layer = people.active_roster(tx), grids.active_layer(tx)
    if row is None or row["id"] != roster_id or layer is None or layer["id"] != found.layer_id:
        raise ChangedMeanwhile
    if stations.mark(vault, stations.of_roster(tx, vault, roster_id)) != found.before:
        raise ChangedMeanwhile
    stations.replace(tx, vault, roster_id, found.read.stations)
    number = len(found.read.stations)
    audit.record(tx, by, IMPORTED, f"roster:{roster_id}", now, stations=number)
