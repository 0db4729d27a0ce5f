"""Receipts are on disk before they are answered with 2xx, over 64 connections at once.

While texts are being sent, `alertcast serve` takes 400 a second. By itself, a web process is
compared with Flask on gunicorn (sync workers), which commits each by itself, on the same database.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from alertcast.bootstrap import App, serving, utc_now
from alertcast.channels.base import ChannelSettings
from alertcast.channels.memory import MemoryChannel
from alertcast.dispatch import send
from alertcast.dispatch.world import World
from alertcast.store.crypto import new_key
from alertcast.store.schema import receipt
from tests.benchmarks.figures import Figure, percentile
from tests.benchmarks.place import (
    TOKEN,
    Book,
    Place,
    place,
    plan_texts,
    process,
    wait_until_it_answers,
)
from tests.ports import free_port

CONNECTIONS = 64

MOST = 40_000
"""Receipts after which the intake has been measured: nobody applies them beside it, and from 50,000
that wait (`receipts_most`) a provider is asked to come again."""


def while_sending(seconds: float = 60, rate: float = 400, sending: float = 100) -> Figure:
    """Report to `alertcast serve` at a rate while it sends, and look how long each answer takes."""
    ours = 1000
    with place(sms=sending, is_silent=True) as where:
        app = where.open()
        plan_texts(app, ours + int(sending * (seconds + 5)))
        made = _attempts(app, ours)
        with where.serve():
            before = len(where.book.look())
            found = _reported(where, where.port, made, seconds, rate)
            sent = len(where.book.look()) - before
        kept = _kept(app)
        app.close()
    waits = [took for _, took in found["answers"]]
    good = sum(200 <= status < 300 for status, _ in found["answers"])
    a_second, p99 = good / found["seconds"], percentile(waits, 0.99) * 1000
    return Figure(
        f"receipts, `serve` sending {sending:g}/s",
        f"{rate:g}/s durable before 2xx over {CONNECTIONS} connections, p99 within 50 ms",
        {
            "receipts a second": round(a_second, 1),
            "p50 ms": round(percentile(waits, 0.5) * 1000, 1),
            "p99 ms": round(p99, 1),
            "not 2xx": len(waits) - good,
            "kept": kept,
            "texts sent a second": round(sent / found["seconds"], 1),
        },
        a_second >= rate * 0.99 and p99 <= 50 and good == len(waits) and kept >= good,
    )


def intake(seconds: float = 15, database: str | None = None) -> Figure:
    """Report as fast as it goes to a web process of ours, then to Flask on gunicorn."""
    kind = "PostgreSQL" if database else "SQLite FULL"
    with place(**({"database": database} if database else {})) as where:
        app = where.open()
        plan_texts(app, 1000)
        made = _attempts(app, 1000)
        command = [sys.executable, "-m", "tests.benchmarks.receipts", str(where.folder)]
        with process([*command, str(where.port)], where.folder / "web.log") as web:
            wait_until_it_answers(f"{where.base}/healthz", web)
            ours = _reported(where, where.port, made, seconds, None, MOST)
        good = sum(status == 204 for status, _ in ours["answers"])
        kept = _kept(app)
        with _flask(where, app) as port:
            theirs = _reported(where, port, made, seconds, None, MOST)
        app.close()
    rates = [
        sum(status == 204 for status, _ in one["answers"]) / one["seconds"]
        for one in (ours, theirs)
    ]
    waits = [[took * 1000 for _, took in one["answers"]] for one in (ours, theirs)]
    return Figure(
        f"receipts, web process alone, {kind}",
        "at least 3x Flask on gunicorn (2 sync workers), one commit each",
        {
            "receipts a second": round(rates[0]),
            "p99 ms": round(percentile(waits[0], 0.99), 1),
            "kept": kept,
            "seconds": round(ours["seconds"], 1),
        },
        rates[0] >= 3 * rates[1] and kept == good == len(ours["answers"]),
        {"receipts a second": round(rates[1]), "p99 ms": round(percentile(waits[1], 0.99), 1)},
        round(rates[0] / rates[1], 2),
    )


def _attempts(app: App, number: int) -> list[list[str]]:
    """Let so many texts leave into memory; return the address of each receipt, and its id."""
    settings = ChannelSettings(type="memory", rate=1e6, burst=1e6, in_flight=number, batch_size=100)
    channel = MemoryChannel("sms", "sms", settings=settings)
    world = World(config=app.config, db=app.world.db, channels=(channel,))
    found: list[list[str]] = []
    while len(found) < number:
        claimed = send.claim(world, "sms", "live", utc_now())
        answers = channel.send([one.request for one in claimed])
        send.record(world, claimed, answers, utc_now())
        found += [[f"/callbacks/sms/{one.token}/status", one.provider_ref or ""] for one in answers]
    return found


def _reported(
    where: Place,
    port: int,
    made: list[list[str]],
    seconds: float,
    rate: float | None,
    most: int | None = None,
) -> dict[str, Any]:
    """Let another process, on the carrier's core, report; return what it measured."""
    work = {
        "port": port,
        "base": where.base,
        "token": TOKEN,
        "receipts": made,
        "connections": CONNECTIONS,
        "seconds": seconds,
        "rate": rate,
        "most": most,
    }
    file = where.folder / "work.json"
    file.write_text(json.dumps(work), "utf-8")
    command = [sys.executable, "-m", "tests.benchmarks.callers", str(file)]
    cores = sorted(os.sched_getaffinity(1))
    if len(cores) > 1:
        command = ["taskset", "-c", str(cores[-1]), *command]
    found: dict[str, Any] = json.loads(
        subprocess.run(command, check=True, capture_output=True).stdout
    )
    return found


def _kept(app: App) -> int:
    with app.world.db.read() as tx:
        return int(tx.execute(select(func.count()).select_from(receipt)).scalar_one())


@contextmanager
def _flask(where: Place, app: App) -> Iterator[int]:
    port = free_port()
    env = dict(
        os.environ,
        BENCHMARK_DATABASE=app.world.db.url.render_as_string(hide_password=False),
        BENCHMARK_BASE=where.base,
        BENCHMARK_TOKEN=TOKEN,
    )
    command = [sys.executable, "-m", "gunicorn", "-w", "2", "-b", f"127.0.0.1:{port}"]
    command += [
        "--chdir",
        str(Path.cwd()),
        "--log-level",
        "error",
        "tests.benchmarks.peer_flask:app",
    ]
    with process(command, where.folder / "gunicorn.log", env=env) as running:
        wait_until_it_answers(f"http://127.0.0.1:{port}/", running)
        yield port


def _web(folder: Path, port: int) -> None:
    """Serve the page and take receipts; nothing is sent, and nothing applied here."""
    app = Place(folder, Book(folder / "ledger"), port).open()
    with serving(app, secret_key=new_key(), wake=lambda _: None, host="127.0.0.1", port=port):
        while True:
            time.sleep(60)


if __name__ == "__main__":
    _web(Path(sys.argv[1]), int(sys.argv[2]))
