"""The stage: a whole installation in a folder of its own, whose only carrier is the simulator."""

import hashlib
import socket
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from alertcast.bootstrap import App, Running, build, running, serving
from alertcast.channels.base import Channel
from alertcast.config import from_mapping, shipped
from alertcast.core.grid import Grid
from alertcast.demo.clock import NightClock
from alertcast.demo.night import COUNTY, COUNTY_NAME, START
from alertcast.grids.places import KnownPlaces
from alertcast.grids.read import read_layer
from alertcast.grids.roster import read_roster
from alertcast.grids.stations import read_stations
from alertcast.simulator.people import People
from alertcast.simulator.server import DEMO_ACCOUNTS, Simulator
from alertcast.store import grids, passwords, people, users
from alertcast.store.crypto import new_key

USER, PASSWORD = "demo", "yanlian-2026"  # printed for everybody; opens a page on loopback only
"""The demo's log-in."""


LINKED = ["+861540"]
"""Numbers whose route takes no replies: their texts carry a link, one text in ten."""

GATHER = 0.005
"""Real seconds in which receipts gather: the clock of the night waits for them."""


class NoSuchTown(Exception):
    """The town to play with does not exist."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything that runs while a night is played."""

    app: App
    clock: NightClock
    simulator: Simulator
    at_work: Running
    grids: Sequence[Grid]
    address: str  # of the page


@contextmanager
def set_up(
    *,
    speed: float,
    skip: float | None,
    seed: int = 0,
    port: int = 0,
    town: str | None = None,
    every: timedelta = timedelta(seconds=1),
    wrap: Callable[[Channel], Channel] = lambda channel: channel,
    said: Callable[[str], None] = lambda line: None,
) -> Iterator[Stage]:
    """Set up a demo, and take it down with its folder when the block ends.

    `town`: the name of the one town of the county to play with; None: the whole city.

    `every`: real time between two ticks of the scheduler. `wrap` may put something between
    dispatch and each channel (a drill that doubles or drops messages, to see that it is noticed).
    """
    clock = NightClock(START, speed=speed, skip=skip)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="alertcast-demo-")))
        port = port or _free_port()
        base = f"http://127.0.0.1:{port}"
        simulator = Simulator(
            DEMO_ACCOUNTS,
            People(seed),
            clock,
            f"{base}/callbacks/sms/inbound",
            voice_url=f"{base}/callbacks/voice/inbound-voice",
            workers=4,
        )
        stack.callback(simulator.stop)
        simulator.start()
        said(f"模拟运营商 carrier simulator: {simulator.base_url}")
        app = _app(folder, port, base, simulator, clock, wrap)
        stack.callback(app.world.db.close)
        cells = _settle(app, town, said)
        at_work = stack.enter_context(running(app, every=every, gather=GATHER))
        address = stack.enter_context(
            serving(
                app,
                secret_key=new_key(),
                wake=at_work.wake,
                host="127.0.0.1",
                port=port,
                linger=0.0,  # the clock of the night waits for each answer
            )
        )
        yield Stage(app, clock, simulator, at_work, cells, address)


def _app(
    folder: Path,
    port: int,
    base: str,
    simulator: Simulator,
    clock: NightClock,
    wrap: Callable[[Channel], Channel],
) -> App:
    account, token = next(iter(DEMO_ACCOUNTS.items()))
    carrier: dict[str, object] = {
        "account_sid": account,
        "from_number": "+15005550006",
        "api_base_url": simulator.base_url,
        "rate": 1000.0,
        "burst": 200.0,
    }
    kinds: dict[str, dict[str, object]] = {
        "sms": {"type": "twilio_sms", "two_way": True},
        "voice": {"type": "twilio_voice", "machine_detection": True},
    }
    linked = {"two_way": False, "prefixes": LINKED, "links": True, "links_for_mainland": True}
    channels = {"link": carrier | kinds["sms"] | linked}  # before the other, which carries the rest
    channels |= {name: carrier | kind for name, kind in kinds.items()}
    channels |= {f"drill_{name}": carrier | kind | {"drill": True} for name, kind in kinds.items()}
    config = from_mapping(
        {
            "office": {
                "name": "怀集县三防指挥部办公室",
                "short_name": "怀集三防",
                "check_number": "0758-5522000",
            },
            "database": {"url": "sqlite:///demo.sqlite3"},
            "web": {"port": port, "public_base_url": base, "threads": 6},
            "dispatch": {"senders": 2, "batch": 100, "grace": "5s"},
            "sources": {"feed": {"type": "feed", "url": simulator.feed_url, "every": "1s"}},
            "channels": channels,
        },
        folder=folder,
        env={"TWILIO_AUTH_TOKEN": token, "ALERTCAST_DATA_KEY": new_key()},
    )
    app = build(config, clock=clock, is_demo=True)
    world = replace(app.world, channels=tuple(wrap(one) for one in app.world.channels))
    return replace(app, world=world)


def _settle(app: App, town: str | None, said: Callable[[str], None]) -> Sequence[Grid]:
    """Import the demo's grids and roster, and add its user; return the grids."""
    app.world.db.upgrade()
    folder = shipped("grids/zhaoqing")
    meta = tomllib.loads((folder / "meta.toml").read_text("utf-8"))
    cells = read_layer(folder / "grids.geojson").grids
    if town is not None:
        cells = tuple(one for one in cells if (one.county_code, one.town) == (COUNTY, town))
    if not cells:
        msg = f"there is no town {town} in {COUNTY_NAME}"
        raise NoSuchTown(msg)
    places = KnownPlaces(cells)
    roster = read_roster(folder / "roster.csv", roles=app.config.roles, places=places)
    stations = read_stations(folder / "stations.csv", places=places)
    enrolled = [replace(one, drills=True) for one in roster.people]  # invented: all may be drilled
    now = app.clock()
    with app.world.db.write() as tx:
        grids.import_layer(
            tx,
            meta["name"],
            cells,
            sha256=_sha256(folder / "grids.geojson"),
            is_approximate=meta["approximate"],
            attribution=meta["attribution"],
            now=now,
        )
        people.import_roster(
            tx,
            app.world.db.vault,
            meta["name"],
            enrolled,
            roster.posts,
            stations.stations,
            sha256=_sha256(folder / "roster.csv"),
            now=now,
        )
        users.add(tx, USER, passwords.hashed(PASSWORD), "approver", "", now)
    said(f"网格 grids: {len(cells)}; 责任人 people: {len(roster.people)}")
    return cells


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
