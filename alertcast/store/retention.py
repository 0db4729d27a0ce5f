"""What may be removed after a time, kind by kind: how much of it there is, and removing it.

Never an alert or what was received of it, a broadcast, who was to answer, a message, an attempt,
an answer, a call for help, a deed: they are the call record (叫应记录) and the audit.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Table,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)

from alertcast.core.broadcast import BroadcastState
from alertcast.store.crypto import Vault
from alertcast.store.db import Tx
from alertcast.store.schema import attempt as attempt_table
from alertcast.store.schema import (
    broadcast,
    heard,
    help_request,
    idempotency,
    link,
    link_guess,
    person,
    post,
    quarantine,
    receipt,
    respondent,
    roster,
    station,
    station_night,
    task,
)

PIECE = 1000
"""Rows of one kind that are removed in one transaction."""

AT_WORK = (
    BroadcastState.RUNNING,
    BroadcastState.WAITING,
    BroadcastState.APPROVAL,
    BroadcastState.HELD,
)
"""While a broadcast is in one of these states nothing is removed."""

EMPTY = "{}"
"""What stands for the provider's own words of a receipt that were removed."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of data: which rows are due, and how those of one piece go."""

    due: Callable[[datetime], Select[Any]]  # ids, of what ended before a moment
    remove: Callable[[Tx, Vault, list[Any], datetime], None]


def is_at_work(tx: Tx) -> bool:
    """Say whether a broadcast runs, is about to, or waits for a human."""
    found = exists().where(broadcast.c.state.in_(AT_WORK))
    return bool(tx.execute(select(found)).scalar())


def count(tx: Tx, kind: str, before: datetime) -> int:
    """Return how many rows of a kind may go that ended before `before`."""
    due = KINDS[kind].due(before).subquery()
    return int(tx.execute(select(func.count()).select_from(due)).scalar_one())


def remove(tx: Tx, vault: Vault, kind: str, before: datetime) -> int:
    """Remove at most PIECE rows of a kind; return how many went."""
    ids = list(tx.execute(KINDS[kind].due(before).limit(PIECE)).scalars())
    if ids:
        KINDS[kind].remove(tx, vault, ids, before)
    return len(ids)


def _people(before: datetime) -> Select[Any]:
    """People of rosters that a newer one has replaced, whom no broadcast ever meant to tell."""
    first, other = person.alias(), person.alias()
    was_asked = or_(
        _was_asked(person),
        exists().where(first.c.id == person.c.other_of, _was_asked(first)),
        exists().where(other.c.other_of == person.c.id, _was_asked(other)),
    )
    rows = select(person.c.id).where(person.c.roster_id.in_(_replaced(before)), ~was_asked)
    return rows.order_by(person.c.id)


def _was_asked(one: Any) -> ColumnElement[bool]:
    return or_(
        *(
            exists().where(table.c.person_id == one.c.id)
            for table in (respondent, task, help_request, station_night)
        )
    )


def _replaced(before: datetime) -> Select[Any]:
    """Rosters that are in use no more, since a newer one came before `before`."""
    newer = roster.alias()
    came = exists().where(newer.c.id > roster.c.id, newer.c.imported_at < before)
    return select(roster.c.id).where(roster.c.is_active.is_(False), came)


def _remove_people(tx: Tx, _vault: Vault, ids: list[Any], _before: datetime) -> None:
    _mark_as_lacking(tx, select(person.c.roster_id).where(person.c.id.in_(ids)))
    tx.execute(delete(post).where(post.c.person_id.in_(ids)))
    tx.execute(delete(person).where(person.c.id.in_(ids)))


def _mark_as_lacking(tx: Tx, rosters: Select[Any]) -> None:
    """Let a roster be taken for the same as a file no more: imported again, it is written anew."""
    tx.execute(update(roster).where(roster.c.id.in_(rosters)).values(sha256=""))


def _stations(before: datetime) -> Select[Any]:
    rows = select(station.c.id).where(station.c.roster_id.in_(_replaced(before)))
    return rows.order_by(station.c.id)


def _remove_stations(tx: Tx, _vault: Vault, ids: list[Any], _before: datetime) -> None:
    _mark_as_lacking(tx, select(station.c.roster_id).where(station.c.id.in_(ids)))
    tx.execute(delete(station).where(station.c.id.in_(ids)))


def _documents(before: datetime) -> Select[Any]:
    rows = select(quarantine.c.id).where(quarantine.c.settled_at < before)
    return rows.order_by(quarantine.c.id)


def _links(before: datetime) -> Select[Any]:
    return select(link.c.id).where(link.c.expires_at < before).order_by(link.c.id)


def _guesses(before: datetime) -> Select[Any]:
    day = f"{before:%Y-%m-%d}"
    return select(link_guess.c.day).where(link_guess.c.day < day).order_by(link_guess.c.day)


def _heard(before: datetime) -> Select[Any]:
    return select(heard.c.provider_ref).where(heard.c.at < before).order_by(heard.c.at)


def _asked(before: datetime) -> Select[Any]:
    return select(idempotency.c.key).where(idempotency.c.at < before).order_by(idempotency.c.at)


def _words(before: datetime) -> Select[Any]:
    """Receipts of messages of broadcasts that ended, whose words are still there."""
    ended = (
        select(attempt_table.c.id)
        .join(task, task.c.id == attempt_table.c.task_id)
        .join(broadcast, broadcast.c.id == task.c.broadcast_id)
        .where(broadcast.c.ended_at < before)
    )
    return (
        select(receipt.c.id)
        .where(
            receipt.c.attempt_id.in_(ended),
            receipt.c.effect.is_not(None),
            func.length(receipt.c.raw) > _EMPTY_LENGTH,
        )
        .order_by(receipt.c.id)
    )


def _empty_words(tx: Tx, vault: Vault, ids: list[Any], _before: datetime) -> None:
    tx.execute(update(receipt).where(receipt.c.id.in_(ids)).values(raw=vault.seal(EMPTY)))


def _rows_of(
    table: Table, key: str, at: str = ""
) -> Callable[[Tx, Vault, list[Any], datetime], None]:
    """Return what removes rows by a column; one that names several also by when they were."""

    def remove_rows(tx: Tx, _vault: Vault, ids: list[Any], before: datetime) -> None:
        rows = delete(table).where(table.c[key].in_(ids))
        tx.execute(rows.where(table.c[at] < before) if at else rows)

    return remove_rows


_EMPTY_LENGTH = 12 + len(EMPTY) + 16  # nonce, words, tag

KINDS: Mapping[str, Kind] = {
    "people": Kind(_people, _remove_people),
    "stations": Kind(_stations, _remove_stations),
    "documents": Kind(_documents, _rows_of(quarantine, "id")),
    "receipt_words": Kind(_words, _empty_words),
    "links": Kind(_links, _rows_of(link, "id")),
    "link_guesses": Kind(_guesses, _rows_of(link_guess, "day")),
    "heard": Kind(_heard, _rows_of(heard, "provider_ref", "at")),
    "api_keys": Kind(_asked, _rows_of(idempotency, "key", "at")),
}
"""Every kind of data that may go."""
