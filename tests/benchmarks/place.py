"""Where it is measured: a carrier on the other core, an installation in a folder, its people."""

import json
import logging
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import requests
import structlog
from shapely import box
from sqlalchemy import create_engine, text

from alertcast.bootstrap import App, installation, utc_now
from alertcast.core.grid import Grid
from alertcast.core.roster import Person, Post
from alertcast.dispatch import desk
from alertcast.scheduler import tick
from alertcast.simulator.faults import Fault
from alertcast.simulator.ledger import Ledger
from alertcast.simulator.messages import SERVICE_NUMBER
from alertcast.simulator.server import DEMO_ACCOUNTS
from alertcast.store import grids, people
from alertcast.store.crypto import new_key
from tests.ledgers import read_ledger
from tests.ports import free_port

ACCOUNT, TOKEN = next(iter(DEMO_ACCOUNTS.items()))
TOWN, COUNTY = "441224101", "441224"
SQLITE = "sqlite:///bench.sqlite3"
SIDE = 0.001  # of a grid, in degrees
ALL = (111.9, 23.9, 113.1, 25.1)  # a box around every grid

CONFIG = """\
[office]
name = "试验县三防指挥部办公室"
short_name = "试验三防"
check_number = "0758-0000000"

[database]
url = "{database}"

[dispatch]
lease = "{lease}s"
grace = "{lease}s"

[web]
port = {web}
public_base_url = "http://127.0.0.1:{web}"

[sources.inbox]
type = "folder"
path = "inbox"
every = "1s"

[channels.sms]
type = "twilio_sms"
{account}
rate = {sms}

[channels.voice]
type = "twilio_voice"
{account}
rate = {voice}
"""

ACCOUNT_KEYS = """\
account_sid = "{account}"
from_number = "{number}"
api_base_url = "http://127.0.0.1:{carrier}"
"""


@dataclass(frozen=True)
class Taken:
    """One text or call that the carrier took."""

    at: float  # seconds since 1970, by the carrier
    kind: str  # message, call
    phone: str


@dataclass
class Book:
    """The carrier's ledger, read on from where it was left."""

    path: Path
    taken: list[Taken] = field(default_factory=list)
    _read: int = 0

    def look(self) -> list[Taken]:
        """Return all that was taken so far, in order."""
        with self.path.open("rb") as file:
            file.seek(self._read)
            new = file.read()
        whole = new[: new.rfind(b"\n") + 1]
        self._read += len(whole)
        for line in whole.splitlines():
            if b'"event": "accepted"' in line:
                entry = json.loads(line)
                at = datetime.fromisoformat(entry["real"]).timestamp()
                self.taken.append(Taken(at, entry["kind"], entry["to"]))
        return self.taken

    def wait_for(
        self, number: int, patience: float, meanwhile: Callable[[], None] = lambda: None
    ) -> list[Taken]:
        """Return what was taken once it is `number`, or once `patience` seconds have passed."""
        end = time.monotonic() + patience
        while len(self.look()) < number and time.monotonic() < end:
            meanwhile()
            time.sleep(0.2)
        return self.taken


@dataclass(frozen=True)
class Place:
    """A folder with an installation in it, and the book of its carrier."""

    folder: Path
    book: Book
    port: int
    carrier: int = 0  # its port

    @property
    def config(self) -> Path:
        return self.folder / "alertcast.toml"

    @property
    def env(self) -> dict[str, str]:
        """Return its secrets, by the variables that hold them."""
        lines = (self.folder / "alertcast.env").read_text("utf-8").splitlines()
        return dict(line.split("=", 1) for line in lines)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def open(self) -> App:
        """Return the installation, its tables made."""
        app = installation(self.config, self.env)
        app.world.db.upgrade()
        return app

    def carrier_does(self, faults: Sequence[Fault]) -> None:
        """Let these things go wrong at the carrier from now on."""
        url = f"http://127.0.0.1:{self.carrier}/faults"
        rules = [asdict(one) for one in faults]
        requests.post(url, json=rules, timeout=10).raise_for_status()

    def ledger(self) -> Ledger:
        """Return the carrier's book, as far as it tells what was taken and what was refused."""
        answer = requests.get(f"http://127.0.0.1:{self.carrier}/ledger", timeout=60)
        return read_ledger(answer.json())

    @contextmanager
    def serve(self, *options: str) -> Iterator[subprocess.Popen[bytes]]:
        """Run `alertcast serve` as a process until the block ends; it answers when it begins."""
        command = [sys.executable, "-m", "alertcast", "--config", str(self.config), "serve"]
        with process([*command, *options], self.folder / "serve.log") as running:
            wait_until_it_answers(f"{self.base}/healthz", running)
            yield running


