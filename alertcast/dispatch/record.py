"""The call record (叫应记录) of a broadcast: made, named by a checksum, handed out and recorded.

The checksum is that of the facts alone: whoever makes the record again, in any form, gets the same
as long as the database says the same.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from alertcast.core.broadcast import Broadcast
from alertcast.core.wording import Texts
from alertcast.dispatch.compose import template_of
from alertcast.dispatch.world import World
from alertcast.store import audit, broadcasts
from alertcast.store.db import Tx
from alertcast.store.report_faces import Faces
from alertcast.store.report_record import RecordFacts, TextFacts, record_facts


class NoRecord(LookupError):
    """There is no such broadcast, or none of it lies in the area."""


@dataclass(frozen=True, slots=True)
class Worded:
    """A text of the record: which one it is of those that were frozen, and its version."""

    text_id: str
    version: str


@dataclass(frozen=True, slots=True)
class Record:
    """The facts, and whose copy of them this is."""

    facts: RecordFacts
    worded: tuple[Worded, ...]  # for each of facts["texts"]
    checksum: str  # SHA-256 of the facts, in hex
    is_open: bool  # names and phones in full
    made_at: datetime
    made_by: str


def made(
    world: World, tx: Tx, broadcast_id: int, *, user: str, now: datetime, area: str, is_open: bool
) -> Record:
    """Return the record of a broadcast within `area` as it stands now; raises NoRecord."""
    facts = record_facts(tx, Faces(world.db.vault, is_open), broadcast_id, area=area)
    if facts is None:
        msg = f"broadcast {broadcast_id}: there is none"
        raise NoRecord(msg)
    frozen = broadcasts.get(tx, broadcast_id)
    worded = tuple(_worded(world, frozen, one) for one in facts["texts"]) if frozen else ()
    return Record(facts, worded, checksum(facts), is_open, now, user)


def taken(
    world: World,
    broadcast_id: int,
    form: str,
    *,
    user: str,
    now: datetime,
    area: str = "",
    why: str = "",
) -> Record:
    """Record that `user` takes the record out in a form (pdf, csv ...), and return it.

    With a reason `why` names and phones are in full, else masked. What is read is read before
    anything is locked: a record of a whole county takes seconds. Raises NoRecord.
    """
    with world.db.read() as tx:
        record = made(world, tx, broadcast_id, user=user, now=now, area=area, is_open=bool(why))
    subject = f"record:{broadcast_id}"
    with world.db.write() as tx:
        if why:
            audit.record(tx, user, "unmask", subject, now, why=why)
        audit.record(
            tx, user, "export_record", subject, now, form=form, area=area, checksum=record.checksum
        )
    return record


def checksum(facts: RecordFacts) -> str:
    """Return the SHA-256 of the facts of a record, in hex: of their canonical JSON."""
    return sha256(canonical(facts).encode()).hexdigest()


def canonical(facts: object) -> str:
    """Return facts as JSON of one form: keys in order, times as ISO 8601, no space."""
    return json.dumps(
        facts,
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
        default=datetime.isoformat,
    )


def _worded(world: World, broadcast: Broadcast, one: TextFacts) -> Worded:
    texts = Texts(broadcast.wording)
    text_id = template_of(world, texts, one["template"], broadcast.hazard, one["level"])
    return Worded(text_id, broadcast.wording_versions.get(text_id, ""))
