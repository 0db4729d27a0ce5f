"""The pages of a mapped publisher's list, asked for one after the other; a few at most.

A page that fails ends the poll: what the pages before it hold is handed over, and nothing is
concluded from what they do not hold.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests

from alertcast.core.dotted import text_at
from alertcast.sources.base import SourceError
from alertcast.sources.fetch import Answer, fetch
from alertcast.sources.json_text import read_json
from alertcast.sources.mapped_read import items_of
from alertcast.sources.mapping import MappedSettings, Paging
from alertcast.sources.parsed import Unreadable


@dataclass(slots=True)
class Gathered:
    """What the pages have brought so far."""

    first: Answer | None = None
    items: dict[bytes, None] = field(default_factory=dict)  # in order, each once
    pages: int = 0
    last: int = 0  # items on the page that came last
    is_whole: bool = True  # False: there is more than we were given
    problem: str = ""  # why a page could not be had
    busy: SourceError | None = None

    def take(self, answer: Answer, items: Sequence[bytes]) -> None:
        """Take a page."""
        self.first = self.first or answer
        self.items |= dict.fromkeys(items)
        self.pages, self.last = self.pages + 1, len(items)


def gather(
    session: requests.Session,
    settings: MappedSettings,
    secrets: Mapping[str, str],
    conditions: Mapping[str, str],
) -> Gathered | None:
    """Ask for one page after the other; None: the list is unchanged.

    Raises SourceError and Unreadable only for the first page: without it nothing is known.
    """
    found, turn = Gathered(), _Turn(settings)
    is_more = True
    while is_more:
        try:
            answer = _ask(session, settings, turn, secrets, {} if found.pages else conditions)
            if answer.is_unchanged:
                return None
            found.take(answer, items_of(answer.body, settings))
            is_more = turn.next(answer, found)
        except (SourceError, Unreadable) as error:
            if not found.pages:
                raise
            found.problem, found.is_whole = f"page {turn.number}: {error}", False
            found.busy = error if isinstance(error, SourceError) and error.is_busy else None
            return found
    return found


def _ask(
    session: requests.Session,
    settings: MappedSettings,
    turn: "_Turn",
    secrets: Mapping[str, str],
    conditions: Mapping[str, str],
) -> Answer:
    headers = {"Accept": "application/json", **conditions}
    if settings.method == "GET":
        request = requests.Request("GET", turn.url, params=turn.fields)
        return fetch(session, str(request.prepare().url), settings, headers, secrets=secrets)
    body = json.dumps(turn.fields, ensure_ascii=False).encode()
    headers["Content-Type"] = "application/json"
    return fetch(session, turn.url, settings, headers, secrets=secrets, body=body)


class _Turn:
    """Whose turn it is: the address of a page, and the fields that are asked with."""

    def __init__(self, settings: MappedSettings) -> None:
        self._paging, self._home = settings.paging, settings.url
        self._seen: set[str] = set()
        self.number = 1
        self.url = settings.url
        self.fields: dict[str, Any] = dict(settings.params)
        if settings.method == "POST":
            request = requests.Request("POST", settings.url, params=settings.params)
            self.url = str(request.prepare().url)
            self.fields = dict(settings.body)
        if self._paging and self._paging.parameter and self._paging.cursor is None:
            self.fields[self._paging.parameter] = self._paging.first

    def next(self, answer: Answer, found: Gathered) -> bool:
        """Go on to the page after `answer`; False: it was the last.

        Raises SourceError where the pages do not end, or lead to another host.
        """
        paging = self._paging
        if paging is None or not self._goes_on(paging, answer, found):
            return False
        self.number += 1
        if found.pages >= paging.most:
            msg = f"there are more than {paging.most} pages (paging.most)"
            raise SourceError(msg)
        return True

    def _goes_on(self, paging: Paging, answer: Answer, found: Gathered) -> bool:
        body = read_json(answer.body)
        if paging.next is None and paging.cursor is None:
            said = text_at(body, paging.total) or ""
            total = int(said) if said.isdecimal() else None
            self.fields[str(paging.parameter)] = paging.first + found.pages
            found.is_whole = total is None or len(found.items) >= total
            return found.last > 0 and (total is None or not found.is_whole)
        mark = text_at(body, paging.cursor if paging.next is None else paging.next)
        if mark is None:
            return False
        if paging.next is None:
            self.fields[str(paging.parameter)] = mark
        else:
            mark = self.url = self._at_home(urljoin(answer.url, mark))
            self.fields = {}
        if mark in {*self._seen, self._home}:
            msg = f"the pages go round in a circle: {mark[:80]!r} once more"
            raise SourceError(msg)
        self._seen.add(mark)
        return True

    def _at_home(self, url: str) -> str:
        """Return an address of the publisher itself: the others do not get its token."""
        if urlsplit(url)[:2] != urlsplit(self._home)[:2]:
            msg = f"the next page is elsewhere: {url[:80]!r}"
            raise SourceError(msg)
        return url
