"""What some channels can do besides sending; each is asked for by `isinstance`."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol, runtime_checkable

from alertcast.channels.base import Request, Sent
from alertcast.channels.events import Event, StatusEvent


@runtime_checkable
class ReadsNumbers(Protocol):
    """A channel that may refuse one number and take another that begins alike."""

    @property
    def reads_numbers(self) -> bool:
        """Say whether it does."""


@runtime_checkable
class LooksUp(Protocol):
    """A channel that can be asked what became of a request whose answer was lost."""

    def look_up(
        self,
        request: Request,
        since: datetime,
        taken: Container[str] = frozenset(),
        *,
        lasts: timedelta | None = None,
        rivals: Sequence[datetime] = (),
    ) -> Sent | None:
        """Return what the provider holds of `request` made at or after `since`; None: nothing.

        None for a call is certain: it will be made. `since` is product time, `lasts` how much later
        it was made at the latest. A provider shows no reference of ours in a call, so only this
        tells two calls apart: `taken` holds its ids that other attempts already have, `rivals` the
        `since` of others to the same phone of which nothing is known either.

        Raises
        ------
        ChannelError
            The provider could not be asked, or what it holds proves nothing.
        """

    def status_of(self, provider_ref: str) -> StatusEvent | None:
        """Return the latest state the provider holds for its own id; None: it has no such id."""


@dataclass(frozen=True, slots=True)
class Pulled:
    """One page of receipts that a provider was asked for."""

    events: tuple[Event, ...] = ()
    cursor: str | None = None  # where the next page begins; kept with the events; None: as before
    marks: tuple[str, ...] = ()  # what `acknowledge` names to the provider
    has_more: bool = False  # another page waits


@runtime_checkable
class Pulls(Protocol):
    """A channel whose receipts are fetched, because its provider does not, or can not, call us."""

    @property
    def pull_every(self) -> timedelta | None:
        """How often to ask, in real time; None: this one is not asked."""

    def pull(self, cursor: str | None) -> Pulled:
        """Return the receipts that wait, from `cursor` on; raises ChannelError.

        Until `acknowledge` they may be returned again.
        """

    def acknowledge(self, pulled: Pulled) -> None:
        """Tell the provider that `pulled` is kept; raises ChannelError. Twice does no harm."""


@runtime_checkable
class TakesTemplates(Protocol):
    """A channel that carries approved templates only, no free text."""

    def has_template(self, template: str, language: str) -> bool:
        """Say whether the text `template` has an approved template in `language` (BCP 47)."""


@runtime_checkable
class Reports(Protocol):
    """A channel of which it is known whether its provider reports what became of a message."""

    @property
    def gives_receipts(self) -> bool:
        """Say whether a message that was taken is reported on, pushed or fetched."""


@runtime_checkable
class Probes(Protocol):
    """A channel whose account can be asked whether it would work, sending nothing."""

    def probe(self) -> str:
        """Return one line about the account; raises ChannelError with the reason it will not do."""


@dataclass(frozen=True, slots=True)
class Audio:
    """A recorded voice."""

    path: Path
    content_type: str


@runtime_checkable
class Plays(Protocol):
    """A channel that plays recorded voices, which its provider fetches from us."""

    def audio(self, key: str) -> Audio | None:
        """Return what is at the address `key`, or None."""

    def missing(self) -> Mapping[str, Sequence[str]]:
        """Return for each language that has recordings the names of those that it lacks."""
