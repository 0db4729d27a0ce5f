"""A list of stations (驿站) that was sent to a page: how it is read, shown and written."""

from datetime import datetime
from typing import Any

from alertcast.core.upload import Upload
from alertcast.dispatch import bring_stations
from alertcast.dispatch.bring_stations import Found
from alertcast.dispatch.upload_reader import Reader
from alertcast.dispatch.upload_report import MOST, base, marked, problems_of
from alertcast.dispatch.world import World
from alertcast.grids.masking import masked_in
from alertcast.grids.roster import Watched
from alertcast.grids.sheet import Content
from alertcast.store.db import Tx


class StationsReader(Reader[Found]):
    """As `alertcast stations import` does it."""

    def look(self, world: World, one: Upload, raw: bytes, watched: Watched) -> Found:
        """Read it, and compare it with the stations of the roster in use."""
        return bring_stations.look(world, Content(one.file, raw))

    def report(self, found: Found) -> dict[str, Any]:
        """Return which are added, changed and removed, and what is wrong; no keeper is named."""
        changes = found.changes
        return {
            **base(found.roster["id"], found.layer_id, found.roster),
            **problems_of(found.read.problems),
            "stations": found.before,
            "n": len(found.read.stations),
            "is_empty": not found.read.stations,
            "before": changes.before,
            "added": changes.count("added"),
            "changed": changes.count("changed"),
            "removed": changes.count("removed"),
            "changes": [
                {
                    "what": one.what,
                    "code": masked_in(one.station.code),
                    "name": masked_in(one.station.name),
                    "fields": list(one.fields),
                }
                for one in changes.changes[:MOST]
            ],
        }

    def copy(self, raw: bytes, found: Found) -> bytes | None:
        """Return it with its bad cells marked, if it has any."""
        return marked(raw, found.read.problems, found.read.headers)

    def write(
        self, world: World, tx: Tx, one: Upload, found: Found, *, by: str, now: datetime
    ) -> dict[str, Any]:
        """Give them to the roster in use; raises ChangedMeanwhile."""
        bring_stations.write(world, tx, found, by=by, now=now)
        roster = found.roster
        return {"id": roster["id"], "version": roster["version"], "n": len(found.read.stations)}
