"""Sources as the page lists them: how each is, and what it brought lately."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from alertcast.store import source_states
from alertcast.store.db import Tx
from alertcast.store.schema import quarantine, witness
from alertcast.store.source_states import State


@dataclass(frozen=True, slots=True)
class Source:
    """One source of the configuration."""

    name: str
    every: timedelta
    state: State | None  # None: it never was polled
    rests: bool  # its publisher asked to be left alone
    documents: int  # witnesses of alerts that came from it
    last_at: datetime | None  # when the last of them came
    aside: int  # documents that are not read yet


def listed(tx: Tx, feeds: Mapping[str, tuple[Any, timedelta]], real_now: datetime) -> list[Source]:
    """Return how the sources of the configuration are, in its order."""
    came = select(witness.c.source, func.count(), func.max(witness.c.received_at))
    brought = {row[0]: (row[1], row[2]) for row in tx.execute(came.group_by(witness.c.source))}
    aside = select(quarantine.c.source, func.count()).where(quarantine.c.settled_at.is_(None))
    unread = {row[0]: row[1] for row in tx.execute(aside.group_by(quarantine.c.source))}
    found = []
    for name, (_, every) in feeds.items():
        state = source_states.of(tx, name)
        until = state.rests_until if state is not None else None
        documents, last_at = brought.get(name, (0, None))
        found.append(
            Source(
                name=name,
                every=every,
                state=state,
                rests=until is not None and until > real_now,
                documents=documents,
                last_at=last_at,
                aside=unread.get(name, 0),
            )
        )
    return found
