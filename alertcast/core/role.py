"""Roles (岗位角色): the kinds of posts there are, as config/roles.toml writes them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

_KEYS = {"zh", "en", "places", "words", "leads"}


class PlaceLevel(StrEnum):
    """How wide a place is."""

    GRID = "grid"
    TOWN = "town"
    COUNTY = "county"
    CITY = "city"


class RoleError(ValueError):
    """The roles can not be used; `mistakes` lists everything that is wrong with them."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


@dataclass(frozen=True, slots=True)
class Role:
    """One kind of post. The order of roles is the order of the file."""

    key: str
    zh: str
    en: str
    places: tuple[PlaceLevel, ...]  # how wide a place somebody in this role may answer for
    words: tuple[str, ...] = ()  # other names that rosters write
    leads: bool = False  # a grid without anybody in such a role is a gap in the roster


def read_roles(section: Mapping[str, Any]) -> dict[str, Role]:
    """Return the roles by key, in the order of the file; raises RoleError with every mistake."""
    mistakes = [f"{key}: {fault}" for key, part in section.items() for fault in _faults(part)]
    if not section:
        mistakes.append("no role is named, so nobody can be told")
    if mistakes:
        raise RoleError(mistakes)
    return {
        key: Role(
            key,
            part["zh"],
            part["en"],
            tuple(PlaceLevel(level) for level in part["places"]),
            tuple(part.get("words", ())),
            part.get("leads", False),
        )
        for key, part in section.items()
    }


def _faults(part: object) -> list[str]:
    if not isinstance(part, dict):
        return ["a role is a table with zh, en and places"]
    faults = [f"{key}: this key is not known" for key in part if key not in _KEYS]
    for key in ("zh", "en"):
        if not isinstance(part.get(key), str) or not part[key].strip():
            faults.append(f"{key}: must be the role's name")
    known = [level.value for level in PlaceLevel]
    places = part.get("places")
    if not isinstance(places, list) or not places or not all(place in known for place in places):
        faults.append(f"places: must be a list of {', '.join(known)}")
    if not isinstance(part.get("leads", False), bool):
        faults.append("leads: must be true or false")
    words = part.get("words", [])
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        faults.append("words: must be a list of names")
    return faults
