"""An officer lets one person be called again (再次呼叫), now and once.

Nothing is called twice: whoever is being called at this moment is left alone, a call that waits
is made now instead of later, and whoever has answered is not called any more. Stopping the calling
takes the same turn: what comes after it does nothing, what came before it is stopped.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from alertcast.core.broadcast import Broadcast, BroadcastState
from alertcast.core.callout import Callout, CalloutState
from alertcast.core.plan import Telling
from alertcast.core.task import TaskState
from alertcast.dispatch.tell import tell
from alertcast.dispatch.world import World
from alertcast.store import audit, broadcasts, callouts, ladders, moving, turns
from alertcast.store.again import begun_again
from alertcast.store.db import Tx
from alertcast.store.ladders import Candidate

WITHOUT_ANSWER = (CalloutState.OPEN, CalloutState.UNREACHED)
"""States of a callout for which somebody may still be called."""


class Again(StrEnum):
    """What became of the wish to call a person again."""

    CALLED = "called"  # a new call is planned, due now
    SOONER = "sooner"  # a call that waited for its time is due now
    BY_HAND = "by_hand"  # no channel calls this number: an officer dials
    UNDERWAY = "underway"  # this person is being called at this moment
    ANSWERED = "answered"  # this person has answered
    NEEDLESS = "needless"  # somebody else has answered for all the grids
    CHANGED = "changed"  # another message was planned since the page was looked at
    OVER = "over"  # the broadcast does not run (any more)


DONE = (Again.CALLED, Again.SOONER, Again.BY_HAND)
"""Where something was done; it is recorded."""


@begun_again
def call_again(
    world: World,
    *,
    broadcast_id: int,
    person_id: int,
    user: str,
    now: datetime,
    seen: int | None = None,
) -> Again:
    """Call a person for all the grids of a broadcast that nobody has answered for.

    `seen` is the newest message to the person that the officer saw (`moving.newest`): the same form
    sent twice makes one call. Raises LookupError if the person answers for no grid of it.
    """
    with world.db.write() as tx:
        turns.take(tx, "decide")
        found = broadcasts.get(tx, broadcast_id, lock=True)
        mine = callouts.same_person_elsewhere(tx, broadcast_id, [person_id])
        if found is None or not mine:
            msg = f"person {person_id} answers for no grid of broadcast {broadcast_id}"
            raise LookupError(msg)
        done = _again(world, tx, found, person_id, mine, now, seen)
        if done in DONE:
            subject = f"broadcast:{broadcast_id}"
            audit.record(tx, user, "call_again", subject, now, person=person_id, how=done.value)
    return done


def _again(
    world: World,
    tx: Tx,
    found: Broadcast,
    person_id: int,
    mine: Sequence[int],
    now: datetime,
    seen: int | None,
) -> Again:
    if found.state is not BroadcastState.RUNNING:
        return Again.OVER
    ids = {one.callout_id for one in callouts.respondents_by_id(tx, mine)}
    open_ones = {
        one.id: one for one in callouts.by_id(tx, ids).values() if one.state in WITHOUT_ANSWER
    }
    left = [
        one
        for those in ladders.candidates(tx, list(open_ones)).values()
        for one in those
        if one.person_id == person_id
    ]
    if not left:
        said = callouts.answered(tx, ids)
        has_answered = any(set(mine) & those for those in said.values())
        return Again.ANSWERED if has_answered else Again.NEEDLESS
    known = moving.calls(tx, found.id, person_id)
    if known:
        waiting = [one.id for one in known if one.state is TaskState.QUEUED]
        is_sooner = len(waiting) == len(known) and moving.hurry(tx, waiting, now)
        return Again.SOONER if is_sooner else Again.UNDERWAY
    if seen is not None and seen != moving.newest(tx, found.id, person_id):
        return Again.CHANGED
    tell(world, tx, found, _tellings(left, open_ones), ("voice",), now)
    made = moving.calls(tx, found.id, person_id)
    is_by_hand = any(one.state is TaskState.MANUAL for one in made)
    return Again.BY_HAND if is_by_hand else Again.CALLED


def _tellings(left: Sequence[Candidate], open_ones: dict[int, Callout]) -> list[Telling]:
    return [
        Telling(
            one.id, one.person_id, one.phone_index, one.language, open_ones[one.callout_id].level
        )
        for one in left
    ]
