"""The drill is run: a warmed parent forks lanes, hands out cases, and gathers what came of them."""

import gc
import os
import tempfile
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import TypedDict

from alertcast.channels.base import Channel
from alertcast.demo.chaos.carrier import Carrier
from alertcast.demo.chaos.cases import Case, calm, cases
from alertcast.demo.chaos.lane import Played, keep_lane
from alertcast.demo.chaos.place import Room
from alertcast.demo.chaos.processes import ended, fork
from alertcast.demo.chaos.town import Ports, installation, settle
from alertcast.store import playground
from alertcast.store.crypto import Vault, new_key
from alertcast.store.db import Database
from alertcast.web import create_app

LANES = 10
"""Lanes for each core: most of a case is waiting, for a lease to end or a provider to be asked."""

OF_POSTGRESQL = 3
"""One of so many lanes begins with the cases on PostgreSQL, a fourth of all; they take longer."""

WARMS = 4
"""From so many cases for each lane on, it pays to play one more that warms it."""


class CanNotPlay(Exception):
    """The drill can not be played here; the message says why."""


Nights = dict[tuple[str, str], int]
"""How many commits a calm night has, for each database and sort of receipts."""


class Cell(TypedDict):
    """What was counted where one answer met one sort of receipts."""

    answer: str
    receipts: str
    cases: int
    killed: int  # processes
    resent: int  # requests made again after the provider was asked, or could not be
    doubled: int  # texts, where the provider can not be asked
    failed: int  # cases in which an invariant did not hold


class ChaosReport(TypedDict):
    """The whole drill."""

    seed: int
    cases: int
    by_database: dict[str, int]
    killed: int
    outlived: int  # kills that came too late: the life had ended before that commit
    commits: int  # most commits in the whole life of one process that was not killed
    messages: int
    calls: int
    resent: int
    doubled: list[str]  # texts doubled where the provider can not be asked, one line each
    failed: list[str]  # each invariant that did not hold: the case, and what was wrong
    table: list[Cell]
    seconds: float
    ok: bool


@dataclass(slots=True)
class Tally:
    """What was counted so far."""

    calm: list[Played] = field(default_factory=list)
    played: list[Played] = field(default_factory=list)
    begun: float = field(default_factory=time.monotonic)

    def report(self, seed: int) -> ChaosReport:
        """Return the report of what was played."""
        played = sorted(self.played, key=lambda one: one.case.number)
        bad = [one for one in (*self.calm, *played) if one.verdict["wrong"]]
        killed = sum(len(one.struck) for one in played)
        return ChaosReport(
            seed=seed,
            cases=len(played),
            by_database=dict(Counter(one.case.database for one in played)),
            killed=killed,
            outlived=sum(len(one.case.kills) for one in played) - killed,
            commits=max((one.commits for one in played if not one.struck), default=0),
            messages=sum(one.verdict["messages"] for one in played),
            calls=sum(one.verdict["calls"] for one in played),
            resent=sum(one.verdict["resent"] for one in played),
            doubled=[f"{one.case}: {line}" for one in played for line in one.verdict["doubled"]],
            failed=[f"{_named(one)}: {line}" for one in bad for line in one.verdict["wrong"]],
            table=_table(played),
            seconds=round(time.monotonic() - self.begun, 1),
            ok=bool(played) and not bad,
        )


def run(
    drawn: Iterable[Case],
    *,
    seed: int = 0,
    postgresql: str | None = None,
    lanes: int = 0,
    wrap: Callable[[Channel], Channel] = lambda channel: channel,
    told: Callable[[Played], None] = lambda played: None,
) -> ChaosReport:
    """Play the cases `drawn` from `seed`, several side by side, and return the report.

    `lanes`: how many; 0: as many as keep the cores busy. `told` hears of each case when it is over.

    Raises CanNotPlay where processes can not be forked.
    """
    if not hasattr(os, "fork"):
        raise CanNotPlay("the drill forks processes: it needs Linux, or another Unix")
    tally, waiting, many = Tally(), list(drawn), lanes or _usual_lanes()
    with tempfile.TemporaryDirectory(prefix="alertcast-chaos-") as found:
        warms = len(waiting) >= WARMS * many
        room = _room(Path(found), postgresql, wrap, warms=warms)
        with _lanes(room, min(many, len(waiting))) as talks:
            calm_ones = {calm(one) for one in waiting if one.kills}
            tally.calm += _gathered(talks, sorted(calm_ones, key=str), {})
            nights = {(one.case.database, one.case.receipts): one.commits for one in tally.calm}
            for played in _gathered(talks, waiting, nights):
                tally.played.append(played)
                told(played)
    return tally.report(seed)


