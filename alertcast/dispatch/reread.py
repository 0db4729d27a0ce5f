"""A document that was put aside is read again, by today's code and configuration.

What can be read now is kept as if it had just come, and is decided on at the next tick. The
document itself stays, whatever comes of it. Twice is once: what is known already is not new.
Without the section of its source nothing is read: its signatures, its mapping and its jurisdiction
are in there, and the usual rules would believe anybody.
"""

from dataclasses import dataclass
from datetime import datetime

import structlog

from alertcast.dispatch import replace
from alertcast.dispatch.ingest import keep_document, read_document
from alertcast.dispatch.world import World
from alertcast.sources.base import Document
from alertcast.store import audit, quarantine, turns, witnesses
from alertcast.store.again import begun_again
from alertcast.store.quarantine import ReasonFacts

log = structlog.get_logger()


class SourceGone(Exception):
    """The source that brought a document is not configured (any more)."""

    def __init__(self, source: str) -> None:
        """Take the name of the source."""
        self.source = source
        super().__init__(
            f"source {source!r} is not configured any more: write its section "
            f"[sources.{source}] as it was, under this name, and read the document again; "
            "it stays in quarantine"
        )


@dataclass(frozen=True, slots=True)
class Reread:
    """What came of reading a document again."""

    id: int  # of the document
    new: tuple[int, ...]  # ids of alerts that were not known before
    known: tuple[int, ...]  # ids of alerts that were
    left: tuple[ReasonFacts, ...]  # why something of it can still not be read; empty: settled


@begun_again
def reread(world: World, quarantine_id: int, user: str, now: datetime) -> Reread | None:
    """Read a document again; None if there is none of this number.

    Raises SourceGone, and DataKeyError if it was sealed with another key; neither changes anything.
    """
    with world.db.write() as tx:
        turns.take(tx, "keep")
        row = quarantine.row_of(tx, quarantine_id, lock=True)
        if row is None:
            return None
        if not is_known(world, row["source"]):
            raise SourceGone(row["source"])
        document = Document(
            raw=witnesses.opened(world.db.vault, row["raw"]),
            content_type=row["content_type"],
            where=row["location"],
            title=row["title"],
            place=row["place"],
        )
        signed = world.signed[row["source"]]
        received = row["received_at"]
        items = read_document(world, row["source"], document, signed, received)
        replace.take_turn(tx, items)
        kept = keep_document(world, tx, row["source"], document, items, signed, now)
        quarantine.retried(tx, quarantine_id, kept.refused, now)
        subject = f"quarantine:{quarantine_id}"
        audit.record(tx, user, "reread", subject, now, new=len(kept.new), left=len(kept.refused))
    log.info("read again", document=quarantine_id, new=len(kept.new), left=len(kept.refused))
    return Reread(quarantine_id, kept.new, kept.known, kept.refused)


def is_known(world: World, source: str) -> bool:
    """Say whether a source is configured: only then can its documents be read again."""
    return source in world.signed
