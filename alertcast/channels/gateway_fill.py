"""Placeholders in what a gateway is asked with: {phone}, {text}, {slots.hazard} and their like.

A value that is nothing but one placeholder keeps its kind (a list stays a list); inside a longer
one it is written out: a list with commas between, an object as JSON. {{ and }} are braces.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from alertcast.core.dotted import written

_PLACEHOLDER = re.compile(r"\{\{|\}\}|\{([a-z_]+(?:\.[a-z_]+)?)\}")
_WHOLE = re.compile(r"\{([a-z_]+(?:\.[a-z_]+)?)\}")

Values = Mapping[str, Any]
"""Placeholder -> what stands there."""


class Missing(ValueError):
    """A placeholder has no value in this message."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{{{name}}} has no value")
        self.name = name


def placeholders(template: Any) -> Iterator[str]:
    """Return the names of all placeholders in a text, a list or a table, at any depth."""
    if isinstance(template, str):
        yield from (match[1] for match in _PLACEHOLDER.finditer(template) if match[1])
    elif isinstance(template, Mapping):
        for key, value in template.items():
            yield from placeholders(key)
            yield from placeholders(value)
    elif isinstance(template, list | tuple):
        for value in template:
            yield from placeholders(value)


def unknown(template: Any, known: Iterable[str]) -> list[str]:
    """Return the placeholders in `template` that are not among `known`; "slots." is a prefix."""
    names = set(known)
    return sorted(
        {
            name
            for name in placeholders(template)
            if name not in names and f"{name.split('.')[0]}." not in names
        }
    )


def fill(template: Any, values: Values) -> Any:
    """Return `template` with its placeholders filled; raises Missing."""
    if isinstance(template, str):
        whole = _WHOLE.fullmatch(template)
        return _value(whole[1], values) if whole else fill_text(template, values)
    if isinstance(template, Mapping):
        return {key: fill(value, values) for key, value in template.items()}
    if isinstance(template, list | tuple):
        return [fill(value, values) for value in template]
    return template


def fill_text(template: str, values: Values) -> str:
    """Return a text with its placeholders filled; raises Missing."""
    return _PLACEHOLDER.sub(lambda match: _part(match, values), template)


def fill_address(template: str, values: Values) -> str:
    """Return an address with its placeholders filled and encoded; raises Missing."""
    return _PLACEHOLDER.sub(lambda match: quote(_part(match, values), safe=""), template)


def _part(match: re.Match[str], values: Values) -> str:
    if match[1] is None:
        return match[0][0]
    return written(_value(match[1], values))


def _value(name: str, values: Values) -> Any:
    value = values.get(name)
    if value is None:
        raise Missing(name)
    return value
