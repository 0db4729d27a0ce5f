"""Any publisher whose JSON lists warnings, connected by configuration: a municipal platform.

Where each thing stands, and what the words mean, is in the section of the source (`mapping`).
"""

from collections.abc import Mapping
from typing import ClassVar

import requests

from alertcast.core.dotted import text_at
from alertcast.sources.base import Memory, SourceError, SourceSettings
from alertcast.sources.fetch import fetch
from alertcast.sources.json_text import items_at, read_json
from alertcast.sources.listing import Listing, ListSource
from alertcast.sources.mapping import MappedSettings
from alertcast.sources.parsed import Unreadable


class MappedJson(ListSource):
    """One publisher's list."""

    Settings: ClassVar[type[SourceSettings]] = MappedSettings
    settings: MappedSettings

    def __init__(self, name: str, settings: MappedSettings, env: Mapping[str, str]) -> None:
        """Take the token out of `env`, if one is named; raises SourceError if it is missing."""
        super().__init__(name, settings)
        self._secrets: dict[str, str] = {}
        if settings.token_env is not None:
            token = env.get(settings.token_env)
            if not token:
                msg = f"environment: {settings.token_env} is not set"
                raise SourceError(msg)
            said = settings.value.replace("{token}", token)
            self._secrets = {settings.header: said}
        self.lists_in_force = settings.in_force

    def ask(self, session: requests.Session, memory: Memory) -> Listing | None:
        """Return what is listed."""
        settings = self.settings
        request = requests.Request("GET", settings.url, params=settings.params)
        headers = {"Accept": "application/json"} | self.conditions(memory)
        url = str(request.prepare().url)
        answer = fetch(session, url, settings, headers, secrets=self._secrets)
        if answer.is_unchanged:
            return None
        if settings.ok is not None:
            said = text_at(read_json(answer.body), settings.ok.path) or ""
            if said not in settings.ok.values:
                message = f"{settings.ok.path} is {said[:60]!r}, not {settings.ok.values}"
                raise Unreadable("not_ok", message)
        path = settings.items.split(".") if settings.items else ()
        items = tuple(items_at(answer.body, *path))
        return Listing(items, answer.content_type, answer.url, self.validators(answer))

    def identifier(self, item: object) -> str | None:
        """Return what an item is called."""
        return text_at(item, self.settings.fields.id)
