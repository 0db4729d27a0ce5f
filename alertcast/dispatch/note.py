"""An officer has looked at what sources say differently of an alert: it is red no more."""

from datetime import datetime

import structlog

from alertcast.dispatch.world import World
from alertcast.store import audit, witnesses
from alertcast.store.again import begun_again

log = structlog.get_logger()


@begun_again
def note(world: World, alert_id: int, until: int, user: str, now: datetime) -> int:
    """Note the contradictions of an alert that an officer has seen; return how many are new.

    `until` is the number of the last one that he was shown: what came since stays red, and so does
    whatever a source says next. Twice is once.
    """
    with world.db.write() as tx:
        noted = witnesses.note(tx, alert_id, until, user, now)
        if noted:
            audit.record(tx, user, "note", f"alert:{alert_id}", now, noted=noted)
    if noted:
        log.info("contradictions noted", alert=alert_id, count=len(noted))
    return len(noted)
