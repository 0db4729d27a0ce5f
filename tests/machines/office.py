"""An office on several machines: processes that are killed, stopped and cut off, and a carrier."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import requests
from shapely import box
from sqlalchemy import func, make_url, select, text

from alertcast.core.grid import Grid
from alertcast.core.roster import Person, Post
from alertcast.core.task import TaskState
from alertcast.demo.count import Count, count
from alertcast.simulator.messages import SERVICE_NUMBER
from alertcast.simulator.server import DEMO_ACCOUNTS
from alertcast.store import channels, grids, people
from alertcast.store.schema import task
from tests.databases import DATA_KEY, POSTGRESQL, MovableDatabase
from tests.ledgers import read_ledger
from tests.machines.cable import Cable
from tests.ports import free_port

LEASE, GRACE = 3, 3  # real seconds, scaled down from 30
PATIENCE = 240.0  # real seconds for what happens in some, on a machine that is ten times slower
ACCOUNT, TOKEN = next(iter(DEMO_ACCOUNTS.items()))
CELLS = 45  # grids, with two people each

CONFIG = """\
[office]
name = "怀集县三防指挥部办公室"
short_name = "怀集三防"
check_number = "0758-5522000"

[database]
url = "{database}"

[web]
port = {web}
public_base_url = "http://127.0.0.1:{web}"

[dispatch]
senders = 4
batch = 10
lease = "{lease}s"
grace = "{grace}s"

[engine]
drain = "1m"

[sources.inbox]
type = "folder"
path = "inbox"
every = "1s"

[channels.sms]
type = "twilio_sms"
{carrier}

[channels.voice]
type = "twilio_voice"
{carrier}
"""

CARRIER = """\
account_sid = "{account}"
from_number = "{number}"
api_base_url = "http://127.0.0.1:{port}"
rate = 6.0
burst = 3.0
connect_timeout = 1.0
timeout = 1.0
"""

POLICY = """\
[policies.red]
counts = ["branch_leader", "first_secretary"]

