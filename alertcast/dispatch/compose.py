"""The words of one task: frozen templates, filled with what the alert says and for whom."""

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from alertcast.core.alert import Alert, Info
from alertcast.core.broadcast import Broadcast
from alertcast.core.correction import Fault
from alertcast.core.phone import UNREADABLE, dialled
from alertcast.core.plan import highest, rank
from alertcast.core.task import Task
from alertcast.core.wording import (
    Place,
    Texts,
    drill,
    issuer_of,
    local_time,
    places_text,
    spoken_number,
    without_markup,
)
from alertcast.dispatch.world import World
from alertcast.store import broadcasts, helps, joined, people, station_nights
from alertcast.store.db import Tx

LANGUAGES = ("zh", "en")
"""Languages of official words and of names; every other one is told them in the first."""

DRILL_WORDS = ("演练", "DRILL")
"""What a drill says of itself, in Chinese and in English."""

Slots = dict[str, dict[str, dict[str, str]]]
"""Language -> level (or "*" for all) -> slot -> value."""


def warning_slots(world: World, message: Alert) -> Slots:
    """Return what an alert fills its texts with; each level has the words of its own info."""
    found: Slots = {}
    for language in LANGUAGES:
        infos = message.warns_in(language)
        levels = {"*": of_info(world, message, infos[0], language)} if infos else {}
        for info in infos:
            if info.level and info.level not in levels:
                levels[info.level] = of_info(world, message, info, language)
        found[language] = levels
    return found


def own_slots(world: World, text: str, now: datetime) -> Slots:
    """Return what an officer's own notice fills its texts with."""
    return {
        language: {"*": {"text": ended(text), "time": local_time(world.local(now), language)}}
        for language in LANGUAGES
    }


def correction_slots(
    world: World, wrong: Broadcast, fault: Fault, detail: str, holding: Sequence[Alert]
) -> Slots:
    """Return what a correction fills its texts with: which message, what was wrong, what holds.

    Our own words name no level; the warnings still in force are quoted as their issuer wrote them.
    """
    return {
        language: {"*": {"text": _correction(world, wrong, fault, detail, holding, language)}}
        for language in LANGUAGES
    }


def _correction(
    world: World,
    wrong: Broadcast,
    fault: Fault,
    detail: str,
    holding: Sequence[Alert],
    language: str,
) -> str:
    texts, hazards = world.config.texts, world.config.hazards
    known = wrong.hazard is not None and wrong.hazard in hazards.hazards
    about = {
        "time": local_time(world.local(wrong.starts_at), language),
        "hazard": hazards.name(wrong.hazard, language) if known and wrong.hazard else "",
    }
    brackets = " ({})" if language == "en" else "（{}）"
    why = {"detail": brackets.format(detail) if detail else ""}
    said = texts.render(f"corrected.about.{wrong.purpose}", language, about)
    said += texts.render(f"corrected.why.{fault}", language, why)
    infos = [(message, info) for message in holding for info in message.warns_in(language)]
    for message, info in infos:
        areas = "、".join(dict.fromkeys(area.desc for area in info.areas if area.desc))
        slots = of_info(world, message, info, language) | {"areas": areas}
        said += texts.render("corrected.holds", language, slots)
    return said if infos else said + texts.render("corrected.holds_not", language, {})


def ended(text: str) -> str:
    """Return `text` with a full stop, so that what follows it begins anew."""
    return text if text.endswith(("。", "！", "？", ".", "!", "?")) else text + "。"


def title_of(message: Alert, language: str) -> str:
    """Return the official headline, else the event, in `language` if the alert speaks it."""
    for info in message.warns_in(language):
        if info.headline or info.event:
            return info.headline or info.event
    return message.note or message.identifier


