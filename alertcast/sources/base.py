"""The contract between dispatch and a publisher of warnings, in publisher-free words.

A source hands over documents as they arrived; reading them is `read.parse_bytes`. What it has to
remember between polls is returned, not kept: dispatch stores `Polled.memory` in the transaction
that stores the documents, so that a crash in between means "fetch again", never "lost".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Protocol, runtime_checkable

from pydantic import BaseModel, ConfigDict

from alertcast.core.code_places import CodePlace

Memory = Mapping[str, str]
"""What a source knows of earlier polls: ETag, fingerprints. Small, text only, opaque to others."""


OF_EVERY_SOURCE = frozenset(
    {"type", "every", "jurisdiction", "news_within", "assumed_life", "listed_life"}
)
"""Keys that a section of any kind of source may have."""

TIMES = frozenset({"every", "news_within", "assumed_life", "listed_life"})
"""Those of them that are times, written as "60s", "30m" or "24h"."""


class SourceError(Exception):
    """A publisher, or our link to it, failed; the message is for the officer's feed status."""

    wait: timedelta | None = None  # real time that it wants not to be asked
    is_busy = False  # it asks for patience, whether or not it says how much


class Outcome(StrEnum):
    """What one poll of a source means for the warnings in force."""

    OK = "ok"  # new documents; read `detail` for entries that failed beside them
    UNCHANGED = "unchanged"  # the source answered and has nothing new: warnings stay as they are
    NO_DATA = "no_data"  # a valid answer that lists no warning; not an all-clear
    FAILED = "failed"  # no usable answer: nothing is known, nothing may be concluded


@dataclass(frozen=True, slots=True)
class Document:
    """One document as it arrived, kept for evidence."""

    raw: bytes
    content_type: str  # as the publisher named it; "" if it did not
    where: str  # the address or path it came from
    title: str = ""  # what the publisher's index calls it
    place: str = ""  # administrative code it was asked for, of a publisher that names no area


@dataclass(frozen=True, slots=True)
class Polled:
    """The result of one poll; its memory never holds what could hide an entry that failed."""

    outcome: Outcome
    documents: tuple[Document, ...] = ()
    detail: str = ""  # for the officer: what went wrong, or how much was found
    memory: Memory = field(default_factory=dict)  # to be stored together with the documents
    listed: frozenset[str] | None = None
    """Identifiers of all that a list of warnings in force holds; None: no list, or not certain."""
    wait: timedelta | None = None  # real time that the publisher wants not to be asked
    is_busy: bool = False  # it asks for patience, whether or not it says how much
    is_whole: bool = True  # False: there was more, which could not be had so far
    is_put: bool = False  # somebody put each document there for us: none of them is a backlog
    places: tuple[tuple[str, CodePlace], ...] = ()
    """Scheme and place of codes that were looked up on the way, to be stored with the documents."""


def failed(error: SourceError, memory: Memory) -> Polled:
    """Return the result of a poll that came to nothing."""
    return Polled(Outcome.FAILED, (), str(error), memory, wait=error.wait, is_busy=error.is_busy)


class SourceSettings(BaseModel):
    """Base of every source's own section of the configuration; unknown keys are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@runtime_checkable
class Source(Protocol):
    """One publisher's feed; built as `Class(name, Class.Settings(...))`."""

    Settings: ClassVar[type[SourceSettings]]
    name: str  # section name in the configuration

    def poll(self, memory: Memory, now: datetime) -> Polled:
        """Ask the publisher once; never raises for what it answers or fails to answer.

        `memory` is that of the last poll whose documents were stored, empty at first; `now` is
        product time, aware.
        """
