"""What some of its grids were told a moment ago is not sent again by mistake."""

from datetime import datetime, timedelta

from alertcast.core.broadcast import Purpose
from alertcast.core.refusal import sentence
from alertcast.dispatch.start import CanNotStart, Start
from alertcast.store import repeats
from alertcast.store.db import Tx

LATELY = timedelta(minutes=30)
"""Product time in which the same words to the same grids are taken for a mistake."""


class SentBefore(CanNotStart):
    """The same was sent a moment ago: whoever wants it again says so."""

    def __init__(self, broadcast_id: int) -> None:
        minutes = LATELY.total_seconds() / 60
        super().__init__(
            sentence(
                "{minutes:.0f} 分钟内已向其中的网格下发过同样的内容：#{id}",
                minutes=minutes,
                id=broadcast_id,
            )
        )
        self.broadcast_id = broadcast_id


def lately(tx: Tx, new: Start, now: datetime) -> int | None:
    """Return what told one of these grids the same a moment ago: notice or relay; or None."""
    codes = [hit.grid.code for hit in new.hits]
    if new.purpose is Purpose.WARNING:
        return repeats.relayed(tx, new.mode, new.alerts, codes, now - LATELY)
    if new.purpose is not Purpose.DESK:
        return None
    return repeats.told(tx, new.mode, new.title, new.slots, codes, now - LATELY)
