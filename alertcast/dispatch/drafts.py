"""What a text would be before anybody is told: rendered, counted, and found fault with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from alertcast.config import Config
from alertcast.core.refusal import Sentence, sentence
from alertcast.core.segments import Segments, segments, spoken_seconds
from alertcast.core.text_example import Example, example_slots
from alertcast.core.text_lint import Fault, drill_faults, length_fault, lint, notice_faults
from alertcast.core.wording import drill, parts_of, slots_of
from alertcast.dispatch.compose import ended

APPROVED = "notice."
"""How the ids of approved templates begin."""

NOTICE_KINDS = ("sms", "voice")
"""What a notice is told by."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """One text, filled with an example."""

    text_id: str  # the most specific one
    version: str
    kind: str  # sms, voice, script, copy, or the id's second part
    language: str
    text: str
    segments: Segments
    seconds: float  # to say it


@dataclass(frozen=True, slots=True)
class Draft:
    """What an officer's own words become, and why they may not go out."""

    rendered: Sequence[Rendered]
    faults: Sequence[Sentence]  # in the officer's language; empty: they may


def example(config: Config) -> Example:
    """Return whose texts they are."""
    office = config.main.office
    return Example(office.name, office.short_name, office.check_number)


def mistakes(config: Config) -> list[Fault]:
    """Return everything that is wrong with the configured texts."""
    return lint(config.texts, config.hazards, example(config))


def show(
    config: Config,
    base: str,
    language: str = "zh",
    hazard: str | None = None,
    level: str | None = None,
    mode: str = "live",
    given: Mapping[str, str] | None = None,
) -> Rendered:
    """Return the most specific text of `base` (warning.sms), filled with an example and `given`.

    Raises TextError if there is none, or if it asks for a slot that nothing fills.
    """
    texts, hazards = config.texts, config.hazards
    text_id = texts.best(base, hazard, hazards.family(hazard), level)
    kind = base.rpartition(".")[2]
    slots = example_slots(texts, hazards, example(config), kind, language, hazard, level)
    text = texts.render(text_id, language, slots | dict(given or {}))
    if mode == "drill":
        text = drill(text, language)
    version = texts.version_of(text_id)
    return Rendered(text_id, version, kind, language, text, segments(text), spoken_seconds(text))


def notice(config: Config, text: str, mode: str = "live") -> Draft:
    """Return what a notice in an officer's words becomes."""
    return draft(config, "desk", text, mode)


def draft(config: Config, purpose: str, text: str, mode: str = "live") -> Draft:
    """Return what an officer's own words become as texts of `purpose` (desk, correction)."""
    words = text.strip()
    if not words:
        return Draft((), [sentence("通知内容为空")])
    is_authority = config.main.office.is_authority or purpose != "desk"
    faults = notice_faults(words, is_authority=is_authority)
    if purpose == "desk":
        faults += drill_faults(words, mode)
    rendered = [
        show(config, f"{purpose}.{kind}", mode=mode, given={"text": ended(words)})
        for kind in NOTICE_KINDS
    ]
    for one in rendered:
        if length_fault(one.kind, one.text):
            faults.append(_too_long(one))
    return Draft(rendered, faults)


def approved(config: Config) -> dict[str, str]:
    """Return the approved templates of notices, by id: their slots are an officer's to fill."""
    texts, language = config.texts, config.main.office.language
    return {
        text_id: texts.find(text_id, language) or ""
        for text_id in texts.by_id
        if text_id.startswith(APPROVED)
    }


def blanks(template: str) -> list[str]:
    """Return what an officer has to fill in, in the order in which it is read."""
    named = (slot for slot, _ in parts_of(template, dict.fromkeys(slots_of(template), "")))
    return list(dict.fromkeys(slot for slot in named if slot))


def _too_long(one: Rendered) -> Sentence:
    if one.kind == "voice":
        return sentence("电话太长：念一遍约 {seconds:.0f} 秒，不得超过 100 秒", seconds=one.seconds)
    return sentence(
        "短信太长：连同格式共 {characters} 个字，不得超过 500 个字", characters=len(one.text)
    )
