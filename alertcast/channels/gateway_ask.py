"""A gateway that can be asked what became of a message: by our reference, and by its own id."""

from collections.abc import Container, Sequence
from datetime import datetime, timedelta

from alertcast.channels.base import ChannelError, Outcome, Request, Sent
from alertcast.channels.events import StatusEvent
from alertcast.channels.gateway import Answered, Gateway
from alertcast.channels.gateway_fill import Values
from alertcast.channels.gateway_http import Answer
from alertcast.channels.gateway_parts import LookUpPart
from alertcast.channels.gateway_records import passes
from alertcast.core.dotted import listed
from alertcast.core.phone import dialled

SKEW = timedelta(seconds=10)
"""How far a provider's clock may be behind ours; most write whole seconds."""


class AskableGateway(Gateway):
    """A gateway that can also be asked what became of a message."""

    def look_up(
        self,
        request: Request,
        since: datetime,
        taken: Container[str] = frozenset(),
        *,
        lasts: timedelta | None = None,
        rivals: Sequence[datetime] = (),
    ) -> Sent | None:
        """Return what the provider holds of `request`; None: certainly nothing.

        By our reference alone: a number may have other messages. Raises ChannelError, also while
        its list may still be behind.
        """
        part = self.settings.look_up
        if part is None:
            raise ChannelError(f"channel {self.name}: look_up is not configured", retryable=False)
        values = {
            "ref": request.token,
            "phone": request.phone,
            "phone_national": dialled(request.phone),
            "date": f"{since - SKEW:%Y%m%d}",
        }
        for event in self._found(part, values):
            if event.token == request.token and event.provider_ref not in taken:
                return Sent(request.token, Outcome.ACCEPTED, provider_ref=event.provider_ref)
        if self.clock() - since < part.lag:
            raise ChannelError(f"channel {self.name}: its list may be behind", retryable=True)
        return None

    def status_of(self, provider_ref: str) -> StatusEvent | None:
        """Return the latest state the provider holds for an id; None: none, or it has no list."""
        part = self.settings.status
        if part is None:
            return None
        found = self._found(part, {"id": self.reader.provider_id(provider_ref)})
        if part.id is None:
            return found[-1] if found else None
        return next((one for one in reversed(found) if one.provider_ref == provider_ref), None)

    def _found(self, part: LookUpPart, values: Values) -> list[StatusEvent]:
        try:
            body = self.ask(part, values, part.ok).body
        except Answered as refused:
            if _is_absence(part, refused.answer):
                return []
            raise
        if part.absent is not None and passes(part.absent, body):
            return []
        if listed(body, part.list) is None:
            raise ChannelError(f"channel {self.name}: no list in its answer", retryable=True)
        events = self.reader.events(_with_state(part), body)
        return [one for one in events if isinstance(one, StatusEvent)]


def _is_absence(part: LookUpPart, answer: Answer) -> bool:
    if part.absent is not None and passes(part.absent, answer.body):
        return True
    return part.absent_status == answer.status


def _with_state(part: LookUpPart) -> LookUpPart:
    """Return a part whose records always say something, if only that they are there."""
    return part if part.state is not None else part.model_copy(update={"state": ""})
