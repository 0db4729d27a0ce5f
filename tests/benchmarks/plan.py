"""A warning is planned: from the grids that it touches to a task for each of their people, on disk.

What is measured is what happens: the broadcast is decided in one transaction, and what is due then
is planned in parts, each a transaction with its tasks and a commit (decisions/0022). Beside it
SQLAlchemy's ORM writes the same rows into the same tables by `add_all`, in one transaction, with
all that is decided already in hand. And the database itself copies the same rows from tables that
are ready: nothing that writes them one by one, with these indexes and references, is faster.

What counts is processor time, of this process and on PostgreSQL of its server, which runs on this
machine: what the clock says depends on who else is at work.
"""

import gc
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import Table, create_engine, delete, func, select, text
from sqlalchemy.orm import Session, registry

from alertcast.bootstrap import App, utc_now
from alertcast.cli.installed import settled
from alertcast.core.broadcast import Purpose
from alertcast.dispatch import escalate, fanout, ingest, towns
from alertcast.dispatch.compose import title_of, warning_slots
from alertcast.dispatch.start import Start, start
from alertcast.sources.folder import Folder, FolderSettings
from alertcast.store import alerts, broadcasts, grids
from alertcast.store.schema import (
    broadcast,
    callout,
    respondent,
    standing,
    task,
    task_respondent,
)
from tests.benchmarks.figures import Figure
from tests.benchmarks.place import SQLITE, Book, Place, memory, place, settle
from tests.benchmarks.warning import publish

SQLITE_GOAL, POSTGRESQL_GOAL = 15.0, 12.0  # times as fast as add_all
MOST_MB = 100.0
ROUNDS = 3
TABLES: Sequence[Table] = (broadcast, standing, callout, respondent, task, task_respondent)
"""All that planning writes, each after what it refers to."""


@dataclass
class Took:
    """How long it took: by the clock, and of processors."""

    seconds: float = 0.0
    cpu: float = 0.0  # of this process, and of PostgreSQL's that serve it


def plan_sqlite(number: int = 54_000) -> Figure:
    """Plan one text for each of so many people, on SQLite with synchronous=FULL."""
    return _beside_orm("SQLite FULL", SQLITE_GOAL, number)


def plan_postgresql(database: str, number: int = 54_000) -> Figure:
    """Plan the same on PostgreSQL, whose server runs on this machine."""
    return _beside_orm("PostgreSQL", POSTGRESQL_GOAL, number, database)


