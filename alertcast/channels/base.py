"""The contract between dispatch and a provider, in provider-free words.

A channel is one provider of one kind. `send` is asked with no transaction open and answers for each
request what became of it. A callback is first read (`read` verifies and translates), then dispatch
applies the events, and only then is `reply` asked for the body to answer with, so that it can say
"already answered by ...".
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil
from pathlib import Path
from typing import Annotated, Protocol, runtime_checkable

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

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


class State(StrEnum):
    """What a receipt says has become of an attempt, translated from the provider's word."""

    QUEUED = "queued"  # at the provider, not yet on its way
    SENT = "sent"  # handed to the carrier, or ringing
    DELIVERED = "delivered"  # the handset confirmed it (SMS); says nothing of a person
    CONNECTED = "connected"  # somebody or something picked up the call
    COMPLETED = "completed"  # the call ended after being picked up; not an answer
    BUSY = "busy"  # the line was busy
    NO_ANSWER = "no_answer"  # it rang out
    MACHINE = "machine"  # a voicemail picked up
    FAILED = "failed"  # not delivered; the code says why
    CANCELLED = "cancelled"  # withdrawn before it went out
    UNREADABLE = "unreadable"  # a word we do not know: recorded and shown, never guessed


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
    reason: str | None = None  # key of the sentence an officer reads, see REASONS
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
class StatusEvent:
    """A receipt. Events of one attempt are ordered by `rank`; a lower one never overwrites."""

    token: str | None
    provider_ref: str | None
    state: State
    rank: int  # provider sequence, or the fixed rank of the word; higher is later
    word: str  # the provider's own word
    code: str | None = None  # the provider's error code
    reason: str | None = None  # key of REASONS
    is_final: bool = False  # nothing more can follow for this attempt
    raw: str = ""  # the provider's record of this event alone, where it reports several at once


@dataclass(frozen=True, slots=True)
class KeyEvent:
    """A key pressed in a call, or "" when the menu ran out without one."""

    token: str | None
    provider_ref: str | None
    key: str
    raw: str = ""  # the provider's record of this event alone, where it reports several at once


@dataclass(frozen=True, slots=True)
class VoiceEvent:
    """A call was picked up and the provider asks what to say."""

    token: str | None
    provider_ref: str | None


@dataclass(frozen=True, slots=True)
class MachineEvent:
    """A voicemail picked up, as far as the provider can tell: never an answer, and may be wrong."""

    token: str | None
    provider_ref: str | None
    word: str  # the provider's own word


@dataclass(frozen=True, slots=True)
class CallInEvent:
    """A person calls our number, and the provider asks what to say."""

    phone: str  # E.164; "" where the caller hides it
    provider_ref: str | None


@dataclass(frozen=True, slots=True)
class InboundEvent:
    """A text message that a person sent to us."""

    phone: str  # E.164
    text: str
    provider_ref: str | None


Event = StatusEvent | KeyEvent | VoiceEvent | MachineEvent | CallInEvent | InboundEvent


@dataclass(frozen=True, slots=True)
class Audio:
    """A recorded voice."""

    path: Path
    content_type: str


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
        """Return why this channel may not be used for `phone` (a key of REASONS), or None."""

    def send(self, requests: Sequence[Request]) -> list[Sent]:
        """Hand each request to the provider; one answer each, in order; raises nothing."""

    def read(self, callback: Callback) -> list[Event]:
        """Verify and translate a callback; raises Forged."""

    def reply(self, callback: Callback, situation: Situation) -> Reply:
        """Return the body to answer a callback with, after its events were applied."""


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


@runtime_checkable
class Plays(Protocol):
    """A channel that plays recorded voices, which its provider fetches from us."""

    def audio(self, key: str) -> Audio | None:
        """Return what is at the address `key`, or None."""

    def missing(self) -> Mapping[str, Sequence[str]]:
        """Return for each language that has recordings the names of those that it lacks."""


REASONS: dict[str, str] = {
    "busy": "忙线",
    "no_answer": "无人接听",
    "no_receipt": "一直没有回执，按无人接听处理",
    "machine": "语音信箱",
    "no_key": "接通但未按键",
    "switched_off": "关机或无信号",
    "wrong_number": "号码有误",
    "landline": "座机不能收短信",
    "opted_out": "对方已退订",
    "blocked": "对方号码拒收",
    "filtered": "内容被运营商拦截",
    "too_long": "文字超过渠道上限",
    "not_delivered": "未送达",
    "expired": "已过有效期",
    "not_allowed": "渠道不允许发往该地区",
    "mainland_voice": "该渠道不能拨打中国大陆",
    "mainland_sms": "未开启跨境短信",
    "demo_number": "模拟号码只能发往本机",
    "real_number": "模拟环境不发往真实号码",
    "account": "渠道账户异常",
    "throttled": "渠道限流，稍后再发",
    "no_connection": "连不上渠道，稍后再发",
    "unknown_outcome": "结果未知，正在核实",
    "unknown_word": "渠道返回未知状态",
    "no_channel": "没有可用渠道，请人工拨打",
    "cancelled": "已停止叫应",
    "answered": "已有人应答，不再需要",
    "not_needed": "已有人应答或已停止，不再需要",
    "superseded": "已由新的预警替代",
    "corrected": "消息有误，已更正",
    "told_by_hand": "此前由值班员口头告知，请再口头更正",
    "no_text": "文本无法生成，请人工拨打",
    "limit": "该号码近期呼叫过多，避免被运营商拦截",
    "put_aside": "此任务无法处理，已隔离，请人工拨打",
    "unreadable": "名册里的号码无法读出，请另查号码后人工拨打",
    "restored": "从备份恢复，请核实后人工拨打",
    "template_missing": "没有已报备的模板",
    "slot_unfit": "变量不合模板规则",
    "time_block": "线路限时拒呼",
}
"""Why something did not reach a person, in the words an officer reads."""
