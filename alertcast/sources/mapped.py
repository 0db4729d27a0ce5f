"""Any publisher whose JSON lists warnings, connected by configuration: a municipal platform.

Where each thing stands, and what the words mean, is in the section of the source (`mapping`).
"""

from collections.abc import Mapping
from typing import ClassVar

import requests

from alertcast.core.dotted import text_at
from alertcast.sources.base import Memory, SourceError, SourceSettings
from alertcast.sources.fetch import fetch
from alertcast.sources.listing import Listing, ListSource
from alertcast.sources.mapped_read import items_of
from alertcast.sources.mapping import MappedSettings


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
        items = items_of(answer.body, settings)
        return Listing(items, answer.content_type, answer.url, self.validators(answer))

    def identifier(self, item: object) -> str | None:
        """Return what an item is called."""
        return text_at(item, self.settings.fields.id)
