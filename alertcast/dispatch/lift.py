"""An official end (解除) held for an officer, who says which warnings in force it lifts."""

from collections.abc import Sequence
from datetime import datetime

from alertcast.core.refusal import sentence
from alertcast.dispatch.decision import episodes_of
from alertcast.dispatch.desk import HELD
from alertcast.dispatch.end import end_of
from alertcast.dispatch.start import CanNotStart
from alertcast.dispatch.world import World
from alertcast.store import alerts, audit, broadcasts, turns
from alertcast.store.db import Tx


def lift(world: World, alert_id: int, chosen: Sequence[int], user: str, now: datetime) -> bool:
    """Relay a held end as that of the alerts `chosen`; False if it is not held (any more).

    From here it is an all-clear like any other: those who were told hear of it, the calling stops;
    where other warnings of the episode hold, it is quiet. Raises CanNotStart.
    """
    return world.db.together(lambda tx: _lift(world, tx, alert_id, chosen, user, now))


def _lift(
    world: World, tx: Tx, alert_id: int, chosen: Sequence[int], user: str, now: datetime
) -> bool:
    turns.take(tx, "decide")
    row = alerts.facts(tx, alert_id, lock=True)
    if row["decision"] not in HELD:
        return False
    message = alerts.load(tx, alert_id)
    if not message.may_be_end() or message.status != "Actual":
        msg = sentence("这不是解除信息，不能用来解除预警")
        raise CanNotStart(msg)
    in_force = {one["id"] for one in alerts.in_force(tx)} - {alert_id}
    if not chosen or not set(chosen) <= in_force:
        msg = sentence("请选择它解除的预警；所选预警须仍然生效，这一条已不在有效期")
        raise CanNotStart(msg)
    episodes = episodes_of(tx, chosen)
    before = len(broadcasts.of_alert(tx, alert_id))
    key = f"{message.key}:by-hand:{before}"  # relayed wrongly before, it may be relayed again
    alerts.end(tx, [alert_id], "ended")
    made = end_of(world, tx, alert_id, message, chosen, episodes, now, key)
    alerts.decide(
        tx, alert_id, decision=made.word, why=made.why, now=now, episode_id=made.episode_id
    )
    audit.record(tx, user, "lift", f"alert:{alert_id}", now, lifted=sorted(chosen))
    return True
