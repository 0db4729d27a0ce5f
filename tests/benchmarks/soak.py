"""`alertcast serve` for half an hour, under warnings that keep coming and faults of every sort.

    python -m tests.benchmarks.soak [--minutes 30] [--share 0.05] [--looks soak.json]
    python -m tests.benchmarks.curves soak.json docs/soak.svg

Every 20 s a red warning is published for grids that had none yet; people are as different as people
are; each fault of the simulator strikes at the same share of its events (a full queue at a fiftieth
of it). The rates are above what a provider lets through that throttles so often. What the process
holds (memory, files, threads) and how long the oldest due message has waited are looked at every
5 s. The exit code is 0 only if nothing grew, nothing was lost and nothing doubled.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from shapely import box

from alertcast.bootstrap import App, utc_now
from alertcast.core.task import TaskState
from alertcast.demo.count import count
from alertcast.simulator.faults import FAULTS, Fault
from alertcast.store import tasks
from alertcast.store.figures import figures
from tests.benchmarks.figures import Figure
from tests.benchmarks.place import Place, around, memory, place, settle
from tests.benchmarks.warning import publish

EVERY = 20.0
"""Seconds from one warning to the next."""

GRIDS, IN_A_GRID = 20, 2
"""Grids of one warning, and the people of each."""

LOOK = 5.0
"""Seconds between two looks at the process."""

SECONDS = {"throttled": 1.0, "hang_before": 12.0, "hang_after": 12.0, "receipts_late": 60.0}
"""How long a fault lasts, where it lasts: longer than we wait for an answer."""

RARER = {"queue_full": 0.02}
"""What strikes less often, by a factor: each time, its channel waits a minute for the queue."""

LAG = 3.0
"""Seconds by which the carrier's list lags, always."""

PATIENCE = 600.0
"""Seconds after the last warning in which everything must have come to rest."""


@dataclass(frozen=True)
class Look:
    """What the process held at one moment, and what waited for it."""

    minutes: float  # since the first warning
    memory: float  # MB, resident
    files: int  # open ones
    threads: int
    waiting: float  # seconds for which the oldest due message has waited
    receipts: float  # seconds for which the oldest receipt has not been applied


LIMITS = {"memory": (1.05, 2.0), "files": (1.0, 8), "threads": (1.0, 2), "waiting": (1.0, 10.0)}
"""What may be more in the last quarter than in the second: a factor, and so much beside it."""


def soak(
    minutes: float = 30, share: float = 0.05, every: float = EVERY, look: float = LOOK
) -> tuple[Figure, list[Look]]:
    """Serve for so many minutes; return the figure and all looks."""
    with place(sms=100, voice=50, people="varied") as where:
        where.carrier_does(strikes(share))
        app = where.open()
        warnings = max(1, int(minutes * 60 / every))
        settle(app, warnings * GRIDS * IN_A_GRID, in_a_grid=IN_A_GRID)
        with where.serve() as process:
            looks = list(_looked(where, app, process.pid, warnings, every, look))
            rest = _at_rest(app)
        # no sooner: a call that is made again between two readings would be in one of them only
        found = count(app.world.db, where.ledger())
        app.close()
    grown = growth(looks)
    figure = Figure(
        f"soak of {minutes:g} minutes, {share:.0%} of every fault",
        "no growth of memory, files, threads or the age of the oldest due message; none lost",
        {
            "warnings": warnings,
            "texts": found.messages,
            "calls": found.calls,
            "lost": len(found.lost),
            "doubled": len(found.duplicates),
            "at rest after s": round(rest, 1),
            **{f"more {name}": round(more, 1) for name, (more, _) in grown.items()},
        },
        found.is_good and rest < PATIENCE and all(is_fine for _, is_fine in grown.values()),
    )
    for line in (*found.lost, *found.duplicates):
        print(line, file=sys.stderr)
    return figure, looks


def strikes(share: float) -> list[Fault]:
    """Return one rule for each fault of the simulator."""
    rules = [
        Fault(name, share=share * RARER.get(name, 1.0), seconds=SECONDS.get(name, 0.0))
        for name in FAULTS
        if name != "list_lag"
    ]
    return [*rules, Fault("list_lag", seconds=LAG)]


def growth(looks: Sequence[Look]) -> dict[str, tuple[float, bool]]:
    """Return how much more the last quarter of `looks` held than the second, and if that is fine.

    The first quarter does not count: what is loaded at first use is loaded then.
    """
    quarter = len(looks) // 4
    found: dict[str, tuple[float, bool]] = {}
    for name, (factor, beside) in LIMITS.items():
        held = [float(getattr(one, name)) for one in looks]
        early, late = median(held[quarter : 2 * quarter]), median(held[-quarter:])
        found[name] = late - early, late <= early * factor + beside
    return found


def _looked(
    where: Place, app: App, pid: int, warnings: int, every: float, look: float
) -> Iterator[Look]:
    """Publish the warnings, one after the other; look at the process meanwhile."""
    begun = time.monotonic()
    published = 0
    while (passed := time.monotonic() - begun) < warnings * every:
        if passed >= published * every:
            grids = range(published * GRIDS, (published + 1) * GRIDS)
            publish(where, "red", box(*around(grids)), published)
            published += 1
        yield _look(app, pid, passed / 60)
        time.sleep(look)


def _look(app: App, pid: int, minutes: float) -> Look:
    with app.world.db.read() as tx:
        found = figures(tx, utc_now(), app.world.db.real_now(tx))
    held = Path(f"/proc/{pid}")
    return Look(
        minutes,
        memory(pid),
        len(list((held / "fd").iterdir())),
        len(list((held / "task").iterdir())),
        found.due_age,
        found.unapplied_age,
    )


def _at_rest(app: App) -> float:
    """Wait until nothing is due or uncertain; return the seconds that took.

    Calls that are to be made again later, and rungs that come later, are not waited for.
    """
    begun = time.monotonic()
    moving = (TaskState.LEAVING, TaskState.UNSURE)
    while (passed := time.monotonic() - begun) < PATIENCE:
        with app.world.db.read() as tx:
            found = figures(tx, utc_now(), app.world.db.real_now(tx))
            is_moving = tasks.moving(tx, moving) > 0
        if not (is_moving or found.due_age or found.unapplied):
            break
        time.sleep(0.5)
    return passed


def main(given: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--share", type=float, default=0.05, help="of the events, for each fault")
    parser.add_argument("--looks", type=Path, help="a file to write all looks into, as JSON")
    args = parser.parse_args(given)
    figure, looks = soak(args.minutes, args.share)
    print(figure.as_text())
    if args.looks:
        args.looks.write_text(json.dumps([asdict(one) for one in looks]), "utf-8")
    return 0 if figure.is_met else 1


if __name__ == "__main__":
    sys.exit(main())