[[policies.red.rungs]]
roles = ["branch_leader", "first_secretary"]
kinds = ["sms", "voice"]
calls = 1
within = "10m"
"""


class Machine:
    """One process with cables of its own to the database and to the carrier."""

    def __init__(self, office: "Office", name: str, *command: str) -> None:
        self.name, self._office, self._command = name, office, command
        self.database = Cable(_postgresql)
        self.carrier = Cable(lambda: socket.create_connection(("127.0.0.1", office.carrier_port)))
        self.folder = office.folder / name
        self.folder.mkdir()
        office.configure(self.folder, self.database.port, self.carrier.port)
        self._said = (office.folder / f"{name}.log").open("a")
        self.process = self._begin()

    def start(self) -> None:
        """Start it again, after it has ended."""
        self.process = self._begin()

    def kill(self) -> None:
        """Kill it at whatever line it stands, and start it again as a supervisor would."""
        self.process.kill()
        self.process.wait(PATIENCE)
        self.process = self._begin()

    def supervise(self) -> None:
        """Start it again if it ended with an error, as its unit would: no database at its start."""
        if self.process.poll() not in (None, 0):
            self.process = self._begin()

    def stand_still(self, seconds: float) -> Callable[[], None]:
        """Stop it for longer than any lease; return what lets it go on then."""
        begun = time.monotonic()
        self.process.send_signal(signal.SIGSTOP)

        def go_on() -> None:
            time.sleep(max(0.0, begun + seconds - time.monotonic()))
            self.process.send_signal(signal.SIGCONT)

        return go_on

    def ask_to_stop(self) -> float:
        """Tell it to stop, and start it again; return how long it took. It must end by itself."""
        assert wait_until(self.is_up), self._office.story()
        begun = time.monotonic()
        self.process.terminate()
        assert self.process.wait(PATIENCE) == 0, self._office.story()
        took = time.monotonic() - begun
        self.process = self._begin()
        return took

    def end(self) -> None:
        """Kill it for good."""
        self.process.send_signal(signal.SIGCONT)
        self.process.kill()
        self.process.wait(PATIENCE)
        self._said.close()
        self.database.close()
        self.carrier.close()

    def is_up(self) -> bool:
        """Say whether it has begun its work, and so heeds what it is told."""
        self.supervise()
        said = (self._office.folder / f"{self.name}.log").read_bytes()[self._said_before :]
        return b"Ctrl-C stops it" in said

    def _begin(self) -> subprocess.Popen[bytes]:
        self._said_before = self._said.tell()
        return subprocess.Popen(
            [sys.executable, "-m", "alertcast", *self._command],
            cwd=self.folder,
            env=self._office.env,
            stdout=self._said,
            stderr=self._said,
        )


class Office:
    """The database, the carrier and the folder of warnings that all machines share."""

    def __init__(self, db: MovableDatabase, folder: Path, seed: int) -> None:
        self.db, self.folder, self._seed = db, folder, seed
        self.web_port, self.carrier_port = free_port(), free_port()
        self.inbox = folder / "inbox"
        self.inbox.mkdir()
        self.env = os.environ | {
            "ALERTCAST_DATA_KEY": DATA_KEY,
            "ALERTCAST_SECRET_KEY": "a secret of this test, long enough",
            "TWILIO_AUTH_TOKEN": TOKEN,
            "PYTHONWARNINGS": "default",
        }
        self.phones = _settle(db)

    @contextmanager
    def open(self) -> Iterator[list[Machine]]:
        """Run a carrier, two workers and a web process with a scheduler until the block ends."""
        with ExitStack() as stack:
            said = stack.enter_context((self.folder / "carrier.log").open("w"))
            arguments = ["simulator", "--port", str(self.carrier_port), "--seed", str(self._seed)]
            carrier = subprocess.Popen(
                [sys.executable, "-m", "alertcast", *arguments], stdout=said, stderr=said
            )
            stack.callback(carrier.wait, PATIENCE)
            stack.callback(carrier.kill)
            serve = ("serve", "--no-worker", "--port", str(self.web_port))
            machines = [
                Machine(self, "worker-1", "worker"),
                Machine(self, "worker-2", "worker"),
                Machine(self, "web", *serve),
            ]
            for one in machines:
                stack.callback(one.end)
            yield machines

    def configure(self, folder: Path, database: int, carrier: int) -> None:
        """Write a machine's configuration, with its own cables in it."""
        url = make_url(POSTGRESQL or "").set(
            host="127.0.0.1", port=database, query={"sslmode": "disable", "gssencmode": "disable"}
        )
        parts = {"account": ACCOUNT, "number": SERVICE_NUMBER, "port": carrier}
        config = CONFIG.format(
            database=url.render_as_string(hide_password=False),
            web=self.web_port,
            lease=LEASE,
            grace=GRACE,
            carrier=CARRIER.format(**parts),
        )
        (folder / "alertcast.toml").write_text(config, "utf-8")
        (folder / "policy.toml").write_text(_policy(), "utf-8")
        (folder / "inbox").symlink_to(self.inbox)

    def ledger(self) -> dict[str, list[dict[str, Any]]]:
        """Return what the carrier's book says."""
        answer = requests.get(f"http://127.0.0.1:{self.carrier_port}/ledger", timeout=10)
        return dict(answer.json())

    def taken(self) -> int:
        """Return how many messages and calls the carrier took so far."""
        try:
            book = self.ledger()
        except requests.RequestException:  # it is still starting
            return 0
        return len(book["messages"]) + len(book["calls"])

    def unsettled(self) -> int:
        """Return how many messages have not left for certain; -1: none is planned yet.

        One that is due only later has not left either, unless it is to be told again.
        """
        moving = (TaskState.LEAVING, TaskState.UNSURE)
        with self.db.read() as tx:
            now = self.db.real_now(tx)
            waits = (task.c.tries == 0) | (task.c.due_at <= now)
            queued = (task.c.state == TaskState.QUEUED) & waits
            found = tx.execute(select(func.count()).where(task.c.state.in_(moving) | queued))
            planned = tx.execute(select(func.count()).select_from(task)).scalar_one()
            return int(found.scalar_one()) if planned else -1

    def count(self) -> Count:
        """Hold the plan against the carrier's book."""
        return count(self.db, read_ledger(self.ledger()))

    def bells(self) -> int:
        """Return how many bells wait to be heard."""
        with self.db.read() as tx:
            rows = text("SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'")
            return int(tx.execute(rows).scalar_one())

    def story(self) -> str:
        """Return what all machines said, and where everything stands."""
        files = sorted(self.folder.glob("*.log"))
        said = [f"== {one.name}\n{one.read_text()[-6000:]}" for one in files]
        with self.db.read() as tx:
            rows = text("SELECT kind, state, reason, count(*) FROM task GROUP BY 1, 2, 3")
            said += [str(tuple(row)) for row in tx.execute(rows)]
            said += [str(dict(row)) for row in channels.listed(tx)]
        return "\n".join(said)


def wait_until(true: Callable[[], bool]) -> bool:
    """Wait until something is so; say whether it was within PATIENCE."""
    end = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(0.2)
    return True


def _settle(db: MovableDatabase) -> list[str]:
    cells = [
        Grid(
            code=f"4412241010{number:02d}",
            name=f"第{number}村",
            kind="village",
            town_code="441224101",
            town="冷坑镇",
            county_code="441224",
            county="怀集县",
            geometry=box(number / 100, 0, (number + 1) / 100, 1),
        )
        for number in range(CELLS)
    ]
    roles = ("branch_leader", "first_secretary")
    folk = [Person(f"p{n}", f"某{n}", f"+86154{n:08d}") for n in range(2 * CELLS)]
    posts = [Post(one.code, roles[n % 2], cells[n // 2].code) for n, one in enumerate(folk)]
    with db.write() as tx:
        now = db.real_now(tx)
        digest = sha256(b"machines").hexdigest()
        grids.import_layer(
            tx, "town", cells, sha256=digest, is_approximate=False, attribution="", now=now
        )
        people.import_roster(tx, db.vault, "town", folk, posts, sha256=digest, now=now)
    return [one.phone for one in folk]


def _policy() -> str:
    shipped = Path(__file__).parents[2] / "config/policy.toml"
    whole = shipped.read_text("utf-8")
    begin = whole.index("[policies.red]")
    end = whole.index("[policies.desk]")
    return whole[:begin] + POLICY + "\n" + whole[end:]


def _postgresql() -> socket.socket:
    url = make_url(POSTGRESQL or "")
    folder = str(url.query.get("host", url.host or "127.0.0.1"))
    port = url.port or 5432
    if not folder.startswith("/"):
        return socket.create_connection((folder, port))
    far = socket.socket(socket.AF_UNIX)
    far.connect(f"{folder}/.s.PGSQL.{port}")
    return far
