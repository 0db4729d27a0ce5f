"""An officer adds a person to grids that nobody has answered for (增派): told now, may answer.

Of the roster, or by name and number where somebody is not in it. In a drill only those of the
roster who are enrolled for drills.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from alertcast.core.broadcast import Broadcast, BroadcastState
from alertcast.core.callout import ADDED
from alertcast.core.plan import Telling
from alertcast.dispatch.call_again import WITHOUT_ANSWER
from alertcast.dispatch.tell import tell
from alertcast.dispatch.world import World
from alertcast.store import added, audit, broadcasts, callouts, people, turns
from alertcast.store.again import begun_again
from alertcast.store.db import Tx

KINDS = ("sms", "voice")
"""How somebody who was added is told: an officer who adds a person wants an answer."""


class CanNotAdd(StrEnum):
    """Why a person was not added."""

    OVER = "over"  # the broadcast does not run, or somebody has answered for all of these grids
    KNOWN = "known"  # the person is on the list of all of these grids
    NOT_ENROLLED = "not_enrolled"  # a drill tells those who are enrolled for drills, nobody else
    NOBODY = "nobody"  # there is no such person in the roster of this broadcast


@dataclass(frozen=True, slots=True)
class Stranger:
    """Somebody who is not in the roster."""

    name: str
    phone: str  # E.164


@dataclass(frozen=True, slots=True)
class Added:
    """Who was added to how many grids."""

    person_id: int
    grids: int


@begun_again
def add_person(
    world: World,
    *,
    broadcast_id: int,
    codes: Sequence[str],
    who: int | Stranger,
    user: str,
    now: datetime,
) -> Added | CanNotAdd:
    """Let a person (an id of the roster, or a stranger) answer for grids, and tell him of them.

    Twice adds him once. A number that somebody in the roster has means that person.
    """
    with world.db.write() as tx:
        turns.take(tx, "decide")
        found = broadcasts.get(tx, broadcast_id, lock=True)
        if found is None or found.state is not BroadcastState.RUNNING:
            return CanNotAdd.OVER
        wanted = set(codes)
        ids = [o.id for o in callouts.of_broadcast(tx, found.id) if o.grid_code in wanted]
        cells = [o for o in callouts.by_id(tx, ids).values() if o.state in WITHOUT_ANSWER]
        if not cells:
            return CanNotAdd.OVER
        person_id = _person(world, tx, found, who, now)
        if isinstance(person_id, CanNotAdd):
            return person_id
        contact = people.contacts(tx, world.db.vault, [person_id])[person_id]
        tellings = [
            Telling(new, person_id, contact.phone_index, contact.languages, one.level)
            for one in cells
            if (new := callouts.add_respondent(tx, one, person_id, ADDED)) is not None
        ]
        if not tellings:
            return CanNotAdd.KNOWN
        tell(world, tx, found, tellings, KINDS, now)
        subject, grids = f"broadcast:{broadcast_id}", sorted(one.grid_code for one in cells)
        audit.record(tx, user, "add_person", subject, now, person=person_id, grids=grids)
    return Added(person_id, len(tellings))


def _person(
    world: World, tx: Tx, found: Broadcast, who: int | Stranger, now: datetime
) -> int | CanNotAdd:
    """Return the id of the person, who is written down if there was none."""
    vault, is_drill = world.db.vault, found.mode == "drill"
    if isinstance(who, Stranger):
        known = added.find(tx, found.id, found.roster_id, vault.index(who.phone))
        if known is None:
            language = world.config.main.office.language
            return (
                CanNotAdd.NOT_ENROLLED
                if is_drill
                else added.add(tx, vault, found.id, who.name, who.phone, language, now)
            )
        who = known
    is_enrolled = added.is_enrolled(tx, found.roster_id, who)
    if is_enrolled is None and callouts.same_person_elsewhere(tx, found.id, [who]):
        return who  # was added before
    if is_enrolled is None:
        return CanNotAdd.NOBODY
    return CanNotAdd.NOT_ENROLLED if is_drill and not is_enrolled else who
