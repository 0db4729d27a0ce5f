"""What leaders said of the households they told: append-only, the newest of a grid holds."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import func, insert, select

from alertcast.core.relay import Counts, Relay
from alertcast.store.db import Tx
from alertcast.store.rows import chunks, value
from alertcast.store.schema import relay, respondent


def write(
    tx: Tx,
    broadcast_id: int,
    given: Mapping[int, Counts],
    *,
    at: datetime,
    via: str,
    by_user: str | None = None,
) -> list[int]:
    """Write the counts of each respondent; return the respondents of whom a row was written.

    Counts that hold already, said by the same person in the same way, are not written again.
    """
    held = latest(tx, _callouts(tx, given))
    holding = {one.respondent_id: one for one in held.values()}
    news = [
        respondent_id
        for respondent_id, counts in given.items()
        if not _is_same(holding.get(respondent_id), counts, via, by_user)
    ]
    rows = [
        {
            "broadcast_id": broadcast_id,
            "respondent_id": respondent_id,
            "households_told": given[respondent_id].households_told,
            "households_not_told": given[respondent_id].households_not_told,
            "growers_told": given[respondent_id].growers_told,
            "at": at,
            "via": via,
            "by_user": by_user,
        }
        for respondent_id in news
    ]
    if rows:
        tx.execute(insert(relay), rows)
    return news


def latest(tx: Tx, callout_ids: Iterable[int]) -> dict[int, Relay]:
    """Return what holds of each of these callouts, where anything was said."""
    found: dict[int, Relay] = {}
    for chunk in chunks(sorted(set(callout_ids))):
        newest = (
            select(func.max(relay.c.id))
            .join(respondent, respondent.c.id == relay.c.respondent_id)
            .where(respondent.c.callout_id.in_(chunk))
            .group_by(respondent.c.callout_id)
        )
        rows = (
            select(relay, respondent.c.callout_id)
            .join(respondent, respondent.c.id == relay.c.respondent_id)
            .where(relay.c.id.in_(newest))
        )
        for row in tx.execute(rows).mappings():
            found[row["callout_id"]] = value(Relay, row)
    return found


def _callouts(tx: Tx, respondent_ids: Iterable[int]) -> list[int]:
    found: list[int] = []
    for chunk in chunks(sorted(set(respondent_ids))):
        rows = select(respondent.c.callout_id).where(respondent.c.id.in_(chunk))
        found += tx.execute(rows).scalars()
    return found


def _is_same(held: Relay | None, counts: Counts, via: str, by_user: str | None) -> bool:
    return held is not None and (
        (held.households_told, held.households_not_told, held.growers_told, held.via, held.by_user)
        == (
            counts.households_told,
            counts.households_not_told,
            counts.growers_told,
            via,
            by_user,
        )
    )
