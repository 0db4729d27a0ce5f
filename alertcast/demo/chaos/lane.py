"""One lane of the drill: it forks a carrier and a product for each case, and buries the killed.

A lane has no thread and no connection of its own, so that whatever it forks begins clean.
"""

import os
import shutil
import signal
import socket
import sys
import tempfile
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

from alertcast.demo.chaos import product
from alertcast.demo.chaos.carrier import Line, carry, listening
from alertcast.demo.chaos.cases import Case, Kill
from alertcast.demo.chaos.judge import Verdict, verdict
from alertcast.demo.chaos.town import installation, settle
from alertcast.simulator.ledger import Ledger
from alertcast.store import playground
from alertcast.store.crypto import Vault
from alertcast.store.db import Database

LONGEST = 90
"""Real seconds after which the kernel ends a process of a case, whatever it is doing."""

TAIL = 2000
"""How many bytes of what a failed case's processes said are shown."""


@dataclass(frozen=True, slots=True)
class Room:
    """Where a lane plays: a template, and the address of a PostgreSQL database or None."""

    template: Path  # a SQLite file with the town in it
    postgresql: str | None
    key: str  # of the vault
    wrap: product.Wrap
    number: int = 0  # of the lane

    @property
    def schema(self) -> str:
        """Return the name of the lane's schema."""
        return f"alertcast_chaos_{os.getppid()}_{self.number}"


@dataclass(frozen=True, slots=True)
class Played:
    """What came of one case."""

    case: Case
    killed: int  # how many of its processes were
    commits: int  # of the last life
    verdict: Verdict
    said: str = ""  # the end of what its processes said, if anything is wrong


def keep_lane(talk: Connection, room: Room) -> None:
    """Play each case that is sent until None comes; send back what came of it."""
    with _reserved() as port, _schema(room):
        while (case := talk.recv()) is not None:
            talk.send(_played(case, room, port))


def fork(work: Callable[[], None], said: Path | None = None) -> int:
    """Run `work` in a process of its own, which ends with it: exit code 0, or 1 if it raised."""
    sys.stdout.flush()
    sys.stderr.flush()
    with warnings.catch_warnings():
        # Threads of a numeric library may sleep here; it minds forks itself, and we start none.
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        if said is not None:
            with said.open("ab") as file:
                os.dup2(file.fileno(), 1)
                os.dup2(file.fileno(), 2)
        work()
        code = 0
    except BaseException:  # the last frame of this process: nobody above could say it
        traceback.print_exc()
    finally:
        with suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def ended(pid: int) -> int:
    """Wait for a process; return its exit code, or minus the signal that ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _played(case: Case, room: Room, port: int) -> Played:
    folder = Path(tempfile.mkdtemp(prefix="case-", dir=room.template.parent))
    try:
        return _lived(case, room, folder, _url(case, room, folder), port)
    finally:
        shutil.rmtree(folder)


def _lived(case: Case, room: Room, folder: Path, url: str, port: int) -> Played:
    said, wrong, killed = folder / "said.log", [], 0
    carrier = fork(partial(_carry, case, room, folder, url, port), said)
    try:
        for kill in (*case.kills, None):
            code = ended(fork(partial(_live, case, room, folder, url, port, kill), said))
            if code == 0:
                break
            if code != -signal.SIGKILL:
                wrong.append(f"the product ended with {code}: {_last_line(said)}")
                break
            killed += 1
        line = Line(folder)
        found: Verdict = line.judged()
        line.end()
    except (OSError, EOFError) as error:
        os.kill(carrier, signal.SIGKILL)
        found = Verdict(
            wrong=[f"the carrier died: {error}"], doubled=[], messages=0, calls=0, resent=0
        )
    ended(carrier)
    found["wrong"] += wrong
    commits = folder / "commits"
    return Played(
        case,
        killed,
        int(commits.read_text()) if commits.exists() else 0,
        found,
        said.read_bytes()[-TAIL:].decode("utf-8", "replace") if found["wrong"] else "",
    )


def _last_line(said: Path) -> str:
    lines = said.read_text("utf-8", "replace").split("\n") if said.exists() else []
    return next((one for one in reversed(lines) if one.strip()), "")


def _carry(case: Case, room: Room, folder: Path, url: str, port: int) -> None:
    signal.alarm(LONGEST * 2)
    if case.database == "postgresql":
        db = Database(url, Vault.from_text(room.key))
        with db.write() as tx:
            playground.empty(tx)
        settle(db)
        db.close()

    def judge(ledger: Ledger) -> Verdict:
        db = Database(url, Vault.from_text(room.key))
        try:
            return verdict(db, ledger, can_be_asked=case.asks)
        finally:
            db.close()

    with listening(folder) as listener:
        carry(listener, case, port, judge)


def _live(case: Case, room: Room, folder: Path, url: str, port: int, kill: Kill | None) -> None:
    signal.alarm(LONGEST)
    line = Line(folder)
    app = installation(case, folder, url, line.address(), port, room.key)
    commits = product.play(app, line, kill, room.wrap)
    (folder / "commits").write_text(str(commits))


def _url(case: Case, room: Room, folder: Path) -> str:
    if case.database == "postgresql":
        return playground.inside(room.postgresql or "", room.schema)
    shutil.copyfile(room.template, folder / "town.sqlite3")
    return f"sqlite:///{folder / 'town.sqlite3'}"


@contextmanager
def _reserved() -> Iterator[int]:
    """Keep a port for the products of this lane: bound, so that nobody else takes it meanwhile."""
    with socket.socket() as found:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind(("127.0.0.1", 0))
        yield int(found.getsockname()[1])


@contextmanager
def _schema(room: Room) -> Iterator[None]:
    """Make the lane's schema on PostgreSQL, if it has one, and drop it in the end."""
    if room.postgresql is None:
        yield
        return
    url, schema = room.postgresql, room.schema
    if ended(fork(partial(_make, url, schema, room.key))):
        msg = f"{schema}: the schema could not be made"
        raise OSError(msg)
    try:
        yield
    finally:
        ended(fork(partial(_drop, url, schema, room.key)))


def _make(url: str, schema: str, key: str) -> None:
    db = Database(url, Vault.from_text(key))
    playground.create(db, schema)
    db.close()
    db = Database(playground.inside(url, schema), Vault.from_text(key))
    db.upgrade()
    playground.watch(db)
    db.close()


def _drop(url: str, schema: str, key: str) -> None:
    db = Database(url, Vault.from_text(key))
    playground.drop(db, schema)
    db.close()
