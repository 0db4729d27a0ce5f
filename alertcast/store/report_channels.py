"""What each channel carried lately, by the states of its attempts."""

from datetime import datetime

from sqlalchemy import func, select

from alertcast.store.db import Tx
from alertcast.store.schema import attempt


def counted(tx: Tx, since: datetime) -> dict[str, dict[str, int]]:
    """Return for each channel how many of its requests since then (real time) are in each state."""
    rows = (
        select(attempt.c.channel, attempt.c.state, func.count())
        .where(attempt.c.requested_real >= since)
        .group_by(attempt.c.channel, attempt.c.state)
    )
    found: dict[str, dict[str, int]] = {}
    for name, state, number in tx.execute(rows):
        found.setdefault(name, {})[state] = number
    return found
