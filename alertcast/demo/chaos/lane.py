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
from alertcast.demo.chaos.cases import Case
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
    struck: tuple[int, ...]  # the commits at which its processes were killed
    commits: int  # of the last life
    verdict: Verdict
    said: str = ""  # the end of what its processes said, if anything is wrong


def keep_lane(talk: Connection, room: Room) -> None:
    """Play each case that is sent until None comes; send back what came of it.

    With each case comes how many commits the calm night like it had.
    """
    places: dict[str, Place] = {}
    with _reserved() as product_port, _reserved() as carrier_port:
        ports = Ports(product_port, carrier_port)
        try:
            while (sent := talk.recv()) is not None:
                case, night = sent
                if case.database not in places:
                    places[case.database] = Place(room, ports, case.database)
                talk.send(_played(case, night, places[case.database]))
        finally:
            for place in places.values():
                place.close()


def _played(case: Case, night: int, place: Place) -> Played:
    app = place.ready(case)
    said, wrong, struck = place.folder / "said.log", [], list[int]()
    carrier = fork(partial(_carry, case, place), said)
    try:
        for kill in (*case.kills, None):
            commit = kill.commit(night - sum(struck)) if kill else 0
            strike = (commit, kill.is_after) if kill else None
            code = ended(fork(partial(_live, app, place, strike), said))
            if code == 0:
                break
            if code != -signal.SIGKILL:
                wrong.append(f"the product ended with {code}: {_last_line(said)}")
                break
            struck.append(commit)
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
        tuple(struck),
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


def _live(app: App, place: Place, strike: product.Strike | None) -> None:
    signal.alarm(LONGEST)
    commits = product.play(app, place.room.pages, Line(place.folder), strike, place.room.wrap)
    (place.folder / "commits").write_text(str(commits))


@contextmanager
def _reserved() -> Iterator[int]:
    """Keep a port for this lane: bound, so that nobody else takes it meanwhile."""
    with socket.socket() as found:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind(("127.0.0.1", 0))
        yield int(found.getsockname()[1])
