"""What is known of a message when its person is on the line: what a reply may say."""

from datetime import datetime

from alertcast.channels.base import Situation
from alertcast.core.task import Task, TaskState
from alertcast.core.wording import spoken_number
from alertcast.dispatch.answers import Answered
from alertcast.dispatch.world import World
from alertcast.store import broadcasts, callers, callouts, needs, tasks
from alertcast.store.db import Tx

DANGER = frozenset({"red", "orange"})
"""Levels at which a call for help also hears the emergency numbers."""


def situation_of(
    world: World, tx: Tx, task: Task, now: datetime, done: Answered | None = None
) -> Situation:
    """Return what is known of a task, whose answer just now was `done`."""
    needless = bool(needs.needless(tx, [task.id]))
    broadcast = broadcasts.get(tx, task.broadcast_id)
    is_help = task.purpose == "help"
    stopped = not is_help and callers.is_over(tx, task.broadcast_id, now)
    already_by = _answered_by(world, tx, task) if needless and done is None else None
    dropped = task.state is TaskState.CANCELLED and already_by is None
    return Situation(
        office=world.config.main.office.name,
        check_spoken=spoken_number(world.config.main.office.check_number),
        text=tasks.text_of(tx, world.db.vault, task.id) or "",
        language=task.language,
        is_drill=broadcast is not None and broadcast.mode == "drill",
        stopped=stopped or dropped,
        answered=done is not None,
        help_opened=bool(done and done.help_id),
        told=done.told if done else (),
        is_danger=task.level in DANGER,
        already_by=already_by,
    )


def _answered_by(world: World, tx: Tx, task: Task) -> str | None:
    role = callouts.first_answer(tx, tasks.respondents_of(tx, task.id))
    known = world.config.roles.get(role or "")
    return known.zh if known else role
