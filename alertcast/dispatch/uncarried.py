"""Messages that wait for a kind of channel there is none of any more: an officer dials instead.

They were planned while there was one; without it nobody claims them.
"""

from datetime import datetime

from alertcast.core.policy import KINDS
from alertcast.core.watch import worker
from alertcast.dispatch.claim import claim
from alertcast.dispatch.world import World
from alertcast.store import pulses, ready

MODES = ("live", "drill")


def give_to_officer(world: World, now: datetime) -> int:
    """Let an officer have what no process carries; return how many queues that was for.

    A process that runs by another configuration may carry it still: as long as one was felt to
    claim such messages lately, they are left to it.
    """
    carried = world.kinds()
    silent = world.config.main.watch.silent
    with world.db.read() as tx:
        left = [
            (kind, mode)
            for kind in KINDS
            for mode in MODES
            if (kind, mode) not in carried and ready.is_any(tx, kind, mode, now)
        ]
        if not left:
            return 0
        real_now = world.db.real_now(tx)
        felt = pulses.latest(tx, real_now)
    gone = [one for one in left if felt.get(worker(*one), real_now - silent) <= real_now - silent]
    for kind, mode in gone:
        claim(world, kind, mode, now)
    return len(gone)
