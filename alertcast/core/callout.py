"""The callout (叫应任务): one grid that must be answered, and the ladder it climbs until it is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from alertcast.core.policy import Policy

UNDERSTOOD, NEEDS_HELP = "1", "2"
ANSWERS = frozenset({UNDERSTOOD, NEEDS_HELP})
"""Every answer there is, by the key that gives it in a call."""

ADDED = "added"
"""The role of whoever an officer added to a callout that runs, whatever posts they hold (增派)."""


class CalloutState(StrEnum):
    """Where a callout stands."""

    PLANNED = "planned"  # its broadcast waits to be confirmed, or for its undo window to pass
    OPEN = "open"  # somebody still has to answer for this grid
    ANSWERED = "answered"  # enough of those who count have answered; the ladder stops
    UNREACHED = (
        "unreached"  # the ladder is used up; a person must go there. May still become answered
    )
    SUPERSEDED = "superseded"  # a later broadcast of the same episode calls this grid instead
    CANCELLED = "cancelled"  # the officer stopped it, or the warning was lifted


CALLOUT_MOVES: dict[CalloutState, frozenset[CalloutState]] = {
    CalloutState.PLANNED: frozenset(
        {CalloutState.OPEN, CalloutState.SUPERSEDED, CalloutState.CANCELLED}
    ),
    CalloutState.OPEN: frozenset(
        {
            CalloutState.ANSWERED,
            CalloutState.UNREACHED,
            CalloutState.SUPERSEDED,
            CalloutState.CANCELLED,
        }
    ),
    CalloutState.UNREACHED: frozenset(
        {CalloutState.ANSWERED, CalloutState.SUPERSEDED, CalloutState.CANCELLED}
    ),
    CalloutState.ANSWERED: frozenset(),
    CalloutState.SUPERSEDED: frozenset(),
    CalloutState.CANCELLED: frozenset(),
}
"""Every move there is; a late answer is the only way back."""


@dataclass(frozen=True, slots=True)
class Callout:
    """One grid of one broadcast; unique by both."""

    id: int
    broadcast_id: int
    episode_id: int | None  # None: a desk notice or a drill outside any episode
    mode: str  # live or drill
    grid_id: int
    grid_code: str
    level: str | None
    policy: str  # name of a policy frozen in the broadcast
    state: CalloutState
    rung: int  # index of the rung that runs; -1 before the first
    step: int  # fencing token: goes up by one with each change of rung or state
    next_step_at: datetime | None  # product time; None: nothing more will happen by itself
    opened_at: datetime
    ended_at: datetime | None = None
    matched_by: str = ""
    share: float | None = None
    counted_by: str | None = None  # one of touch.HOW, where it was matched by shape
    repeat: int = 0  # how many times the rung that runs was told again


@dataclass(frozen=True, slots=True)
class Respondent:
    """One person who may answer for one callout, written when the callout opens (应叫人)."""

    id: int
    callout_id: int
    person_id: int
    role: str
    place: str  # the code the post is held at: grid, town or county
    rungs: int  # bit i is set: told at rung i
    counts: bool  # an answer of this person answers for the grid
    ahead: int | None = None  # step of the callout of which this phone was told before it was taken

    def is_in(self, rung: int) -> bool:
        """Say whether this person is told at rung `rung`."""
        return bool(self.rungs >> rung & 1)


def is_answered(
    policy: Policy, rung: int, respondents: Sequence[Respondent], answered: Iterable[int]
) -> bool:
    """Say whether any rung has as many answers as it needs; `rung` is the one that runs.

    `answered` holds respondent ids. A rung in which nobody counts can not be satisfied. A rung need
    not have started: an officer may have written down what a deputy said on the telephone. But then
    only those count whom no earlier rung asks, else "all of these" would be void where "any of
    these and the deputy" follows it. Nor does an answer come too late: `within` says when others
    are asked as well.
    """
    done = set(answered)
    earlier: set[int] = set()
    for index, step in enumerate(policy.rungs):
        people = {r.id for r in respondents if r.counts and r.is_in(index)}
        asked = people if index <= rung else people - earlier
        if asked and len(asked & done) >= step.needed(len(asked)):
            return True
        earlier |= people
    return False


def next_rung(
    policy: Policy, rung: int, left: int, *, repeat: int = 0, local: datetime | None = None
) -> tuple[int | None, int]:
    """Return what follows telling number `repeat` of `rung`, which was not answered in time.

    That is a rung, None if none is left, and the number of its telling. Bit i of `left` is set if
    anybody is left to tell at rung i. A repeat with nobody left to tell ends its rung; a rung with
    nobody left, or with no kind that may be used at the local time `local`, is passed. A repeat in
    quiet hours tells nobody, and the time of its rung goes on.
    """
    if 0 <= rung < len(policy.rungs) and repeat < policy.rungs[rung].repeat and left >> rung & 1:
        return rung, repeat + 1
    for index in range(rung + 1, len(policy.rungs)):
        if left >> index & 1 and not _is_quiet(policy, index, local):
            return index, 0
    return None, 0


def _is_quiet(policy: Policy, rung: int, local: datetime | None) -> bool:
    return local is not None and not policy.kinds_at(rung, local)
