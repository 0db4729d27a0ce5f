"""A roster is brought in: read, compared with the one in use, and made the one in use, or refused.

From a terminal and from a page alike. Nothing is written before `write`, which writes all of it or
nothing.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from alertcast.core.grid import Grid
from alertcast.core.roster_ahead import lacks, without_leader
from alertcast.core.roster_diff import Difference, compare
from alertcast.core.roster_gaps import Gap
from alertcast.dispatch.world import World
from alertcast.grids.places import KnownPlaces
from alertcast.grids.problem import Problem, has_errors
from alertcast.grids.roster import RosterRead, Watched, read_roster
from alertcast.grids.sheet import File, NotATable, content
from alertcast.grids.stations import StationsRead, read_stations
from alertcast.store import audit, data_keys, grids, people, roster_entries
from alertcast.store.db import Tx


class NoLayer(Exception):  # it is what it says
    """There is no layer of grids yet, whose places a roster could name."""


class ChangedMeanwhile(Exception):  # it is what it says
    """Another roster or layer was put in use since this one was read and compared."""


class RosterRefusal(StrEnum):
    """Why a roster is not brought in."""

    EMPTY = "empty"  # there is no good row
    ERRORS = "errors"  # there are bad rows, and it was not said to leave them out
    REMOVALS = "removals"  # it removes more than by mistake, and that was not said to be meant


@dataclass(frozen=True, slots=True)
class Read:
    """What was read from the files of one import."""

    roster: RosterRead
    stations: StationsRead | None
    sha256: str  # of all that it was made of
    layer_id: int  # whose places they name

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Return what was found in all files."""
        return (*self.roster.problems, *(self.stations.problems if self.stations else ()))


@dataclass(frozen=True, slots=True)
class Found:
    """What would change, against the roster in use."""

    read: Read
    before: Mapping[Any, Any] | None  # the row of the roster in use
    changes: Difference

    @property
    def before_id(self) -> int | None:
        """Return the id of the roster in use, if there was one."""
        return None if self.before is None else int(self.before["id"])


@dataclass(frozen=True, slots=True)
class Ahead:
    """What a roster would lack if it were in use."""

    gaps: Mapping[Gap, int]
    unled: Sequence[Grid]  # grids that nobody would lead


def read(
    world: World, file: File, stations_file: File | None = None, *, watched: Watched = iter
) -> Read:
    """Read a roster, and a list of stations with it; raises NoLayer."""
    with world.db.read() as tx:
        layer = grids.active_layer(tx)
        if layer is None:
            raise NoLayer
        places = KnownPlaces(grids.load(tx, layer["id"], is_drawn=False).values())
    area_code = world.config.main.roster.area_code
    roster = read_roster(
        file,
        roles=world.config.roles,
        places=places,
        key=world.db.vault.index("roster person codes").encode(),
        area_code=area_code,
        watched=watched,
    )
    stations = (
        None
        if stations_file is None
        else read_stations(stations_file, places=places, area_code=area_code)
    )
    files = [_raw(one) for one in (file, stations_file) if one is not None]
    held = (roster.people, roster.posts)  # by another configuration, the same file may hold others
    made_of = (*files, f"layer {layer['id']}".encode(), repr(held).encode())
    if stations is not None:
        made_of += (repr(stations.stations).encode(),)
    return Read(roster, stations, _digest(*made_of), layer["id"])


def compared(world: World, one: Read) -> Found:
    """Return what a roster that was read changes."""
    vault = world.db.vault
    after = roster_entries.of_people(vault, one.roster.people, one.roster.posts)
    with world.db.read() as tx:
        row = people.active_roster(tx)
        before = {} if row is None else roster_entries.of_roster(tx, vault, row["id"])
    return Found(one, row, compare(before, after))


def ahead(world: World, one: Read, now: datetime) -> Ahead:
    """Return what a roster that was read would lack today."""
    roster, day = one.roster, world.local(now).date()
    leads = [role.key for role in world.config.roles.values() if role.leads]
    with world.db.read() as tx:
        cells = [*grids.load(tx, one.layer_id, is_drawn=False).values()]
    return Ahead(
        lacks(roster.people, roster.posts, cells, leads=leads, day=day),
        without_leader(roster.posts, cells, leads=leads, day=day),
    )


def refusal(
    world: World, found: Found, *, skip_bad: bool, allow_removals: bool
) -> RosterRefusal | None:
    """Return why this is not brought in, or None."""
    if not found.read.roster.posts:
        return RosterRefusal.EMPTY
    if has_errors(found.read.problems) and not skip_bad:
        return RosterRefusal.ERRORS
    most = world.config.main.roster.most_removed
    return (
        RosterRefusal.REMOVALS
        if found.changes.removes_more_than(most) and not allow_removals
        else None
    )


def write(
    world: World,
    tx: Tx,
    name: str,
    found: Found,
    *,
    by: str,
    now: datetime,
    told: Callable[[int], None] = lambda _: None,
) -> tuple[int, int]:
    """Make it the roster in use, in this transaction; return its id and version.

    The same files again, read alike, make no other version. Raises ChangedMeanwhile.
    """
    data_keys.hold(tx, world.db.vault)  # one import waits here for another, and sees what it wrote
    row, layer = people.active_roster(tx), grids.active_layer(tx)
    if (row["id"] if row else None) != found.before_id:
        raise ChangedMeanwhile
    if layer is None or layer["id"] != found.read.layer_id:
        raise ChangedMeanwhile
    stations, roster = found.read.stations, found.read.roster
    roster_id, version = people.import_roster(
        tx,
        world.db.vault,
        name,
        roster.people,
        roster.posts,
        stations.stations if stations else None,
        sha256=found.read.sha256,
        now=now,
        told=told,
    )
    audit.record(tx, by, "import", f"roster:{roster_id}", now, posts=len(roster.posts))
    return roster_id, version


def _raw(file: File) -> bytes:
    try:
        return content(file).raw
    except NotATable:  # which is one of its problems
        return b""


def _digest(*parts: bytes) -> str:
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()
