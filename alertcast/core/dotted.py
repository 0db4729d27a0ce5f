"""Values inside JSON by dotted path, such as "data.0.status": names and places, nothing else.

Who maps a provider's or publisher's JSON writes such paths into configuration. They have no
conditions and no expressions, so that every mistake can be named by its key.
"""

import json
from collections.abc import Mapping
from typing import Any


def value_at(body: Any, path: str) -> Any:
    """Return what is at a path; None: nothing. "" is the body itself."""
    found = body
    for step in path.split(".") if path else ():
        found = opened(found)
        if isinstance(found, Mapping):
            found = found.get(step)
        elif isinstance(found, list) and step.isdecimal() and int(step) < len(found):
            found = found[int(step)]
        else:
            return None
    return found


def text_at(body: Any, path: str | None) -> str | None:
    """Return what is at a path as text; None: no path, or nothing there."""
    found = None if path is None else value_at(body, path)
    return None if found is None or found == "" else keepable(written(found))


def listed(body: Any, path: str | None) -> list[Any] | None:
    """Return the entries of the list at a path; no path: the body alone; None: no list there."""
    if path is None:
        return [body]
    found = opened(value_at(body, path))
    return found if isinstance(found, list) else None


def written(value: Any) -> str:
    """Return a value as it stands in a form, an address or within a text."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    if isinstance(value, list | tuple) and all(isinstance(one, str) for one in value):
        return ",".join(value)
    if isinstance(value, Mapping | list | tuple):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return str(value)


def keepable(text: str) -> str:
    """Return a text without what no database keeps: NUL, and halves of a UTF-16 pair."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def opened(found: Any) -> Any:
    """Return the JSON that some providers put into a text, or what it was."""
    if isinstance(found, str) and found[:1] in ("[", "{"):
        try:
            return json.loads(found)
        except (ValueError, RecursionError):
            return found
    return found
