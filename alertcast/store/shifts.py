"""The table of duty shifts: written, replaced from a moment on, and asked who is on duty."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, delete, func, insert, or_, select, update

from alertcast.core.shift import Seat, Shift
from alertcast.store.crypto import Vault
from alertcast.store.db import Tx
from alertcast.store.rows import chunks, value
from alertcast.store.schema import grid, layer, person, shift


@dataclass(frozen=True, slots=True)
class Kept:
    """A shift with the id of its row."""

    id: int
    shift: Shift


@dataclass(frozen=True, slots=True)
class Replaced:
    """What a new table of shifts changed."""

    added: int
    removed: int
    same: int


@dataclass(frozen=True, slots=True)
class OnDuty:
    """Somebody of a roster who is on duty."""

    person_id: int
    area: str
    seat: Seat


def listed(tx: Tx, since: datetime, until: datetime | None = None, *, area: str = "") -> list[Kept]:
    """Return the shifts that end after `since` and begin before `until`, in the order of time.

    `area`: of the areas of whoever asks; a city's shifts are those of its counties too.
    """
    rows = select(shift).where(shift.c.ends_at > since)
    if until is not None:
        rows = rows.where(shift.c.starts_at < until)
    found = tx.execute(rows.order_by(shift.c.starts_at, shift.c.area, shift.c.seat, shift.c.id))
    kept = [Kept(row["id"], _value(row)) for row in found.mappings()]
    return [one for one in kept if is_seen_from(one.shift.area, area)]


def get(tx: Tx, shift_id: int) -> Shift | None:
    """Return a shift, or None."""
    row = tx.execute(select(shift).where(shift.c.id == shift_id)).mappings().first()
    return None if row is None else _value(row)


def unmanned(tx: Tx, roster_id: int | None, at: datetime) -> dict[str, datetime | None]:
    """Return the areas whose table puts nobody of the roster at the desk at `at`, and since when.

    An area without shifts has no table, and one whose first shift is to come is not yet served.
    None: nobody whom the roster has was ever on duty there.
    """
    is_known = and_(person.c.code == shift.c.person_code, person.c.roster_id == roster_id)
    end = func.max(case((person.c.id.is_not(None), shift.c.ends_at)))
    rows = (
        select(shift.c.area, end)
        .join_from(shift, person, is_known, isouter=True)
        .where(shift.c.seat == Seat.DESK, shift.c.starts_at <= at)
        .group_by(shift.c.area)
        .having(or_(end <= at, end.is_(None)))
    )
    return {row.area: row[1] for row in tx.execute(rows)}


def on_duty(
    tx: Tx, roster_id: int, places: Collection[str], at: datetime, *, only_enrolled: bool = False
) -> list[OnDuty]:
    """Return who of a roster is on duty at any of `places`, the desk first.

    For a drill only those enrolled for drills.
    """
    rows = (
        select(person.c.id, shift.c.area, shift.c.seat)
        .join(person, person.c.code == shift.c.person_code)
        .where(person.c.roster_id == roster_id, shift.c.area.in_(places))
        .where(shift.c.starts_at <= at, shift.c.ends_at > at)
        .order_by(shift.c.seat, shift.c.id)
    )
    if only_enrolled:
        rows = rows.where(person.c.drills)
    return [OnDuty(row.id, row.area, Seat(row.seat)) for row in tx.execute(rows)]


def replace_from(tx: Tx, shifts: Iterable[Shift], now: datetime) -> Replaced:
    """Let `shifts` be the table of their areas, from the first of them to the last.

    What has begun stays as it is: who was on duty is a fact. Twice changes nothing.
    """
    wanted = set(shifts)
    kept: set[Shift] = set()
    removed = 0
    for area in {one.area for one in wanted}:
        those = [one for one in wanted if one.area == area]
        since, until = min(one.starts_at for one in those), max(one.starts_at for one in those)
        rows = select(shift).where(
            shift.c.area == area, shift.c.starts_at >= since, shift.c.starts_at <= until
        )
        for row in tx.execute(rows).mappings().all():
            one = _value(row)
            if one in wanted:
                kept.add(one)
            elif one.starts_at > now:
                tx.execute(delete(shift).where(shift.c.id == row["id"]))
                removed += 1
    return Replaced(add(tx, wanted - kept), removed, len(kept))


def add(tx: Tx, shifts: Iterable[Shift]) -> int:
    """Write shifts; one of the same person that begins at the same moment only changes its end."""
    added = 0
    for one in sorted(shifts, key=lambda one: (one.starts_at, one.area, one.seat)):
        same = (
            (shift.c.area == one.area)
            & (shift.c.seat == one.seat)
            & (shift.c.person_code == one.person_code)
            & (shift.c.starts_at == one.starts_at)
        )
        if not tx.execute(update(shift).where(same).values(ends_at=one.ends_at)).rowcount:
            tx.execute(insert(shift).values(**asdict(one)))
        added += 1
    return added


def remove(tx: Tx, shift_id: int, now: datetime) -> bool:
    """Take a shift out that is to come, or end at `now` one that holds; False if it is over."""
    found = get(tx, shift_id)
    if found is None or found.ends_at <= now:
        return False
    row = shift.c.id == shift_id
    if found.starts_at > now:
        tx.execute(delete(shift).where(row))
    else:
        tx.execute(update(shift).where(row).values(ends_at=now))
    return True


def known(tx: Tx, roster_id: int, shifts: Sequence[Shift]) -> dict[str, int]:
    """Return the ids of the people of a roster that shifts name, by code."""
    found: dict[str, int] = {}
    for chunk in chunks(sorted({one.person_code for one in shifts})):
        rows = select(person.c.code, person.c.id).where(
            person.c.roster_id == roster_id, person.c.code.in_(chunk)
        )
        found |= {row.code: row.id for row in tx.execute(rows)}
    return found


def everybody(
    tx: Tx, vault: Vault, roster_id: int
) -> tuple[frozenset[str], dict[str, frozenset[str]]]:
    """Return the codes of a roster's people, and their codes by number and by name, all opened."""
    columns = (person.c.code, person.c.name, person.c.phone)
    rows = select(*columns).where(person.c.roster_id == roster_id, person.c.other_of.is_(None))
    codes: set[str] = set()
    by_word: dict[str, set[str]] = {}
    for row in tx.execute(rows):
        codes.add(row.code)
        for word in (vault.read(row.phone), vault.read(row.name)):
            by_word.setdefault(word, set()).add(row.code)
    return frozenset(codes), {word: frozenset(of) for word, of in by_word.items() if word}


def county_names(tx: Tx, codes: Collection[str]) -> dict[str, str]:
    """Return what the layer in use calls these counties; a code that it does not have stays."""
    rows = (
        select(grid.c.county_code, func.min(grid.c.county))
        .join(layer, layer.c.id == grid.c.layer_id)
        .where(layer.c.is_active, grid.c.county_code.in_(codes))
        .group_by(grid.c.county_code)
    )
    return {code: code for code in codes} | {row[0]: row[1] for row in tx.execute(rows)}


def is_seen_from(area: str, here: str) -> bool:
    """Say whether an area's shifts concern somebody whose area is `here`: in it, or above it."""
    city = area.endswith("00") and here.startswith(area.removesuffix("00"))
    return area.startswith(here) or here.startswith(area) or city


def _value(row: Mapping[Any, Any]) -> Shift:
    return value(Shift, row, seat=Seat(row["seat"]))
