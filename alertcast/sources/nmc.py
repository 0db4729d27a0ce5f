"""Warnings in force as China's National Meteorological Centre lists them: titles only.

Source: http://www.nmc.cn, `rest/findAlarm`. The list comes in pages; the text is on a web page that
is not read here: a fuller feed of the same warning brings it.
"""

from collections.abc import Mapping
from typing import Annotated, ClassVar
from urllib.parse import urljoin

import requests
from pydantic import AfterValidator

from alertcast.core.alert import Alert
from alertcast.core.hazard import HazardTable
from alertcast.sources.base import Memory, SourceSettings
from alertcast.sources.china_item import parsed, sent_at, warning
from alertcast.sources.fetch import Answer, check_url, fetch
from alertcast.sources.fields import Fields
from alertcast.sources.json_text import items_at, read_json
from alertcast.sources.listing import Listing, ListSettings, ListSource
from alertcast.sources.parsed import Findings, Parsed, Unreadable

PUBLISHER = "www.nmc.cn"
HOME = "http://www.nmc.cn/"
PAGE = 100  # items asked for at once
MOST_PAGES = 10


def items_in(document: object) -> list[object] | None:
    """Return the items of a list of this kind, or of one item alone; None: it is neither."""
    if not isinstance(document, Mapping):
        return None
    page = Fields(document, Findings()).inner("data").inner("page").item.get("list")
    if isinstance(page, list):
        return page
    return [document] if {"alertid", "issuetime"} <= document.keys() else None


def parse_item(item: object, number: int, hazards: HazardTable) -> Parsed:
    """Read one item of the list."""
    fields = Fields(item, findings := Findings())
    identifier, title = fields.needed("alertid"), fields.needed("title")
    sent = sent_at(identifier, fields, "issuetime")
    alert: Alert | None = None
    if identifier and title and sent:
        icon = (fields.text("pic") or "").rpartition("/")[2].partition(".")[0]
        alert = warning(
            fields,
            hazards,
            identifier=identifier,
            sender=PUBLISHER,
            sent=sent,
            headline=title,
            codes=(("CMA", icon),) if icon else (),
            effective=sent,
            web=_page(fields.text("url")),
        )
    return parsed(alert, findings, number, identifier)


class NmcSettings(ListSettings):
    """The section of an NMC source."""

    url: Annotated[str, AfterValidator(check_url)] = "http://www.nmc.cn/rest/findAlarm"
    province: str = ""  # its name, e.g. "广东省"; "": the whole country


class Nmc(ListSource):
    """The centre's list, of one province or of the whole country."""

    Settings: ClassVar[type[SourceSettings]] = NmcSettings
    settings: NmcSettings

    def ask(self, session: requests.Session, memory: Memory) -> Listing | None:
        """Return what is listed, on as many pages as it takes."""
        first = self._page(session, 1, {} if memory.get("pages") else self.conditions(memory))
        if first.is_unchanged:
            return None
        items, count = _items(first)
        for number in range(2, MOST_PAGES + 1):
            if len(items) >= count:
                break
            more, _ = _items(self._page(session, number, {}))
            if not more:
                break
            items += more
        is_whole = len(items) >= count
        validators = self.validators(first) if len(items) <= PAGE else {"pages": "several"}
        return Listing(
            tuple(items),
            first.content_type,
            first.url,
            validators,
            is_whole,
            "" if is_whole else f"{count} are said to be in force",
        )

    def identifier(self, item: object) -> str | None:
        """Return what an item is called."""
        return Fields(item, Findings()).text("alertid")

    def _page(self, session: requests.Session, number: int, conditions: dict[str, str]) -> Answer:
        params = {
            "pageNo": str(number),
            "pageSize": str(PAGE),
            "signaltype": "",
            "signallevel": "",
            "province": self.settings.province,
        }
        url = str(requests.Request("GET", self.settings.url, params=params).prepare().url)
        return fetch(session, url, self.settings, {"Accept": "application/json", **conditions})


def _items(answer: Answer) -> tuple[list[bytes], int]:
    """Return the items of one page, and how many there are on all of them."""
    document = read_json(answer.body)
    page = Fields(document, Findings()).inner("data").inner("page").item
    count = page.get("count")
    if not isinstance(document, Mapping) or document.get("code") != 0:
        said = document.get("msg") if isinstance(document, Mapping) else document
        raise Unreadable("not_nmc", f"not the list we know: {str(said)[:80]!r}")
    items = items_at(answer.body, "data", "page", "list")
    return items, count if isinstance(count, int) and not isinstance(count, bool) else len(items)


def _page(path: str | None) -> str | None:
    """Return the address of the web page about an item; one that leads elsewhere is left out."""
    try:
        url = urljoin(HOME, path or "")
    except ValueError:
        return None
    return url if path and url.startswith(HOME) else None
