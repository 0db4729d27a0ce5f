"""The time of warnings runs out: that is no all-clear. An official end that waited for it is one.

Where one warning of an episode was officially ended while another held, whoever was told heard
nothing (`end`). Once the other has run out, nothing holds there any more, and the end is relayed.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import structlog

from alertcast.core.alert import Alert
from alertcast.core.plan import highest, rank
from alertcast.dispatch import all_clear, levels, part_clear
from alertcast.dispatch.world import World
from alertcast.store import alerts, broadcasts, reaches, references, told, turns
from alertcast.store.db import TROUBLE, Tx

log = structlog.get_logger()

_WITHHELD = ("ended", "part_clear")
"""Decisions on an official end after which some who were told may not have heard of it."""


def expire(world: World, now: datetime) -> int:
    """End the alerts whose time has run out, and relay what waited for it; return how many ended.

    The calling for them stops, also where another warning has lengthened it. Twice is once. They
    run out also where the relay fails, which is then raised.
    """
    with world.db.read() as tx:
        if not alerts.has_expired(tx, now):
            return 0
    try:
        with world.db.write() as tx:
            if not turns.is_free(tx, "expire"):
                return 0
            turns.take(tx, "decide")
            episodes = alerts.episodes_running_out(tx, now)
            ended = alerts.expire(tx, now)
            for episode_id in episodes:
                _relay(world, tx, episode_id, now)
                levels.stop_run_out(world, tx, episode_id, now)
            return ended
    except TROUBLE:
        raise
    except Exception:
        with world.db.write() as tx:
            alerts.expire(tx, now)
        raise


def _relay(world: World, tx: Tx, episode_id: int, now: datetime) -> None:
    if broadcasts.is_ended(tx, episode_id):
        return
    rows = alerts.of_episode(tx, episode_id)
    for row in rows:
        if row["decision"] not in _WITHHELD or row["standing"] != "ended":
            continue
        message = alerts.load(tx, row["id"])
        if message.is_end() and (phones := _tell(world, tx, row, message, rows, now)):
            why = f"{row['why']}其他预警已到期，已转告此前收到预警的 {phones} 个号码。"
            word, when = row["decision"], row["decided_at"]
            alerts.decide(tx, row["id"], decision=word, why=why, now=when)
            log.info("end relayed after others ran out", alert=row["id"], episode=episode_id)


def _tell(
    world: World,
    tx: Tx,
    row: Mapping[Any, Any],
    message: Alert,
    rows: Sequence[Mapping[Any, Any]],
    now: datetime,
) -> int:
    """Relay one end where what ran out was no higher than what it ended; return to how many."""
    episode_id = row["episode_id"]
    ended = _ended_by(tx, row, message, rows)
    over = _places(world, tx, row, ended, rows)
    if not over:
        return 0
    still = told.of_episode(tx, episode_id)
    if not alerts.in_episode(tx, episode_id) and {one.grid_code for one in still} <= over:
        key = f"{message.key}:after:{episode_id}"
        return all_clear.start(world, tx, row["id"], message, episode_id, now, key)
    return part_clear.leave_out(
        world, tx, row["id"], message, ended, [episode_id], (), now, only=over, carried=over
    )


def _ended_by(
    tx: Tx, row: Mapping[Any, Any], message: Alert, rows: Sequence[Mapping[Any, Any]]
) -> list[int]:
    """Return the warnings that an end has ended (ids): those it names, else all that have ended."""
    ended = [
        one["id"]
        for one in rows
        if one["standing"] == "ended" and one["sent"] <= message.sent and one["id"] != row["id"]
    ]
    named = references.referenced(tx, message)
    warned = [one for one in ended if not alerts.load(tx, one).is_end()]
    return [one for one in warned if one in named] or warned


def _places(
    world: World,
    tx: Tx,
    row: Mapping[Any, Any],
    ended: Sequence[int],
    rows: Sequence[Mapping[Any, Any]],
) -> set[str]:
    """Return the codes of the grids where nothing above what was ended has merely run out.

    Nor anything sent after the end: what came later is not over by it.
    """
    over = reaches.ended_by(tx, row["id"], ended)
    ran_out = [one["id"] for one in rows if one["standing"] == "expired"]
    later = [one["id"] for one in rows if one["sent"] > row["sent"] and one["standing"] != "ended"]
    lapsed, since = reaches.reach_of(tx, ran_out), reaches.reach_of(tx, later)

    def height(levels: Iterable[str | None]) -> int:
        ladder = world.config.rules.levels
        return rank(highest(levels, ladder), ladder)

    return {
        code
        for code, levels in over.items()
        if code not in since and height(lapsed.get(code, ())) >= height(levels)
    }
