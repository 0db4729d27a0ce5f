"""Rosters as they are compared: the one in use, and one that was read and is not written yet."""

from collections.abc import Iterable

from sqlalchemy import select

from alertcast.core.roster import Person, Post
from alertcast.core.roster_diff import Entry, Terms
from alertcast.store.crypto import Vault
from alertcast.store.db import Tx
from alertcast.store.schema import person, post

_DAYS = (post.c.valid_from, post.c.valid_to)


def of_roster(tx: Tx, vault: Vault, roster_id: int) -> dict[str, Entry]:
    """Return the people of a roster by their codes."""
    posts: dict[int, dict[tuple[str, str], Terms]] = {}
    held = select(post.c.person_id, post.c.role, post.c.place, post.c.team, *_DAYS)
    for one in tx.execute(held.where(post.c.roster_id == roster_id)):
        posts.setdefault(one.person_id, {})[one.role, one.place] = (
            one.team,
            one.valid_from,
            one.valid_to,
        )
    folk = tx.execute(select(person).where(person.c.roster_id == roster_id)).all()
    others = {one.other_of: one.phone_index for one in folk if one.other_of is not None}
    return {
        one.code: Entry(
            vault.read(one.name),
            one.phone_index,
            others.get(one.id),
            one.languages,
            one.drills,
            posts.get(one.id, {}),
            tuple(one.specialities),
            one.prefers,
        )
        for one in folk
        if one.other_of is None and one.keeper_of is None
    }


def of_people(vault: Vault, people: Iterable[Person], posts: Iterable[Post]) -> dict[str, Entry]:
    """Return people that were read by their codes."""
    held: dict[str, dict[tuple[str, str], Terms]] = {}
    for one in posts:
        held.setdefault(one.person_code, {})[one.role, one.place] = (
            one.team,
            one.valid_from,
            one.valid_to,
        )
    return {
        one.code: Entry(
            one.name,
            vault.index(one.phone),
            vault.index(one.other_phone) if one.other_phone else None,
            one.languages,
            one.drills,
            held.get(one.code, {}),
            one.specialities,
            one.prefers,
        )
        for one in people
    }
