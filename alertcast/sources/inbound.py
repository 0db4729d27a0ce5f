"""Warnings that an authority sends to us: CAP by HTTP POST, with a token of its own.

There is nothing to poll. `web.inbound` takes what is sent, `dispatch.ingest` keeps it as if it had
been polled.
"""

import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, ClassVar

from pydantic import Field

from alertcast.sources.base import Memory, Outcome, Polled, SourceError, SourceSettings
from alertcast.sources.signed import SignedSettings

SHORTEST = 32
"""Fewest characters of a token: nobody can try so many."""

LARGEST = 1024 * 1024
"""Most bytes of one request that our pages take at all."""


class InboundSettings(SignedSettings):
    """The section of a source that is sent to."""

    token_env: str  # variable with the token
    max_bytes: Annotated[int, Field(ge=1, le=LARGEST)] = 524288  # of one document


class Inbound:
    """An address of ours at which one authority sends its warnings."""

    Settings: ClassVar[type[SourceSettings]] = InboundSettings

    def __init__(self, name: str, settings: InboundSettings, env: Mapping[str, str]) -> None:
        """Take the token out of `env`; raises SourceError if it is missing or too short."""
        self.name = name
        self.settings = settings
        token = env.get(settings.token_env) or ""
        if not token:
            msg = f"environment: {settings.token_env} is not set"
            raise SourceError(msg)
        if len(token) < SHORTEST or not token.isascii():
            msg = f"environment: {settings.token_env} needs {SHORTEST} letters or digits, or more"
            raise SourceError(msg)
        self._token = token.encode()

    def is_it(self, token: str) -> bool:
        """Say whether this is the token, in a time that does not say how much of it is right."""
        return hmac.compare_digest(token.encode("utf-8", "replace"), self._token)

    def poll(self, memory: Memory, now: datetime) -> Polled:
        """Say that nothing is fetched: what comes, comes by itself."""
        return Polled(Outcome.UNCHANGED, (), "waits for what is sent", memory)
