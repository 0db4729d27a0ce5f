"""Warnings in force as the map of China's Meteorological Administration lists them.

Source: https://weather.cma.cn, `api/map/alarm?adcode=44`: a headline, a text, the point of the
observatory. A warning that was lifted just disappears from the list.
"""

from collections.abc import Mapping
from typing import Annotated, ClassVar

import requests
from pydantic import AfterValidator

from alertcast.core.alert import Alert
from alertcast.core.hazard import HazardTable
from alertcast.sources.base import Memory, SourceSettings
from alertcast.sources.china_item import parsed, sent_at, warning
from alertcast.sources.fetch import check_url, fetch
from alertcast.sources.fields import Fields
from alertcast.sources.json_text import items_at, read_json
from alertcast.sources.listing import Listing, ListSettings, ListSource
from alertcast.sources.parsed import Findings, Parsed, Unreadable

PUBLISHER = "weather.cma.cn"


def items_in(document: object) -> list[object] | None:
    """Return the items of a list of this kind, or of one item alone; None: it is neither."""
    if not isinstance(document, Mapping):
        return None
    data = document.get("data")
    if isinstance(data, list) and "code" in document:
        return data
    is_one = {"id", "headline"} <= document.keys() and "geometry" not in document
    return [document] if is_one else None


def parse_item(item: object, number: int, hazards: HazardTable) -> Parsed:
    """Read one item of the list."""
    fields = Fields(item, findings := Findings())
    identifier, headline = fields.needed("id"), fields.needed("headline", "title")
    sent = sent_at(identifier, fields, "effective")
    alert: Alert | None = None
    if identifier and headline and sent:
        alert = warning(
            fields,
            hazards,
            identifier=identifier,
            sender=PUBLISHER,
            sent=sent,
            headline=headline,
            codes=tuple(("CMA", code) for code in fields.texts("type")),
            description=fields.text("description"),
            effective=sent,
            parameters=tuple(
                (name, text)
                for name in ("title", "longitude", "latitude")
                if (text := fields.text(name))
            ),
        )
    return parsed(alert, findings, number, identifier)


class CmaMapSettings(ListSettings):
    """The section of a CMA map source."""

    url: Annotated[str, AfterValidator(check_url)] = "https://weather.cma.cn/api/map/alarm"
    referer: str = "https://weather.cma.cn/"


class CmaMap(ListSource):
    """The map's list, of one province or of the whole country."""

    Settings: ClassVar[type[SourceSettings]] = CmaMapSettings
    settings: CmaMapSettings

    def ask(self, session: requests.Session, memory: Memory) -> Listing | None:
        """Return what is listed."""
        provinces = {one[:2] for one in self.settings.region}
        adcode = provinces.pop() if len(provinces) == 1 else ""
        headers = {"Referer": self.settings.referer, "Accept": "application/json"}
        url = str(
            requests.Request("GET", self.settings.url, params={"adcode": adcode}).prepare().url
        )
        answer = fetch(session, url, self.settings, headers | self.conditions(memory))
        if answer.is_unchanged:
            return None
        document = read_json(answer.body)
        if not isinstance(document, Mapping) or document.get("code") != 0:
            said = document.get("msg") if isinstance(document, Mapping) else document
            raise Unreadable("not_cma", f"not the list we know: {str(said)[:80]!r}")
        return Listing(
            tuple(items_at(answer.body, "data")),
            answer.content_type,
            answer.url,
            self.validators(answer),
        )

    def identifier(self, item: object) -> str | None:
        """Return what an item is called."""
        return Fields(item, Findings()).text("id")
