"""Who is on duty is called first; the other desks of the same area follow a little later.

Without a table of shifts for an area, or with nobody on duty there, its desks are called as ever:
all at once. A wrong table delays somebody, and silences nobody.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alertcast.core.plan import Holder
from alertcast.core.shift import Flaw, Seat, flaws
from alertcast.core.watch import Finding
from alertcast.dispatch.world import World
from alertcast.store import people, shifts
from alertcast.store.db import Tx
from alertcast.store.shifts import Kept

WORDS = {Seat.DESK: "值班员", Seat.LEADER: "带班领导"}
"""What somebody is called who is on duty and holds no post there."""


@dataclass(frozen=True, slots=True)
class Called:
    """Whom to call when: at once, and a little later; each with what their post is called."""

    first: dict[int, str]
    later: dict[int, str]
    later_at: datetime

    @property
    def everybody(self) -> dict[int, str]:
        """Return all of them, those who are called at once before the others."""
        return self.first | self.later


@dataclass(frozen=True, slots=True)
class Table:
    """The shifts of a time, and what is wrong with them."""

    shifts: Sequence[Kept]
    people: dict[str, int]  # code -> person of the roster in use
    flaws: Sequence[Flaw]
    until: datetime


def called(
    world: World,
    tx: Tx,
    roster_id: int,
    held: Sequence[Holder],
    places: Iterable[str],
    seats: Sequence[Seat],
    now: datetime,
    *,
    only_enrolled: bool = False,
) -> Called:
    """Return when to call whom, of those who hold a desk (`held`) and those on duty at `places`.

    `seats`: as what somebody must be on duty to be called at all.
    """
    names = {one.person_id: world.config.roles[one.role].zh for one in held}
    here = shifts.on_duty(tx, roster_id, set(places), now, only_enrolled=only_enrolled)
    here = [one for one in here if one.seat in seats]
    manned = {one.area for one in here}
    first = {one.person_id: names.get(one.person_id, WORDS[one.seat]) for one in here}
    first |= {one.person_id: names[one.person_id] for one in held if one.place not in manned}
    later = {who: name for who, name in names.items() if who not in first}
    return Called(first, later, now + world.config.main.duty.others_after)


def findings(tx: Tx, now: datetime) -> Iterator[Finding]:
    """Yield the areas whose table of shifts puts nobody at the desk now."""
    roster = people.active_roster(tx)
    found = shifts.unmanned(tx, roster["id"] if roster else None, now)
    names = shifts.county_names(tx, found) if found else {}
    for area, since in sorted(found.items()):
        yield Finding("no_duty", names[area], since=since)


def table(world: World, tx: Tx, now: datetime, *, area: str = "") -> Table:
    """Return the shifts from now on as far as gaps are looked for, and what is wrong with them."""
    until = now + timedelta(days=world.config.main.duty.ahead)
    kept = shifts.listed(tx, now, area=area)
    roster = people.active_roster(tx)
    known = {} if roster is None else shifts.known(tx, roster["id"], [one.shift for one in kept])
    found = flaws([one.shift for one in kept], known, now, until)
    return Table(kept, known, found, until)
