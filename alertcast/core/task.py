"""Tasks and attempts: what one phone is to be told, and each request made to a provider for it.

One task is one broadcast, phone, kind and wave. Its attempts are never overwritten. Receipts are
ordered by rank and never move an attempt back; only a person's key, text or voice answers a task.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from alertcast.core.retry import Retry, RetryRule, Then


class TaskState(StrEnum):
    """Where a task stands."""

    QUEUED = "queued"  # waits for its due time and a free slot
    LEAVING = "leaving"  # claimed under a lease; a request is about to leave or has just left
    UNDERWAY = "underway"  # the provider has it; receipts or a key may come
    UNSURE = "unsure"  # the provider may or may not have it; the provider is being asked
    MANUAL = "manual"  # no channel can carry it: an officer dials and writes down the answer
    ANSWERED = "answered"  # the person answered this message
    DELIVERED = "delivered"  # the handset confirmed it; says nothing of a person
    UNANSWERED = "unanswered"  # every call of this rung was made, none was answered by a key
    FAILED = "failed"  # it can not reach this phone by this kind; the reason says why
    CANCELLED = "cancelled"  # nobody needs it any more: answered elsewhere, stopped or superseded
    EXPIRED = "expired"  # the warning ran out before it could leave


FINAL_TASKS = frozenset(
    {
        TaskState.ANSWERED,
        TaskState.DELIVERED,
        TaskState.UNANSWERED,
        TaskState.FAILED,
        TaskState.CANCELLED,
        TaskState.EXPIRED,
    }
)
"""Nothing more will be sent for a task in one of these states; a late answer still counts."""


class AttemptState(StrEnum):
    """Where one request stands; the order of reaching them is `ATTEMPT_RANK`."""

    LEAVING = "leaving"  # written before the request is made
    UNKNOWN = "unknown"  # the request's answer was lost
    ABSENT = "absent"  # certainly not at the provider: asked, or never requested after all
    THROTTLED = "throttled"  # the provider refused it unprocessed (429)
    REFUSED = "refused"  # the provider refused it for good
    WITHHELD = "withheld"  # stopped by us between claim and request
    ACCEPTED = "accepted"  # the provider has it
    SENT = "sent"  # handed to the carrier, or ringing
    CONNECTED = "connected"  # the call was picked up
    DELIVERED = "delivered"  # the handset confirmed the SMS
    COMPLETED = "completed"  # the call ended after it was picked up
    BUSY = "busy"  # the line was busy
    NO_ANSWER = "no_answer"  # it rang out
    MACHINE = "machine"  # a voicemail picked up
    FAILED = "failed"  # not delivered
    CANCELLED = "cancelled"  # withdrawn at the provider


ATTEMPT_RANK: dict[AttemptState, int] = {
    AttemptState.LEAVING: 0,
    AttemptState.UNKNOWN: 1,
    AttemptState.ACCEPTED: 2,
    AttemptState.SENT: 3,
    AttemptState.CONNECTED: 4,
    AttemptState.DELIVERED: 5,
    AttemptState.COMPLETED: 5,
    AttemptState.BUSY: 5,
    AttemptState.NO_ANSWER: 5,
    AttemptState.MACHINE: 5,
    AttemptState.FAILED: 5,
    AttemptState.CANCELLED: 5,
    AttemptState.ABSENT: 5,
    AttemptState.THROTTLED: 5,
    AttemptState.REFUSED: 5,
    AttemptState.WITHHELD: 5,
}
"""A receipt is applied only if it raises this rank; of two last words the first one stays."""

UNDER_WAY = frozenset({AttemptState.ACCEPTED, AttemptState.SENT, AttemptState.CONNECTED})
"""The provider has it, and has told no end of it."""

GIVEN_BACK = frozenset({AttemptState.ABSENT, AttemptState.THROTTLED, AttemptState.WITHHELD})
"""These were no attempts at all: the next one is counted in their place."""

TASK_MOVES: dict[TaskState, frozenset[TaskState]] = {
    TaskState.QUEUED: frozenset(
        {
            TaskState.LEAVING,
            TaskState.MANUAL,
            TaskState.ANSWERED,
            TaskState.FAILED,
            TaskState.CANCELLED,
            TaskState.EXPIRED,
        }
    ),
    TaskState.LEAVING: frozenset(TaskState) - {TaskState.LEAVING, TaskState.EXPIRED},
    TaskState.UNDERWAY: frozenset(
        {
            TaskState.QUEUED,
            TaskState.MANUAL,
            TaskState.ANSWERED,
            TaskState.DELIVERED,
            TaskState.UNANSWERED,
            TaskState.FAILED,
            TaskState.CANCELLED,
        }
    ),
    TaskState.UNSURE: frozenset(TaskState)
    - {TaskState.LEAVING, TaskState.UNSURE, TaskState.EXPIRED},
    TaskState.MANUAL: frozenset({TaskState.ANSWERED, TaskState.CANCELLED}),
    TaskState.ANSWERED: frozenset(),
    TaskState.DELIVERED: frozenset({TaskState.ANSWERED}),
    TaskState.UNANSWERED: frozenset({TaskState.ANSWERED}),
    TaskState.FAILED: frozenset({TaskState.ANSWERED}),
    TaskState.CANCELLED: frozenset({TaskState.ANSWERED}),
    TaskState.EXPIRED: frozenset({TaskState.ANSWERED}),
}
"""Every move a task can make; a late answer counts whatever has become of its task."""


@dataclass(frozen=True, slots=True)
class Task:
    """One message to one phone."""

    id: int
    broadcast_id: int
    person_id: int  # whose phone it is; of several people with one phone, the first
    phone_index: str  # keyed blind index of the E.164 number
    kind: str  # sms, voice, robot, manual
    wave: int  # 0 first; a new one for what came after the last was frozen
    state: TaskState
    purpose: str  # one of core.broadcast.Purpose, or help
    level: str | None  # the highest level it speaks of
    priority: int  # lower leaves first
    due_at: datetime  # product time
    expires_at: datetime | None  # product time; later it must not leave
    calls: int  # most attempts
    every: float  # product seconds from one attempt to the next
    tries: int  # attempts that counted
    text: str | None  # rendered and frozen at the first attempt
    template: str
    language: str
    reason: str | None = None  # key of channels.reasons.REASONS
    lease_token: str | None = None
    lease_until: datetime | None = None  # real time
    help_request_id: int | None = None
    created_at: datetime | None = None
    joined_to: int | None = None  # the task of another broadcast whose message tells this as well


@dataclass(frozen=True, slots=True)
class Course:
    """How far a task has come: what of it moves, and what decides how it moves."""

    id: int
    kind: str
    state: TaskState
    reason: str | None
    priority: int
    due_at: datetime
    calls: int
    every: float
    tries: int


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request about to leave, or made, to a provider (第 n 次呼叫)."""

    id: int
    task_id: int
    n: int  # 1, 2, 3 ... within its task
    channel: str
    token: str  # opaque; comes back in every callback
    state: AttemptState
    rank: int  # ATTEMPT_RANK of the state, raised by the provider's own order
    requested_at: datetime  # product time
    requested_real: datetime  # real time, for look-ups at the provider
    provider_ref: str | None = None
    code: str | None = None
    reason: str | None = None
    key: str | None = None  # last key in this call that answered, or else the first one pressed
    settled_at: datetime | None = None  # product time at which nothing more is expected
    asked_at: datetime | None = None  # product time at which the provider was last asked about it


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a task after one of its attempts came to an end."""

    state: TaskState
    due_in: timedelta | None = None  # product time until the next attempt; None: no further one
    reason: str | None = None


def verdict(
    task: Task | Course,
    attempt: AttemptState,
    reason: str | None,
    retry: Retry,
    *,
    is_wanted: bool = True,
    wait: timedelta = timedelta(0),
) -> Verdict:
    """Return what becomes of `task` now that its latest attempt reached `attempt`.

    The task must not be final. `reason` is why the attempt failed, if it did; `retry` says what
    follows it, `is_wanted` whether anybody still needs another attempt, `wait` what a provider
    asked of a throttled one.
    """
    if attempt is AttemptState.DELIVERED:
        return Verdict(TaskState.DELIVERED)
    if attempt in _STILL_UNDERWAY:
        return Verdict(_STILL_UNDERWAY[attempt])
    if attempt in GIVEN_BACK:
        if attempt is AttemptState.WITHHELD or not is_wanted:
            return Verdict(TaskState.CANCELLED, None, reason or "cancelled")
        return Verdict(TaskState.QUEUED, wait, reason)
    reason = _NOT_ANSWERED.get(attempt, reason)
    rule = retry.get(reason or "", _END)
    if rule.then is Then.AGAIN:
        return _again(task, rule, reason, is_wanted=is_wanted)
    if rule.then is Then.ELSEWHERE and is_wanted:
        return Verdict(TaskState.QUEUED, timedelta(0), reason)
    if rule.then is Then.BY_HAND:
        return Verdict(TaskState.MANUAL if is_wanted else TaskState.CANCELLED, None, reason)
    return Verdict(TaskState.FAILED, None, reason)


def _again(task: Task | Course, rule: RetryRule, reason: str | None, *, is_wanted: bool) -> Verdict:
    every = rule.every or timedelta(seconds=task.every)
    if is_wanted and task.tries < (rule.most or task.calls):
        return Verdict(TaskState.QUEUED, every, reason)
    if rule.last is Then.BY_HAND and is_wanted:
        return Verdict(TaskState.MANUAL, None, reason)
    if task.kind == "voice":
        return Verdict(TaskState.UNANSWERED, None, reason)
    return Verdict(TaskState.FAILED, None, reason)


def moves_nothing(before: AttemptState, after: AttemptState) -> bool:
    """Say whether a task stays where it is when its attempt goes from `before` to `after`."""
    return before in _STILL_UNDERWAY and _STILL_UNDERWAY[before] is _STILL_UNDERWAY.get(after)


_STILL_UNDERWAY = {
    AttemptState.LEAVING: TaskState.LEAVING,
    AttemptState.UNKNOWN: TaskState.UNSURE,
    **dict.fromkeys(UNDER_WAY, TaskState.UNDERWAY),
}
_NOT_ANSWERED = {
    AttemptState.BUSY: "busy",
    AttemptState.NO_ANSWER: "no_answer",
    AttemptState.MACHINE: "machine",
    AttemptState.COMPLETED: "no_key",
}
_END = RetryRule(Then.NEXT_RUNG)
