"""One lane of the drill: it forks a carrier and a product for each case, and buries the killed.

A lane has no thread and no connection of its own, so that whatever it forks begins clean.
"""

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

from alertcast.bootstrap import App
from alertcast.demo.chaos import product
from alertcast.demo.chaos.carrier import Line, listening
from alertcast.demo.chaos.cases import Case, Kill
from alertcast.demo.chaos.judge import Verdict
from alertcast.demo.chaos.place import Place, Room
from alertcast.demo.chaos.processes import ended, fork
from alertcast.demo.chaos.town import Ports

LONGEST = 300
"""Real seconds after which the kernel ends a process of a case, whatever it is doing."""

TAIL = 2000
"""How many bytes of what a failed case's processes said are shown."""


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
    places: dict[str, Place] = {}
    with _reserved() as product_port, _reserved() as carrier_port:
        ports = Ports(product_port, carrier_port)
        try:
            while (case := talk.recv()) is not None:
                if case.database not in places:
                    places[case.database] = Place(room, ports, case.database)
                talk.send(_played(case, places[case.database]))
        finally:
            for place in places.values():
                place.close()


def _played(case: Case, place: Place) -> Played:
    app = place.ready(case)
    said, wrong, killed = place.folder / "said.log", [], 0
    carrier = fork(partial(_carry, case, place), said)
    try:
        for kill in (*case.kills, None):
            code = ended(fork(partial(_live, app, place, kill), said))
            if code == 0:
                break
            if code != -signal.SIGKILL:
                wrong.append(f"the product ended with {code}: {_last_line(said)}")
                break
            killed += 1
        line = Line(place.folder)
        found: Verdict = line.judged()
        line.end()
    except (OSError, EOFError) as error:
        os.kill(carrier, signal.SIGKILL)
        found = Verdict(
            wrong=[f"the carrier died: {error}"], doubled=[], messages=0, calls=0, resent=0
        )
    ended(carrier)
    found["wrong"] += wrong
    commits = place.folder / "commits"
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


def _carry(case: Case, place: Place) -> None:
    signal.alarm(LONGEST * 2)
    place.renew()
    with listening(place.folder) as listener:
        place.room.carrier.carry(listener, case, place.ports, partial(place.judge, case))


def _live(app: App, place: Place, kill: Kill | None) -> None:
    signal.alarm(LONGEST)
    commits = product.play(app, place.room.pages, Line(place.folder), kill, place.room.wrap)
    (place.folder / "commits").write_text(str(commits))


@contextmanager
def _reserved() -> Iterator[int]:
    """Keep a port for this lane: bound, so that nobody else takes it meanwhile."""
    with socket.socket() as found:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind(("127.0.0.1", 0))
        yield int(found.getsockname()[1])