def render(
    world: World,
    tx: Tx,
    broadcast: Broadcast,
    task: Task,
    places: Sequence[Place],
    *,
    takes_replies: bool,
    has_voice: bool,
    link: str | None = None,
    stations: str = "",
    also: str = "",
    only: Collection[int] | None = None,
) -> str:
    """Return the final text of a task, as its person will read or hear it (see `filled`).

    `only`: of a message that tells of several broadcasts, what these have to tell.
    """
    text, _ = filled(
        world,
        tx,
        broadcast,
        task,
        places,
        takes_replies=takes_replies,
        has_voice=has_voice,
        link=link,
        stations=stations,
        also=also,
        only=only,
    )
    return text


def filled(
    world: World,
    tx: Tx,
    broadcast: Broadcast,
    task: Task,
    places: Sequence[Place],
    *,
    takes_replies: bool,
    has_voice: bool,
    link: str | None = None,
    stations: str = "",
    also: str = "",
    only: Collection[int] | None = None,
) -> tuple[str, dict[str, str]]:
    """Return the final text of a task, and the values of the slots that filled it.

    `stations`: what is said of those that are open (see `nearest`). `also`: of other warnings
    that hold there (see `beside`).
    A channel that carries approved templates only sends these values in place of the text. In a
    drill they hold `drill` too, the word that must be said.
    """
    told = _parts(world, tx, broadcast, task, places, only)
    texts = Texts(broadcast.wording)
    if len(told) == 1:
        text_id, slots = _alone(world, tx, told[0])
    else:
        text_id, slots = task.template, _together(world, tx, texts, told)
    slots.setdefault("stations", stations)
    slots["also"] = also
    if link:
        slots["answer"] = texts.render("answer.link", task.language, {"link": link})
    else:
        answer = "reply" if takes_replies else "call" if has_voice else "none"
        slots["answer"] = texts.render(f"answer.{answer}", task.language, {})
    text = Texts(told[0].broadcast.wording).render(text_id, task.language, slots)
    if broadcast.mode != "drill":
        return text, slots
    if link and text.endswith(link):  # a word right after an address would be taken for a part
        text = f"{text} "
    return drill(text, task.language), slots | {"drill": DRILL_WORDS[task.language[:2] == "en"]}


def words_of(task: Task, places: Sequence[Place]) -> Hashable:
    """Return what decides over the words of a task, or None if they are its own.

    Besides these only the answer that is asked for: by link, text, call or not at all.
    """
    if task.purpose in ("help", "station") or task.template.startswith(joined.TOGETHER):
        return None
    wording = (task.template, task.language, task.level, task.purpose, task.kind)
    return (task.broadcast_id, *wording, tuple(places))


@dataclass(frozen=True, slots=True)
class _Part:
    """What one broadcast has to tell in a message."""

    broadcast: Broadcast
    task: Task  # the message, with the text and the level of this broadcast
    places: Sequence[Place]


def _parts(
    world: World,
    tx: Tx,
    broadcast: Broadcast,
    task: Task,
    places: Sequence[Place],
    only: Collection[int] | None,
) -> list[_Part]:
    """Return what a message has to tell, the highest level first: one part, unless others joined.

    Where nothing is left to be told (a text asked for after it was stopped), the task's own.
    """
    if not task.template.startswith(joined.TOGETHER):
        return [_Part(broadcast, task, places)]
    template = f"{task.purpose}.{task.template.rpartition('.')[2]}"
    ladder = world.config.hazards.ordered
    found = []
    for broadcast_id, here in joined.parts(tx, task, only).items():
        its = broadcasts.get(tx, broadcast_id)
        level = highest((place.level for place in here), ladder)
        if its is not None:
            found.append(_Part(its, replace(task, template=template, level=level), here))
    found.sort(key=lambda part: rank(part.task.level, ladder))
    return found or [_Part(broadcast, replace(task, template=template), places)]