@contextmanager
def place(
    *,
    sms: float = 1.0,
    voice: float = 1.0,
    is_silent: bool = False,
    people: Literal["alike", "varied"] = "alike",
    lease: float = 30,
    database: str = SQLITE,
) -> Iterator[Place]:
    """Put up a carrier on the last core, and an installation that may send at these rates.

    A `database` that is no file of SQLite is emptied.
    """
    if not database.startswith("sqlite"):
        _empty(database)
    with _few_words(), TemporaryDirectory(prefix="alertcast-benchmark-") as name:
        folder, carrier, web = Path(name), free_port(), free_port()
        (folder / "inbox").mkdir()
        account = ACCOUNT_KEYS.format(account=ACCOUNT, number=SERVICE_NUMBER, carrier=carrier)
        (folder / "alertcast.toml").write_text(
            CONFIG.format(
                database=database,
                web=web,
                account=account,
                sms=sms,
                voice=voice,
                lease=f"{lease:g}",
            ),
            "utf-8",
        )
        secrets = {
            "TWILIO_AUTH_TOKEN": TOKEN,
            "ALERTCAST_DATA_KEY": new_key(),
            "ALERTCAST_SECRET_KEY": new_key(),
        }
        lines = [f"{key}={value}\n" for key, value in secrets.items()]
        (folder / "alertcast.env").write_text("".join(lines), "utf-8")
        ledger = folder / "ledger"
        command = [sys.executable, "-m", "tests.benchmarks.carrier", str(carrier), str(ledger)]
        options = ["--people", people, *(["--silent"] if is_silent else [])]
        with process([*command, *options], folder / "carrier.log", core=-1) as running, on_core(0):
            wait_until_it_answers(f"http://127.0.0.1:{carrier}/ledger", running)
            yield Place(folder, Book(ledger), web, carrier)


def settle(
    app: App,
    number: int,
    *,
    in_a_grid: int = 10,
    towns: int = 1,
    roles: Sequence[str] = ("branch_leader", "first_secretary"),
) -> None:
    """Enrol `number` people, so many in a grid, with these roles in turn."""
    cells = -(-number // in_a_grid)
    now = utc_now()
    with app.world.db.write() as tx:
        grids.import_layer(
            tx,
            "benchmark",
            [_cell(one, towns) for one in range(cells)],
            sha256="1",
            is_approximate=True,
            attribution="",
            now=now,
        )
        folk = [Person(f"p{one}", "某某", phone(one)) for one in range(number)]
        posts = [
            Post(f"p{one}", roles[one % len(roles)], _code(one // in_a_grid, towns))
            for one in range(number)
        ]
        people.import_roster(tx, app.world.db.vault, "bench", folk, posts, sha256="1", now=now)


def plan_texts(app: App, number: int) -> None:
    """Plan one text for each of `number` people, by an officer's notice."""
    settle(app, number)
    desk.start_notice(
        app.world,
        text="今晚有霜冻，请通知各户关好门窗",
        codes=[COUNTY],
        user="officer",
        mode="live",
        key="benchmark",
        now=utc_now(),
    )
    tick(app.world, utc_now())


def phone(number: int) -> str:
    """Return an invented number."""
    return f"+86154{number:08d}"


def village(cell: int) -> str:
    """Return the code of a grid."""
    return _code(cell, 1)


def around(cells: range) -> tuple[float, float, float, float]:
    """Return a box around these grids, which lie in one row, and around no other."""
    west, south = _corner(cells[0])
    east, _ = _corner(cells[-1])
    margin = SIDE * 0.05
    return west - margin, south - margin, east + SIDE * 0.9 + margin, south + SIDE * 0.9 + margin


def memory(pid: int | None = None) -> float:
    """Return the resident memory of a process (None: this one) now, in MB."""
    pages = int(Path(f"/proc/{pid or 'self'}/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


@contextmanager
def process(
    command: Sequence[str],
    log: Path,
    *,
    core: int | None = None,
    env: Mapping[str, str] | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command until the block ends; `core`: the number of the one it runs on, -1 the last."""
    with log.open("ab") as out:
        running = subprocess.Popen(list(command), stdout=out, stderr=out, env=env)
        try:
            _pin(running.pid, core)
            yield running
        finally:
            running.terminate()
            try:
                running.wait(15)
            except subprocess.TimeoutExpired:
                running.kill()
                running.wait()


@contextmanager
def on_core(core: int | None) -> Iterator[None]:
    """Let this process, and what it starts, run on one core, if there are several; None: on all."""
    before = os.sched_getaffinity(0)
    if core is None:
        os.sched_setaffinity(0, _CORES)
    _pin(0, core)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def wait_until_it_answers(url: str, running: subprocess.Popen[bytes]) -> None:
    """Return once somebody answers at `url`, whatever the answer is."""
    end = time.monotonic() + 60
    while time.monotonic() < end and running.poll() is None:
        try:
            requests.get(url, timeout=5)
        except (requests.ConnectionError, requests.Timeout):
            time.sleep(0.05)
        else:
            return
    raise SystemExit(f"{url}: nobody answers")


@contextmanager
def _few_words() -> Iterator[None]:
    """Say in this process what is an error, and nothing else; afterwards as before."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    try:
        yield
    finally:
        structlog.configure(**before)


def _empty(database: str) -> None:
    engine = create_engine(database, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()


def _pin(pid: int, core: int | None) -> None:
    cores = sorted(_CORES)
    if core is not None and len(cores) > 1:
        os.sched_setaffinity(pid, {cores[core]})


_CORES = os.sched_getaffinity(0)


def _code(cell: int, towns: int) -> str:
    return f"{COUNTY}{101 + cell % towns}{cell:05d}"


def _corner(cell: int) -> tuple[float, float]:
    """Return west and south of a grid, in degrees (EPSG:4326); a row has 1,000."""
    return 112 + cell % 1000 * SIDE, 24 + cell // 1000 * SIDE


def _cell(number: int, towns: int) -> Grid:
    west, south = _corner(number)
    code = _code(number, towns)
    return Grid(
        code=code,
        name=f"{number}号村",
        kind="village",
        town_code=code[:9],
        town=f"{code[6:9]}镇",
        county_code=COUNTY,
        county="试验县",
        geometry=box(west, south, west + SIDE * 0.9, south + SIDE * 0.9),
    )
