"""What a provider tells us, in provider-free words."""

from dataclasses import dataclass
from enum import StrEnum


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
