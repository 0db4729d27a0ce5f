"""Warnings over HTTP: an Atom or RSS feed of links to CAP, a feed with CAP inside, or plain CAP.

One bad entry never stops the others. The feed's ETag is remembered only when all of its entries
were fetched, so that "not modified" can never hide one that failed.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Annotated, ClassVar
from urllib.parse import urljoin, urlsplit

import requests
from pydantic import AfterValidator

from alertcast.core.national_id import NationalId
from alertcast.sources.base import (
    Document,
    Memory,
    Outcome,
    Polled,
    SourceError,
    SourceSettings,
    failed,
)
from alertcast.sources.cap_times import read_time
from alertcast.sources.cap_xml import (
    Entry,
    alerts_in,
    entries_in,
    fingerprint,
    is_feed,
    local_name,
    read_xml,
)
from alertcast.sources.fetch import Answer, HttpSettings, Throttled, check_url, fetch
from alertcast.sources.parsed import Findings, Unreadable
from alertcast.sources.signed import SignedSettings

CAP_TYPES = ("application/cap+xml", "application/common-alerting-protocol+xml")
_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/cap+xml, application/xml, */*;q=0.5"
)
_NOT_ALERTS = ("text/html", "image/", "application/pdf")
_SHOWN_PROBLEMS = 5  # in one line of the feed status


class FeedSettings(HttpSettings, SignedSettings):
    """The section of a feed source."""

    url: Annotated[str, AfterValidator(check_url)]
    max_links: int = 500  # fetched in one poll; the rest waits for the next
    poll_seconds: float = 120.0  # after this no further link is begun in one poll
    id_prefixes: tuple[str, ...] = ()  # fetch only national identifiers that begin so; others too
    refetch: bool = False  # ask for every link each time: the publisher rewrites documents in place


class Feed:
    """A CAP feed at one address."""

    Settings: ClassVar[type[SourceSettings]] = FeedSettings

    def __init__(self, name: str, settings: FeedSettings) -> None:
        self.name = name
        self.settings = settings

    def poll(self, memory: Memory, now: datetime) -> Polled:
        """Fetch the feed and what is new behind its links."""
        with requests.Session() as session:
            try:
                known = {} if self.settings.refetch else memory  # 304 says nothing of the links
                answer = fetch(session, self.settings.url, self.settings, _conditions(known))
                if answer.is_unchanged:
                    return Polled(Outcome.UNCHANGED, (), "not modified", memory)
                return self._read(session, answer, memory, now)
            except SourceError as error:
                return failed(error, memory)
            except Unreadable as error:
                detail = f"{self.settings.url}: {error}"
                return Polled(Outcome.FAILED, (), detail, memory)

    def wanted(self, entries: list[Entry]) -> list[Entry]:
        """Return those that may concern us; one whose key is no national identifier may."""
        prefixes = self.settings.id_prefixes
        keys = [(entry, NationalId.read(entry.key)) for entry in entries]
        return [e for e, key in keys if not prefixes or not key or key.text.startswith(prefixes)]

    def _read(
        self, session: requests.Session, answer: Answer, memory: Memory, now: datetime
    ) -> Polled:
        root = read_xml(answer.body)
        if not is_feed(root):
            alerts_in(root)
            return _plain(answer, memory)
        entries = entries_in(root)
        if not entries:
            return Polled(Outcome.NO_DATA, (), "the feed is empty", _validators(answer))
        gathered = _Gathered()
        _take_embedded(entries, answer, memory, gathered)
        live_first = sorted(self.wanted(entries), key=lambda entry: _has_run_out(entry, now))
        self._follow(session, live_first, answer, memory, gathered)
        return gathered.polled(answer, len(entries))

    def _follow(
        self,
        session: requests.Session,
        entries: list[Entry],
        answer: Answer,
        memory: Memory,
        gathered: "_Gathered",
    ) -> None:
        """Fetch each link once, in order; what failed is not remembered and so asked for again."""
        deadline = time.monotonic() + self.settings.poll_seconds
        fetched = waiting = 0
        for url, (stamp, title) in _links(entries, answer.url).items():
            known = memory.get(f"link {url}", "")
            if known.startswith(f"{stamp} ") and stamp and not self.settings.refetch:
                gathered.memory[f"link {url}"] = known
                continue
            is_full = fetched >= self.settings.max_links or gathered.is_busy
            if is_full or time.monotonic() > deadline:
                waiting += 1
                continue
            fetched += 1
            try:
                linked = fetch(session, url, self.settings, home=urlsplit(answer.url).hostname)
                gathered.take(linked, url, stamp, known, title)
            except SourceError as error:
                gathered.problems.append(str(error))
                if isinstance(error, Throttled):  # else one bad document would keep us from all
                    gathered.wait, gathered.is_busy = error.wait, True
        if waiting:
            gathered.problems.append(f"{waiting} links wait for the next poll")


@dataclass(slots=True)
class _Gathered:
    """What one poll has brought so far."""

    documents: list[Document] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    memory: dict[str, str] = field(default_factory=dict)
    wait: timedelta | None = None  # what the publisher of a link asked for
    is_busy: bool = False  # it asked for patience

    def take(self, linked: Answer, url: str, stamp: str, known: str, title: str) -> None:
        """Take what was behind a link.

        What cannot be read is handed over, so that its reason is seen, but not remembered: the next
        poll may find it mended.
        """
        digest = sha256(linked.body).hexdigest()
        try:
            root = read_xml(linked.body)
            if local_name(root).lower() == "html":
                self.problems.append(f"{url}: a web page instead of an alert")
                return
            alerts_in(root)
        except Unreadable as error:
            self.problems.append(f"{url}: {error}")
        else:
            self.memory[f"link {url}"] = f"{stamp} {digest}"
        if not known.endswith(digest):
            self.documents.append(Document(linked.body, linked.content_type, url, title))

    def polled(self, answer: Answer, entries: int) -> Polled:
        """Return the result of the poll."""
        detail = "; ".join(self.problems[:_SHOWN_PROBLEMS])
        if len(self.problems) > _SHOWN_PROBLEMS:
            detail += f"; and {len(self.problems) - _SHOWN_PROBLEMS} more"
        validators = {} if self.problems else _validators(answer)
        outcome = Outcome.UNCHANGED
        if self.documents:
            outcome = Outcome.OK
        elif self.problems:
            outcome = Outcome.FAILED
        detail = detail or f"{entries} entries"
        seen = {**self.memory, **validators}
        return Polled(
            outcome,
            tuple(self.documents),
            detail,
            seen,
            wait=self.wait,
            is_busy=self.is_busy,
            is_whole=not self.problems,
        )


def _plain(answer: Answer, memory: Memory) -> Polled:
    digest = sha256(answer.body).hexdigest()
    seen = {**_validators(answer), "sha256": digest}
    if memory.get("sha256") == digest:
        return Polled(Outcome.UNCHANGED, (), "the same document", seen)
    document = Document(answer.body, answer.content_type, answer.url)
    return Polled(Outcome.OK, (document,), "one document", seen)


def _take_embedded(
    entries: list[Entry], answer: Answer, memory: Memory, gathered: _Gathered
) -> None:
    """Hand over the whole feed if it holds an alert that was not in it before."""
    prints = [f"alert {fingerprint(alert)}" for entry in entries for alert in entry.alerts]
    prints += [f"alert {sha256(text).hexdigest()}" for entry in entries for text in entry.texts]
    if any(one not in memory for one in prints):
        gathered.documents.append(Document(answer.body, answer.content_type, answer.url))
    gathered.memory.update(dict.fromkeys(prints, ""))


def _links(entries: list[Entry], base: str) -> dict[str, tuple[str, str]]:
    """Return address -> stamp and title of the entries without an alert of their own, each once."""
    links: dict[str, tuple[str, str]] = {}
    for entry in entries:
        if entry.holds_alert:
            continue
        href = _best_link(entry.links)
        if href:
            links.setdefault(_absolute(base, href), (entry.stamp, entry.title))
    return links


def _has_run_out(entry: Entry, now: datetime) -> bool:
    """Say whether the index says so; such an entry is fetched last, for some events outlast it."""
    expires = read_time(entry.expires, "", Findings(), vital=False)
    return expires is not None and expires <= now


def _absolute(base: str, href: str) -> str:
    try:
        return urljoin(base, href)
    except ValueError:
        return href  # refused by name when it is fetched


def _best_link(links: Iterable[tuple[str, str, str]]) -> str | None:
    """Return the link of a CAP type, else the first that may be one: many feeds name no type."""
    candidates = [
        (href, mime)
        for href, mime, rel in links
        if rel != "self" and not mime.startswith(_NOT_ALERTS)
    ]
    capped = [href for href, mime in candidates if mime.startswith(CAP_TYPES)]
    return next(iter([*capped, *(href for href, _ in candidates)]), None)


def _conditions(memory: Memory) -> dict[str, str]:
    headers = {"Accept": _ACCEPT}
    if etag := memory.get("etag"):
        headers["If-None-Match"] = etag
    if last_modified := memory.get("last_modified"):
        headers["If-Modified-Since"] = last_modified
    return headers


def _validators(answer: Answer) -> dict[str, str]:
    found = {"etag": answer.etag, "last_modified": answer.last_modified}
    return {name: value for name, value in found.items() if value}
