"""Rosters, versioned: people and their posts; phones and names sealed."""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from alertcast.core.phone import beginning
from alertcast.core.plan import Holder
from alertcast.core.roster import Person, Post, Station
from alertcast.store import data_keys, stations
from alertcast.store.crypto import Vault
from alertcast.store.db import Tx
from alertcast.store.many import among
from alertcast.store.rows import chunks, insert_plainly, new_version
from alertcast.store.schema import grid, layer, person, post, roster, station

PART = 5_000
"""People written by one statement."""

SAID_OF = 8
"""Bytes of a sealed phone by which it is known again: they are drawn anew for each."""

_PHONES = select(person.c.id, person.c.phone).where(among(person.c.id))


@dataclass(frozen=True, slots=True)
class Contact:
    """A person as dispatch needs him: opened only where a message is made or a page unmasks."""

    id: int
    name: str
    phone: str  # E.164
    phone_index: str
    languages: str  # tags, the preferred first


def import_roster(
    tx: Tx,
    vault: Vault,
    name: str,
    people: Sequence[Person],
    posts: Sequence[Post],
    held: Sequence[Station] | None = None,
    *,
    sha256: str,
    now: datetime,
    told: Callable[[int], None] = lambda _: None,
) -> tuple[int, int]:
    """Write a new version of roster `name`, make it the active one; return its id and version.

    A roster whose newest version came from the same bytes is made active and not written again.
    Its stations are those `held`; None: those of the roster that was active.
    `told` is told how many more people are written. Raises DataKeyError if the data key was
    replaced since `vault` was settled.
    """
    data_keys.hold(tx, vault)
    before = active_roster(tx)
    layer_id = select(layer.c.id).where(layer.c.is_active).scalar_subquery()
    roster_id, version, is_new = new_version(
        tx, roster, name, sha256, imported_at=now, layer_id=layer_id
    )
    if not is_new:
        return roster_id, version
    _write_people(tx, vault, roster_id, people, posts, told)
    if held is not None:
        stations.write(tx, vault, roster_id, held)
    elif before is not None:
        stations.copy(tx, before["id"], roster_id)
    return roster_id, version


def active_roster(tx: Tx) -> Mapping[Any, Any] | None:
    """Return the row of the active roster, if there is one."""
    return tx.execute(select(roster).where(roster.c.is_active)).mappings().first()


def holders(
    tx: Tx,
    roster_id: int,
    places: Iterable[str],
    *,
    on: date | None,
    layer_id: int | None = None,
    only_enrolled: bool = False,
) -> dict[str, list[Holder]]:
    """Return who holds a post at each of `places` on a local day; None: before or after it too.

    For a drill only those enrolled for drills.
    `layer_id`: whose codes the places are, if not of the layer in use.
    """
    wanted = set(places)
    found: dict[str, list[Holder]] = {}
    at = place_in(tx, roster_id, layer_id)
    rows = select(post.c.person_id, post.c.role, at).where(post.c.roster_id == roster_id)
    if on is not None:
        rows = rows.where(held_on(on))
    if only_enrolled:
        rows = rows.join(person, person.c.id == post.c.person_id).where(person.c.drills)
    if len(wanted) <= 500:
        rows = rows.where(at.in_(wanted))
    for person_id, role, place in tx.execute(rows.order_by(post.c.id)):
        if place in wanted:
            found.setdefault(place, []).append(Holder(person_id, role, place))
    return found


def places_in_town(tx: Tx, layer_id: int | None, town_code: str) -> dict[str, str]:
    """Return the name of each place of a town where somebody may hold a post, and of the county.

    The grids by their codes, then the town, then the county.
    """
    rows = (
        select(grid.c.code, grid.c.name, grid.c.town, grid.c.county_code, grid.c.county)
        .where(grid.c.layer_id == layer_id, grid.c.town_code == town_code)
        .order_by(grid.c.code)
    )
    found: dict[str, str] = {}
    over: dict[str, str] = {}
    for row in tx.execute(rows):
        found[row.code] = f"{row.town}{row.name}"
        over = {town_code: row.town, row.county_code: row.county}
    return found | over


def held_on(day: date) -> ColumnElement[bool]:
    """Return the condition that a post is held on a local day."""
    return and_(
        or_(post.c.valid_from.is_(None), post.c.valid_from <= day),
        or_(post.c.valid_to.is_(None), post.c.valid_to >= day),
    )


def place_in(tx: Tx, roster_id: int, layer_id: int | None) -> ColumnElement[str]:
    """Return what holds the place of a post by the codes of a layer; None: of the one in use.

    A broadcast that runs, or is corrected, keeps its layer. Posts are named by the layer in use,
    and as they were written, by the layer at whose time their roster was imported.
    """
    rows = (
        select(layer.c.is_active)
        .join(roster, roster.c.layer_id == layer.c.id)
        .where(layer.c.id == layer_id, roster.c.id == roster_id)
    )
    is_active = True if layer_id is None else tx.execute(rows).scalar()
    if is_active is None or is_active:
        return post.c.place
    return func.coalesce(post.c.written, post.c.place)


