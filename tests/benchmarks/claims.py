"""Claim and record, as dispatch does it, beside Celery on RabbitMQ doing nothing.

Ours reads what is due, drops what nobody needs, routes, takes slots, fills and seals each text,
writes attempts under leases, commits; then "sends" into memory, and records each answer. Celery
takes a message off a durable queue and calls an empty function.
"""

import subprocess
import sys
import time
from pathlib import Path

import structlog

from alertcast.bootstrap import App, utc_now
from alertcast.channels.base import ChannelSettings
from alertcast.channels.memory import MemoryChannel
from alertcast.core.task import TaskState
from alertcast.dispatch import send
from alertcast.dispatch.world import World
from alertcast.store import tasks
from tests.benchmarks.bare import write_rows
from tests.benchmarks.figures import Figure, Measures
from tests.benchmarks.place import Book, Place, on_core, place, plan_texts

BATCH = 200
"""Messages of one request of the memory channel; a claim takes as many."""


def claims_sqlite(number: int = 20_000) -> Figure:
    """Claim and record on SQLite with synchronous=FULL, in one thread."""
    done, took, cpu = claim_and_record(number)
    rows, bare = rows_alone(number)
    name = "claim + record, SQLite FULL, 1 worker"
    more = {
        "CPU ms a task": round(cpu / done * 1000, 3),
        "of which SQLite alone takes": round(bare / rows * 1000, 3),
    }
    return _figure(name, 10, done, took, number, more)


def claims_postgresql(database: str, number: int = 20_000, workers: int = 4) -> Figure:
    """Claim and record on PostgreSQL, in processes of their own."""
    with place(database=database) as where:
        app = where.open()
        plan_texts(app, number)
        took = _together(where, workers)
        with app.world.db.read() as tx:
            done = tasks.moving(tx, [TaskState.UNDERWAY])
        app.close()
    return _figure(f"claim + record, PostgreSQL, {workers} workers", 8, done, took, number)


def claim_and_record(number: int) -> tuple[int, float, float]:
    """Claim and record on SQLite; return how many, the seconds, and those of CPU."""
    with place() as where:
        app = where.open()
        plan_texts(app, number)
        begun, before = time.perf_counter(), time.process_time()
        done = work(app)
        took, cpu = time.perf_counter() - begun, time.process_time() - before
        app.close()
    return done, took, cpu


def rows_alone(number: int) -> tuple[int, float]:
    """Write the same rows by bare SQL; return how many texts, and the seconds of CPU."""
    with place() as where:
        app = where.open()
        plan_texts(app, number)
        app.close()
        return write_rows(Path(str(app.world.db.url.database)), BATCH)


def work(app: App) -> int:
    """Claim and record until nothing is due; return how many."""
    settings = ChannelSettings(
        type="memory", rate=1e6, burst=1e6, in_flight=10_000, batch_size=BATCH
    )
    channel = MemoryChannel("sms", "sms", settings=settings)
    world = World(config=app.config, db=app.world.db, channels=(channel,))
    done = 0
    while claimed := send.claim(world, "sms", "live", utc_now()):
        send.record(world, claimed, channel.send([one.request for one in claimed]), utc_now())
        done += len(claimed)
    return done


def _together(where: Place, workers: int) -> float:
    """Run workers until nothing is due; return the seconds from the first's begin to the end.

    They may use all cores, as the peer's do.
    """
    command = [sys.executable, "-m", "tests.benchmarks.claims", str(where.folder)]
    with on_core(None):
        running = [
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for _ in range(workers)
        ]
    for one in running:  # all are ready before the first begins
        assert one.stdout is not None
        one.stdout.readline()
    begun = time.perf_counter()
    for one in running:
        one.communicate("\n")
    if any(one.returncode for one in running):
        raise SystemExit("a worker failed")
    return time.perf_counter() - begun


def _figure(
    name: str, goal: float, done: int, took: float, number: int, more: Measures | None = None
) -> Figure:
    ours = done / took
    command = [sys.executable, "-m", "tests.benchmarks.peer_celery", str(min(number, 10_000))]
    theirs = float(subprocess.run(command, check=True, capture_output=True).stdout)
    return Figure(
        name,
        f"at least {goal:g}x Celery on RabbitMQ (2 processes, prefetch 64, tasks that do nothing)",
        {"tasks a second": round(ours), "tasks": done, "batch": BATCH, **(more or {})},
        done == number and ours / theirs >= goal,
        {"tasks a second": round(theirs)},
        round(ours / theirs, 2),
    )


def _worker(folder: Path) -> None:
    """Say that it is ready, and work when told to; its log would fill a pipe that nobody reads."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    app = Place(folder, Book(folder / "ledger"), 0).open()
    print("ready", flush=True)
    sys.stdin.readline()
    work(app)
    app.close()


if __name__ == "__main__":
    _worker(Path(sys.argv[1]))
