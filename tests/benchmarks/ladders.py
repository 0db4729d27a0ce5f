"""Red for a county, to the end of the ladder: people answer as the printed rules say."""

import time

from alertcast.bootstrap import App, running, serving
from alertcast.core.callout import CalloutState
from alertcast.simulator.people import People
from alertcast.store import broadcasts, callouts
from alertcast.store.crypto import new_key
from tests.benchmarks import ideal
from tests.benchmarks.carrier import Alike
from tests.benchmarks.figures import Figure
from tests.benchmarks.place import phone, place, settle
from tests.benchmarks.warning import publish

ROLES = ("branch_leader", "first_secretary", "deputy")
"""Who answers for each grid: two at first, the deputy when neither has."""

PATIENCE = 1200.0
"""Seconds after which a ladder that does not end is given up."""


def whole_ladder(grids: int = 253, rate: float = 5, *, is_varied: bool = True) -> Figure:
    """Publish a red warning; wait until each grid has answered, or has nobody left to be asked."""
    people = People() if is_varied else Alike()
    with place(sms=10, voice=rate, people="varied" if is_varied else "alike") as where:
        app = where.open()
        settle(app, grids * len(ROLES), in_a_grid=len(ROLES), roles=ROLES)
        with (
            running(app) as at_work,
            serving(
                app, secret_key=new_key(), wake=at_work.wake, host="127.0.0.1", port=where.port
            ),
        ):
            publish(where, "red")
            ends = _ends(app, grids)
        began = min((one.at for one in where.book.look() if one.kind == "call"), default=0.0)
        policy = app.config.rules.policies["red"]
        app.close()
    took = max(at for at, _ in ends) - began if ends else float("inf")
    best = ideal.ladder([_phones(one) for one in range(grids)], people, policy, rate)
    return Figure(
        f"red for a county: the whole ladder of {grids} grids at {rate:g} calls/s",
        "within 1.1x of the ideal under the printed answer rules",
        {
            "seconds": round(took, 1),
            "ideal": round(best, 1),
            "of the ideal": round(took / best, 3),
            "grids ended": len(ends),
            "unreached": sum(state is CalloutState.UNREACHED for _, state in ends),
        },
        len(ends) == grids and took <= 1.1 * best,
    )


def _phones(grid: int) -> ideal.Grid:
    first, second, deputy = (phone(grid * len(ROLES) + one) for one in range(len(ROLES)))
    return ((first, second), (deputy,))


def _ends(app: App, grids: int) -> list[tuple[float, CalloutState]]:
    """Wait for every callout to end; return when each did (seconds since 1970), and how."""
    end = time.monotonic() + PATIENCE
    found: list[tuple[float, CalloutState]] = []
    while len(found) < grids and time.monotonic() < end:
        time.sleep(1)
        with app.world.db.read() as tx:
            every = [
                one for each in broadcasts.listed(tx) for one in callouts.of_broadcast(tx, each.id)
            ]
        found = [(one.ended_at.timestamp(), one.state) for one in every if one.ended_at]
    return found
