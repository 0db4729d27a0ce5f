"""The officer dials: a channel without a provider, so that no ladder ends for want of one.

Whom to ring next is on the officer's page and printable list; the answer is written down there.
"""

from collections.abc import Sequence

from alertcast.channels.base import (
    Callback,
    ChannelSettings,
    Forged,
    Outcome,
    Reply,
    Request,
    Sent,
    Situation,
)
from alertcast.channels.events import Event


class ManualChannel:
    """Carries every number, by hand."""

    kind = "manual"
    is_loopback = False
    takes_replies = False
    Settings = ChannelSettings

    def __init__(self, name: str, settings: ChannelSettings) -> None:
        self.name = name
        self.settings = settings
        self.is_drill = settings.drill

    def refusal(self, phone: str) -> str | None:
        """Return None: an officer may dial any number, and a demo's numbers ring nowhere."""
        return None

    def send(self, requests: Sequence[Request]) -> list[Sent]:
        """Refuse everything: no program dials. Workers do not claim tasks of this kind."""
        return [Sent(one.token, Outcome.REFUSED, reason="no_channel") for one in requests]

    def read(self, callback: Callback) -> list[Event]:
        """Raise Forged: no provider stands behind this channel."""
        raise Forged(f"channel {self.name}: nobody calls back for the officer's own telephone")

    def reply(self, callback: Callback, situation: Situation) -> Reply:
        """Return 404."""
        return Reply(status=404)
