"""Roles (岗位角色): the posts a roster may name, read from config/roles.toml."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from alertcast.core.alert import ReasonKind
from alertcast.grids.places import PlaceLevel
from alertcast.grids.problem import Problem

_KEYS = {"zh", "en", "places", "words"}


@dataclass(frozen=True, slots=True)
class Role:
    """One kind of post. The order of roles is the order of the file."""

    key: str
    zh: str
    en: str
    places: tuple[PlaceLevel, ...]  # how wide a place somebody in this role may answer for
    words: tuple[str, ...] = ()  # other names that rosters write


@dataclass(frozen=True, slots=True)
class RolesRead:
    """The roles that could be read, by key, in the order of the file."""

    roles: dict[str, Role]
    problems: tuple[Problem, ...]


def read_roles(path: Path) -> RolesRead:
    """Read a roles file; nothing is raised, all mistakes are in `problems`."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        message = f"the file cannot be read: {error.strerror}"
        return RolesRead({}, (Problem(path.name, "file", "unreadable", message),))
    except ValueError as error:
        return RolesRead({}, (Problem(path.name, "file", "not_toml", f"not TOML: {error}"),))
    roles: dict[str, Role] = {}
    problems: list[Problem] = []
    for key, section in document.items():
        faults = _faults(section)
        problems += [Problem(path.name, f"[{key}]", rule, message) for rule, message in faults]
        if not faults:
            places = tuple(PlaceLevel(level) for level in section["places"])
            words = tuple(section.get("words", ()))
            roles[key] = Role(key, section["zh"], section["en"], places, words)
    if not document:
        message = "the file names no role, so nobody can be told"
        problems.append(Problem(path.name, "file", "no_roles", message, ReasonKind.ERROR))
    return RolesRead(roles, tuple(problems))


def _faults(section: object) -> list[tuple[str, str]]:
    if not isinstance(section, dict):
        return [("not_a_table", "a role is a table with zh, en and places")]
    faults = [("unknown_key", f"{key!r} is not a key of a role") for key in section.keys() - _KEYS]
    for key in ("zh", "en"):
        if not isinstance(section.get(key), str) or not section[key].strip():
            faults.append(("missing_name", f"{key!r} must be the role's name"))
    known = {level.value for level in PlaceLevel}
    places = section.get("places")
    if not isinstance(places, list) or not places or not set(map(str, places)) <= known:
        faults.append(("bad_places", f"'places' must be a list of {', '.join(sorted(known))}"))
    words = section.get("words", [])
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        faults.append(("bad_words", "'words' must be a list of names"))
    return faults
