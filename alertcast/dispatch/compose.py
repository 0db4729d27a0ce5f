"""The words of one task: frozen templates, filled with what the alert says and for whom."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from alertcast.core.alert import Alert, Info
from alertcast.core.broadcast import Broadcast
from alertcast.core.task import Task
from alertcast.core.wording import (
    Place,
    Texts,
    drill,
    issuer_of,
    local_time,
    places_text,
    spoken_number,
)
from alertcast.dispatch.world import World
from alertcast.store import grids as layers
from alertcast.store import helps, tasks
from alertcast.store.db import Tx

LANGUAGES = ("zh", "en")
"""Languages that texts are written in; every other one is told in the first."""

Slots = dict[str, dict[str, dict[str, str]]]
"""Language -> level (or "*" for all) -> slot -> value."""


def warning_slots(world: World, message: Alert) -> Slots:
    """Return what an alert fills its texts with; each level has the words of its own info."""
    found: Slots = {}
    for language in LANGUAGES:
        infos = message.infos_in(language) if message.infos else ()
        levels = {"*": _of_info(world, message, infos[0], language)} if infos else {}
        for info in infos:
            if info.level and info.level not in levels:
                levels[info.level] = _of_info(world, message, info, language)
        found[language] = levels
    return found


def own_slots(world: World, text: str, now: datetime) -> Slots:
    """Return what an officer's own notice fills its texts with."""
    return {
        language: {"*": {"text": text, "time": local_time(world.local(now), language)}}
        for language in LANGUAGES
    }


def title_of(message: Alert, language: str) -> str:
    """Return the official headline, else the event, in `language` if the alert speaks it."""
    for info in message.infos_in(language):
        if info.headline or info.event:
            return info.headline or info.event
    return message.note or message.identifier


def render(
    world: World,
    tx: Tx,
    broadcast: Broadcast,
    task: Task,
    *,
    takes_replies: bool,
    has_voice: bool,
) -> str:
    """Return the final text of a task, as its person will read or hear it."""
    language = "en" if task.language.startswith("en") else "zh"
    texts = Texts(broadcast.wording)
    slots = _slots(world, tx, broadcast, task, language)
    answer = "reply" if takes_replies else "call" if has_voice else "none"
    slots["answer"] = texts.render(f"answer.{answer}", language, {})
    slots["advice"] = _advice(texts, broadcast.hazard, task.level, language)
    text = texts.render(task.template, language, slots)
    return drill(text, language) if broadcast.mode == "drill" else text


def _slots(world: World, tx: Tx, broadcast: Broadcast, task: Task, language: str) -> dict[str, str]:
    office = world.config.main.office
    by_level: Mapping[str, Any] = broadcast.slots.get(language, {})
    slots = {
        **by_level.get("*", {}),
        **by_level.get(task.level or "*", {}),
        "office": office.short_name if task.kind == "sms" else office.name,
        "check": office.check_number,
        "check_spoken": spoken_number(office.check_number),
    }
    if task.purpose == "help":
        return slots | _help(world, tx, task, language)
    return slots | {"places": _places(world, tx, task, language)}


def _places(world: World, tx: Tx, task: Task, language: str) -> str:
    held = tasks.levels_and_grids(tx, task.id)
    cells = layers.by_id(tx, (grid_id for grid_id, _ in held))
    found: Sequence[Place] = [
        Place(cells[grid_id].name, cells[grid_id].town, cells[grid_id].county, level)
        for grid_id, level in dict.fromkeys(held)
    ]
    return places_text(found, world.config.hazards.ordered, world.level_names(language))


def _help(world: World, tx: Tx, task: Task, language: str) -> dict[str, str]:
    row = helps.get(tx, task.help_request_id or 0)
    role = world.config.roles.get(str(row["role"])) if row else None
    who = (role.en if language == "en" else role.zh) if role else ""
    return {"places": "、".join(row["places"]) if row else "", "who": who}


def _advice(texts: Texts, hazard: str | None, level: str | None, language: str) -> str:
    for text_id in (f"advice.{hazard}.{level}", f"advice.{hazard}.default"):
        found = texts.find(text_id, language)
        if found is not None:
            return found
    return texts.find("advice.default", language) or ""


def _of_info(world: World, message: Alert, info: Info, language: str) -> dict[str, str]:
    hazards = world.config.hazards
    return {
        "headline": info.headline or info.event,
        "issuer": issuer_of(message, info),
        "time": local_time(world.local(message.sent), language),
        "hazard": hazards.name(info.hazard, language) if info.hazard else info.event,
        "level": hazards.level_name(info.level, language) if info.level else "",
    }
