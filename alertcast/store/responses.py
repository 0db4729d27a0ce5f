"""Response levels (应急响应): who decided each, when it began and ended, by which documents."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, TypedDict

from sqlalchemy import insert, or_, select, update

from alertcast.core.response import Response
from alertcast.store.db import Tx
from alertcast.store.rows import new_id
from alertcast.store.schema import response


class ResponseFacts(TypedDict):
    """One response, as pages and commands show it."""

    id: int
    kind: str
    level: str
    area: str
    place: str
    office: str
    document: str
    starts_at: datetime
    by_user: str
    ended_at: datetime | None
    end_office: str | None
    end_document: str | None
    ended_by: str | None


def begin(tx: Tx, one: Response, user: str) -> int:
    """Write a response that begins; return its id."""
    return new_id(tx.execute(insert(response).values(**asdict(one), by_user=user)))


def end(tx: Tx, response_id: int, at: datetime, office: str, document: str, user: str) -> bool:
    """Write that a response has ended; False if it had ended before."""
    holds = response.c.id == response_id, response.c.ended_at.is_(None)
    values = {"ended_at": at, "end_office": office, "end_document": document, "ended_by": user}
    return bool(tx.execute(update(response).where(*holds).values(**values)).rowcount)


def get(tx: Tx, response_id: int) -> ResponseFacts | None:
    """Return one response, or None."""
    row = tx.execute(select(response).where(response.c.id == response_id)).mappings().first()
    return None if row is None else _facts(row)


def in_force(tx: Tx, area: str = "") -> list[ResponseFacts]:
    """Return what holds in `area`, in a part of it, or in all around it; the newest first."""
    rows = select(response).where(response.c.ended_at.is_(None))
    return _near(tx.execute(rows.order_by(response.c.id.desc())).mappings().all(), area)


def listed(tx: Tx, area: str = "", limit: int = 200) -> list[ResponseFacts]:
    """Return the newest responses, those that have ended too."""
    rows = select(response).order_by(response.c.id.desc()).limit(limit)
    return _near(tx.execute(rows).mappings().all(), area)


def during(
    tx: Tx, places: Collection[str], begins: datetime, ends: datetime | None
) -> list[ResponseFacts]:
    """Return what held at any of `places` (codes) in that time, the oldest first.

    Of what held when the time was over, the end is not told: it came later. `ends` None: not over.
    """
    over = or_(response.c.ended_at.is_(None), response.c.ended_at >= begins)
    rows = select(response).where(over)
    if ends is not None:
        rows = rows.where(response.c.starts_at <= ends)
    found = [
        _facts(row)
        for row in tx.execute(rows.order_by(response.c.starts_at, response.c.id)).mappings()
        if any(at.startswith(row["area"]) or row["area"].startswith(at) for at in places)
    ]
    return [one if _had_ended(one, ends) else _unended(one) for one in found]


def _unended(one: ResponseFacts) -> ResponseFacts:
    return {**one, "ended_at": None, "end_office": None, "end_document": None, "ended_by": None}


def _had_ended(one: ResponseFacts, by: datetime | None) -> bool:
    return by is None or one["ended_at"] is None or one["ended_at"] <= by


def holding(tx: Tx, kind: str, area: str) -> ResponseFacts | None:
    """Return the response of a kind that holds for just this area, or None."""
    rows = select(response).where(
        response.c.kind == kind, response.c.area == area, response.c.ended_at.is_(None)
    )
    row = tx.execute(rows.order_by(response.c.id.desc())).mappings().first()
    return None if row is None else _facts(row)


def _near(rows: Sequence[Mapping[Any, Any]], area: str) -> list[ResponseFacts]:
    return [
        _facts(row) for row in rows if row["area"].startswith(area) or area.startswith(row["area"])
    ]


def _facts(row: Mapping[Any, Any]) -> ResponseFacts:
    return ResponseFacts(
        id=row["id"],
        kind=row["kind"],
        level=row["level"],
        area=row["area"],
        place=row["place"],
        office=row["office"],
        document=row["document"],
        starts_at=row["starts_at"],
        by_user=row["by_user"],
        ended_at=row["ended_at"],
        end_office=row["end_office"],
        end_document=row["end_document"],
        ended_by=row["ended_by"],
    )
