"""People looked for by name, in memory: names are sealed, and have no index that could be guessed.

A blind index of names would tell whoever has the database which of them are alike, and the common
ones by how often they occur; so each look-up opens the names of a roster, which takes about a
second for 30,000 people (see decision 0045).
"""

import unicodedata
from collections.abc import Iterable

from sqlalchemy import select

from alertcast.store.crypto import Vault
from alertcast.store.db import Tx
from alertcast.store.report_areas import inside
from alertcast.store.rows import chunks
from alertcast.store.schema import callout, grid, person, respondent, roster

MOST = 50
"""People of one look-up; more of them, and the question was too wide."""


class TooMany(Exception):  # it is what it says
    """More people than MOST have such a name."""


def named(tx: Tx, vault: Vault, words: str, *, area: str = "") -> list[int]:
    """Return the people whose name begins with, or is, these words; in all versions of the roster.

    Of the newest roster in which somebody is called so: people keep their codes from version to
    version, and are found under all of them. Within an area: those who stand for grids there.
    Raises TooMany.
    """
    wanted = plain(words)
    if not wanted:
        return []
    versions = select(roster.c.id).order_by(roster.c.is_active.desc(), roster.c.id.desc())
    for roster_id in tx.execute(versions).scalars().all():
        codes = _called(tx, vault, roster_id, wanted)
        if codes:
            return _within(tx, _everywhere(tx, codes), area)
    return []


def plain(name: str) -> str:
    """Return a name as names are compared: without spaces and points, one form of letters."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(one for one in folded if not one.isspace() and one not in "·•.")


def _called(tx: Tx, vault: Vault, roster_id: int, wanted: str) -> set[str]:
    rows = select(person.c.code, person.c.name).where(
        person.c.roster_id == roster_id, person.c.other_of.is_(None)
    )
    found = {row.code for row in tx.execute(rows) if plain(vault.read(row.name)).startswith(wanted)}
    if len(found) > MOST:
        raise TooMany
    return found


def _everywhere(tx: Tx, codes: Iterable[str]) -> list[int]:
    versions = select(roster.c.id)
    rows = select(person.c.id).where(
        person.c.roster_id.in_(versions), person.c.code.in_(sorted(codes))
    )
    return sorted(tx.execute(rows).scalars())


def _within(tx: Tx, ids: list[int], area: str) -> list[int]:
    if not area:
        return ids
    found: set[int] = set()
    for chunk in chunks(ids):
        rows = (
            select(respondent.c.person_id)
            .join(callout, callout.c.id == respondent.c.callout_id)
            .join(grid, grid.c.id == callout.c.grid_id)
            .where(respondent.c.person_id.in_(chunk), inside(area))
            .distinct()
        )
        found |= set(tx.execute(rows).scalars())
    return sorted(found)
