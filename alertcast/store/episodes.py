"""Episodes that meet become one: what a person hears of, and what has ended, is asked of one."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, update

from alertcast.core.episode import Standing
from alertcast.core.plan import rank
from alertcast.store import broadcasts, callouts
from alertcast.store.db import Tx
from alertcast.store.schema import alert, broadcast, callout, standing


def join(tx: Tx, kept: int, other: int, levels: Sequence[str], now: datetime) -> bool:
    """Let all that belongs to the episode `other` belong to `kept`; `other` is over.

    Of a grid that both know, its people know the higher of what they were told. False, and nothing
    is changed, where both call one grid at this moment.
    """
    if callouts.open_ids(tx, episode_id=kept).keys() & callouts.open_ids(tx, episode_id=other):
        return False
    ours, theirs = broadcasts.standings(tx, kept), broadcasts.standings(tx, other)
    taken = [
        one
        for code, one in theirs.items()
        if code not in ours or _told(one, levels) < _told(ours[code], levels)
    ]
    broadcasts.write_standings(tx, kept, taken)
    tx.execute(delete(standing).where(standing.c.episode_id == other))
    for table in (alert, broadcast, callout):
        theirs_in = table.c.episode_id == other
        tx.execute(update(table).where(theirs_in).values(episode_id=kept))
    broadcasts.end_episode(tx, other, now)
    return True


def _told(one: Standing, levels: Sequence[str]) -> int:
    """Return the place of what people were told, 0 the highest; nothing comes after all."""
    return rank(one.told_level, levels) if one.was_told else len(levels) + 1
