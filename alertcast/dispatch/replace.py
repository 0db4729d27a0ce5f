"""A warning turns out to have replaced an earlier one after both were decided on.

China's lists do not say what replaces what, and fuller words may come late. Then the earlier one
gives way, and what an update does at once happens now: the calling stops where nothing is to be
told any more, and whoever was told hears of a downgrade, or of an end in his place.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

import structlog

from alertcast.core.alert import Alert
from alertcast.core.plan import highest
from alertcast.dispatch import downgrade, levels, part_clear, towns
from alertcast.dispatch.confirm import unconfirmed
from alertcast.dispatch.decision import episodes_of
from alertcast.dispatch.end import withdraw
from alertcast.dispatch.world import World
from alertcast.sources.parsed import Parsed
from alertcast.store import alerts, reaches, references, replaced, turns
from alertcast.store import grids as layers
from alertcast.store.again import begun_again
from alertcast.store.db import Tx

log = structlog.get_logger()


def take_turn(tx: Tx, items: Iterable[Parsed]) -> None:
    """Wait until nobody decides on alerts, if fuller words among `items` may replace one.

    Before anything is written: whoever decides waits for rows, and may not be waited for then.
    """
    said = (one.alert for one in items)
    keys = [one.key for one in said if one is not None and one.msg_type == "Update"]
    if replaced.may_be_enriched(tx, keys):
        turns.take(tx, "decide")


@begun_again
def in_list(world: World, source: str, now: datetime) -> list[int]:
    """Let what a list has dropped for a later warning give way to it; return what did (ids).

    No feed has said that it replaces it, so an end in the places that it only leaves out waits
    until a human has confirmed it. Killed before the commit, the next good poll does it. Twice is
    once.
    """
    with world.db.read() as tx:
        if not replaced.in_list(tx, source):
            return []
    with world.db.write() as tx:
        turns.take(tx, "decide")
        gone = replaced.in_list(tx, source)
        for later, earlier in gone.items():
            _give_way(world, tx, later, earlier, now, is_inferred=True)
    ids = sorted(one for earlier in gone.values() for one in earlier)
    log.info("replaced in the list", source=source, alerts=ids)
    return ids


def by_words(world: World, tx: Tx, alert_id: int, now: datetime) -> None:
    """Let what an alert says that it replaces give way, by words that came after the decision."""
    if not replaced.replaces(tx, alert_id):
        return
    found = references.referenced(tx, alerts.load(tx, alert_id))
    earlier = [one for one in found if alerts.facts(tx, one)["standing"] == "in_force"]
    if earlier:
        _give_way(world, tx, alert_id, earlier, now)


def _give_way(
    world: World,
    tx: Tx,
    alert_id: int,
    earlier: Sequence[int],
    now: datetime,
    *,
    is_inferred: bool = False,
) -> None:
    """Let the alerts `earlier`, in force, give way to one that was decided on; twice is once.

    It becomes one of their episode, so that its end is heard by whoever was told of them.
    """
    message, row = alerts.load(tx, alert_id), alerts.facts(tx, alert_id, lock=True)
    episodes = episodes_of(tx, earlier)
    if episodes:
        alerts.join(tx, alert_id, min(episodes))
    ladder, language = world.config.rules.levels, world.config.main.office.language
    here = {
        code: highest(found, ladder) for code, found in reaches.reach_of(tx, [alert_id]).items()
    }
    hazard = next((one.hazard for one in message.warns_in(language) if one.hazard), None)
    before = {one: levels.in_force(world, tx, one) for one in episodes}
    alerts.end(tx, earlier, "superseded")
    carried, why = withdraw(tx, earlier, now), ""
    for one in sorted(episodes):
        after = levels.joined(world, levels.in_force(world, tx, one), here)
        levels.stop_untold(world, tx, one, hazard, after, now)
        key = f"downgrade:{message.key}:{one}:{min(earlier)}"
        why += downgrade.plan(
            world, tx, alert_id, message, one, before[one], after, here, earlier, now, key
        )
    is_doubtful = bool(unconfirmed(tx, [alert_id]))
    before_it = {*reaches.reach_of(tx, earlier), *carried}
    ended, left_out = _over(world, tx, message, before_it)
    for only, is_to_confirm in (
        (ended, is_doubtful),
        (left_out - ended, is_doubtful or is_inferred),
    ):
        phones = part_clear.leave_out(
            world,
            tx,
            alert_id,
            message,
            earlier,
            episodes,
            here.keys(),
            now,
            only=only,
            carried=carried,
            is_to_confirm=is_to_confirm,
        )
        why += part_clear.relayed(phones, is_to_confirm=is_to_confirm)
    if why:
        said = f"{row['why'] or ''}其后查明它取代了此前的预警。{why}"
        alerts.decide(tx, alert_id, decision=row["decision"], why=said, now=row["decided_at"])


def _over(world: World, tx: Tx, message: Alert, before: set[str]) -> tuple[set[str], set[str]]:
    """Return where of `before` a message ends it in so many words, and where it may be over by it.

    The latter is all of it, unless some places of the message can not be found.
    """
    layer = layers.active_layer(tx)
    if layer is None:
        return set(), set()
    found = towns.reach(world, tx, layer["id"], message)
    only = towns.over_in(found)
    return before & found.lifted, before if only is None else before & only
