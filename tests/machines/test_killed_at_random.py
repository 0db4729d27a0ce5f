"""Two workers, a web process and a carrier, killed, stopped and cut off at random: nothing is lost.

The seed is printed when it fails; ALERTCAST_TEST_SEED plays one again, as far as the same moments
can be met again.
"""

import os
import random
import time
from collections.abc import Callable
from pathlib import Path

from tests.databases import database
from tests.machines.office import CELLS, GRACE, LEASE, Machine, Office, wait_until
from tests.machines.warning import warn

STANDSTILL = LEASE + GRACE + 3.0  # longer than others wait before they ask, and send again


def test_nothing_is_lost_and_nothing_doubled(tmp_path: Path) -> None:
    seed = int(os.environ.get("ALERTCAST_TEST_SEED", "0")) or random.randrange(1, 10_000)
    chance = random.Random(seed)
    with database("postgresql", tmp_path) as db:
        office = Office(db, tmp_path, seed)
        with office.open() as machines:
            warn(office)
            assert wait_until(lambda: office.taken() >= 10), office.story()
            done = storm(chance, machines)
            settled = wait_until(lambda: is_settled(office, machines))
            found = office.count()
            story = f"seed {seed}: {done}\n{found}\n{office.unsettled()}\n{office.story()}"
            assert settled, story
            assert found.duplicates == (), story
            assert found.lost == (), story
            # whoever answers the call needs no text, and one answer is enough for a grid
            assert found.messages + found.calls >= CELLS * 2, story
            assert wait_until(lambda: office.bells() == 0)


def is_settled(office: Office, machines: list[Machine]) -> bool:
    for one in machines:
        one.supervise()
    return office.unsettled() == 0


def storm(chance: random.Random, machines: list[Machine]) -> list[str]:
    """Do to the machines what happens to machines; return what was done, in order."""
    *workers, web = machines
    still, other = chance.sample(workers, 2)
    beside: list[Callable[[], str]] = [  # while one worker stands still
        lambda: killed(other),
        lambda: killed(web),
        lambda: without_carrier(other, chance.uniform(0.0, 1.0)),
    ]
    after: list[Callable[[], str]] = [
        lambda: killed(chance.choice(workers)),
        lambda: cut_off(chance.choice(workers), chance.uniform(0.0, 2.0)),
        lambda: cut_off(web, chance.uniform(0.0, 2.0)),
        lambda: without_carrier(chance.choice(workers), chance.uniform(0.0, 1.0)),
        lambda: drained(chance.choice(workers)),
        lambda: drained(web),
    ]
    chance.shuffle(beside)
    chance.shuffle(after)
    done = [f"{still.name} stands still"]
    go_on = still.stand_still(STANDSTILL)
    for incident in beside:
        time.sleep(chance.uniform(0.3, 1.5))
        done.append(incident())
    go_on()
    done.append(f"{still.name} goes on")
    for incident in after:
        time.sleep(chance.uniform(0.3, 1.5))
        done.append(incident())
    return done


def killed(one: Machine) -> str:
    one.kill()
    return f"{one.name} killed"


def cut_off(one: Machine, seconds: float) -> str:
    one.database.cut(seconds)
    return f"{one.name} without database for {seconds:.1f} s"


def without_carrier(one: Machine, seconds: float) -> str:
    one.carrier.cut(seconds)
    return f"{one.name} without carrier for {seconds:.1f} s"


def drained(one: Machine) -> str:
    return f"{one.name} told to stop, ended after {one.ask_to_stop():.1f} s"
