"""What configuration files say, line by line, and what differs between two of them.

A line is `FILE KEY` with its value as text. Secrets are not among the values: what is or may hold
one is a mark that only says whether two of them are the same.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

Written = Mapping[str, Mapping[str, Any]]
"""What was read of each file, by its name without an ending: alertcast, policy, texts, ..."""

Lines = Mapping[str, str]
"""Every value that is written, by its file and key: `policy.toml policies.red.rungs[1].within`."""

WAITS = (
    "database",
    "engine",
    "log",
    "web.host",
    "web.port",
    "web.threads",
    "web.trusted_proxy",
    "dispatch.lease",
)
"""Keys of alertcast.toml that a process goes by from its start to its end."""

MAIN = "alertcast"
"""The file whose keys those are, and the only one that may hold secrets."""

_SECRET = re.compile(r"(secret|passw|token|key$|auth|signature)(?!.*_env$)", re.IGNORECASE)
_HEARTBEAT = "heartbeat.url"  # whoever has it can say that all is well


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that is written differently in two configurations."""

    file: str
    key: str
    before: str | None  # None: it was not written
    after: str | None
    waits: bool  # for the next start of a process

    @property
    def kind(self) -> str:
        """Return added, removed or changed."""
        if self.before is None:
            return "added"
        return "removed" if self.after is None else "changed"


def lines(written: Written, seal: Callable[[str], str]) -> dict[str, str]:
    """Return every value that is written; `seal` makes a mark of a secret, keyed."""
    found: dict[str, str] = {}
    for name, section in sorted(written.items()):
        for key, value in _flat("", section):
            shown = _masked(key, value, seal) if name == MAIN else _text(value)
            found[f"{name}.toml {key}"] = shown
    return found


def digest(found: Lines) -> str:
    """Return what two processes that run by the same lines have in common, 16 hex digits."""
    return sha256(json.dumps(sorted(found.items())).encode()).hexdigest()[:16]


def differences(before: Lines, after: Lines) -> list[Difference]:
    """Return what is written differently, in the order of files and keys."""
    found = []
    for line in sorted(before.keys() | after.keys()):
        old, new = before.get(line), after.get(line)
        if old != new:
            file, _, key = line.partition(" ")
            found.append(Difference(file, key, old, new, is_held(file, key)))
    return found


def is_held(file: str, key: str) -> bool:
    """Say whether a process goes by this value from its start to its end."""
    return file == f"{MAIN}.toml" and any(key == one or key.startswith(f"{one}.") for one in WAITS)


def held(new: Mapping[str, Any], old: Mapping[str, Any]) -> dict[str, Any]:
    """Return what alertcast.toml says anew, but of WAITS what it said before."""
    found = {name: dict(one) if isinstance(one, Mapping) else one for name, one in new.items()}
    for path in WAITS:
        section, _, key = path.partition(".")
        if not key:
            found.pop(section, None)
            found |= {section: old[section]} if section in old else {}
            continue
        found.get(section, {}).pop(key, None)
        if key in old.get(section, {}):
            found.setdefault(section, {})[key] = old[section][key]
    return found


def _flat(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Yield each value that holds no others; tables in lists are numbered from 1.

    A table with nothing in it says nothing.
    """
    if isinstance(value, Mapping):
        for key, one in value.items():
            named = str(key) if re.fullmatch(r"[\w-]+", str(key)) else json.dumps(key)
            yield from _flat(f"{path}.{named}" if path else named, one)
    elif isinstance(value, list) and any(isinstance(one, Mapping) for one in value):
        for number, one in enumerate(value, 1):
            yield from _flat(f"{path}[{number}]", one)
    else:
        yield path, value


def _text(value: Any) -> str:
    """Return a value as a file would write it, more or less."""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, default=str)


def _masked(key: str, value: Any, seal: Callable[[str], str]) -> str:
    text = _text(value)
    last = key.rpartition(".")[2]
    if _SECRET.search(last) and not isinstance(value, bool):
        return _mark(text, seal)
    if key == _HEARTBEAT:
        return f"{_host(text)}/{_mark(text, seal)}"
    if "://" not in text:
        return text
    parts = urlsplit(text)
    if parts.password or parts.username or parts.query:
        return f"{_host(text)}{parts.path} {_mark(text, seal)}"
    return text


def _host(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _mark(secret: str, seal: Callable[[str], str]) -> str:
    return f"••••{seal(secret)[:6]}"