def plan_million(number: int = 1_000_000) -> Figure:
    """Plan for so many people in a process that has the layer in memory; how much does it grow?"""
    with place() as where:
        app = where.open()
        settle(app, number)
        publish(where, "orange")
        app.close()
        command = [sys.executable, "-m", "tests.benchmarks.plan", str(where.folder)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    tasks, seconds, cpu, before, grown = map(float, done.stdout.split())
    return Figure(
        f"plan {number} tasks, SQLite FULL",
        f"the process grows by less than {MOST_MB:g} MB",
        {
            "tasks": int(tasks),
            "seconds": round(seconds, 1),
            "CPU ms a task": round(cpu / tasks * 1000, 4),
            "MB before": round(before),
            "MB more at most": round(grown, 1),
        },
        tasks == number and grown < MOST_MB,
    )


def _beside_orm(name: str, goal: float, number: int, database: str = SQLITE) -> Figure:
    ours, bare, theirs, rows = [], [], [], {}
    with place(database=database) as where:
        app = where.open()
        settle(app, number)
        publish(where, "orange")
        new = matched(app, where.folder)
        settled()  # as `alertcast serve` has
        for _ in range(ROUNDS):
            with _timed(app) as took:
                plan(app, new)
            ours.append(took)
            bare.append(_copied(app))
            rows = _taken_out(app)
            with _timed(app) as took:
                _add_all(app, rows)
            theirs.append(took)
            _empty(app)
        app.close()
    cpu, floor, peer = (median(one.cpu for one in each) for each in (ours, bare, theirs))
    planned = len(rows[task.name])
    return Figure(
        f"plan {number} tasks, {name}",
        f"at least {goal:g}x SQLAlchemy ORM add_all of the same rows, by processor time",
        {
            "processor seconds": round(cpu, 3),
            "least": round(min(one.cpu for one in ours), 3),
            "most": round(max(one.cpu for one in ours), 3),
            "seconds": round(median(one.seconds for one in ours), 3),
            "tasks": planned,
            "rows": sum(map(len, rows.values())),
            "processor seconds of a bare copy": round(floor, 3),
            "add_all over a bare copy": round(peer / floor, 2),
        },
        planned == number and peer >= goal * cpu,
        {
            "processor seconds": round(peer, 3),
            "seconds": round(median(one.seconds for one in theirs), 3),
        },
        round(peer / cpu, 2),
    )


def matched(app: App, folder: Path) -> Start:
    """Take the warning that was published, match it, and return what is to be begun."""
    world, now = app.world, utc_now()
    ingest.poll(world, Folder("inbox", FolderSettings(path=folder / "inbox")), now)
    fanout.read_ahead(world)
    with world.db.write() as tx:
        (alert_id,) = (one.id for one in alerts.undecided(tx))
        layer = grids.active_layer(tx)
        assert layer is not None
        message = alerts.load(tx, alert_id)
        hits = towns.reach(world, tx, layer["id"], message).matched.hits
        (hazard,) = {one.hazard for one in message.infos}
        return Start(
            key="benchmark",
            purpose=Purpose.WARNING,
            mode="live",
            hits=hits,
            layer_id=layer["id"],
            title=title_of(message, "zh"),
            slots=warning_slots(world, message),
            created_by="scheduler",
            hazard=hazard,
            episode_id=broadcasts.open_episode(tx, "benchmark", now),
        )


def plan(app: App, new: Start) -> None:
    """Do what follows once a warning was matched: begin, and let what is due climb."""
    now = utc_now()
    with app.world.db.write() as tx:
        start(app.world, tx, new, now)
    escalate.advance(app.world, now)


@contextmanager
def _timed(app: App | None = None) -> Iterator[Took]:
    """Measure a block; with `app`, the server of its database as well."""
    took = Took()
    gc.collect()
    served = _served(app)
    begun, cpu = time.perf_counter(), time.process_time()
    yield took
    took.seconds, took.cpu = time.perf_counter() - begun, time.process_time() - cpu
    took.cpu += _served(app) - served


def _served(app: App | None) -> float:
    """Return the processor time so far of the processes by which PostgreSQL serves a database."""
    if app is None or app.world.db.is_sqlite:
        return 0.0
    with app.world.db.read() as tx:
        pids = tx.execute(_SERVERS).scalars().all()
    found = (Path(f"/proc/{pid}/schedstat").read_text("ascii") for pid in pids)
    return sum(int(one.split()[0]) for one in found) / 1e9


_SERVERS = text("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")


def _copied(app: App) -> Took:
    """Take all rows out, and let the database copy them back from tables that nothing indexes."""
    with app.world.db.write() as tx:
        for table in TABLES:
            tx.execute(text(f"CREATE TABLE copied_{table.name} AS SELECT * FROM {table.name}"))
    _empty(app)
    with _timed(app) as took, app.world.db.write() as tx:
        for table in TABLES:
            tx.execute(text(f"INSERT INTO {table.name} SELECT * FROM copied_{table.name}"))
    with app.world.db.write() as tx:
        for table in TABLES:
            tx.execute(text(f"DROP TABLE copied_{table.name}"))
    return took


def _taken_out(app: App) -> dict[str, list[dict[str, Any]]]:
    """Return all rows that planning wrote, by their table, which is empty then."""
    with app.world.db.read() as tx:
        rows = {
            table.name: [dict(one) for one in tx.execute(select(table)).mappings()]
            for table in TABLES
        }
    _empty(app)
    return rows


def _empty(app: App) -> None:
    """Empty the tables; on PostgreSQL without leaving dead rows to what is measured next."""
    with app.world.db.write() as tx:
        for table in reversed(TABLES):
            tx.execute(delete(table))
    if not app.world.db.is_sqlite:
        engine = create_engine(app.world.db.url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"VACUUM {', '.join(table.name for table in TABLES)}"))
        engine.dispose()


def _add_all(app: App, rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    with app.world.db.write() as tx, Session(tx) as session:
        for table in TABLES:
            session.add_all([_CLASSES[table.name](**one) for one in rows[table.name]])
            session.flush()


def _classes() -> dict[str, type[Any]]:
    """Return a class of the ORM for each table."""
    mapped = registry()
    found = {table.name: type(table.name, (), {}) for table in TABLES}
    for table in TABLES:
        mapped.map_imperatively(found[table.name], table)
    return found


_CLASSES = _classes()


def _worker(folder: Path) -> None:
    """Match and plan; print how many tasks, how long it took, and what memory it took."""
    app = Place(folder, Book(folder / "ledger"), 0).open()
    new = matched(app, folder)
    settled()
    before = memory()
    Path("/proc/self/clear_refs").write_text("5")  # the peak is counted from here
    with _timed() as took:
        plan(app, new)
    peak = _peak()
    with app.world.db.read() as tx:
        number = tx.execute(select(func.count()).select_from(task)).scalar_one()
    app.close()
    print(number, took.seconds, took.cpu, before, peak - before)


def _peak() -> float:
    """Return the most resident memory that this process had since that was last reset, in MB."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    (found,) = (line.split()[1] for line in lines if line.startswith("VmHWM"))
    return int(found) * 1024 / 1e6


if __name__ == "__main__":
    import logging

    import structlog

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    _worker(Path(sys.argv[1]))
