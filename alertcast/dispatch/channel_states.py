"""Channels as the page lists them: how each stands, and what it carried lately."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from alertcast.dispatch.world import World
from alertcast.store import channels, report_channels
from alertcast.store.db import Tx

LATELY = timedelta(days=1)
"""Real time of which what a channel carried is counted."""


@dataclass(frozen=True, slots=True)
class Stands:
    """One channel."""

    name: str
    kind: str
    type: str
    is_drill: bool
    rate: float  # requests a second
    standing: str  # works, stopped, failing, slow, unused
    reason: str | None  # key of REASONS, of one that is stopped
    since: datetime | None
    until: datetime | None
    pace: float  # 0..1, the share of its rate that it may use now
    forged: int
    requests: int  # lately
    failed: int  # of them


def listed(world: World, tx: Tx) -> list[Stands]:
    """Return how the channels of the configuration stand, in its order."""
    real_now = world.db.real_now(tx)
    rows = {row["name"]: row for row in channels.listed(tx)}
    trouble = {one.name: one for one in channels.in_trouble(tx, real_now)}
    counted = report_channels.counted(tx, real_now - LATELY)
    found = []
    for one in world.channels:
        row, rests = rows.get(one.name), trouble.get(one.name)
        requests = counted.get(one.name, {})
        standing = "unused" if row is None else "works"
        if rests is not None:
            standing = rests.why
        if row is not None and row["stopped"]:
            standing = "stopped"
        found.append(
            Stands(
                name=one.name,
                kind=one.kind,
                type=one.settings.type,
                is_drill=one.is_drill,
                rate=one.settings.rate,
                standing=standing,
                reason=row["stopped"] if row is not None else None,
                since=rests.since if rests is not None else None,
                until=rests.until if rests is not None else None,
                pace=channels.pace(row, real_now) if row is not None else 1.0,
                forged=row["forged"] if row is not None else 0,
                requests=sum(requests.values()),
                failed=sum(requests.get(state, 0) for state in _FAILED),
            )
        )
    return found


_FAILED = ("failed", "refused", "unknown", "absent", "throttled")
"""States of attempts (see web/show.py) in which nothing is known to have reached anybody."""