def _usual_lanes() -> int:
    """Return how many cases are played side by side: most of them wait for a lease to end."""
    return LANES * (os.cpu_count() or 1)


def _room(
    folder: Path, postgresql: str | None, wrap: Callable[[Channel], Channel], *, warms: bool
) -> Room:
    """Return what all lanes share, made and imported once."""
    template, key = folder / "template.sqlite3", new_key()
    if ended(fork(partial(_make_template, template, key))):
        raise CanNotPlay("the template of the town could not be made")
    first = next(cases(0, ("sqlite",)))
    for asks in (True, False):  # what is imported or compiled at first use is so before the forks
        one = replace(first, asks=asks)
        app = installation(one, folder, f"sqlite:///{template}", Ports(1, 1), key)
        app.close()
    pages = create_app(app.world, app.clock, secret_key=key, is_demo=True)
    room = Room(template, postgresql, key, wrap, pages, Carrier(), warms)
    gc.collect()
    gc.freeze()
    return room


def _make_template(template: Path, key: str) -> None:
    db = Database(f"sqlite:///{template}", Vault.from_text(key))
    db.upgrade()
    settle(db)
    playground.watch(db)
    db.close()


@contextmanager
def _lanes(room: Room, many: int) -> Iterator[list[Connection]]:
    talks: list[Connection] = []
    pids: list[int] = []
    for number in range(many):
        ours, theirs = Pipe()
        lane = replace(room, number=number)
        pids.append(fork(partial(_keep_lane, [*talks, ours], theirs, lane)))
        theirs.close()
        talks.append(ours)
    try:
        yield talks
    finally:
        for talk in talks:
            with suppress(OSError):  # the lane was interrupted with us
                talk.send(None)
        for pid in pids:
            ended(pid)


def _keep_lane(ours: Sequence[Connection], theirs: Connection, room: Room) -> None:
    for talk in ours:  # else no lane would ever hear that its parent is gone
        talk.close()
    with suppress(EOFError):
        keep_lane(theirs, room)


def _gathered(
    talks: Sequence[Connection], drawn: Sequence[Case], nights: Nights
) -> Iterator[Played]:
    """Yield what came of each case, as they end; a lane gets a new one as soon as it is free."""
    left: dict[str, deque[Case]] = {}
    for case in drawn:
        left.setdefault(case.database, deque()).append(case)

    def begin(talk: Connection) -> None:
        """Let a lane play on the database that it has ready, else on another."""
        own = "sqlite" if (talks.index(talk) + 1) % OF_POSTGRESQL else "postgresql"
        for name in sorted(left, key=lambda one: one != own):
            if left[name]:
                case = left[name].popleft()
                talk.send((case, nights.get((case.database, case.receipts), 0)))
                busy.append(talk)
                return

    busy: list[Connection] = []
    for talk in talks:
        begin(talk)
    while busy:
        ready = wait(busy)
        for talk in [one for one in busy if one in ready]:
            try:
                yield talk.recv()
            except EOFError:
                raise CanNotPlay("a lane of the drill died") from None
            busy.remove(talk)
            begin(talk)


def _named(one: Played) -> str:
    struck = f", at {', '.join(map(str, one.struck))} of its commits" if one.struck else ""
    return f"{one.case}{struck}"


def _table(played: Sequence[Played]) -> list[Cell]:
    cells: dict[tuple[str, str], Cell] = {}
    for one in played:
        key = one.case.answer, one.case.receipts
        cell = cells.setdefault(
            key,
            Cell(answer=key[0], receipts=key[1], cases=0, killed=0, resent=0, doubled=0, failed=0),
        )
        cell["cases"] += 1
        cell["killed"] += len(one.struck)
        cell["resent"] += one.verdict["resent"]
        cell["doubled"] += len(one.verdict["doubled"])
        cell["failed"] += bool(one.verdict["wrong"])
    return [cells[key] for key in sorted(cells)]
