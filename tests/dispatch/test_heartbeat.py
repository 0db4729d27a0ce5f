"""The heartbeat leaves while all is well, over real HTTP, and stays away as soon as it is not."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Empty, Queue
from threading import Event, Thread
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from alertcast.core.watch import BEAT, TICK, worker
from alertcast.dispatch.heartbeat import Heartbeat
from alertcast.dispatch.watch import Pulse, expected, look
from alertcast.scheduler import Feed, Scheduler
from alertcast.store import pulses
from tests.databases import database
from tests.stories.town import IN_EAST, Town
from tests.test_scheduler import WAIT, Wire

SOURCES = {"wire": {"type": "feed", "every": "60s"}}


class Listener:
    """Somebody outside who expects the heartbeat."""

    def __init__(self) -> None:
        self.beats: Queue[str] = Queue()
        self.status = 200
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                listener.beats.put(f"{self.command} {self.path}")
                self.send_response(listener.status)
                self.send_header("Location", "/elsewhere")
                self.end_headers()

            do_POST = do_GET

            def log_message(self, *_: Any) -> None:
                """Keep quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/ping/token"

    def heard(self) -> list[str]:
        """Return what came since the last look."""
        found = []
        while not self.beats.empty():
            found.append(self.beats.get())
        return found


@pytest.fixture
def listener() -> Iterator[Listener]:
    listener = Listener()
    thread = Thread(target=listener.server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield listener
    listener.server.shutdown()
    thread.join()
    listener.server.server_close()


def settled(town: Town, listener: Listener, **section: Any) -> Heartbeat:
    """Return the heartbeat of an installation that has just started well."""
    town.configure(sources=SOURCES, heartbeat={"url": listener.url} | section)
    pulse = Pulse(town.db, "here:1")
    pulse.begin(expected(town.world))
    return Heartbeat(town.world, pulse)


def only_silent(town: Town, what: str) -> None:
    """Let a quarter of an hour pass in which only `what` gave no sign of life."""
    town.db.ahead += timedelta(minutes=15)
    with town.db.write() as tx:
        others = [one for one in expected(town.world) if one != what]
        pulses.write(tx, "here:1", others, town.db.real_now(tx))


def test_it_beats_while_all_is_well(town: Town, listener: Listener) -> None:
    heartbeat = settled(town, listener)
    assert heartbeat.beat(town.now)
    assert heartbeat.beat(town.now)
    assert listener.heard() == ["GET /ping/token"] * 2


def test_it_may_be_a_post(town: Town, listener: Listener) -> None:
    assert settled(town, listener, method="POST").beat(town.now)
    assert listener.heard() == ["POST /ping/token"]


def test_without_an_address_nothing_is_sent(town: Town, listener: Listener) -> None:
    assert not Heartbeat(town.world, Pulse(town.db, "here:1")).beat(town.now)
    assert listener.heard() == []


@pytest.mark.parametrize(
    "what", [TICK, "watch", "receipts", "feed wire", worker("sms", "live"), worker("voice", "live")]
)
def test_it_stays_away_while_one_part_is_silent(
    town: Town, listener: Listener, what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    heartbeat = settled(town, listener)
    only_silent(town, what)
    assert not heartbeat.beat(town.now)
    assert not heartbeat.beat(town.now)
    assert listener.heard() == []
    said = capsys.readouterr().out
    assert said.count("heartbeat withheld") == 1
    assert what.removeprefix("send ") in said
    with town.db.write() as tx:
        pulses.write(tx, "here:1", [what], town.db.real_now(tx))
    assert heartbeat.beat(town.now)


def test_it_stays_away_while_messages_wait_too_long(town: Town, listener: Listener) -> None:
    heartbeat = settled(town, listener)
    town.climb_first(IN_EAST)
    assert heartbeat.beat(town.now)
    town.climb(minutes=6)
    assert not heartbeat.beat(town.now)
    town.tick()
    assert heartbeat.beat(town.now)


def test_before_anything_has_ever_run_it_stays_away(town: Town, listener: Listener) -> None:
    town.configure(heartbeat={"url": listener.url})
    assert not Heartbeat(town.world, Pulse(town.db, "here:1")).beat(town.now)
    assert listener.heard() == []


@pytest.mark.parametrize("status", [302, 404, 500])
def test_a_beat_that_is_not_taken_is_missed_here(
    town: Town, listener: Listener, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    heartbeat = settled(town, listener)
    listener.status = status
    assert not heartbeat.beat(town.now)
    assert "token" not in capsys.readouterr().out
    only_silent(town, BEAT)
    with town.db.read() as tx:
        assert [one.what for one in look(town.world, tx, town.now)] == ["beat"]
    listener.status = 200
    assert heartbeat.beat(town.now)  # missing beats do not withhold the next one


def test_nobody_listens(town: Town, listener: Listener) -> None:
    heartbeat = settled(town, listener)
    listener.server.shutdown()
    listener.server.server_close()
    assert not heartbeat.beat(town.now)


@contextmanager
def scheduled(town: Town, listener: Listener, clock: Any) -> Iterator[Listener]:
    """Run a real scheduler that beats each second, and workers that are alive for ever."""
    town.configure(
        sources=SOURCES,
        heartbeat={"url": listener.url, "every": "1s"},
        watch={"every": "1s", "silent": "7s", "feed_silent": "1h"},
    )
    pulse = Pulse(town.db, "here:1")
    pulse.begin(expected(town.world))
    feeds = {"wire": Feed(Wire("wire", b"<alert>"), timedelta(hours=1))}
    every = timedelta(seconds=0.1)
    scheduler = Scheduler(town.world, feeds, clock, lambda _: None, every=every, pulse=pulse)
    scheduler.start()
    try:
        yield listener
    finally:
        scheduler.stop()


def is_quiet(listener: Listener, seconds: float) -> bool:
    listener.heard()
    try:
        listener.beats.get(timeout=seconds)
    except Empty:
        return True
    return False


def keep_workers_alive(town: Town) -> None:
    with town.db.write() as tx:
        whats = [one for one in expected(town.world) if one.startswith(("send", "receipts"))]
        pulses.write(tx, "there:2", whats, town.db.real_now(tx) + timedelta(hours=1))


def test_a_scheduler_that_hangs_is_heard_of_by_silence(town: Town, listener: Listener) -> None:
    hang, is_hung, let_go = Event(), Event(), Event()

    def clock() -> Any:
        if hang.is_set() and not is_hung.is_set():  # whichever job comes next never returns
            is_hung.set()
            let_go.wait(60)
        return town.now

    with scheduled(town, listener, clock):
        keep_workers_alive(town)
        assert listener.beats.get(timeout=WAIT)
        hang.set()
        assert is_hung.wait(WAIT)
        town.db.ahead += timedelta(seconds=20)  # every pulse is old; those who live renew theirs
        keep_workers_alive(town)
        assert is_quiet(listener, 3)
        let_go.set()


def test_a_locked_database_is_heard_of_by_silence(tmp_path: Path, listener: Listener) -> None:
    with database("sqlite", tmp_path) as db:
        town = Town(db, tmp_path)
        with scheduled(town, listener, lambda: town.now):
            keep_workers_alive(town)
            assert listener.beats.get(timeout=WAIT)
            other = create_engine(db.url, isolation_level="AUTOCOMMIT")
            with other.connect() as thief:
                thief.execute(text("BEGIN IMMEDIATE"))
                is_quiet(listener, 0.5)  # one may have been on its way
                assert is_quiet(listener, 3)
                thief.execute(text("ROLLBACK"))
            other.dispose()
            assert listener.beats.get(timeout=2 * WAIT)
