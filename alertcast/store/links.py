"""Acknowledgement links: only a keyed hash of each token is kept; and guesses, counted by day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

from sqlalchemy import insert, select, update

from alertcast.core.broadcast import BroadcastState
from alertcast.core.callout import CalloutState
from alertcast.store.crypto import Vault
from alertcast.store.db import Tx
from alertcast.store.schema import (
    broadcast,
    callout,
    episode,
    link,
    link_guess,
    respondent,
    task,
    task_respondent,
)


class Guessed(TypedDict):
    """Addresses that were opened on a day (real, UTC) and belong to no link."""

    day: str
    wrong: int
    refused: int  # not looked at: too many from the same network address


@dataclass(frozen=True, slots=True)
class NewLink:
    """A link about to be written, with the text that carries it."""

    task_id: int
    token: str
    expires_at: datetime


def write(tx: Tx, vault: Vault, news: Sequence[NewLink]) -> None:
    """Keep links, in the transaction that freezes their texts."""
    rows = [
        {
            "task_id": one.task_id,
            "token_hash": vault.hash_of_link(one.token),
            "expires_at": one.expires_at,
        }
        for one in news
    ]
    if rows:
        tx.execute(insert(link), rows)


def find(tx: Tx, vault: Vault, token: str) -> tuple[int, datetime] | None:
    """Return the task of a link and when the link ends, or None if there is no such link."""
    rows = select(link.c.task_id, link.c.expires_at).where(
        link.c.token_hash.in_(vault.hashes_of_link(token))
    )
    row = tx.execute(rows).first()
    return None if row is None else (row.task_id, row.expires_at)


def holds_now(tx: Tx, task_id: int, now: datetime) -> tuple[int, str | None] | None:
    """Return the newest broadcast in force for the grids of a task, and its level there, or None.

    Stopped, lifted and expired ones are not in force.
    """
    mine = (
        select(callout.c.grid_code)
        .join(respondent, respondent.c.callout_id == callout.c.id)
        .join(task_respondent, task_respondent.c.respondent_id == respondent.c.id)
        .where(task_respondent.c.task_id == task_id)
    )
    mode = (
        select(broadcast.c.mode)
        .join(task, task.c.broadcast_id == broadcast.c.id)
        .where(task.c.id == task_id)
        .scalar_subquery()
    )
    in_force = (CalloutState.OPEN, CalloutState.ANSWERED, CalloutState.UNREACHED)
    begun = (BroadcastState.RUNNING, BroadcastState.HELD, BroadcastState.CLOSED)
    rows = (
        select(broadcast.c.id, callout.c.level)
        .join(callout, callout.c.broadcast_id == broadcast.c.id)
        .outerjoin(episode, episode.c.id == broadcast.c.episode_id)
        .where(callout.c.grid_code.in_(mine), callout.c.state.in_(in_force))
        .where(broadcast.c.mode == mode, episode.c.ended_at.is_(None))
        .where(broadcast.c.state.in_(begun))
        .where(broadcast.c.expires_at.is_(None) | (broadcast.c.expires_at > now))
        .order_by(broadcast.c.id.desc())
        .limit(1)
    )
    row = tx.execute(rows).first()
    return None if row is None else (row.id, row.level)


def count_guesses(tx: Tx, day: str, wrong: int, refused: int) -> None:
    """Add to the addresses that were opened on a day (real, UTC) and belong to no link."""
    same = link_guess.c.day == day
    values = {"wrong": link_guess.c.wrong + wrong, "refused": link_guess.c.refused + refused}
    if not tx.execute(update(link_guess).where(same).values(**values)).rowcount:
        tx.execute(insert(link_guess).values(day=day, wrong=wrong, refused=refused))


def guesses(tx: Tx, days: int = 7) -> list[Guessed]:
    """Return the last days on which addresses were opened that belong to no link, newest first."""
    rows = select(link_guess).order_by(link_guess.c.day.desc()).limit(days)
    return [Guessed(day=row.day, wrong=row.wrong, refused=row.refused) for row in tx.execute(rows)]
