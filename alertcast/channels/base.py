"""The contract between dispatch and a provider, in provider-free words.

A channel is one provider of one kind. `send` is asked with no transaction open and answers for each
request what became of it. A callback is first read (`read` verifies and translates), then dispatch
applies the events, and only then is `reply` asked for the body to answer with, so that it can say
"already answered by ...".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from math import ceil
from typing import Annotated, Protocol, runtime_checkable

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from alertcast.channels.events import Event
from alertcast.core.opening import Block, read_block
from alertcast.core.pieces import Piece


class ChannelError(Exception):
    """A provider, or our link to it, failed. `retryable`: the same request may be made again."""

    def __init__(self, message: str, *, retryable: bool) -> None:
        super().__init__(message)
        self.retryable = retryable


class Forged(ChannelError):
    """A callback not provably sent by our provider: answer 403 and count it."""

    def __init__(self, message: str) -> None:
        super().__init__(message, retryable=False)


class Outcome(StrEnum):
    """What is known right after a request to a provider."""

    ACCEPTED = "accepted"  # the provider took it and gave it an id
    DELIVERED = "delivered"  # it is there, and no receipt will ever say so (a group robot)
    THROTTLED = "throttled"  # never processed (429): due again later, not an attempt
    REFUSED = "refused"  # this recipient or text will never work on this channel
    STOPPED = "stopped"  # the whole channel is unusable (no credit, key revoked): keep the message
    UNKNOWN = "unknown"  # time-out, reset or 5xx: it may or may not have been processed


@dataclass(frozen=True, slots=True)
class Request:
    """One message about to leave: everything a provider may need, and nothing it must not have."""

    token: str  # opaque, unique per attempt, [A-Za-z0-9_-]; comes back in every callback
    phone: str  # E.164
    text: str  # rendered, final
    template: str  # id of the text, for providers that take approved templates only
    slots: Mapping[str, str] = field(default_factory=dict)  # the values that filled the template
    language: str = "zh-CN"  # BCP 47
    expires: datetime | None = None  # after this the message must not go out
    leave_by: float | None = None  # of in_time.clock: others may send it after this


@dataclass(frozen=True, slots=True)
class Sent:
    """A provider's answer to one request."""

    token: str
    outcome: Outcome
    provider_ref: str | None = None
    code: str | None = None  # the provider's error code, as it wrote it
    reason: str | None = None  # key of the sentence an officer reads, see reasons.py
    retry_after: float | None = None  # real seconds the provider asked us to wait
    detail: str = ""  # the provider's words; no phone number, no text


@dataclass(frozen=True, slots=True)
class Callback:
    """One HTTP request from a provider, as it arrived."""

    channel: str
    what: str  # the last part of its address: status, voice, keys, machine, inbound, inbound-voice
    token: str | None  # the attempt's token from its address, if it has one
    url: str  # the full public address, undecoded, as the provider was given it
    headers: Mapping[str, str]
    form: Mapping[str, Sequence[str]]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Situation:
    """What dispatch knows after an event was applied; what a reply may say."""

    text: str = ""  # the words of this attempt, to be spoken
    pieces: tuple[Piece, ...] = ()  # the same in pieces, of which some may be recorded
    language: str = "zh-CN"
    stopped: bool = False  # the officer stopped the calling, or the warning was lifted
    answered: bool = False  # this call's key was taken as an answer
    help_opened: bool = False  # key 2: the duty desk is being called
    told: tuple[str, ...] = ()  # the desks and posts that were told, for the one who asked for help
    is_danger: bool = False  # red or orange: the numbers 110, 119, 120 are said after key 2
    already_by: str | None = None  # somebody else had answered for all of it: their post
    unknown: bool = False  # the token belongs to no attempt of ours
    stranger: bool = False  # somebody calls us whom we have told nothing
    is_machine: bool = False  # a voicemail listens: it hears nothing but whom to call
    after_key: str = ""  # what only a person may hear: said once a key was pressed
    is_question: bool = False  # a key decides: the text itself says which does what
    token: str | None = None  # of the message that somebody calls back about
    is_drill: bool = False  # every word of ours is marked 演练 too
    office: str = ""  # our name, for whoever may hear nothing else
    check_spoken: str = ""  # the number to check at, its digits apart


@dataclass(frozen=True, slots=True)
class Reply:
    """What to answer a callback with."""

    body: str = ""
    content_type: str = "text/plain; charset=utf-8"
    status: int = 204


class ChannelSettings(BaseModel):
    """What every [channels.NAME] section may say; each channel adds its own keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: str
    drill: bool = False  # True: takes drills and refuses live broadcasts
    rate: float = Field(default=1.0, gt=0)  # requests per real second the provider allows
    burst: float = Field(default=1.0, ge=1)  # requests that may be made at once after a rest
    price: float | None = Field(default=None, ge=0)  # of an SMS part, or a minute of a call begun
    in_flight: int | None = Field(default=None, ge=1)  # messages without an answer yet; see below
    batch_size: int = Field(default=1, ge=1)  # messages that fit one request
    prefixes: tuple[str, ...] = ()  # E.164 beginnings of the numbers it carries; none: all
    links: bool = False  # sms: a text that can not be answered carries a link to answer by
    links_for_mainland: bool = False  # sms: also to +86, where carriers filter links
    ref_bytes: int | None = Field(default=None, ge=12, le=24)  # longest reference it sends back
    quiet: tuple[Annotated[Block, BeforeValidator(read_block)], ...] = ()  # local; line closed

    @property
    def most_in_flight(self) -> int:
        """Messages that may be without an answer at once, by all processes.

        They are claimed up to a second before they leave, and count from then on: with fewer than
        its rate allows in some two seconds a channel can not keep its rate.
        """
        if self.in_flight is not None:
            return self.in_flight
        return max(200, ceil(2 * self.rate * self.batch_size))


@runtime_checkable
class Channel(Protocol):
    """One provider of one kind."""

    name: str  # section name in the configuration
    kind: str  # sms, voice, robot, manual
    is_drill: bool  # True: takes drills and refuses live broadcasts; False: the other way round
    is_loopback: bool  # True: everything it sends goes to this machine only

    @property
    def settings(self) -> ChannelSettings:
        """Its section of the configuration."""

    @property
    def takes_replies(self) -> bool:
        """Say whether people can answer by text message."""

    def refusal(self, phone: str) -> str | None:
        """Return why this channel may not be used for `phone` (a key of REASONS), or None.

        It looks at no more of it than a mask shows of its beginning, unless it says so
        (abilities.ReadsNumbers).
        """

    def send(self, requests: Sequence[Request]) -> list[Sent]:
        """Hand each request to the provider; one answer each, in order; raises nothing."""

    def read(self, callback: Callback) -> list[Event]:
        """Verify and translate a callback; raises Forged."""

    def reply(self, callback: Callback, situation: Situation) -> Reply:
        """Return the body to answer a callback with, after its events were applied."""
