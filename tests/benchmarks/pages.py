"""The pages 当前 and 下发 of a large night, while it is sent: how fast, and what watching costs.

`alertcast serve` sends 100 texts a second of 60,000 messages. Each page is asked for again and
again, beside a Flask page that says one word; then 50 officers keep a page open, each by its own
script's requests every five seconds: processor time and texts sent are compared with before.
"""

import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import requests

from alertcast.bootstrap import App, utc_now
from alertcast.dispatch import answers, desk
from alertcast.scheduler import tick
from alertcast.store import people, users
from alertcast.store.passwords import hashed
from tests.benchmarks.figures import Figure, percentile
from tests.benchmarks.place import (
    COUNTY,
    Place,
    phone,
    place,
    process,
    settle,
    wait_until_it_answers,
)
from tests.benchmarks.warning import publish
from tests.ports import free_port

PASSWORD = "a long night in December"
PAGES = ("/", "/live", "/broadcasts/1", "/broadcasts/1/live", "/broadcasts/1/people")
WATCHED = (
    ("/live", "/red.json", "/map/now.json"),
    ("/broadcasts/1/live", "/red.json", "/broadcasts/1/map.json"),
)
EVERY = 5.0
"""Real seconds between two looks of one officer."""

MOST_MS, MOST_CORE = 150.0, 1 / 3


def pages(
    grids: int = 1557,
    in_a_grid: int = 20,
    officers: int = 50,
    seconds: float = 20,
    looks: int = 100,
    rate: float = 100,
) -> Figure:
    """Measure the pages, and what it costs to be watched."""
    with place(sms=rate, voice=0.1, is_silent=True) as where:
        app = where.open()
        written = _night(app, where, grids, in_a_grid)
        app.close()
        with where.serve() as running:
            alone = _spent(where, running.pid, seconds)
            asked = _ask(where, {"pages": PAGES, "looks": looks})
            watch = {"officers": officers, "seconds": seconds + 10, "watched": WATCHED}
            with ThreadPoolExecutor(1) as beside:
                watching = beside.submit(_ask, where, watch)
                time.sleep(8)  # all have logged in
                watched = _spent(where, running.pid, seconds)
                told = watching.result()
        bare = _bare(where, looks)
    slow = {path: round(percentile(asked["ms"][path], 0.95), 1) for path in PAGES}
    core = (watched["core"] - alone["core"]) or 0.0
    is_quick = all(slow[path] <= MOST_MS for path in PAGES[:4])
    return Figure(
        f"pages of {written} messages to {grids * in_a_grid} people of {grids} grids",
        f"p95 within {MOST_MS:g} ms; {officers} officers watching cost at most a third of a core",
        {
            **{f"p95 ms {path}": slow[path] for path in PAGES},
            "p95 ms while watched": round(percentile(told["ms"], 0.95), 1),
            "looks": len(told["ms"]),
            "core for watching": round(core, 2),
            "texts a second": round(alone["rate"], 1),
            "texts a second while watched": round(watched["rate"], 1),
        },
        is_quick and core <= MOST_CORE and watched["rate"] >= alone["rate"] * 0.97,
        {"p95 ms": round(percentile(bare["ms"]["/"], 0.95), 1)},
        round(max(slow[path] for path in PAGES[:4]) / percentile(bare["ms"]["/"], 0.95), 1),
    )


def _night(app: App, where: Place, grids: int, in_a_grid: int) -> int:
    """Plan a text and a call for everybody, let some answer; return how many messages wait."""
    settle(app, grids * in_a_grid, in_a_grid=in_a_grid, towns=100)
    db, now = app.world.db, utc_now()
    with db.write() as tx:
        users.add(tx, "officer", hashed(PASSWORD), "officer", "", now)
    desk.start_notice(
        app.world,
        text="今晚有霜冻，请通知各户关好门窗",
        codes=[COUNTY],
        user="officer",
        mode="live",
        key="benchmark",
        now=now,
        policy="red",
    )
    publish(where, "blue")  # shown, and below what anybody is told of
    tick(app.world, utc_now())
    with db.read() as tx:
        roster = people.active_roster(tx)
        assert roster is not None
        some = [
            people.with_phone(tx, roster["id"], db.vault.index(phone(one)))
            for one in range(0, grids * in_a_grid, in_a_grid * 3)
        ]
    for one in some:
        answers.write_down(
            app.world, broadcast_id=1, person_id=one, value="1", user="officer", note="", now=now
        )
    return grids * in_a_grid * 2


