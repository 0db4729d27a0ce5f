"""A person calls our number back: the warning in force for that phone is said, and keys count.

Whoever we have told nothing hears who we are and where to check, and nothing else: a number can be
forged, so what is said to a caller is no more than the message that was sent to that phone.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from alertcast.channels.base import Situation
from alertcast.channels.events import CallInEvent
from alertcast.core.task import Attempt, Task
from alertcast.core.wording import spoken_number
from alertcast.dispatch.situation import situation_of
from alertcast.dispatch.world import World
from alertcast.store import attempts, callers, receipts
from alertcast.store.db import Tx


def called_in(
    world: World, tx: Tx, event: CallInEvent, came: receipts.Arrived, now: datetime
) -> Situation:
    """Return what a caller may hear; keys count as those of the last call, or of the text."""
    found: Sequence[Task] = ()
    if event.phone:
        found = callers.in_force(tx, world.db.vault.index(event.phone), now)
    made = _last(tx, found)
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


def _last(tx: Tx, found: Sequence[Task]) -> tuple[Task, Attempt] | None:
    """Return the newest call, else the newest text, that was made to a phone."""
    for kind in ("voice", "sms"):
        for task in reversed(found):
            attempt = attempts.latest(tx, task.id) if task.kind == kind else None
            if attempt is not None:
                return task, attempt
    return None
