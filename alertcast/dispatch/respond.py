"""An officer writes down that a response level (应急响应) began, was changed, or ended; recorded.

It calls nobody and changes no warning: what it says is what an office has decided elsewhere.
"""

from datetime import datetime

from alertcast.core.response import AHEAD, CanNotRespond, Response, check_words
from alertcast.dispatch.world import World
from alertcast.store import audit, responses, turns
from alertcast.store.again import begun_again


@begun_again
def begin(world: World, one: Response, user: str, now: datetime) -> int | None:
    """Write down a response; it ends the one of its kind and area at another level.

    None if just this level holds there already: twice is once. Raises CanNotRespond.
    """
    one.check(now)
    with world.db.write() as tx:
        turns.take(tx, "respond")
        known = responses.holding(tx, one.kind, one.area)
        if known is not None and known["level"] == one.level:
            return None
        if known is not None:
            if one.starts_at < known["starts_at"]:
                raise CanNotRespond("too_early")
            responses.end(tx, known["id"], one.starts_at, one.office, one.document, user)
        made = responses.begin(tx, one, user)
        audit.record(
            tx,
            user,
            "start_response",
            f"response:{made}",
            now,
            kind=one.kind,
            level=one.level,
            area=one.area,
            office=one.office,
            document=one.document,
            instead=known["id"] if known is not None else None,
        )
    return made


@begun_again
def end(
    world: World,
    response_id: int,
    *,
    at: datetime,
    office: str,
    document: str,
    user: str,
    now: datetime,
) -> bool:
    """Write down that a response has ended; False if it had before. Raises CanNotRespond."""
    check_words(office, document)
    if at > now + AHEAD:
        raise CanNotRespond("to_come")
    with world.db.write() as tx:
        turns.take(tx, "respond")
        found = responses.get(tx, response_id)
        if found is None or found["ended_at"] is not None:
            return False
        if at < found["starts_at"]:
            raise CanNotRespond("too_early")
        responses.end(tx, response_id, at, office, document, user)
        subject = f"response:{response_id}"
        audit.record(tx, user, "end_response", subject, now, office=office, document=document)
    return True