def _spent(where: Place, pid: int, seconds: float) -> dict[str, float]:
    """Return the share of a core that a process takes for a while, and what it sends a second."""
    before, sent, begun = _processor(pid), len(where.book.look()), time.monotonic()
    time.sleep(seconds)
    took = time.monotonic() - begun
    return {
        "core": (_processor(pid) - before) / took,
        "rate": (len(where.book.look()) - sent) / took,
    }


def _processor(pid: int) -> float:
    """Return the processor time of a process so far, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _ask(where: Place, work: dict[str, Any], port: int | None = None) -> dict[str, Any]:
    """Let another process, on the carrier's core, look at the pages; return what it measured."""
    work = work | {"base": f"http://127.0.0.1:{port or where.port}", "logs_in": port is None}
    command = [sys.executable, "-m", "tests.benchmarks.pages", json.dumps(work)]
    cores = sorted(os.sched_getaffinity(1))
    if len(cores) > 1:
        command = ["taskset", "-c", str(cores[-1]), *command]
    done = subprocess.run(command, check=True, capture_output=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _bare(where: Place, looks: int) -> dict[str, Any]:
    """Return how long a Flask page takes that says one word and asks nobody."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "-b", f"127.0.0.1:{port}", "--threads", "8"]
    command += ["--chdir", str(Path.cwd()), "--log-level", "error", "tests.benchmarks.pages:bare()"]
    with process(command, where.folder / "gunicorn.log") as running:
        wait_until_it_answers(f"http://127.0.0.1:{port}/", running)
        return _ask(where, {"pages": ["/"], "looks": looks}, port)


def bare() -> Any:
    """Return the peer: an application of one page."""
    from flask import Flask  # noqa: PLC0415  the measured process must not wait for it

    app = Flask("bare")
    app.add_url_rule("/", "page", lambda: "ok")
    return app


def token(page: str) -> str:
    """Return what a form of a page proves itself with."""
    return page.partition('name="csrf_token" value="')[2].partition('"')[0]


def officer(base: str) -> requests.Session:
    """Return somebody who has logged in by the form."""
    session = requests.Session()
    form = session.get(f"{base}/login", timeout=30).text
    fields = {"csrf_token": token(form), "name": "officer", "password": PASSWORD}
    answer = session.post(f"{base}/login", data=fields, timeout=60)
    answer.raise_for_status()
    return session


def _took(session: requests.Session, url: str, tags: dict[str, str]) -> float:
    """Return how many milliseconds one look takes, as the page's own script looks."""
    begun = time.perf_counter()
    headers = {"If-None-Match": tags[url]} if url in tags else {}
    answer = session.get(url, headers=headers, timeout=60)
    took = (time.perf_counter() - begun) * 1000
    answer.raise_for_status()
    tags[url] = answer.headers.get("ETag", "")
    return took


def _watch(base: str, paths: list[str], first: float, seconds: float) -> list[float]:
    session, tags = officer(base), dict[str, str]()
    end, found = time.monotonic() + seconds, list[float]()
    time.sleep(first)
    while time.monotonic() < end:
        begun = time.monotonic()
        found += [_took(session, f"{base}{path}", tags) for path in paths]
        time.sleep(max(0.0, begun + EVERY - time.monotonic()))
    return found


def _client(work: dict[str, Any]) -> dict[str, Any]:
    base = work["base"]
    if "officers" in work:
        number = work["officers"]
        with ThreadPoolExecutor(number) as many:
            those = [
                many.submit(
                    _watch,
                    base,
                    work["watched"][one % len(work["watched"])],
                    EVERY * one / number,
                    work["seconds"],
                )
                for one in range(number)
            ]
            return {"ms": [took for one in those for took in one.result()]}
    session = officer(base) if work["logs_in"] else requests.Session()
    found: dict[str, list[float]] = {}
    for path in work["pages"]:
        found[path] = [_took(session, f"{base}{path}", {}) for _ in range(work["looks"])]
    return {"ms": found}


if __name__ == "__main__":
    print(json.dumps(_client(json.loads(sys.argv[1]))))
