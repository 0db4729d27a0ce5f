"""A text in pieces: the words that never change may be recorded, what fills the slots is spoken.

A piece is called as its text: `voice.menu`; of a text with slots each run of its own words has a
number: `warning.voice.1`. A slot that is itself a text (advice) is called as that one.
"""

import re
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from alertcast.core.wording import Texts, drill

DRILL_FIRST, DRILL_LAST = "drill.first", "drill.last"
"""The first and the last word of a drill."""

SPOKEN = re.compile(r"(?:\w+\.voice(?:\..+)?|voice\.\w+|advice(?:\..+)?|help\.details)")
"""Ids of the texts that are heard in calls."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words of a call, in order."""

    words: str
    name: str | None = None  # of a recording of exactly these words; None: can only be spoken
    tag: str = ""  # language in which the text is written: zh, yue, hak, en


def pieces_of(
    text: str, texts: Texts, text_id: str, language: str, filled: Mapping[str, str] | None = None
) -> tuple[Piece, ...]:
    """Return a text that was made from `text_id`, perhaps long ago and in a drill, in pieces.

    `filled` names the text that filled a slot. Joined together the pieces are `text`, whatever was
    changed in the templates since: where it is not made from this one, it is a single piece.
    """
    first, inner, last = _undrilled(text, language)
    tag = texts.tag_of(text_id, language)
    template = texts.find(text_id, language)
    split = None if template is None or tag is None else _split(template, inner)
    if split is None or tag is None:
        return (Piece(text),)
    found = [*first]
    names = _names(text_id, template or "")
    for slot, words in split:
        if slot is None:
            found.append(Piece(words, next(names), tag))
        else:
            found.append(_slot(words, texts, (filled or {}).get(slot), language))
    return (*found, *last)


def to_record(texts: Texts) -> Iterator[Piece]:
    """Yield every piece that may be recorded, in every language that it is written in."""
    for text_id, versions in texts.by_id.items():
        if not SPOKEN.fullmatch(text_id):
            continue
        for tag, template in versions.items():
            names = _names(text_id, template)
            for words, _, _, _ in string.Formatter().parse(template):
                if words and (name := next(names)):
                    yield Piece(words, name, tag)
    for tag in ("zh", "en"):
        first, _, last = drill("|", tag).partition("|")
        yield Piece(first, DRILL_FIRST, tag)
        yield Piece(last, DRILL_LAST, tag)


def _names(text_id: str, template: str) -> Iterator[str | None]:
    """Yield the name of each run of a template's own words; None for one without any letter."""
    runs = [words for words, _, _, _ in string.Formatter().parse(template) if words]
    has_slots = any(slot for _, slot, _, _ in string.Formatter().parse(template))
    number = 0
    for words in runs:
        if not re.search(r"\w", words):
            yield None
            continue
        number += 1
        yield f"{text_id}.{number}" if has_slots else text_id


def _slot(words: str, texts: Texts, text_id: str | None, language: str) -> Piece:
    if text_id is None or texts.find(text_id, language) != words:
        return Piece(words)
    return Piece(words, text_id, texts.tag_of(text_id, language) or "")


def _split(template: str, text: str) -> list[tuple[str | None, str]] | None:
    """Return what of `text` is the template's own (None), and what filled each slot."""
    parts: list[str | None] = []
    pattern = ""
    for words, slot, _, _ in string.Formatter().parse(template):
        if words:
            parts.append(None)
            pattern += f"({re.escape(words)})"
        if slot:
            parts.append(slot)
            pattern += "(.*?)"
    found = re.fullmatch(pattern, text, re.DOTALL)
    return None if found is None else list(zip(parts, found.groups(), strict=True))


def _undrilled(text: str, language: str) -> tuple[list[Piece], str, list[Piece]]:
    first, _, last = drill("\0", language).partition("\0")
    if not (text.startswith(first) and text.endswith(last)):
        return [], text, []
    tag = "en" if language.startswith("en") else "zh"
    inner = text[len(first) : len(text) - len(last)]
    return [Piece(first, DRILL_FIRST, tag)], inner, [Piece(last, DRILL_LAST, tag)]
