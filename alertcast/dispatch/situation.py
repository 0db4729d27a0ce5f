"""What is known of a message when its person is on the line: what a reply may say."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

import structlog

from alertcast.channels.base import Situation
from alertcast.core.broadcast import Broadcast
from alertcast.core.pieces import Piece, pieces_of
from alertcast.core.task import Task, TaskState
from alertcast.core.wording import TextError, Texts, spoken_number
from alertcast.dispatch import beside, nearest
from alertcast.dispatch.answers import Answered
from alertcast.dispatch.compose import render, template_of
from alertcast.dispatch.world import World
from alertcast.store import broadcasts, callers, callouts, claims, joined, needs, people, tasks
from alertcast.store.callers import QUESTIONS
from alertcast.store.db import Tx

log = structlog.get_logger()

DANGER = frozenset({"red", "orange"})
"""Levels at which a call for help also hears the emergency numbers."""


def situation_of(
    world: World, tx: Tx, task: Task, now: datetime, done: Answered | None = None
) -> Situation:
    """Return what is known of a task, whose answer just now was `done`."""
    needless = bool(needs.needless(tx, [task.id]))
    broadcast = broadcasts.get(tx, task.broadcast_id)
    task = _heard(tx, broadcast, task)
    is_help = task.purpose == "help"
    told = set(joined.shares(tx, task, tasks.respondents_of(tx, task.id)))
    holding = _holding(tx, task, told, now)
    stopped = not is_help and not holding
    is_in_part = bool(holding) and holding < told
    text = _spoken(world, tx, broadcast, task, now, holding, is_in_part=is_in_part)
    already_by = _answered_by(world, tx, task) if needless and done is None else None
    dropped = task.state is TaskState.CANCELLED and already_by is None and not is_in_part
    return Situation(
        office=world.config.main.office.name,
        check_spoken=spoken_number(world.config.main.office.check_number),
        text=text,
        pieces=_pieces(world, broadcast, task, text),
        language=task.language,
        is_drill=broadcast is not None and broadcast.mode == "drill",
        stopped=stopped or dropped,
        answered=done is not None,
        help_opened=bool(done and done.help_id),
        told=done.told if done else (),
        is_danger=task.level in DANGER,
        already_by=already_by,
        after_key=_after_key(world, tx, broadcast, task, done),
        is_question=task.purpose in QUESTIONS,
    )


def _heard(tx: Tx, broadcast: Broadcast | None, task: Task) -> Task:
    """Return a message as it is heard: what was texted in the language its person hears first.

    More languages are spoken than written.
    """
    if task.kind != "sms" or broadcast is None:
        return task
    languages = people.languages_of(tx, task.person_id)
    chosen = Texts(broadcast.wording).chosen(_call_of(task), languages)
    return replace(task, language=chosen or task.language)


def _call_of(task: Task) -> str:
    """Return the id of the text by which a call says what a message told."""
    return f"{task.template.partition('.')[0]}.voice"


def _holding(tx: Tx, task: Task, told: Collection[int], now: datetime) -> set[int]:
    """Return which of the broadcasts that a message tells hold; of several, for this person."""
    holding = callers.holding(tx, told, now)
    return holding & joined.parts(tx, task, holding).keys() if len(told) > 1 else holding


def _spoken(
    world: World,
    tx: Tx,
    broadcast: Broadcast | None,
    task: Task,
    now: datetime,
    holding: Collection[int],
    *,
    is_in_part: bool,
) -> str:
    """Return the words of a call: as they were frozen, or made anew for what was texted.

    Also where only a part of what it told still holds.
    """
    if (task.kind == "sms" or is_in_part) and broadcast is not None:
        call = replace(task, kind="voice", template=_call_of(task))
        places = claims.places(tx, [task.id]).get(task.id, ())
        near = nearest.tonight(world, tx, now, [places])
        also = beside.now(world, tx, [broadcast.id], [places])
        try:
            return render(
                world,
                tx,
                broadcast,
                call,
                places,
                takes_replies=False,
                has_voice=True,
                stations=near.said(broadcast, task.language, places),
                also=also.said(broadcast, call.kind, task.language, places),
                only=holding or None,
            )
        except TextError as error:  # the text of the message is better than none
            log.error("text can not be made", task=task.id, why=str(error))
    return tasks.text_of(tx, world.db.vault, task.id) or ""


def _pieces(world: World, broadcast: Broadcast | None, task: Task, text: str) -> tuple[Piece, ...]:
    """Return the words of a call in pieces, of which some may have been recorded."""
    if broadcast is None or not text:
        return ()
    texts = Texts(broadcast.wording)
    base = f"{task.purpose}.voice"
    text_id = template_of(world, texts, base, broadcast.hazard, task.level)
    advice_id = template_of(world, texts, "advice", broadcast.hazard, task.level)
    return pieces_of(text, texts, text_id, task.language, {"advice": advice_id})


def _after_key(
    world: World, tx: Tx, broadcast: Broadcast | None, task: Task, done: Answered | None
) -> str:
    """Return what is said only to a person, who has pressed a key: whom to call, or what it did."""
    text_id = "help.details" if task.purpose == "help" else done.said if done else ""
    if done is None or broadcast is None or text_id not in broadcast.wording:
        return ""
    details = replace(task, template=text_id)
    return render(world, tx, broadcast, details, (), takes_replies=False, has_voice=True)


def _answered_by(world: World, tx: Tx, task: Task) -> str | None:
    role = callouts.first_answer(tx, tasks.respondents_of(tx, task.id))
    known = world.config.roles.get(role or "")
    return known.zh if known else role
