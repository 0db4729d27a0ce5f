"""A roster that was sent to a page: how it is read, shown and written."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from alertcast.core.roster_diff import Change, Difference
from alertcast.core.upload import Upload
from alertcast.dispatch import bring_roster, roster_check
from alertcast.dispatch.bring_roster import Found
from alertcast.dispatch.upload_reader import Reader
from alertcast.dispatch.upload_report import MOST, base, marked, problems_of
from alertcast.dispatch.world import World
from alertcast.grids.masking import shown
from alertcast.grids.roster import Watched
from alertcast.grids.sheet import Content
from alertcast.store import roster_gaps
from alertcast.store.db import Tx


class RosterReader(Reader[Found]):
    """As `alertcast roster import` does it."""

    def look(self, world: World, one: Upload, raw: bytes, watched: Watched) -> Found:
        """Read it, and compare it with the roster in use."""
        read = bring_roster.read(world, Content(one.file, raw), watched=watched)
        return bring_roster.compared(world, read)

    def report(self, found: Found) -> dict[str, Any]:
        """Return who is added, changed and removed, and what is wrong."""
        changes, roster = found.changes, found.read.roster
        return {
            **base(found.before_id, found.read.layer_id, found.before),
            **problems_of(found.read.problems),
            "people": len(roster.people),
            "posts": len(roster.posts),
            "is_empty": not roster.posts,
            "before_people": changes.people,
            "before_posts": changes.posts,
            "added": changes.count("added"),
            "changed": changes.count("changed"),
            "removed": changes.count("removed"),
            "posts_added": changes.posts_added,
            "posts_removed": changes.posts_removed,
            "changes": [_change(one) for one in _first(changes)],
        }

    def ahead(self, world: World, found: Found, now: datetime) -> dict[str, Any]:
        """Return what it would lack, what the one in use lacks, and which grids nobody leads."""
        then = bring_roster.ahead(world, found.read, now)
        with world.db.read() as tx:
            scope = roster_check.scope(world, tx, now)
            before = {} if scope is None else roster_gaps.counts(tx, scope)
        unled = then.unled[:MOST]
        return {
            "gaps": {gap.value: n for gap, n in then.gaps.items()},
            "gaps_before": {gap.value: n for gap, n in before.items()},
            "unled": [{"code": one.code, "name": f"{one.town}{one.name}"} for one in unled],
        }

    def copy(self, raw: bytes, found: Found) -> bytes | None:
        """Return it with its bad cells marked, if it has any."""
        return marked(raw, found.read.problems, found.read.roster.headers)

    def write(
        self, world: World, tx: Tx, one: Upload, found: Found, *, by: str, now: datetime
    ) -> dict[str, Any]:
        """Make it the roster in use; raises ChangedMeanwhile."""
        new_id, version = bring_roster.write(world, tx, one.name, found, by=by, now=now)
        return {"id": new_id, "version": version, "n": len(found.read.roster.people)}

    def after(self, world: World, done: dict[str, Any], now: datetime) -> None:
        """Look for what it lacks."""
        roster_check.check_due(world, now)


def _first(changes: Difference) -> Sequence[Change]:
    """Return the first changes; those who are removed come first: that is what is looked at."""
    return sorted(changes.changes, key=lambda one: one.what, reverse=True)[:MOST]


def _change(one: Change) -> dict[str, Any]:
    who, (gained, gone) = one.after or one.before, one.posts
    return {
        "what": one.what,
        "name": shown("name", who.name) if who else "",
        "fields": list(one.fields),
        "gained": [list(held) for held in gained],
        "gone": [list(held) for held in gone],
    }
