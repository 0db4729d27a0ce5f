"""Any publisher whose JSON lists warnings, connected by configuration: a municipal platform.

Where each thing stands, and what the words mean, is in the section of the source (`mapping`).
"""

from collections.abc import Mapping
from typing import ClassVar

import requests

from alertcast.core.dotted import text_at
from alertcast.sources.base import Memory, SourceError, SourceSettings
from alertcast.sources.listing import Listing, ListSource
from alertcast.sources.mapped_pages import gather
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
        may_spare = self.settings.method == "GET" and not memory.get("pages")
        conditions = self.conditions(memory) if may_spare else {}
        found = gather(session, self.settings, self._secrets, conditions)
        if found is None or found.first is None:
            return None
        is_alone = found.pages == 1 and not found.problem  # else the others may have changed
        return Listing(
            tuple(found.items),
            found.first.content_type,
            found.first.url,
            self.validators(found.first) if is_alone else {"pages": "several"},
            found.is_whole,
            found.problem,
            found.busy,
            has_failed=bool(found.problem),
        )

    def identifier(self, item: object) -> str | None:
        """Return what an item is called."""
        return text_at(item, self.settings.fields.id)
