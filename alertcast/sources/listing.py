"""Lists of the warnings in force: each item is a document of its own, handed over when it changes.

What is no longer listed may have been lifted, or not: the source only says what is listed, and
`dispatch.ingest` draws the conclusion. An answer of another shape than a list is a failure.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256

import requests

from alertcast.core.national_id import NationalId
from alertcast.sources.base import Document, Memory, Outcome, Polled, SourceError, failed
from alertcast.sources.fetch import Answer, HttpSettings
from alertcast.sources.json_text import read_json
from alertcast.sources.parsed import Unreadable
from alertcast.sources.region import Region


class ListSettings(HttpSettings):
    """What every list may be told."""

    region: Region  # first digits of the administrative codes of our places


@dataclass(frozen=True, slots=True)
class Listing:
    """One answer, its items as they arrived."""

    items: tuple[bytes, ...]
    content_type: str
    where: str
    validators: Mapping[str, str] = field(default_factory=dict)
    is_whole: bool = True  # False: there is more than we were given
    detail: str = ""
    busy: SourceError | None = None  # the publisher asked for patience, half way
    has_failed: bool = False  # a part of it could not be had


class ListSource(ABC):
    """A publisher that lists what is in force."""

    settings: ListSettings
    lists_in_force = True  # False: what is listed may be over, what is not may hold

    def __init__(self, name: str, settings: ListSettings) -> None:
        self.name = name
        self.settings = settings

    @abstractmethod
    def ask(self, session: requests.Session, memory: Memory) -> Listing | None:
        """Return what is listed, None if it is unchanged; raises SourceError, Unreadable."""

    @abstractmethod
    def identifier(self, item: object) -> str | None:
        """Return what an item is called, None if it has no name."""

    def poll(self, memory: Memory, now: datetime) -> Polled:
        """Ask for the list; hand over what is new or has changed since `memory`."""
        try:
            with requests.Session() as session:
                listing = self.ask(session, memory)
        except SourceError as error:
            return failed(error, memory)
        except Unreadable as error:
            return Polled(Outcome.FAILED, (), f"{self.name}: {error}", memory)
        if listing is None:
            return self._polled(Outcome.UNCHANGED, (), "not modified", memory)
        is_whole = listing.is_whole and not listing.has_failed
        polled = replace(self._read(listing, memory), is_whole=is_whole)
        if listing.busy is None:
            return polled
        return replace(polled, wait=listing.busy.wait, is_busy=True)

    def conditions(self, memory: Memory) -> dict[str, str]:
        """Return the headers by which an unchanged answer is spared."""
        names = {"etag": "If-None-Match", "last_modified": "If-Modified-Since"}
        return {header: memory[name] for name, header in names.items() if memory.get(name)}

    def validators(self, answer: Answer) -> dict[str, str]:
        """Return what `conditions` needs the next time."""
        found = {"etag": answer.etag, "last_modified": answer.last_modified}
        return {name: value for name, value in found.items() if value}

    def _read(self, listing: Listing, memory: Memory) -> Polled:
        seen: dict[str, str] = dict(listing.validators)
        if listing.has_failed:  # what is not listed now may stand in what could not be had
            seen |= {key: text for key, text in memory.items() if key.startswith("item ")}
        documents, nameless = [], 0
        for raw in listing.items:
            item = read_json(raw)
            name = self.identifier(item)
            digest = sha256(json.dumps(item, sort_keys=True).encode()).hexdigest()
            nameless += name is None
            known = f"item {name or digest}"
            seen[known] = digest
            if memory.get(known) != digest and self._is_ours(name):
                documents.append(Document(raw, listing.content_type, listing.where))
        detail = "; ".join(filter(None, [f"{len(listing.items)} listed", listing.detail]))
        if nameless:
            detail += f"; {nameless} of them have no identifier"
        if listing.items and nameless == len(listing.items):
            return Polled(Outcome.FAILED, tuple(documents), detail, memory)
        outcome = Outcome.OK if documents else Outcome.UNCHANGED
        if listing.has_failed and not documents:
            return Polled(Outcome.FAILED, (), detail, memory)
        if not listing.items:
            outcome = Outcome.NO_DATA
        if not listing.is_whole or nameless:
            seen["partial"] = "1"
        return self._polled(outcome, tuple(documents), detail, seen)

    def _polled(
        self, outcome: Outcome, documents: tuple[Document, ...], detail: str, seen: Memory
    ) -> Polled:
        listed = _listed_before(seen) if self.lists_in_force else None
        return Polled(outcome, documents, detail, seen, listed)

    def _is_ours(self, name: str | None) -> bool:
        """Say whether an item may concern the region; one that does not say may."""
        national = NationalId.read(name or "")
        return national is None or national.concerns(self.settings.region)


def _listed_before(memory: Memory) -> frozenset[str] | None:
    """Return the identifiers of all that is listed; None: that is not certain."""
    if memory.get("partial"):
        return None
    return frozenset(key.removeprefix("item ") for key in memory if key.startswith("item "))
