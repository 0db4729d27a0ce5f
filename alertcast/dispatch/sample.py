"""A message as somebody will read or hear it, made to be looked at before it is sent."""

from collections.abc import Sequence
from datetime import datetime

from alertcast.core.broadcast import Broadcast
from alertcast.core.task import Task, TaskState
from alertcast.core.wording import Place
from alertcast.dispatch.compose import render
from alertcast.dispatch.tell import template_of
from alertcast.dispatch.world import World
from alertcast.store.db import Tx


def sample(
    world: World,
    tx: Tx,
    begun: Broadcast,
    kind: str,
    level: str | None,
    places: Sequence[Place],
    now: datetime,
) -> str:
    """Return the text of `kind` that somebody who answers for `places` will have.

    In the office's language, and whole: with its marks, the check number and what it asks for.
    `begun` need not be in the database.
    """
    carries = [one for one in world.channels if one.is_drill == (begun.mode == "drill")]
    return render(
        world,
        tx,
        begun,
        _task(begun, kind, level, world.config.main.office.language, now),
        places,
        takes_replies=any(one.kind == kind and one.takes_replies for one in carries),
        has_voice=any(one.kind == "voice" for one in carries),
    )


def _task(begun: Broadcast, kind: str, level: str | None, language: str, now: datetime) -> Task:
    return Task(
        id=0,
        broadcast_id=0,
        person_id=0,
        phone_index="",
        kind=kind,
        wave=0,
        state=TaskState.QUEUED,
        purpose=begun.purpose,
        level=level,
        priority=0,
        due_at=now,
        expires_at=None,
        calls=1,
        every=0.0,
        tries=0,
        text=None,
        template=template_of(begun.purpose, kind),
        language=language,
    )