def numbers(tx: Tx, vault: Vault, ids: Collection[int]) -> dict[int, str]:
    """Return the phones (E.164) of these people, "" where it can not be read; no name is opened."""
    found = tx.execute(_PHONES, {"ids": ids})
    return {person_id: vault.read(phone) for person_id, phone in found}


def contacts(tx: Tx, vault: Vault, ids: Iterable[int]) -> dict[int, Contact]:
    """Return these people, opened; what can not be read is ""."""
    found: dict[int, Contact] = {}
    for chunk in chunks(sorted(set(ids))):
        for row in tx.execute(select(person).where(person.c.id.in_(chunk))):
            found[row.id] = Contact(
                row.id,
                vault.read(row.name),
                vault.read(row.phone),
                row.phone_index,
                row.languages,
            )
    return found


def with_phone(tx: Tx, roster_id: int, phone_index: str) -> int:
    """Return the id of the first person of a roster with this phone; raises LookupError."""
    rows = select(func.min(person.c.id)).where(
        person.c.roster_id == roster_id, person.c.phone_index == phone_index
    )
    found = tx.execute(rows).scalar()
    if found is None:
        msg = "nobody in the roster has this phone"
        raise LookupError(msg)
    return int(found)


def roles_of(tx: Tx, person_id: int) -> set[str]:
    """Return the roles of the posts that a person holds."""
    rows = select(post.c.role).where(post.c.person_id == person_id)
    return set(tx.execute(rows).scalars())


def languages_of(tx: Tx, person_id: int) -> str:
    """Return the languages of a person, the preferred first; "" if there is none."""
    rows = select(person.c.languages).where(person.c.id == person_id)
    return str(tx.execute(rows).scalar() or "")


def code_of(tx: Tx, person_id: int) -> str | None:
    """Return the code by which every version of a roster names a person, or None."""
    return tx.execute(select(person.c.code).where(person.c.id == person_id)).scalar()


def counts(tx: Tx, roster_id: int) -> dict[str, int]:
    """Return how many people, posts and stations the roster has, and posts by role."""
    found: dict[str, int] = {}
    for name, table in (("people", person), ("posts", post), ("stations", station)):
        rows = select(func.count()).select_from(table).where(table.c.roster_id == roster_id)
        if table is person:
            rows = rows.where(person.c.other_of.is_(None), person.c.keeper_of.is_(None))
        found[name] = int(tx.execute(rows).scalar_one())
    roles = select(post.c.role, func.count()).where(post.c.roster_id == roster_id)
    for role, number in tx.execute(roles.group_by(post.c.role)):
        found[f"role:{role}"] = number
    return found


def _write_people(
    tx: Tx,
    vault: Vault,
    roster_id: int,
    people: Sequence[Person],
    posts: Sequence[Post],
    told: Callable[[int], None],
) -> None:
    for part in chunks(people, PART):
        rows = [_row(vault, roster_id, one.code, one, one.phone) for one in part]
        insert_plainly(tx, person, _OF_PERSON, rows)
        told(len(part))
    known = select(person.c.code, person.c.id).where(person.c.roster_id == roster_id)
    ids = {row.code: row.id for row in tx.execute(known)}
    others = [
        (*_row(vault, roster_id, _other_code(one.code, ids), one, one.other_phone), ids[one.code])
        for one in people
        if one.other_phone is not None
    ]
    insert_plainly(tx, person, (*_OF_PERSON, "other_of"), others)
    held = [
        (
            roster_id,
            ids[one.person_code],
            one.role,
            one.place,
            one.team,
            one.valid_from and one.valid_from.isoformat(),
            one.valid_to and one.valid_to.isoformat(),
        )
        for one in posts
    ]
    insert_plainly(tx, post, _OF_POST, held)


def _row(vault: Vault, roster_id: int, code: str, one: Person, phone: str) -> tuple[Any, ...]:
    """Return a person as a row of _OF_PERSON."""
    sealed = vault.seal(phone)
    return (
        roster_id,
        code,
        vault.seal(one.name),
        sealed,
        beginning(phone),
        sealed[:SAID_OF],
        vault.index(phone),
        one.languages,
        one.drills,
        _listed(one.specialities),
        one.prefers,
    )


_OF_PERSON = (
    *("roster_id", "code", "name", "phone", "begins", "begins_of", "phone_index"),
    *("languages", "drills", "specialities", "prefers"),
)
_OF_POST = ("roster_id", "person_id", "role", "place", "team", "valid_from", "valid_to")
_listed = cache(json.dumps)  # most people have none


def _other_code(code: str, taken: Collection[str]) -> str:
    """Return a code for the row of a person's other number that nobody in the roster has."""
    found = f"{code}#2"
    while found in taken:
        found += "#"
    return found
