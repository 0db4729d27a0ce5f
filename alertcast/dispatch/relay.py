"""转告: a leader says how many households were told, on the page of a link or to an officer.

What an officer writes down here answers for no grid: a spoken answer is written down beside it.
"""

from collections.abc import Mapping
from datetime import datetime

import structlog

from alertcast.core.relay import Counts
from alertcast.dispatch.world import World
from alertcast.store import audit, callouts, relays
from alertcast.store.again import begun_again

log = structlog.get_logger()


@begun_again
def write_down(
    world: World,
    *,
    broadcast_id: int,
    person_id: int,
    given: Mapping[int, Counts],
    user: str,
    now: datetime,
) -> int:
    """Write down counts that a person said to an officer, by respondent; return how many are new.

    The same counts once more change nothing. Raises LookupError if a respondent is not that person
    in that broadcast.
    """
    with world.db.write() as tx:
        own = callouts.same_person_elsewhere(tx, broadcast_id, [person_id])
        if given.keys() - set(own):
            msg = f"person {person_id} does not answer for these grids in broadcast {broadcast_id}"
            raise LookupError(msg)
        news = relays.write(tx, broadcast_id, given, at=now, via="spoken", by_user=user)
        if news:
            subject = f"broadcast:{broadcast_id}"
            audit.record(tx, user, "relay", subject, now, person=person_id, grids=len(news))
    log.info("counts written down", broadcast=broadcast_id, grids=len(news))
    return len(news)
