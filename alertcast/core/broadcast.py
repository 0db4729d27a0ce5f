"""The broadcast (下发): one decision to tell people, what it froze, in which order it leaves."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Purpose(StrEnum):
    """Why people are told."""

    WARNING = "warning"  # relays official alerts
    ALL_CLEAR = "all_clear"  # relays an official end (解除) to those who were told
    PART_CLEAR = "part_clear"  # the same, of the places in which alone it ends
    DOWNGRADE = "downgrade"  # tells those who were told that the level fell where they are (降级)
    CORRECTION = "correction"  # tells those who were told that a message was wrong (更正)
    DESK = "desk"  # an officer's own internal notice (内部通知)
    TEST = "test"  # asks people to confirm that their numbers are right
    CONFIRM = "confirm"  # asks duty officer and 带班领导 whether a doubtful warning goes out
    STATION = "station"  # asks keepers of stations whether they are open tonight


class BroadcastState(StrEnum):
    """Where a broadcast stands."""

    DRAFT = "draft"  # being written; nothing is planned
    APPROVAL = "approval"  # waits for a human to confirm it
    WAITING = "waiting"  # confirmed, in its undo window
    RUNNING = "running"  # tasks leave and callouts climb
    HELD = "held"  # restored from a backup while it ran: a human says whether it goes on
    CLOSED = "closed"  # every callout and task has come to an end
    CANCELLED = "cancelled"  # an officer stopped it (停止叫应)


BROADCAST_MOVES: dict[BroadcastState, frozenset[BroadcastState]] = {
    BroadcastState.DRAFT: frozenset(
        {
            BroadcastState.APPROVAL,
            BroadcastState.WAITING,
            BroadcastState.RUNNING,
            BroadcastState.CANCELLED,
        }
    ),
    BroadcastState.APPROVAL: frozenset(
        {BroadcastState.WAITING, BroadcastState.RUNNING, BroadcastState.CANCELLED}
    ),
    BroadcastState.WAITING: frozenset(
        {BroadcastState.RUNNING, BroadcastState.HELD, BroadcastState.CANCELLED}
    ),
    BroadcastState.RUNNING: frozenset(
        {BroadcastState.HELD, BroadcastState.CLOSED, BroadcastState.CANCELLED}
    ),
    BroadcastState.HELD: frozenset({BroadcastState.RUNNING, BroadcastState.CANCELLED}),
    BroadcastState.CLOSED: frozenset(),
    BroadcastState.CANCELLED: frozenset(),
}
"""Every move there is."""


@dataclass(frozen=True, slots=True)
class Broadcast:
    """One decision to tell people; policy, roster, layer and wording are frozen in it."""

    id: int
    key: str  # derived from what triggered it; unique, so that the same trigger is one broadcast
    purpose: Purpose
    mode: str  # live or drill
    state: BroadcastState
    episode_id: int | None
    layer_id: int | None
    roster_id: int | None
    hazard: str | None  # key of config/hazards.toml
    title: str  # the official headline, or the officer's own first words
    slots: dict[str, dict[str, dict[str, str]]]  # language -> level or "*" -> slot -> value
    policies: dict[str, dict[str, object]]  # policy name -> Policy.frozen()
    wording: dict[str, dict[str, str]]  # the texts it uses, by id and language
    created_at: datetime
    created_by: str  # user name, or "scheduler"
    starts_at: datetime  # end of the undo window, product time
    expires_at: datetime | None  # nothing leaves after this, product time
    ended_at: datetime | None = None
    scripts: dict[str, dict[str, str]] = field(default_factory=dict)  # script, copy -> by language
    wording_versions: dict[str, str] = field(default_factory=dict)  # text id -> version and digest
    corrects_id: int | None = None  # the broadcast that was wrong; only a correction has one

    @property
    def over(self) -> frozenset[str]:
        """Codes of the grids in which an end in part is, also where nobody is to hear of it."""
        return frozenset(self.slots.get("zh", {}).get("*", {}).get("over", "").split())

    @property
    def fell(self) -> frozenset[str]:
        """Codes of the grids whose level a downgrade lowered, as it was when it was planned."""
        return frozenset(self.slots.get("zh", {}).get("*", {}).get("fell", "").split())


def gridless(
    key: str,
    purpose: Purpose,
    *,
    title: str,
    slots: dict[str, dict[str, dict[str, str]]],
    created_at: datetime,
    state: BroadcastState = BroadcastState.RUNNING,
    episode_id: int | None = None,
    hazard: str | None = None,
    starts_at: datetime | None = None,
    expires_at: datetime | None = None,
) -> Broadcast:
    """Return a live broadcast of the scheduler that calls for no grid; its texts are frozen later.

    `starts_at`, product time: None is `created_at`.
    """
    return Broadcast(
        id=0,
        key=key,
        purpose=purpose,
        mode="live",
        state=state,
        episode_id=episode_id,
        layer_id=None,
        roster_id=None,
        hazard=hazard,
        title=title,
        slots=slots,
        policies={},
        wording={},
        created_at=created_at,
        created_by="scheduler",
        starts_at=starts_at or created_at,
        expires_at=expires_at,
    )


REPEAT = 5
"""What a second attempt adds to its priority: first attempts of the same level go before it."""

HELP = 1
"""Priority of a call for help: before all but corrections."""

PATIENT = 100
"""What good news adds to its priority: everything else that is live goes before it."""


def priority(purpose: Purpose, mode: str, level_rank: int) -> int:
    """Return the order in which tasks leave; lower goes first.

    Corrections, questions to the desk, then severity (`level_rank` 0 is the highest), then
    downgrades; a repeat adds `REPEAT`; drills after everything live.
    """
    first = {Purpose.CORRECTION: 0, Purpose.CONFIRM: HELP}
    base = first.get(purpose, 10 + 10 * level_rank)
    base += PATIENT if purpose is Purpose.DOWNGRADE else 0
    return base + (1000 if mode == "drill" else 0)
