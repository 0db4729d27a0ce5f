"""A person calls our number back: what is in force for that phone is said, and keys count.

Whoever we have told nothing hears who we are and where to check, and nothing else: a number can be
forged, so what is said to a caller is no more than the message that was sent to that phone.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from alertcast.channels.base import Situation
from alertcast.channels.events import CallInEvent
from alertcast.core.task import Attempt, Task, TaskState
from alertcast.core.wording import spoken_number
from alertcast.dispatch import stations
from alertcast.dispatch.situation import situation_of
from alertcast.dispatch.world import World
from alertcast.store import attempts, callers, needs, receipts, tasks
from alertcast.store.db import Tx


def called_in(
    world: World, tx: Tx, event: CallInEvent, came: receipts.Arrived, now: datetime
) -> Situation:
    """Return what a caller may hear; keys count as those of the last call, or of the text."""
    made = _meant(tx, world.db.vault.index(event.phone), now) if event.phone else None
    effect = "applied" if made else "unmatched"
    attempt_id = made[1].id if made else None
    receipts.keep(tx, world.db.vault, [came], now, effect=effect, attempt_id=attempt_id)
    if made is None:
        office = world.config.main.office
        return Situation(
            stranger=True,
            language=office.language,
            office=office.name,
            check_spoken=spoken_number(office.check_number),
        )
    task, attempt = made
    return replace(situation_of(world, tx, task, now), token=attempt.token)


def _meant(tx: Tx, phone_index: str, now: datetime) -> tuple[Task, Attempt] | None:
    """Return the message that a caller is taken to call about.

    A warning that waits for his answer; else whether his station is open tonight, if nobody knows;
    else what is in force, and where nothing is, that question again: he may have changed his mind.
    """
    told, asked = callers.in_force(tx, phone_index, now), callers.asked(tx, phone_index, now)
    done = needs.needless(tx, [one.id for one in told])
    if any(_waits(tx, one) for one in told if one.id not in done):
        return _last(tx, told)
    if any(stations.is_unanswered(tx, one, now) for one in asked):
        return _last(tx, asked)
    return _last(tx, told or asked)


def _waits(tx: Tx, task: Task) -> bool:
    """Say whether a message asks somebody who has not answered to answer for a grid."""
    return task.state is not TaskState.ANSWERED and bool(tasks.respondents_of(tx, task.id))


def _last(tx: Tx, found: Sequence[Task]) -> tuple[Task, Attempt] | None:
    """Return the newest call, else the newest text, that was made to a phone."""
    for kind in ("voice", "sms"):
        for task in reversed(found):
            attempt = attempts.latest(tx, task.id) if task.kind == kind else None
            if attempt is not None:
                return task, attempt
    return None
