"""The table of duty shifts is brought in from a file, or mended shift by shift; all is recorded."""

from collections.abc import Collection
from datetime import datetime
from pathlib import Path

from alertcast.core.shift import Seat, Shift
from alertcast.dispatch.world import World
from alertcast.grids.places import KnownPlaces
from alertcast.grids.shifts import LONGEST, KnownPeople, ShiftsRead, read_shifts
from alertcast.store import audit, grids, people, shifts
from alertcast.store.again import begun_again
from alertcast.store.db import Tx
from alertcast.store.shifts import Replaced


class CanNotPlan(Exception):  # it is what it says
    """A shift can not be planned; the message says why, to an officer."""


def read(world: World, tx: Tx, file: Path) -> ShiftsRead:
    """Read a table of shifts against the roster and the layer in use. Raises CanNotPlan."""
    roster, layer = people.active_roster(tx), grids.active_layer(tx)
    if roster is None or layer is None:
        raise CanNotPlan("尚未导入网格和责任人名册")
    known = KnownPeople(*shifts.everybody(tx, world.db.vault, roster["id"]))
    places = KnownPlaces(grids.load(tx, layer["id"]).values())
    return read_shifts(file, people=known, places=places, zone=world.config.main.office.zone)


@begun_again
def bring_in(world: World, new: Collection[Shift], user: str, now: datetime) -> Replaced:
    """Let these shifts be the table of their areas, from the first of them to the last."""
    with world.db.write() as tx:
        done = shifts.replace_from(tx, new, now)
        for area in sorted({one.area for one in new}):
            count = sum(one.area == area for one in new)
            audit.record(tx, user, "plan_shifts", f"duty:{area}", now, shifts=count)
    return done


@begun_again
def put(world: World, person_id: int, one: Shift, user: str, now: datetime) -> None:
    """Add one shift of a person of the roster in use; the same again changes nothing.

    Raises CanNotPlan for one that is over, or too long.
    """
    if one.ends_at <= now:
        raise CanNotPlan("这一班已经结束")
    if one.ends_at - one.starts_at > LONGEST:
        raise CanNotPlan(f"一班最长 {LONGEST.total_seconds() / 3600:.0f} 小时")
    with world.db.write() as tx:
        shifts.add(tx, [one])
        audit.record(
            tx,
            user,
            "add_shift",
            f"duty:{one.area}",
            now,
            person=person_id,
            seat=one.seat.value,
            starts_at=one.starts_at.isoformat(),
        )


@begun_again
def take_out(world: World, shift_id: int, user: str, now: datetime) -> bool:
    """Take out a shift to come, or end the one that holds now; False if it is over or gone."""
    with world.db.write() as tx:
        one = shifts.get(tx, shift_id)
        if one is None or not shifts.remove(tx, shift_id, now):
            return False
        audit.record(
            tx,
            user,
            "remove_shift",
            f"duty:{one.area}",
            now,
            shift=shift_id,
            starts_at=one.starts_at.isoformat(),
        )
    return True


def seat_of(word: str) -> Seat:
    """Return the seat that a form names; raises CanNotPlan."""
    if word not in set(Seat):
        raise CanNotPlan("请选择值班员或带班领导")
    return Seat(word)
