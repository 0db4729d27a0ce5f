"""What is read out over loudspeakers and pasted into group chats, frozen with a broadcast.

大喇叭播音稿 and the plain copy come in every language they are written in: a village chooses.
They name whole towns, no person and no grid.
"""

from collections.abc import Sequence
from dataclasses import replace

import structlog

from alertcast.core.broadcast import Broadcast
from alertcast.core.plan import highest
from alertcast.core.wording import Place, TextError, Texts, drill, spoken_number, towns_text
from alertcast.dispatch.compose import advice, official_language, template_of
from alertcast.dispatch.world import World

log = structlog.get_logger()

KINDS = ("script", "copy")
"""The loudspeaker script, and the copy for group chats."""


def frozen(
    world: World, new: Broadcast, prefixes: Sequence[str], places: Sequence[Place] = ()
) -> Broadcast:
    """Return `new` with its texts, their versions and its scripts frozen in it.

    A script that can not be made is left out and logged: it must not keep anybody from being told.
    """
    wording = world.freeze_texts(*prefixes, hazard=new.hazard)
    new = replace(new, wording=wording, wording_versions=world.text_versions(wording))
    return replace(new, scripts=of(world, new, places))


def of(world: World, frozen: Broadcast, places: Sequence[Place]) -> dict[str, dict[str, str]]:
    """Return the scripts of a broadcast about `places`, by its frozen words."""
    towns = list({(one.county, one.town, one.level): one for one in places}.values())
    return {kind: _scripts(world, frozen, kind, towns) for kind in KINDS}


def _scripts(world: World, new: Broadcast, kind: str, places: Sequence[Place]) -> dict[str, str]:
    texts = Texts(new.wording)
    level = highest([place.level for place in places], world.config.hazards.ordered)
    text_id = template_of(world, texts, f"{new.purpose}.{kind}", new.hazard, level)
    found = {}
    for language in texts.by_id.get(text_id, {}):
        slots = _slots(world, new, texts, kind, level, places, language)
        try:
            text = texts.render(text_id, language, slots)
        except TextError as error:
            log.error("script can not be made", text=text_id, language=language, why=str(error))
            continue
        found[language] = drill(text, language) if new.mode == "drill" else text
    return found


def _slots(
    world: World,
    new: Broadcast,
    texts: Texts,
    kind: str,
    level: str | None,
    places: Sequence[Place],
    language: str,
) -> dict[str, str]:
    office = world.config.main.office
    tongue = official_language(language)
    by_level = new.slots.get(tongue, {})
    said = {**by_level.get("*", {}), **by_level.get(level or "*", {})}
    names = world.level_names(tongue)
    headline = said.get("level", "")
    towns = towns_text(places, world.config.hazards.ordered, names, said=headline)
    return {
        **said,
        "level": names.get(level or "", headline),
        "office": office.short_name if kind == "copy" else office.name,
        "check": office.check_number,
        "check_spoken": spoken_number(office.check_number),
        "places": towns,
        "towns": towns,
        "advice": advice(world, texts, "advice", new.hazard, level, language),
        "public": advice(world, texts, "public", new.hazard, level, language),
        "answer": "",
    }
