"""How many of the messages that a channel took lately were never reported on."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, bindparam, case, exists, func, or_, select

from alertcast.core.task import AttemptState
from alertcast.store.db import Tx
from alertcast.store.schema import attempt, channel_state, receipt

_SAID_NOTHING = (
    AttemptState.LEAVING,
    AttemptState.UNKNOWN,
    AttemptState.ABSENT,
    AttemptState.THROTTLED,
    AttemptState.REFUSED,
    AttemptState.WITHHELD,
)
"""The provider has not said that it took these: no receipt is owed."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What came back of a channel's messages."""

    taken: int  # that the provider accepted
    unheard: int  # of them: not one receipt, and nothing when it was asked


def unheard(tx: Tx, channel: str, since: datetime, before: datetime) -> Heard:
    """Count the messages taken from `since` to `before` (product time).

    What left before the channel was last found slow says nothing new and is left out.
    """
    # ids ascend with time: only the latest attempts are looked at, however many there ever were
    older = tx.execute(_OLDER, {"since": since}).scalar() or 0
    asked = {"older": older, "channel": channel, "since": since, "before": before}
    taken, silent = tx.execute(_COUNT, asked).one()
    return Heard(int(taken), int(silent or 0))


_OLDER = (
    select(attempt.c.id)
    .where(attempt.c.requested_at < bindparam("since"))
    .order_by(attempt.c.id.desc())
    .limit(1)
)
_IS_SILENT = and_(
    attempt.c.state == AttemptState.ACCEPTED,
    ~exists().where(receipt.c.attempt_id == attempt.c.id),
)
_COUNT = (
    select(func.count(), func.sum(case((_IS_SILENT, 1), else_=0)))
    .select_from(attempt)
    .outerjoin(channel_state, channel_state.c.name == attempt.c.channel)
    .where(
        attempt.c.id > bindparam("older"),
        attempt.c.channel == bindparam("channel"),
        attempt.c.requested_at >= bindparam("since"),
        attempt.c.requested_at <= bindparam("before"),
        attempt.c.state.notin_(_SAID_NOTHING),
        or_(
            channel_state.c.slow_until.is_(None),
            attempt.c.requested_real > channel_state.c.slow_until,
        ),
    )
)