def _alone(world: World, tx: Tx, part: _Part) -> tuple[str, dict[str, str]]:
    """Return the id of the text of one broadcast, and the slots that fill it."""
    broadcast, task = part.broadcast, part.task
    texts = Texts(broadcast.wording)
    slots = _slots(world, tx, broadcast, task, part.places)
    slots["advice"] = advice(world, texts, "advice", broadcast.hazard, task.level, task.language)
    return template_of(world, texts, task.template, broadcast.hazard, task.level), slots


def _together(world: World, tx: Tx, texts: Texts, told: Sequence[_Part]) -> dict[str, str]:
    """Return the slots of a message of several broadcasts: each official headline unaltered.

    Those of the highest stand for the message; each in full is in `relays`.
    """
    language, kind = told[0].task.language, told[0].task.template.rpartition(".")[2]
    each = [_alone(world, tx, part)[1] for part in told]
    said = [texts.render(f"{joined.TOGETHER}one.{kind}", language, slots) for slots in each]
    space = " " if official_language(language) == "en" else ""
    own = dict.fromkeys(slots["advice"] for slots in each)
    return each[0] | {"relays": space.join(said), "advice": space.join(own)}


def template_of(
    world: World, texts: Texts, base: str, hazard: str | None, level: str | None
) -> str:
    """Return the id of the most specific text for a hazard at a level."""
    return texts.best(base, hazard, world.config.hazards.family(hazard), level)


def advice(
    world: World, texts: Texts, base: str, hazard: str | None, level: str | None, language: str
) -> str:
    """Return our own words (`advice`, or `public`) about a hazard at a level."""
    return texts.find(template_of(world, texts, base, hazard, level), language) or ""


def _slots(
    world: World,
    tx: Tx,
    broadcast: Broadcast,
    task: Task,
    places: Sequence[Place],
) -> dict[str, str]:
    office = world.config.main.office
    language = official_language(task.language)
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
    if task.purpose == "station":
        return slots | {"stations": _stations(tx, task, language)}
    once = list(dict.fromkeys(places))
    names = world.level_names(language)
    headline = slots.get("level", "")  # of the county; towns may have another (分镇预警)
    places_said = places_text(once, world.config.hazards.ordered, names, said=headline)
    return slots | {"places": places_said, "level": names.get(task.level or "", headline)}


def _help(world: World, tx: Tx, task: Task, language: str) -> dict[str, str]:
    row = helps.get(tx, task.help_request_id or 0)
    if row is None:
        return {"places": "", "who": "", "phone": ""}
    role = world.config.roles.get(str(row["role"]))
    who = (role.en if language == "en" else role.zh) if role else ""
    asking = people.contacts(tx, world.db.vault, [row["person_id"]])[row["person_id"]]
    number = dialled(asking.phone) if asking.phone else UNREADABLE
    phone = number if task.kind == "sms" else spoken_number(number)
    return {"places": "、".join(row["places"]), "who": who, "phone": phone}


def _stations(tx: Tx, task: Task, language: str) -> str:
    """Return the names of the stations that a keeper is asked about."""
    names = [name for _, name in station_nights.asked(tx, task.broadcast_id, task.person_id)]
    return (" and " if language == "en" else "、").join(names)


def official_language(language: str) -> str:
    """Return which of LANGUAGES stands in for `language` in what was not written by us."""
    return "en" if language.startswith("en") else LANGUAGES[0]


def of_info(world: World, message: Alert, info: Info, language: str) -> dict[str, str]:
    """Return what one info fills a text with: its words unaltered, issuer and time."""
    hazards, texts = world.config.hazards, world.config.texts
    begins = ""
    if message.begins is not None and texts.find("begins", language) is not None:
        onset = local_time(world.local(message.begins), language)
        begins = texts.render("begins", language, {"onset": onset})
    return {
        "headline": without_markup(info.headline or info.event),
        "issuer": issuer_of(message, info),
        "time": local_time(world.local(message.sent), language),
        "hazard": hazards.name(info.hazard, language) if info.hazard else info.event,
        "level": hazards.level_name(info.level, language) if info.level else "",
        "begins": begins,
    }
