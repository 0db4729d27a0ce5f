"""What each source remembers between polls, and how its last ones went."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from alertcast.core.watch import Finding
from alertcast.store.db import Tx
from alertcast.store.rows import value
from alertcast.store.schema import source_state


@dataclass(frozen=True, slots=True)
class State:
    """How the last polls of a source went."""

    outcome: str  # sources.base.Outcome
    detail: str
    polled_at: datetime  # product time
    ok_at: datetime | None
    failures: int  # in a row
    rests_until: datetime | None  # real time


def of(tx: Tx, source: str) -> State | None:
    """Return how the last polls of a source went; None: it never was polled."""
    row = tx.execute(select(source_state).where(source_state.c.name == source)).mappings().first()
    return None if row is None else value(State, row)


def memory(tx: Tx, source: str) -> dict[str, Any]:
    """Return what the source wanted to remember."""
    row = tx.execute(select(source_state.c.memory).where(source_state.c.name == source)).scalar()
    return dict(row or {})


def behind_since(tx: Tx, source: str, now: datetime) -> datetime | None:
    """Return when a source was polled first, if not all that was there then has come so far.

    That is `now` for one that was never polled with success; None: it has all come.
    """
    rows = select(source_state.c.ok_at, source_state.c.behind_since)
    row = tx.execute(rows.where(source_state.c.name == source)).first()
    if row is None or row.ok_at is None:
        return now
    since: datetime | None = row.behind_since
    return since


def busy(tx: Tx, source: str) -> int:
    """Return how many times in a row a publisher has asked for patience."""
    rows = select(source_state.c.busy).where(source_state.c.name == source)
    return int(tx.execute(rows).scalar() or 0)


def remember(
    tx: Tx,
    source: str,
    *,
    memory: Mapping[str, Any],
    outcome: str,
    detail: str,
    now: datetime,
    busy: int = 0,
    rests_until: datetime | None = None,
    behind_since: datetime | None = None,
    is_news: bool = False,
) -> None:
    """Keep the outcome of a poll; on failure the memory stays, so that nothing is skipped.

    `rests_until` is real time: the publisher is left alone until then. `behind_since` is when it
    was polled first, while something that was there then is still to come. `is_news`: it brought
    a document.
    """
    failed = outcome == "failed"
    values: dict[str, Any] = {"outcome": outcome, "detail": detail, "polled_at": now}
    values |= {"busy": busy, "rests_until": rests_until}
    if not failed:
        values |= {"memory": dict(memory), "ok_at": now, "failures": 0}
        values |= {"behind_since": behind_since}
    known = tx.execute(select(source_state).where(source_state.c.name == source)).mappings().first()
    if known is None:
        first = {"memory": {}, "ok_at": None, "failures": int(failed)} | values
        first["news_at"] = None if failed else now
        tx.execute(insert(source_state).values(name=source, **first))
        return
    if failed:
        values["failures"] = known["failures"] + 1
    elif is_news or known["news_at"] is None:
        values["news_at"] = now
    tx.execute(update(source_state).where(source_state.c.name == source).values(**values))


def without_news(tx: Tx, source: str, after: datetime) -> Iterator[Finding]:
    """Yield `source` if it answers, and has brought nothing since before `after`."""
    row = select(source_state.c.news_at).where(
        source_state.c.name == source,
        source_state.c.outcome != "failed",
        source_state.c.news_at < after,
    )
    for since in tx.execute(row).scalars():
        yield Finding("no_news", source, since=since)


def sources(tx: Tx) -> Sequence[Mapping[Any, Any]]:
    """Return the state of every source that was ever polled."""
    return tx.execute(select(source_state).order_by(source_state.c.name)).mappings().all()
