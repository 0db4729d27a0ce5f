"""How long from the click to the first correction at the carrier, while thousands of texts wait.

    python -m tests.benchmarks.correction --queued 5000 --rate 100

Everything is real: the page over HTTP with log-in and form, the database on disk, the SDK, and a
carrier in a process of its own (on the last core, where there are several). The clock is the
machine's. It prints a report and asserts nothing: no test waits for it.
"""

import argparse
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests
import structlog
from shapely import box

from alertcast.bootstrap import App, build, running, serving, utc_now
from alertcast.config import from_mapping
from alertcast.core.grid import Grid
from alertcast.core.roster import Person, Post
from alertcast.dispatch import desk
from alertcast.simulator.server import DEMO_ACCOUNTS
from alertcast.store import grids, passwords, people, users
from alertcast.store.crypto import new_key

TOWNS = {"told": "441224101", "queued": "441224102"}
PASSWORD = "a long night in December"
PATIENCE = 300.0


@dataclass(frozen=True)
class Measured:
    """One click, in seconds after it."""

    corrected: str  # told: another broadcast; queued: the one whose texts wait
    queued: int  # texts that waited at the click
    told: int  # phones to be told
    rate: float  # allowed requests a second
    answered: float  # the page had answered
    first: float  # the first correction was at the carrier
    last: float  # the last of `told` was
    before: int  # other texts that left between the click and the first correction
    between: int  # other texts that left between the first correction and the last


@dataclass
class Bench:
    """An installation at work, its carrier's ledger, and an officer at the page."""

    app: App
    ledger: Path
    base: str
    session: requests.Session

    def sent(self) -> list[tuple[float, str]]:
        """Return (seconds since 1970, text) of all the carrier took, in order; no repeats."""
        found: dict[tuple[str, str], float] = {}
        for line in self.ledger.read_text("utf-8").splitlines():
            entry = json.loads(line)
            if "body" in entry and "real" in entry:
                at = datetime.fromisoformat(entry["real"]).timestamp()
                found.setdefault((entry["to"], entry["body"]), at)
        return sorted((at, text) for (_, text), at in found.items())

    def wait_for(self, number: int, word: str) -> list[tuple[float, str]]:
        """Wait until `number` texts with `word` in them have arrived; return all there are.

        A few numbers do not exist: it is enough that most have come, and no more come.
        """
        end, came, since = time.monotonic() + PATIENCE, 0, time.monotonic()
        while time.monotonic() < end:
            arrived = self.sent()
            found = sum(word in text for _, text in arrived)
            if found > came:
                came, since = found, time.monotonic()
            if found >= number or (found > 0.8 * number and time.monotonic() - since > 3):
                return arrived
            time.sleep(0.05)
        raise SystemExit(f"{number} texts with {word!r} have not come in {PATIENCE} s")

    def notice(self, text: str, town: str) -> int:
        """Start a notice to everybody in a town."""
        made, _ = desk.start_notice(
            self.app.world,
            text=text,
            codes=[town],
            user="officer",
            mode="live",
            key=text,
            now=utc_now(),
        )
        return made

    def click(self, broadcast: int) -> tuple[float, float]:
        """Correct a broadcast on the page; return when it was clicked, and when answered."""
        url = f"{self.base}/broadcasts/{broadcast}/correct"
        page = self.session.get(url, timeout=60)
        form = {"csrf_token": _token(page.text), "fault": "mistake"}
        clicked = time.time()
        answer = self.session.post(url, data=form, allow_redirects=False, timeout=60)
        if answer.status_code != 302:
            raise SystemExit(f"the page answered {answer.status_code}")
        return clicked, time.time()


def measure(bench: Bench, corrected: str, args: argparse.Namespace) -> Measured:
    """Tell some, let many wait, click, and read in the ledger what came when."""
    told = bench.notice("甲甲甲", TOWNS["told"])
    bench.wait_for(args.told, "甲甲甲")
    waiting = bench.notice("乙乙乙", TOWNS["queued"])
    begun = bench.wait_for(args.started, "乙乙乙")
    clicked, answered = bench.click(told if corrected == "told" else waiting)
    arrived = bench.wait_for(args.told if corrected == "told" else args.started, "更正")
    corrections = [at for at, text in arrived if "更正" in text]
    others = [at for at, text in arrived if "乙乙乙" in text]
    first, last = corrections[0], corrections[-1]
    return Measured(
        corrected,
        args.queued - sum("乙乙乙" in text for _, text in begun),
        len(corrections),
        args.rate,
        round(answered - clicked, 3),
        round(first - clicked, 3),
        round(last - clicked, 3),
        sum(clicked < at < first for at in others),
        sum(first < at < last for at in others),
    )


