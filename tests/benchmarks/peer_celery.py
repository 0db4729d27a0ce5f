"""The peer of claims: Celery on RabbitMQ, whose tasks do nothing but count themselves.

    python -m tests.benchmarks.peer_celery NUMBER

It prints tasks a second, from the first done to the last. Each task appends one byte to a file,
so that the file's size is how many were done. BENCHMARK_BROKER names another broker.
"""

import os
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from celery import Celery

from tests.benchmarks.place import process

PROCESSES = 2
PATIENCE = 300.0

app = Celery("peer_celery", broker=os.environ.get("BENCHMARK_BROKER", "pyamqp://guest@127.0.0.1//"))
app.conf.update(
    task_ignore_result=True,
    worker_prefetch_multiplier=32,
    task_default_queue="alertcast-benchmark",
    worker_hijack_root_logger=False,
)


@app.task(name="nothing")
def nothing(_number: int) -> None:
    os.write(_done(), b".")


def rate(number: int) -> float:
    """Return how many tasks a second two worker processes do."""
    with TemporaryDirectory(prefix="alertcast-peer-") as name:
        done = Path(name) / "done"
        done.touch()
        app.control.purge()
        for one in range(number):
            nothing.delay(one)
        command = [sys.executable, "-m", "celery", "-A", "tests.benchmarks.peer_celery", "worker"]
        options = ["-c", str(PROCESSES), "--without-gossip", "--without-mingle", "-l", "ERROR"]
        env = dict(os.environ, BENCHMARK_DONE=str(done))
        with process([*command, *options], Path(name) / "log", env=env):
            return _rate(done, number)


def _rate(done: Path, number: int) -> float:
    end = time.monotonic() + PATIENCE
    while not (before := done.stat().st_size) and time.monotonic() < end:
        time.sleep(0.001)
    begun = time.perf_counter()
    while (count := done.stat().st_size) < number and time.monotonic() < end:
        time.sleep(0.001)
    if count < number:
        raise SystemExit(f"Celery did {count} of {number}")
    return (number - before) / (time.perf_counter() - begun)


def _done() -> int:
    if not _files:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
        _files.append(os.open(os.environ["BENCHMARK_DONE"], flags, 0o600))
    return _files[0]


_files: list[int] = []
"""The open file of this process."""


if __name__ == "__main__":
    print(rate(int(sys.argv[1])))
