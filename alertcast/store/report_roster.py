"""The roster and the layer in use as lists: a page of them, narrowed and searched by the database.

Names and numbers are sealed: what is searched is places, roles and specialities.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypedDict

from sqlalchemy import ColumnElement, Select, Text, and_, cast, func, or_, select

from alertcast.store.db import Tx
from alertcast.store.people import held_on
from alertcast.store.report_areas import called_like, inside, place_inside, place_names
from alertcast.store.report_faces import Faces, faces_of
from alertcast.store.schema import grid, person, post


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which of them are looked for; "" narrows nothing."""

    roster_id: int | None
    layer_id: int
    day: date  # on which posts are held
    area: str = ""  # prefix of codes of towns
    town: str = ""
    role: str = ""
    place: str = ""  # a code: who answers there, in whichever post of the place itself
    q: str = ""  # within a name of a place, a code, or what somebody can do
    roles: tuple[str, ...] = ()  # whose name has `q` in it


class RosterPerson(TypedDict):
    """Somebody of the roster."""

    id: int
    name: str
    phone: str
    other_phone: str | None
    specialities: list[str]
    posts: list[tuple[str, str]]  # role, name of the place
    drills: bool


class LayerGrid(TypedDict):
    """One grid of the layer, and how many people hold a post in it."""

    code: str
    name: str
    kind: str
    town: str
    county: str
    is_drawn: bool
    people: int


def count_people(tx: Tx, wanted: Wanted) -> int:
    """Return how many people are looked for."""
    return int(tx.execute(select(func.count()).select_from(_ids(wanted).subquery())).scalar_one())


def people(
    tx: Tx, faces: Faces, wanted: Wanted, *, first: int = 0, most: int = 100
) -> list[RosterPerson]:
    """Return a page of those who are looked for, by their places."""
    ids = _ids(wanted).order_by(func.min(post.c.place), person.c.id).limit(most).offset(first)
    listed = list(tx.execute(ids).scalars())
    drills = select(person.c.id, person.c.drills).where(person.c.id.in_(listed))
    enrolled = {row.id: row.drills for row in tx.execute(drills)}
    held = (
        select(post.c.person_id, post.c.role, post.c.place)
        .where(post.c.person_id.in_(listed), held_on(wanted.day))
        .order_by(post.c.id)
    )
    rows = tx.execute(held).all()
    names = place_names(tx, wanted.layer_id, {row.place for row in rows})
    posts: dict[int, list[tuple[str, str]]] = {}
    for row in rows:
        posts.setdefault(row.person_id, []).append((row.role, names[row.place]))
    shown = faces_of(tx, faces, listed)
    return [
        RosterPerson(
            id=one,
            name=shown[one].name,
            phone=shown[one].phone,
            other_phone=shown[one].other_phone,
            specialities=list(shown[one].specialities),
            posts=posts.get(one, []),
            drills=enrolled[one],
        )
        for one in listed
    ]


def roles(tx: Tx, wanted: Wanted) -> list[str]:
    """Return the roles that somebody holds in the area."""
    rows = select(post.c.role).where(post.c.roster_id == wanted.roster_id, _is_near(wanted))
    return list(tx.execute(rows.distinct().order_by(post.c.role)).scalars())


def count_grids(tx: Tx, wanted: Wanted) -> int:
    """Return how many grids are looked for."""
    rows = select(func.count()).select_from(grid).where(_of_grid(wanted))
    return int(tx.execute(rows).scalar_one())


def grids(tx: Tx, wanted: Wanted, *, first: int = 0, most: int = 100) -> list[LayerGrid]:
    """Return a page of the grids that are looked for, by their codes."""
    number = (
        select(func.count(func.distinct(post.c.person_id)))
        .where(post.c.roster_id == wanted.roster_id, post.c.place == grid.c.code)
        .where(held_on(wanted.day))
        .scalar_subquery()
    )
    columns = (grid.c.code, grid.c.name, grid.c.kind, grid.c.town, grid.c.county)
    rows = (
        select(*columns, grid.c.geometry.is_not(None).label("is_drawn"), number.label("people"))
        .where(_of_grid(wanted))
        .order_by(grid.c.code)
        .limit(most)
        .offset(first)
    )
    return [LayerGrid(**row) for row in tx.execute(rows).mappings()]  # type: ignore[typeddict-item]


def towns(tx: Tx, wanted: Wanted) -> Sequence[tuple[str, str]]:
    """Return code and name of the towns of the area."""
    rows = (
        select(grid.c.town_code, func.min(grid.c.town))
        .where(grid.c.layer_id == wanted.layer_id, inside(wanted.area))
        .group_by(grid.c.town_code)
        .order_by(grid.c.town_code)
    )
    return [(code, name) for code, name in tx.execute(rows)]


def _ids(wanted: Wanted) -> Select[Any]:
    """Return the people who hold a post that is looked for."""
    conditions = [
        post.c.roster_id == wanted.roster_id,
        held_on(wanted.day),
        _is_near(wanted),
    ]
    if wanted.role:
        conditions.append(post.c.role == wanted.role)
    if wanted.place:
        conditions.append(post.c.place == wanted.place)
    if wanted.town:
        here = select(grid.c.code).where(
            grid.c.layer_id == wanted.layer_id, grid.c.town_code == wanted.town
        )
        conditions.append(or_(post.c.place == wanted.town, post.c.place.in_(here)))
    if wanted.q:
        conditions.append(_is_meant(wanted))
    return (
        select(person.c.id)
        .join(post, post.c.person_id == person.c.id)
        .where(*conditions)
        .group_by(person.c.id)
    )


def _is_near(wanted: Wanted) -> ColumnElement[bool]:
    return place_inside(post.c.place, wanted.layer_id, wanted.area)


def _is_meant(wanted: Wanted) -> ColumnElement[bool]:
    """Return the condition that a post's place or role is called so, or its holder can do that."""
    return or_(
        *(post.c.place.in_(codes) for codes in called_like(wanted.layer_id, wanted.q)),
        post.c.place.contains(wanted.q, autoescape=True),
        post.c.role.in_(wanted.roles),
        _can(wanted.q),
    )


def _can(q: str) -> ColumnElement[bool]:
    """Return the condition that a person has a speciality with `q` in it, or that begins so.

    They are kept as JSON, other letters than ASCII as their numbers in four digits: digits that are
    looked for must begin one, or they would be found in those.
    """
    kept, able = json.dumps(q)[1:-1], cast(person.c.specialities, Text)
    found = [kept] if kept.startswith("\\u") else [f'["{kept}', f', "{kept}']
    return or_(*(able.contains(one, autoescape=True) for one in found))


def _of_grid(wanted: Wanted) -> ColumnElement[bool]:
    conditions = [grid.c.layer_id == wanted.layer_id, inside(wanted.area)]
    if wanted.town:
        conditions.append(grid.c.town_code == wanted.town)
    if wanted.q:
        conditions.append(_says(wanted.q))
    return and_(*conditions)


def _says(q: str) -> ColumnElement[bool]:
    """Return the condition that a grid, its town or its county is called so, or has such a code."""
    said = (grid.c.county + grid.c.town + grid.c.name).contains(q, autoescape=True)
    return or_(said, grid.c.code.contains(q, autoescape=True))
