"""A text that can not be answered carries a link: its page shows the warning, and takes the answer.

Opening the page answers nothing, whoever opens it: previews and scanners do. A press is an answer
like a key in a call, and is taken once. When the warning is over the page says what holds instead,
and takes nothing more.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import structlog

from alertcast.channels.base import Channel
from alertcast.core.broadcast import Broadcast, BroadcastState
from alertcast.core.callout import CalloutState
from alertcast.core.link import ALPHABET, LENGTH, readable
from alertcast.core.phone import is_mainland
from alertcast.core.relay import Counts
from alertcast.core.task import Attempt, Task
from alertcast.core.wording import Texts, slots_of
from alertcast.dispatch.answers import UNDERSTOOD, answer_task
from alertcast.dispatch.compose import template_of
from alertcast.dispatch.world import World
from alertcast.store import attempts, broadcasts, links, relays, report_link, tasks
from alertcast.store.again import begun_again
from alertcast.store.db import Tx
from alertcast.store.links import NewLink
from alertcast.store.report_relay import RelayCell, relay_cells

log = structlog.get_logger()

PATH = "/a/"
"""Where links lead: one letter, because every text carries it."""


class Over(StrEnum):
    """Why a link takes nothing any more."""

    STOPPED = "stopped"  # an officer stopped the calling
    LIFTED = "lifted"  # the warning was lifted by its issuer
    SUPERSEDED = "superseded"  # a later broadcast calls the same grids
    EXPIRED = "expired"  # the warning, or the link, has run out


class IsOver(Exception):
    """An answer came after the end of what it would have answered."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What the page of a link has to show."""

    task: Task
    broadcast: Broadcast
    text: str  # as it was sent, without the address
    over: Over | None  # None: the link still takes an answer
    facts: report_link.LinkFacts
    cells: list[RelayCell]
    instead: Broadcast | None  # over: what is in force now for the same grids, if anything
    instead_level: str | None
    attempt: Attempt | None  # the last one, where an answer is being taken


def offer(
    world: World, broadcast: Broadcast, task: Task, channel: Channel, phone: str, now: datetime
) -> NewLink | None:
    """Return a fresh link for a text that `channel` carries to `phone`, or None if it has none."""
    settings = channel.settings
    texts = Texts(broadcast.wording)
    wanted = settings.links and channel.kind == "sms" and not channel.takes_replies
    if not wanted or (is_mainland(phone) and not settings.links_for_mainland):
        return None
    text_id = template_of(world, texts, task.template, broadcast.hazard, task.level)
    asks = "answer" in slots_of(texts.find(text_id, task.language) or "")
    if not asks or texts.find("answer.link", task.language) is None:
        return None
    token = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return NewLink(task.id, token, now + world.config.main.links.valid)


def address(world: World, token: str) -> str:
    """Return the address that a text carries."""
    return (
        (world.config.main.links.base_url or world.config.main.web.public_base_url) + PATH + token
    )


def opened(world: World, typed: str, now: datetime) -> Opened | None:
    """Return what stands behind the end of an address, or None; changes nothing."""
    with world.db.read() as tx:
        return _opened(world, tx, typed, now)


@begun_again
def answer(
    world: World, typed: str, value: str | None, given: Mapping[int, Counts], now: datetime
) -> Opened | None:
    """Take a press, and counts by respondent, from the page of a link; None: no such link.

    `value` None: counts alone, which say that the warning was understood as well. Twice is once.

    Raises
    ------
    IsOver
        The link takes nothing any more.
    LookupError
        The counts are of a grid that the link does not stand for.
    """
    with world.db.write() as tx:
        found = _opened(world, tx, typed, now, lock=True)
        if found is None:
            return None
        if found.over is not None:
            raise IsOver(found.over.value)
        task, served = found.task, set(tasks.respondents_of(tx, found.task.id))
        if given.keys() - served:
            msg = f"task {task.id} does not serve these respondents"
            raise LookupError(msg)
        value = value or (None if found.facts["answer"] else UNDERSTOOD)
        if value is not None and not report_link.has_said(tx, task.id, value):
            answer_task(world, tx, task, value, "link", now, found.attempt)
        news = relays.write(tx, task.broadcast_id, given, at=now, via="link")
    log.info("link answered", task=task.id, value=value, grids=len(news))
    return found


def _opened(
    world: World, tx: Tx, typed: str, now: datetime, *, lock: bool = False
) -> Opened | None:
    token = readable(typed)
    found = links.find(tx, world.db.vault, token) if token else None
    if token is None or found is None:
        return None
    task_id, expires_at = found
    attempt = attempts.latest(tx, task_id) if lock else None  # before the task, as receipts do
    task = tasks.get(tx, task_id) if lock else report_link.task_of(tx, task_id)
    broadcast = None if task is None else broadcasts.get(tx, task.broadcast_id)
    if task is None or broadcast is None:
        return None
    served = tasks.respondents_of(tx, task_id)
    over = _over(tx, broadcast, served, expires_at, now)
    holds = links.holds_now(tx, task_id, now) if over else None
    instead = broadcasts.get(tx, holds[0]) if holds else None
    return Opened(
        task=task,
        broadcast=broadcast,
        text=_as_sent(world, tx, broadcast, task, token),
        over=over,
        facts=report_link.facts(tx, task, served),
        cells=relay_cells(tx, broadcast.id, served),
        instead=None if instead is None or instead.id == broadcast.id else instead,
        instead_level=holds[1] if holds else None,
        attempt=attempt,
    )


def _over(
    tx: Tx, broadcast: Broadcast, served: list[int], expires_at: datetime, now: datetime
) -> Over | None:
    states = report_link.states_of(tx, served)
    gone = {CalloutState.SUPERSEDED, CalloutState.CANCELLED}
    if broadcast.episode_id is not None and broadcasts.is_ended(tx, broadcast.episode_id):
        return Over.LIFTED
    if broadcast.state is BroadcastState.CANCELLED:
        return Over.STOPPED
    if states and states <= gone:
        return Over.SUPERSEDED if CalloutState.SUPERSEDED in states else Over.STOPPED
    ends = min(expires_at, broadcast.expires_at or expires_at)
    return Over.EXPIRED if ends <= now else None


def _as_sent(world: World, tx: Tx, broadcast: Broadcast, task: Task, token: str) -> str:
    """Return the text without the sentence that carries the link: the reader is there already."""
    text = tasks.text_of(tx, world.db.vault, task.id) or ""
    slots = {"link": address(world, token)}
    asked = Texts(broadcast.wording).render("answer.link", task.language, slots)
    return text.replace(asked, "").strip()
