"""A text that can not be answered carries a link: its page shows the warning, and takes the answer.

Opening the page answers nothing, whoever opens it: previews and scanners do. A press is an answer
like a key in a call, and is taken once. When the warning is over the page says what holds instead,
and takes nothing more. Of several warnings in one text it shows those that still hold.
"""

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import structlog

from alertcast.channels.base import Channel
from alertcast.core.broadcast import Broadcast, BroadcastState
from alertcast.core.callout import UNDERSTOOD, CalloutState
from alertcast.core.link import ALPHABET, LENGTH, readable
from alertcast.core.phone import is_mainland
from alertcast.core.plan import highest
from alertcast.core.relay import Counts
from alertcast.core.task import Attempt, Task
from alertcast.core.wording import TextError, Texts, slots_of
from alertcast.dispatch.answers import answer_task
from alertcast.dispatch.compose import render, template_of
from alertcast.dispatch.world import World
from alertcast.store import attempts, broadcasts, joined, links, relays, report_link, tasks
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
    broadcast: Broadcast  # of several in one text the first that holds
    level: str | None  # at which that one calls the reader
    text: str  # as it was sent, without the address; of several warnings only those that hold
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
        task = found.task
        told = joined.shares(tx, task, tasks.respondents_of(tx, task.id))
        if given.keys() - {one for its in told.values() for one in its}:
            msg = f"task {task.id} does not serve these respondents"
            raise LookupError(msg)
        value = value or (None if found.facts["answer"] else UNDERSTOOD)
        if value is not None and not report_link.has_said(tx, task.id, value):
            answer_task(world, tx, task, value, "link", now, found.attempt)
        for broadcast_id, its in told.items():
            said = {one: given[one] for one in its if one in given}
            relays.write(tx, broadcast_id, said, at=now, via="link")
    log.info("link answered", task=task.id, value=value, grids=len(given))
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
    if task is None:
        return None
    served = joined.shares(tx, task, tasks.respondents_of(tx, task_id))
    told = {one: its for one in served if (its := broadcasts.get(tx, one)) is not None}
    if task.broadcast_id not in told:
        return None
    ends = {one: _over(tx, its, served[one], expires_at, now) for one, its in told.items()}
    holding = [one for one, why in ends.items() if why is None]
    over = None if holding else ends[task.broadcast_id]
    broadcast = told[holding[0] if holding else task.broadcast_id]
    holds = links.holds_now(tx, task_id, now) if over else None
    instead = broadcasts.get(tx, holds[0]) if holds else None
    return Opened(
        task=task,
        broadcast=broadcast,
        level=_level(world, tx, task, broadcast, served[broadcast.id]),
        text=_text(world, tx, told, task, token, holding),
        over=over,
        facts=report_link.facts(tx, task, broadcast.id, served[broadcast.id]),
        cells=_cells(tx, {one: served[one] for one in holding or [broadcast.id]}),
        instead=None if instead is None or instead.id in told else instead,
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


def _level(
    world: World, tx: Tx, task: Task, broadcast: Broadcast, served: Sequence[int]
) -> str | None:
    if broadcast.id == task.broadcast_id:
        return task.level
    return highest(report_link.levels_of(tx, served), world.config.hazards.ordered)


def _cells(tx: Tx, served: Mapping[int, Sequence[int]]) -> list[RelayCell]:
    """Return the grids to be counted, each once, whichever of the broadcasts call it."""
    found: dict[str, RelayCell] = {}
    for broadcast_id, respondents in served.items():
        for cell in relay_cells(tx, broadcast_id, respondents):
            found.setdefault(cell["code"], cell)
    return list(found.values())


def _text(
    world: World,
    tx: Tx,
    told: Mapping[int, Broadcast],
    task: Task,
    token: str,
    holding: Collection[int],
) -> str:
    """Return the text without the sentence that carries the link: the reader is there already.

    As it was sent; where a part of what it told is over, made anew of what still holds.
    """
    text, broadcast = tasks.text_of(tx, world.db.vault, task.id) or "", told[task.broadcast_id]
    link = address(world, token)
    if holding and len(holding) < len(told):
        try:
            text = render(
                world,
                tx,
                broadcast,
                task,
                (),
                takes_replies=False,
                has_voice=False,
                link=link,
                only=holding,
            )
        except TextError as error:  # the text of the message is better than none
            log.error("text can not be made", task=task.id, why=str(error))
    asked = Texts(broadcast.wording).render("answer.link", task.language, {"link": link})
    return text.replace(asked, "").strip()
