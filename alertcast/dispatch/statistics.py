"""The statistics of calling (叫应统计) of a time: by county, channel and role, and over time."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypedDict

from alertcast.core.statistics import Measure, by, measure, period
from alertcast.dispatch.world import World
from alertcast.store import report_statistics
from alertcast.store.db import Tx
from alertcast.store.report_statistics import Row


class Group(Measure):
    """What is counted under one key."""

    key: str
    name: str


class Statistics(TypedDict):
    """All of it. Grids are counted from their opening, the rest from the first message."""

    since: datetime
    until: datetime
    mode: str
    area: str
    broadcasts: int
    grids: Measure
    by_county: list[Group]  # grids
    by_role: list[Group]  # people called, once for each grid
    by_channel: list[Group]  # messages
    over_time: list[Group]  # grids, by weeks or months; the key is the first day
    by_broadcast: list[Group]  # grids; the key is the id


def statistics(
    world: World, tx: Tx, since: datetime, until: datetime, *, mode: str = "live", area: str = ""
) -> Statistics:
    """Return the statistics of the broadcasts that began in a time, live ones or drills."""
    known = report_statistics.broadcasts_between(tx, since, until, mode)
    rows = report_statistics.rows_of(tx, known, area)
    first_day = period(since, until)
    days = {one: first_day(world.local(at)).isoformat() for one, (at, _) in known.items()}
    grids = [one.called for one in rows.grids]
    over_time = by(grids, [days[one.broadcast_id] for one in rows.grids])
    each = by(grids, [one.broadcast_id for one in rows.grids])
    return Statistics(
        since=since,
        until=until,
        mode=mode,
        area=area,
        broadcasts=len(each),
        grids=measure(grids),
        by_county=_groups(rows.grids),
        by_role=_groups(rows.people),
        by_channel=_groups(rows.messages),
        over_time=[Group(**found, key=day, name=day) for day, found in sorted(over_time.items())],
        by_broadcast=[
            Group(**found, key=str(one), name=known[one][1]) for one, found in sorted(each.items())
        ],
    )


def of_broadcast(tx: Tx, broadcast_id: int, area: str = "") -> Measure:
    """Return how fast the grids of one broadcast were called and answered for."""
    rows = report_statistics.rows_of(tx, [broadcast_id], area)
    return measure(one.called for one in rows.grids)


def _groups(rows: Sequence[Row]) -> list[Group]:
    names = {one.key: one.name for one in rows}
    found = by([one.called for one in rows], [one.key for one in rows])
    return [Group(**found[key], key=key, name=names[key]) for key in sorted(found)]
