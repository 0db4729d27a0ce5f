"""Duplicates and losses, counted from the carrier's ledger against the plan.

The plan says which messages had to leave; the ledger says which ones the carrier took. Our own
record of having sent something proves nothing here: it is held against the ledger.
"""

from collections.abc import Set
from dataclasses import dataclass
from itertools import pairwise

from alertcast.core.phone import mask
from alertcast.core.task import AttemptState, TaskState
from alertcast.simulator.ledger import Ledger
from alertcast.store.attempts import NEVER_LEFT
from alertcast.store.db import Database
from alertcast.store.outbox import PlannedMessage, planned_messages, untold

_NOT_SENT = frozenset({TaskState.CANCELLED, TaskState.EXPIRED, TaskState.MANUAL})
_ENDED = frozenset(
    {
        AttemptState.BUSY,
        AttemptState.NO_ANSWER,
        AttemptState.MACHINE,
        AttemptState.COMPLETED,
        AttemptState.FAILED,
        AttemptState.CANCELLED,
    }
)


@dataclass(frozen=True, slots=True)
class Count:
    """What did not go as planned; nothing in either list is a good night."""

    duplicates: tuple[str, ...]  # one line each, phones masked
    lost: tuple[str, ...]
    messages: int  # SMS that the carrier took
    calls: int

    @property
    def is_good(self) -> bool:
        """Say whether something left, nothing twice, and nothing was lost."""
        return bool(self.messages or self.calls) and not self.duplicates and not self.lost


def count(db: Database, ledger: Ledger) -> Count:
    """Hold every planned message against what the carrier took.

    Lost: a planned message that the carrier has no trace of and that nobody stopped. Doubled: a
    message the carrier took and no attempt of ours asked for, or a second one while the first had
    not come to an end without an answer.
    """
    with db.read() as tx:
        planned = planned_messages(tx, db.vault)
        nobody = untold(tx)
    taken = {one.sid: one for one in (*ledger.messages(), *ledger.calls())}
    refused = {(one.kind, one.to) for one in ledger.refused()}
    asked = {tried.provider_ref for one in planned for tried in one.tried}
    duplicates = [
        f"{one.kind} to {mask(one.to)}: taken by the carrier, asked for by no attempt"
        for sid, one in taken.items()
        if sid not in asked
    ]
    lost = [f"respondent {one}: first rung started, no task" for one in nobody]
    for one in planned:
        if one.kind == "manual":
            continue
        duplicates += doubled(one, taken.keys())
        lost += _missing(one, taken.keys(), refused)
    return Count(tuple(duplicates), tuple(lost), len(ledger.messages()), len(ledger.calls()))


def doubled(one: PlannedMessage, taken: Set[str]) -> list[str]:
    """Return what left more than once; what was given up for absent and yet was taken has left.

    Who is being called again while he calls back was not called again after his answer.
    """
    left = [
        tried for tried in one.tried if tried.state not in NEVER_LEFT or tried.provider_ref in taken
    ]
    return [
        f"{one.kind} to {mask(one.phone)}, task {one.task_id}: sent again after {tried.state}"
        for tried, later in pairwise(left)
        if tried.state not in _ENDED or (tried.pressed_at and tried.pressed_at < later.requested_at)
    ]


def _missing(
    one: PlannedMessage, taken: Set[str], refused: set[tuple[str, str | None]]
) -> list[str]:
    named = f"{one.kind} to {mask(one.phone)}, task {one.task_id}"
    left = [tried for tried in one.tried if tried.state not in NEVER_LEFT]
    lost = [
        f"{named}: recorded as {tried.state}, unknown to the carrier"
        for tried in left
        if tried.provider_ref not in taken
    ]
    if left or one.state in _NOT_SENT:
        return lost
    kind = "message" if one.kind == "sms" else "call"
    if one.state is TaskState.FAILED and (kind, one.phone) in refused:
        return lost
    return [*lost, f"{named}: planned, {one.state}, and never left"]
