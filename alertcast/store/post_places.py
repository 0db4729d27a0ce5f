"""The places that posts and stations name, by the codes of the layer in use.

A place keeps the code it was imported with in `written`, so that an earlier layer put back into use
finds it again.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import String, bindparam, cast, func, literal, select, update

from alertcast.store.db import Tx
from alertcast.store.rows import chunks
from alertcast.store.schema import post, roster, station


@dataclass(frozen=True, slots=True)
class Followed:
    """What became of the places of a roster when another layer was put in use."""

    moved: int  # posts and stations that are found by another code than before
    lost: dict[str, int]  # code that names nothing now -> posts and stations there


def layer_of(tx: Tx, roster_id: int) -> int | None:
    """Return the layer that was in use when a roster was imported, if it is known."""
    found: int | None = tx.execute(
        select(roster.c.layer_id).where(roster.c.id == roster_id)
    ).scalar_one()
    return found


def follow(tx: Tx, roster_id: int, find: Callable[[str], str | None]) -> Followed:
    """Name all places of a roster anew; `find` gives today's code of one as it was written.

    What is not found keeps its code. Of two posts of one person that become the same post the
    second keeps its code too. Run twice it changes nothing.
    """
    lost: Counter[str] = Counter()
    moved = _posts(tx, roster_id, find, lost) + _stations(tx, roster_id, find, lost)
    return Followed(moved, dict(lost))


def _posts(tx: Tx, roster_id: int, find: Callable[[str], str | None], lost: Counter[str]) -> int:
    written = func.coalesce(post.c.written, post.c.place).label("was")
    rows = select(post.c.id, post.c.person_id, post.c.role, post.c.place, written)
    changed: list[dict[str, Any]] = []
    taken: set[tuple[int, str, str]] = set()
    for row in tx.execute(rows.where(post.c.roster_id == roster_id).order_by(post.c.id)):
        now = find(row.was)
        if now is None:
            lost[row.was] += 1
        if now is None or (row.person_id, row.role, now) in taken:
            now = row.was
        taken.add((row.person_id, row.role, now))
        if now != row.place:
            changed.append({"at": row.id, "now": now, "was": row.was if now != row.was else None})
    # in two steps: places may be swapped, and a person holds no post twice
    aside = update(post).where(post.c.id == bindparam("at"))
    for some in chunks(changed):
        tx.execute(
            aside.values(place=literal("#") + cast(post.c.id, String)),
            [{"at": c["at"]} for c in some],
        )
    for some in chunks(changed):
        tx.execute(aside.values(place=bindparam("now"), written=bindparam("was")), list(some))
    return len(changed)


def _stations(tx: Tx, roster_id: int, find: Callable[[str], str | None], lost: Counter[str]) -> int:
    written = func.coalesce(station.c.written, station.c.grid_code).label("was")
    rows = select(station.c.id, station.c.grid_code, written)
    changed: list[dict[str, Any]] = []
    for row in tx.execute(rows.where(station.c.roster_id == roster_id)):
        now = find(row.was)
        if now is None:
            lost[row.was] += 1
            now = row.was
        if now != row.grid_code:
            changed.append({"at": row.id, "now": now, "was": row.was if now != row.was else None})
    if changed:
        values: dict[str, Any] = {"grid_code": bindparam("now"), "written": bindparam("was")}
        tx.execute(update(station).where(station.c.id == bindparam("at")).values(values), changed)
    return len(changed)
