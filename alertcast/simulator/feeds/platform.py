"""A municipal platform in JSON, as docs/mapped-source.md connects it: whole, or page by page.

Its pages come in the three ways in use: by number, by the address of the next one, by a cursor.
"""

from collections.abc import Callable

from alertcast.core.alert import Alert
from alertcast.core.national_id import BEIJING
from alertcast.simulator.feeds.entry import Asked, Entry, Item
from alertcast.simulator.feeds.lists import listed

PAGE = 2
"""Items on a page, where the request does not say."""

NEXT = "/platform/next"
"""Where the list is whose pages name the next one."""

KINDS = {"寒冷": "HL", "道路结冰": "DLJB"}
GRADES = {"red": "1", "orange": "2", "yellow": "3", "blue": "4"}
STATES = {"Alert": "发布", "Update": "更新", "Cancel": "解除"}
"""The platform's own words."""


def item(entry: Entry) -> Item:
    """Return one warning in the platform's words."""
    alert, info = entry.alert, entry.info
    state = "演练" if alert.status == "Exercise" else STATES.get(alert.msg_type, alert.msg_type)
    return {
        "warnId": alert.identifier,
        "title": entry.title,
        "content": info.description or "",
        "unit": {"name": info.sender_name or ""},
        "issueTime": f"{alert.sent.astimezone(BEIJING):%Y%m%d%H%M%S}",
        "endTime": f"{info.expires.astimezone(BEIJING):%Y%m%d%H%M%S}" if info.expires else "",
        "kind": KINDS.get(info.event, info.event),
        "grade": GRADES.get(info.level or "", ""),
        "state": state,
        "old": ",".join(one.identifier for one in alert.references),
        "where": {"name": info.areas[0].desc if info.areas else "", "adcodes": _codes(alert)},
    }


def _codes(alert: Alert) -> list[str]:
    areas = [area for info in alert.infos for area in info.areas]
    return [value for area in areas for scheme, value in area.geocodes if scheme == "adcode"]


def _answer(items: list[Item], **more: object) -> Item:
    return {"status": "ok", "result": {"total": len(items), "rows": items} | more}


def _whole(items: list[Item], asked: Asked) -> Item:
    return _answer(items)


def _numbered(items: list[Item], asked: Asked) -> Item:
    """Return the page of a number, from 1."""
    return _from(items, asked, (_number(asked, "page", 1) - 1) * _size(asked))


def _linked(items: list[Item], asked: Asked) -> Item:
    """Return a page, and the address of the next one."""
    start = _number(asked, "from", 0)
    address = f"{asked.root}{NEXT}?from={start + _size(asked)}&size={_size(asked)}"
    return _from(items, asked, start, next=lambda: address)


def _with_cursor(items: list[Item], asked: Asked) -> Item:
    """Return a page, and the mark behind which the next one begins; "" on the last."""
    start = _number(asked, "cursor", 0, mark="after-")
    return _from(items, asked, start, cursor=lambda: f"after-{start + _size(asked)}")


def _from(items: list[Item], asked: Asked, start: int, **following: Callable[[], str]) -> Item:
    end = start + _size(asked)
    named = {name: how() if end < len(items) else "" for name, how in following.items()}
    return _answer(items[start:end], total=len(items), **named)


def _size(asked: Asked) -> int:
    return _number(asked, "size", PAGE) or PAGE


def _number(asked: Asked, name: str, otherwise: int, mark: str = "") -> int:
    text = str(asked.args.get(name, "")).removeprefix(mark)
    return int(text) if text.isdecimal() else otherwise


WHOLE = listed(item, _whole)
NUMBERED = listed(item, _numbered)
LINKED = listed(item, _linked)
WITH_CURSOR = listed(item, _with_cursor)
"""The writers."""
