"""Active alerts of the US National Weather Service, from api.weather.gov.

Source: https://www.weather.gov/documentation/services-web-api. It asks every client to name itself
and a contact in User-Agent.
"""

import json
from datetime import datetime
from hashlib import sha256
from typing import Annotated, ClassVar

import requests
from pydantic import AfterValidator, Field

from alertcast.sources.base import (
    Document,
    Memory,
    Outcome,
    Polled,
    SourceError,
    SourceSettings,
    failed,
)
from alertcast.sources.fetch import HttpSettings, check_url, fetch
from alertcast.sources.nws import features_in
from alertcast.sources.nws_zones import SCHEME, Gathered, gather, zones_needed
from alertcast.sources.parsed import Unreadable

_SHOWN_PROBLEMS = 5  # in one line of the feed status


class NwsApiSettings(HttpSettings):
    """The section of an NWS source."""

    user_agent: Annotated[str, Field(min_length=5)]  # a name and a contact, e.g. an address
    base_url: Annotated[str, AfterValidator(check_url)] = "https://api.weather.gov"
    params: dict[str, str] = Field(default_factory=dict)  # e.g. {area = "WA"}, {zone = "WAC033"}
    max_zones: int = 500  # shapes of zones asked for in one poll; the rest waits for the next
    zone_seconds: float = 60.0  # after this no further zone is asked for in one poll


class NwsApi:
    """The collection of alerts in force, all or by area, zone or event."""

    Settings: ClassVar[type[SourceSettings]] = NwsApiSettings

    def __init__(self, name: str, settings: NwsApiSettings) -> None:
        self.name = name
        self.settings = settings
        request = requests.Request(
            "GET", f"{settings.base_url.rstrip('/')}/alerts/active", params=settings.params
        )
        self.url = str(request.prepare().url)

    def poll(self, memory: Memory, now: datetime) -> Polled:
        """Fetch the collection; it is one document."""
        headers = {"Accept": "application/geo+json"}
        if last_modified := memory.get("last_modified"):
            headers["If-Modified-Since"] = last_modified
        try:
            with requests.Session() as session:
                answer = fetch(session, self.url, self.settings, headers)
                if answer.is_unchanged:
                    return Polled(Outcome.UNCHANGED, (), "not modified", memory)
                features = features_in(answer.body)
                zones = self._zones(session, features, memory, now)
        except SourceError as error:
            return failed(error, memory)
        except Unreadable as error:
            return Polled(Outcome.FAILED, (), f"{self.url}: {error}", memory)
        # the collection's own "updated" changes with every answer, its features do not
        digest = sha256(json.dumps(features, sort_keys=True).encode()).hexdigest()
        seen = {**zones.memory, "sha256": digest}
        if answer.last_modified and not zones.problems:  # else "not modified" would hide them
            seen["last_modified"] = answer.last_modified
        places = tuple((SCHEME, place) for place in zones.places)
        said = "; ".join(zones.problems[:_SHOWN_PROBLEMS])
        if not features:
            return Polled(Outcome.NO_DATA, (), "no alert in force", seen)
        if memory.get("sha256") == digest:
            detail = said or f"the same {len(features)} alerts"
            return Polled(Outcome.UNCHANGED, (), detail, seen, places=places)
        document = Document(answer.body, answer.content_type, answer.url)
        return Polled(
            Outcome.OK, (document,), said or f"{len(features)} alerts", seen, places=places
        )

    def _zones(
        self, session: requests.Session, features: list[object], memory: Memory, now: datetime
    ) -> Gathered:
        settings = self.settings
        return gather(
            session,
            settings.base_url,
            settings,
            zones_needed(features),
            memory,
            now,
            most=settings.max_zones,
            seconds=settings.zone_seconds,
        )
