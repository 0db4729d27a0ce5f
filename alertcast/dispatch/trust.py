"""Whether an alert may be believed without a human: who brought it, and is it theirs to say."""

from alertcast.core.alert import Alert
from alertcast.core.jurisdiction import Jurisdiction
from alertcast.dispatch.world import World
from alertcast.store import witnesses
from alertcast.store.db import Tx


def out_of_place(world: World, tx: Tx, alert_id: int, message: Alert) -> str | None:
    """Return why an alert is not for any of its sources to say, in the officer's words.

    None if one of them may say it, or declares no jurisdiction: then nothing is known against it.
    """
    faults = []
    for one in witnesses.of_alert(tx, alert_id):
        section = world.config.main.sources.get(one["source"], {}).get("jurisdiction")
        fault = None if section is None else Jurisdiction.read(section).fault(message)
        if fault is None:
            return None
        faults.append(f"来源 {one['source']}：{fault}")
    return f"{'；'.join(faults)}。请值班员向发布单位核实后处理。" if faults else None