@contextmanager
def at_work(args: argparse.Namespace) -> Iterator[Bench]:
    """Put up carrier, installation, page and log-in; take them down again."""
    with tempfile.TemporaryDirectory(prefix="alertcast-bench-") as name:
        folder, ledger, carrier, port = Path(name), Path(name) / "ledger", _port(), _port()
        command = [sys.executable, "-m", "alertcast", "simulator", "--port", str(carrier)]
        out = (folder / "carrier.log").open("w")
        process = subprocess.Popen([*command, "--ledger", str(ledger)], stdout=out, stderr=out)
        cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0]
        if len(cores) > 1:
            os.sched_setaffinity(process.pid, {cores[-1]})
        try:
            _answers(carrier)
            app = _app(folder, args, carrier, port)
            _settle(app, args)
            with (
                running(app) as engine,
                serving(
                    app,
                    secret_key=new_key(),
                    wake=engine.wake,
                    host="127.0.0.1",
                    port=port,
                ) as base,
            ):
                yield Bench(app, ledger, base, _logged_in(base))
            app.close()
        finally:
            process.terminate()
            process.wait()
            out.close()


def _app(folder: Path, args: argparse.Namespace, carrier: int, port: int) -> App:
    account, token = next(iter(DEMO_ACCOUNTS.items()))
    section = {
        "office": {"name": "试验县三防办", "short_name": "试验三防", "check_number": "0758-0"},
        "database": {"url": args.database or "sqlite:///bench.sqlite3"},
        "web": {"port": port, "public_base_url": f"http://127.0.0.1:{port}"},
        "channels": {
            "sms": {
                "type": "twilio_sms",
                "account_sid": account,
                "from_number": "+15005550006",
                "api_base_url": f"http://127.0.0.1:{carrier}",
                "rate": args.rate,
                "burst": 1.0,
            }
        },
    }
    env = {"TWILIO_AUTH_TOKEN": token, "ALERTCAST_DATA_KEY": new_key()}
    return build(from_mapping(section, folder=folder, env=env), is_demo=True)


def _settle(app: App, args: argparse.Namespace) -> None:
    world, now = app.world, utc_now()
    world.db.upgrade()
    numbers = {"told": args.told, "queued": args.queued}
    cells, folk, posts = [], [], []
    for row, (word, town) in enumerate(TOWNS.items()):
        for number in range(numbers[word]):
            code, person = f"{town}{number:05d}", f"{word}{number}"
            phone = f"+86154{row}{number:07d}"
            shape = box(number, row, number + 1, row + 1)
            cells.append(
                Grid(
                    code=code,
                    name=f"{number}号村",
                    kind="village",
                    town_code=town,
                    town=word,
                    county_code="441224",
                    county="怀集县",
                    geometry=shape.buffer(-0.1) if number < 80 else None,
                )
            )
            folk.append(Person(person, "某某", phone))
            posts.append(Post(person, "branch_leader", code))
    with world.db.write() as tx:
        grids.import_layer(
            tx, "bench", cells, sha256="1", is_approximate=True, attribution="", now=now
        )
        people.import_roster(tx, world.db.vault, "bench", folk, posts, sha256="1", now=now)
        users.add(tx, "officer", passwords.hashed(PASSWORD), "approver", "", now)


def _logged_in(base: str) -> requests.Session:
    session = requests.Session()
    token = _token(session.get(f"{base}/login", timeout=60).text)
    form = {"csrf_token": token, "name": "officer", "password": PASSWORD}
    session.post(f"{base}/login", data=form, timeout=60).raise_for_status()
    return session


def _token(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    if found is None:
        raise SystemExit("the page has no form")
    return found[1]


def _answers(port: int) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            requests.get(f"http://127.0.0.1:{port}/ledger", timeout=5)
        except (requests.ConnectionError, requests.Timeout):
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the carrier does not start")


def _port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.correction")
    parser.add_argument("--queued", type=int, default=5000, help="texts that wait")
    parser.add_argument("--told", type=int, default=200, help="people told before")
    parser.add_argument("--started", type=int, default=100, help="of the waiting: left before")
    parser.add_argument("--rate", type=float, default=100.0, help="requests a second")
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--database", help="an empty PostgreSQL database; else SQLite")
    parser.add_argument("--corrected", choices=["told", "queued", "both"], default="both")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args(given)


def main(given: Sequence[str] | None = None) -> None:
    args = _arguments(given)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    which = ["told", "queued"] if args.corrected == "both" else [args.corrected]
    for _ in range(args.runs):
        for corrected in which:
            with at_work(args) as bench:
                found: dict[str, Any] = asdict(measure(bench, corrected, args))
            found["at"] = datetime.now(UTC).isoformat(timespec="seconds")
            found["database"] = "postgresql" if args.database else "sqlite"
            found["load"] = [round(one, 1) for one in os.getloadavg()]
            print(json.dumps(found) if args.json else found, flush=True)


if __name__ == "__main__":
    main()
