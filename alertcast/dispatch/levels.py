"""What holds where in an episode: the highest level of all its warnings in force, grid by grid."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from alertcast.core.callout import CalloutState
from alertcast.core.plan import highest, rank
from alertcast.core.task import TaskState
from alertcast.dispatch.world import World
from alertcast.store import broadcasts, callouts, needs, reaches, tasks, told
from alertcast.store.db import Tx

Levels = dict[str, str | None]
"""Grid code -> level; a grid in which nothing holds is not in it."""


def in_force(world: World, tx: Tx, episode_id: int, *, without: Iterable[int] = ()) -> Levels:
    """Return what holds in an episode by its warnings in force, those in `without` left out."""
    ladder = world.config.rules.levels
    reached = reaches.reached(tx, episode_id, without)
    return {code: highest(levels, ladder) for code, levels in reached.items()}


def joined(world: World, one: Mapping[str, str | None], other: Mapping[str, str | None]) -> Levels:
    """Return the higher of two levels for each grid that is in either."""
    ladder = world.config.rules.levels
    found: Levels = dict(one)
    for code, level in other.items():
        found[code] = highest((level, found[code]), ladder) if code in found else level
    return found


def stop_above(
    world: World, tx: Tx, episode_id: int, now_in_force: Mapping[str, str | None], now: datetime
) -> int:
    """Stop the calling for grids at a level that no warning in force supports; return how many."""
    ladder = world.config.rules.levels
    over = [
        one.id
        for one in callouts.waiting(tx, episode_id)
        if one.grid_code not in now_in_force
        or rank(one.level, ladder) < rank(now_in_force[one.grid_code], ladder)
    ]
    return _stop(tx, over, now)


def stop_untold(
    world: World,
    tx: Tx,
    episode_id: int,
    hazard: str | None,
    now_in_force: Mapping[str, str | None],
    now: datetime,
) -> int:
    """Stop the calling where what holds now is too low to tell anybody of; return how many grids.

    A downgrade that people would still be told of goes on quietly: it was higher, and they may not
    have heard anything yet. A level that is not known is not too low.
    """
    is_told = world.config.rules.is_told
    over = [
        one.id
        for one in callouts.waiting(tx, episode_id)
        if (level := now_in_force.get(one.grid_code)) is not None and not is_told(hazard, level)
    ]
    return _stop(tx, over, now)


def stop_gone(
    tx: Tx,
    episode_id: int,
    gone: Collection[str],
    now_in_force: Mapping[str, str | None],
    now: datetime,
) -> int:
    """Stop the calling for the grids `gone` where no warning is in force any more."""
    over = [
        one.id
        for one in callouts.waiting(tx, episode_id)
        if one.grid_code in gone and one.grid_code not in now_in_force
    ]
    return _stop(tx, over, now)


def stop_run_out(world: World, tx: Tx, episode_id: int, now: datetime) -> int:
    """Stop the calling where a warning has run out and none is in force; return how many grids.

    A broadcast may last longer than the warning of some of its grids: another one of the episode
    has lengthened it. One that has run out itself is left alone, nothing of it leaves.
    """
    over = reaches.ran_out(tx, episode_id) - in_force(world, tx, episode_id).keys()
    lasting = broadcasts.lasting(tx, episode_id, now) if over else set()
    waiting = callouts.waiting(tx, episode_id) if lasting else ()
    those = [one.id for one in waiting if one.grid_code in over and one.broadcast_id in lasting]
    return _stop(tx, those, now)


def let_go(tx: Tx, episode_id: int, gone: Collection[str], now: datetime) -> None:
    """Stop the calling for the grids `gone`, where it is over: what comes next there is news.

    Nobody is to hear after the end that the level fell there.
    """
    stop_gone(tx, episode_id, gone, {}, now)
    fell = told.of_downgrades(tx, episode_id, gone)
    tasks.drop(tx, fell, TaskState.CANCELLED, "superseded")
    broadcasts.forget_at(tx, episode_id, gone)


def _stop(tx: Tx, over: list[int], now: datetime) -> int:
    affected = tasks.serving_callouts(tx, over)
    stopped = callouts.move(tx, over, CalloutState.CANCELLED, now)
    tasks.drop(tx, needs.needless(tx, affected), TaskState.CANCELLED, "cancelled")
    return stopped
