"""The roster is looked at for what it lacks: once a day, and when it or the layer is another."""

from datetime import datetime, timedelta

import structlog

from alertcast.core import roster_gaps as gaps
from alertcast.core.roster_gaps import Gap
from alertcast.core.watch import Finding
from alertcast.dispatch.world import World
from alertcast.store import grids, people, roster_gaps, turns
from alertcast.store.db import Tx
from alertcast.store.roster_gaps import Scope

log = structlog.get_logger()


def scope(world: World, tx: Tx, now: datetime, area: str = "") -> Scope | None:
    """Return what is to be checked; None as long as there is no roster or no layer."""
    roster, layer = people.active_roster(tx), grids.active_layer(tx)
    if roster is None or layer is None:
        return None
    section = world.config.main.roster
    return Scope(
        roster_id=roster["id"],
        layer_id=layer["id"],
        leads=tuple(one.key for one in world.config.roles.values() if one.leads),
        confirmed_since=now - timedelta(days=section.confirm_days),
        unreached_in=section.unreached_in,
        day=world.local(now).date(),
        area=area,
    )


def check_due(world: World, now: datetime) -> bool:
    """Check the roster in use if that is due; say whether it was."""
    with world.db.read() as tx:
        due = _due(world, tx, now)
        found = None if due is None else roster_gaps.counts(tx, due)
    if due is None or found is None:
        return False
    with world.db.write() as tx:
        if not turns.is_free(tx, "check roster"):
            return False
        roster_gaps.write(tx, due, found, now)
    log.info("roster checked", roster=due.roster_id, **found)
    return True


def findings(tx: Tx) -> list[Finding]:
    """Return what the last check found that is red."""
    last = roster_gaps.last(tx)
    counted = {} if last is None else last["counts"]
    return [
        Finding(gap, count=counted[gap], since=last["at"])
        for gap in Gap
        if last is not None and gap in gaps.RED and counted.get(gap)
    ]


def _due(world: World, tx: Tx, now: datetime) -> Scope | None:
    due, last = scope(world, tx, now), roster_gaps.last(tx)
    if due is None or last is None:
        return due
    if (last["roster_id"], last["layer_id"]) != (due.roster_id, due.layer_id):
        return due
    return due if gaps.is_due(world.local(last["at"]), world.local(now)) else None
