"""The carrier's resources as its REST API shows them: kept, found, filtered, and paged.

Lists are newest first. A page token names the last resource of the page before, so what is created
while somebody turns the pages moves nothing from one page to the next.
"""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from itertools import islice
from typing import Generic, Protocol, TypeVar
from urllib.parse import urlencode

from alertcast.simulator.errors import Refusal
from alertcast.simulator.network import API_VERSION

MAX_PAGE = 1000
"""Most resources in one page."""

DEFAULT_PAGE = 50
"""Resources in a page where nothing is asked."""


class Resource(Protocol):
    """What a shelf must know of a message or a call."""

    sid: str
    account: str
    to: str
    status: str
    born: float  # monotonic seconds: lists may lag behind by real time

    @property
    def from_(self) -> str | None:
        """Return the sender."""

    def as_json(self) -> dict[str, object]:
        """Return the resource as the API shows it."""

    def moment(self, name: str) -> datetime | None:
        """Return the date that the filter `name` (DateSent, StartTime, EndTime) asks about."""


R = TypeVar("R", bound=Resource)


class Shelf(Generic[R]):
    """All messages, or all calls, of all accounts. Safe from many threads."""

    def __init__(self, name: str) -> None:
        self.name = name  # Messages, Calls
        self._lock = threading.Lock()
        self._by_sid: dict[str, R] = {}
        self._by_to: defaultdict[tuple[str, str], list[R]] = defaultdict(list)

    def add(self, item: R) -> None:
        """Put `item` on the shelf."""
        with self._lock:
            self._by_sid[item.sid] = item
            self._by_to[item.account, item.to].append(item)

    def get(self, account: str, sid: str) -> R:
        """Return one resource; raises Refusal 20404."""
        with self._lock:
            item = self._by_sid.get(sid)
        if item is None or item.account != account:
            raise Refusal(20404)
        return item

    def page(self, account: str, asked: Mapping[str, str], born_before: float) -> dict[str, object]:
        """Return one page of `account`'s resources as the API shows it; raises Refusal 20001.

        `asked` is the query. What was born (monotonic seconds) after `born_before` is left out.
        """
        size = min(MAX_PAGE, _whole(asked, "PageSize", DEFAULT_PAGE) or DEFAULT_PAGE)
        number = _whole(asked, "Page", 0)
        tests = list(_tests(asked))
        found: Iterator[R] = (
            item
            for item in self._newest_first(account, asked)
            if item.born <= born_before and all(is_met(item) for is_met in tests)
        )
        if token := asked.get("PageToken"):
            found = _after(found, token.removeprefix("PA"))
        else:
            found = islice(found, number * size, None)
        items = list(islice(found, size + 1))
        return self._shown(account, asked, number, size, items)

    def _newest_first(self, account: str, asked: Mapping[str, str]) -> Iterator[R]:
        with self._lock:
            if to := asked.get("To"):
                items = list(self._by_to.get((account, to), ()))
            else:
                items = [item for item in self._by_sid.values() if item.account == account]
        return reversed(items)

    def _shown(
        self, account: str, asked: Mapping[str, str], number: int, size: int, items: list[R]
    ) -> dict[str, object]:
        path = f"/{API_VERSION}/Accounts/{account}/{self.name}.json"
        shown, has_more = items[:size], len(items) > size
        filters = {k: v for k, v in asked.items() if k not in ("Page", "PageToken", "PageSize")}

        def uri(page: int, token: str | None = None) -> str:
            paging = {"PageSize": str(size), "Page": str(page)}
            return f"{path}?" + urlencode(
                filters | paging | ({"PageToken": f"PA{token}"} if token else {})
            )

        start = number * size
        return {
            "uri": uri(number, (asked.get("PageToken") or "").removeprefix("PA") or None),
            "first_page_uri": uri(0),
            "next_page_uri": uri(number + 1, shown[-1].sid) if has_more else None,
            "previous_page_uri": uri(number - 1) if number else None,
            "page": number,
            "page_size": size,
            "start": start,
            "end": max(start, start + len(shown) - 1),
            self.name.lower(): [item.as_json() for item in shown],
        }


def _after(items: Iterator[R], sid: str) -> Iterator[R]:
    for item in items:
        if item.sid == sid:
            break
    return items


def _tests(asked: Mapping[str, str]) -> Iterator[Callable[[Resource], bool]]:
    if sender := asked.get("From"):
        yield lambda item: item.from_ == sender
    if status := asked.get("Status"):
        yield lambda item: item.status == status
    for name in ("DateSent", "StartTime", "EndTime"):
        for key, is_met in ((name, _on), (name + "<", _until), (name + ">", _since)):
            if key in asked:
                yield _date_test(name, is_met, _when(asked, key))


DateTest = Callable[[datetime | None, date | datetime], bool]


def _date_test(name: str, is_met: DateTest, when: date | datetime) -> Callable[[Resource], bool]:
    return lambda item: is_met(item.moment(name), when)


def _on(moment: datetime | None, day: date | datetime) -> bool:
    return moment is not None and moment.date() == _day(day)


def _until(moment: datetime | None, end: date | datetime) -> bool:
    return moment is not None and (
        moment <= end if isinstance(end, datetime) else moment.date() <= end
    )


def _since(moment: datetime | None, start: date | datetime) -> bool:
    return moment is not None and (
        moment >= start if isinstance(start, datetime) else moment.date() >= start
    )


def _day(value: date | datetime) -> date:
    return value.date() if isinstance(value, datetime) else value


def _when(asked: Mapping[str, str], key: str) -> date | datetime:
    text = asked[key]
    try:
        if len(text) == len("2026-01-31"):
            return date.fromisoformat(text)
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Refusal(20001, detail=f"{key}: {text!r} is not a date") from error
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _whole(asked: Mapping[str, str], key: str, default: int) -> int:
    text = asked.get(key, "")
    if not text:
        return default
    if not text.isdecimal():
        raise Refusal(20001, detail=f"{key}: {text!r} is not a whole number")
    return int(text)
