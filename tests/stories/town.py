"""A small town that stories are told on: three grids, a ladder of people, phones that can be used.

It hides every table and id. Time is moved by `tick`; nothing sleeps. The carrier is the channel
that keeps everything in memory; `tests/stories/test_over_http.py` tells stories over real HTTP.
"""

import dataclasses
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from shapely import box
from shapely.geometry.base import BaseGeometry

from alertcast import config as configuration
from alertcast.channels.base import Channel, Reply
from alertcast.channels.memory import MemoryChannel
from alertcast.core.broadcast import Broadcast
from alertcast.core.grid import Grid
from alertcast.core.phone import is_demo
from alertcast.core.roster import Person, Post
from alertcast.dispatch import answers, desk, ingest, receive, reconcile, send
from alertcast.dispatch.world import World
from alertcast.scheduler import tick
from alertcast.sources.folder import Folder
from alertcast.store import alerts, broadcasts, callouts, grids, helps, people
from alertcast.store.db import Database

TOWN, NEXT_TOWN, COUNTY = "441224101", "441224102", "441224"
WEST, EAST, SOUTH = "441224101001", "441224101002", "441224102001"
SHAPES = {WEST: box(0, 0, 1, 1), EAST: box(1, 0, 2, 1), SOUTH: box(0, -1, 2, 0)}
NAMES = {WEST: "西村", EAST: "东村", SOUTH: "南村"}

WEST_LEADER, WEST_SECRETARY, WEST_DEPUTY = "+8613800000011", "+8613800000012", "+8613800000013"
EAST_LEADER, EAST_SECRETARY, EAST_DEPUTY = "+8613800000021", "+8613800000022", "+8613800000023"
SOUTH_LEADER = "+8613800000031"
TOWN_LEADER, TOWN_DESK = "+8613800000041", "+8613800000042"
COUNTY_DESK, HEAD = "+8613800000051", "+8613800000052"

EVERYBODY = (
    (WEST_LEADER, "branch_leader", WEST),
    (WEST_SECRETARY, "first_secretary", WEST),
    (WEST_DEPUTY, "deputy", WEST),
    (EAST_LEADER, "branch_leader", EAST),
    (EAST_SECRETARY, "first_secretary", EAST),
    (EAST_DEPUTY, "deputy", EAST),
    (SOUTH_LEADER, "branch_leader", SOUTH),
    (TOWN_LEADER, "town_leader", TOWN),
    (TOWN_DESK, "town_desk", TOWN),
    (COUNTY_DESK, "county_desk", COUNTY),
    (HEAD, "sanfang_head", COUNTY),
)
ALL = box(-1, -2, 3, 2)
LEVELS = {"red": "红色", "orange": "橙色", "yellow": "黄色"}
EVENING = datetime(2026, 12, 26, 9, 20, tzinfo=UTC)  # 17:20 in Huaiji
OFFICE = {"name": "怀集县三防指挥部办公室", "short_name": "怀集三防", "check_number": "0758-5522000"}


@dataclass(frozen=True)
class Warned:
    """One warning that was published."""

    identifier: str
    sent: datetime


class Town:
    """Three grids, eleven people and one duty desk."""

    def __init__(self, db: Database, folder: Path) -> None:
        self.db, self.folder = db, folder
        self.now = EVENING
        self.sms = MemoryChannel("sms", "sms")
        self.voice = MemoryChannel("voice", "voice")
        self.channels: list[Channel] = [self.sms, self.voice]
        self.settings: dict[str, Any] = {"office": dict(OFFICE)}
        self.numbers = 0
        self.settle_in(EVERYBODY)

    # before the story ----------------------------------------------------------------------------

    def settle_in(self, posts: Iterable[tuple[str, str, str]]) -> None:
        """Let these people (phone, role, place) hold the posts, and nobody else."""
        posts = tuple(posts)
        cells = [
            Grid(
                code=code,
                name=NAMES[code],
                kind="village",
                town_code=code[:9],
                town="冷坑镇" if code.startswith(TOWN) else "马宁镇",
                county_code=COUNTY,
                county="怀集县",
                geometry=shape,
            )
            for code, shape in SHAPES.items()
        ]
        phones = dict.fromkeys(phone for phone, _, _ in posts)
        folk = [Person(code=p, name=f"某{p[-2:]}", phone=p) for p in phones]
        held = [Post(phone, role, place) for phone, role, place in posts]
        with self.db.write() as tx:
            grids.import_layer(
                tx,
                "town",
                cells,
                sha256="town",
                is_approximate=False,
                attribution="",
                now=self.now,
            )
            people.import_roster(
                tx, self.db.vault, "town", folk, held, sha256=sha256(repr(posts).encode()).hexdigest(), now=self.now
            )

    def without_providers(self) -> "Town":
        """Let no channel be configured."""
        self.channels = []
        return self

    def configure(self, **sections: Any) -> None:
        """Change sections of alertcast.toml."""
        self.settings |= sections

    @property
    def world(self) -> World:
        """The installation as it would be after a restart: nothing is remembered but the rows."""
        config = _config(json.dumps(self.settings))
        config = dataclasses.replace(config, rules=self.rules(config.rules))
        return World(
            config=config,
            db=self.db,
            channels=tuple(self.channels),
            is_demo=all(is_demo(p) for p, _, _ in EVERYBODY),
        )

    rules: Callable[[Any], Any] = staticmethod(lambda rules: rules)

    # what happens --------------------------------------------------------------------------------

    def warn(
        self,
        over: BaseGeometry | Sequence[tuple[BaseGeometry, str]] = ALL,
        level: str = "orange",
        *,
        replaces: Warned | None = None,
        identifier: str | None = None,
        status: str = "Actual",
        msg_type: str | None = None,
        source: str = "inbox",
        headline: str | None = None,
    ) -> Warned:
        """Publish a cold warning; with several (place, level) one info each. Then tick once."""
        self.numbers += 1
        warned = Warned(identifier or f"44122441600000_202612261720{self.numbers:02d}", self.now)
        parts = over if isinstance(over, (list, tuple)) else [(over, level)]
        self.publish(
            _cap(
                warned,
                status,
                msg_type or ("Update" if replaces else "Alert"),
                replaces,
                "".join(_info(self.now, shape, colour, headline) for shape, colour in parts),
            ),
            source,
        )
        return warned

    def lift(self, warned: Warned) -> None:
        """Publish the official end of a warning, without any info."""
        self.numbers += 1
        end = Warned(f"44122441600000_202612270900{self.numbers:02d}", self.now)
        self.publish(_cap(end, "Actual", "Cancel", warned, ""), "inbox")

    def publish(self, document: str | bytes, source: str = "inbox") -> ingest.Taken:
        """Drop a document into a source's folder, poll it, and tick once."""
        inbox = self.folder / source
        inbox.mkdir(exist_ok=True)
        data = document if isinstance(document, bytes) else document.encode()
        (inbox / f"{len(list(inbox.iterdir())):04d}.xml").write_bytes(data)
        folder = Folder(source, Folder.Settings(path=inbox))
        taken = ingest.poll(self.world, folder, self.now)
        self.tick()
        return taken

    def tick(self, *, minutes: float = 0, seconds: float = 0) -> None:
        """Let time pass in steps of at most 30 seconds, doing at each whatever is due."""
        end = self.now + timedelta(minutes=minutes, seconds=seconds)
        self._do_all()
        while self.now < end:
            self.now = min(end, self.now + timedelta(seconds=30))
            self._do_all()

    def restart(self) -> None:
        """Let the process die and start again, leases run out, and what is unknown be asked."""
        self.db.shift_real(timedelta(minutes=5))  # type: ignore[attr-defined]
        self.tick()

    def press(self, key: str, phone: str) -> Reply:
        """Let the owner of `phone` press a key in the last call to it."""
        return self._back(self.voice, phone, "keys", key=key)

    def press_1(self, phone: str) -> Reply:
        """Let the owner of `phone` press 1 in the last call to it."""
        return self.press("1", phone)

    def pick_up(self, phone: str) -> Reply:
        """Let the last call to `phone` be picked up; return what is said."""
        return self._back(self.voice, phone, "voice")

    def hears(self, channel: MemoryChannel, phone: str, word: str, **form: str) -> Reply:
        """Let the carrier report `word` of the last message to `phone`."""
        return self._back(channel, phone, "status", word=word, **form)

    def text_back(self, phone: str, text: str) -> Reply:
        """Let the owner of `phone` send us a text message."""
        callback = self.sms.callback("inbound", phone=phone, text=text)
        reply = receive.receive(self.world, callback, self.now)
        self.tick()
        return reply

    def write_down(self, phone: str, value: str = "1", broadcast: int | None = None) -> None:
        """Let an officer write down what the owner of `phone` said aloud."""
        answers.write_down(
            self.world,
            broadcast_id=broadcast or self.last,
            person_id=self._person(phone),
            value=value,
            user="wang",
            note="电话口头应答",
            now=self.now,
        )
        self.tick()

    def stop(self, broadcast: int | None = None) -> desk.Stopped | None:
        """Let an officer stop the calling."""
        return desk.cancel(self.world, broadcast or self.last, "wang", self.now)

    def notice(self, text: str, *codes: str, mode: str = "live", key: str = "k1") -> int:
        """Let an officer write an internal notice."""
        started, _ = desk.start_notice(
            self.world, text=text, codes=codes, user="wang", mode=mode, key=key, now=self.now
        )
        self.tick()
        return started

    # what can be seen ----------------------------------------------------------------------------

    @property
    def last(self) -> int:
        """The newest broadcast."""
        with self.db.read() as tx:
            return max(one.id for one in broadcasts.listed(tx))

    def broadcast(self, broadcast_id: int | None = None) -> Broadcast:
        """Return a broadcast, else the newest."""
        with self.db.read() as tx:
            found = broadcasts.get(tx, broadcast_id or self.last)
        assert found is not None
        return found

    def states(self, broadcast_id: int | None = None) -> dict[str, str]:
        """Return where the grids of a broadcast stand, by name."""
        with self.db.read() as tx:
            found = callouts.of_broadcast(tx, broadcast_id or self.last)
        return {NAMES[one.grid_code]: one.state.value for one in found}

    def levels(self, broadcast_id: int | None = None) -> dict[str, str | None]:
        """Return the level at which the grids of a broadcast are called, by name."""
        with self.db.read() as tx:
            found = callouts.of_broadcast(tx, broadcast_id or self.last)
        return {NAMES[one.grid_code]: one.level for one in found}

    def count(self) -> int:
        """Return how many broadcasts there are."""
        with self.db.read() as tx:
            return len(broadcasts.listed(tx))

    def help_requests(self) -> list[dict[str, Any]]:
        """Return the help requests."""
        with self.db.read() as tx:
            return [dict(row) for row in helps.listed(tx)]

    def why(self, warned: Warned) -> tuple[str, str]:
        """Return what was decided on a warning, and the sentence that says why."""
        with self.db.read() as tx:
            row = alerts.facts(tx, alerts.find(tx, warned.identifier)[0])
        return row["decision"], row["why"]

    # inside --------------------------------------------------------------------------------------

    def _do_all(self) -> None:
        world = self.world
        tick(world, self.now)
        for kind, mode in sorted(world.kinds()):
            while send.send_due(world, kind, mode, self.now):
                pass
        reconcile.poll_silent(world, self.now)

    def _back(self, channel: MemoryChannel, phone: str, what: str, **form: str) -> Reply:
        request = next(r for r in reversed(channel.outbox) if r.phone == phone)
        callback = channel.callback(what, request.token, **form)
        reply = receive.receive(self.world, callback, self.now)
        self.tick()
        return reply

    def _person(self, phone: str) -> int:
        with self.db.read() as tx:
            roster = people.active_roster(tx)
            assert roster is not None
            return people.with_phone(tx, roster["id"], self.db.vault.index(phone))


@cache
def _config(settings: str) -> configuration.Config:
    return configuration.from_mapping(json.loads(settings), folder=Path("nowhere"), env={})


def phones(channel: MemoryChannel) -> list[str]:
    """Return the phones that a channel has sent to, in order."""
    return [request.phone for request in channel.outbox]


def _info(now: datetime, shape: BaseGeometry, level: str, headline: str | None) -> str:
    ring = " ".join(f"{y},{x}" for x, y in shape.exterior.coords)
    said = headline or f"怀集县气象台发布寒冷{LEVELS.get(level, level)}预警信号"
    return (
        "<info><language>zh-CN</language><category>Met</category><event>寒冷</event>"
        "<urgency>Expected</urgency><severity>Severe</severity><certainty>Likely</certainty>"
        f"<expires>{(now + timedelta(hours=24)).isoformat()}</expires>"
        f"<headline>{said}</headline>"
        f"<area><areaDesc>怀集县</areaDesc><polygon>{ring}</polygon></area></info>"
    )


def _cap(
    warned: Warned, status: str, msg_type: str, replaces: Warned | None, infos: str
) -> str:
    references = (
        f"<references>observatory,{replaces.identifier},{replaces.sent.isoformat()}</references>"
        if replaces
        else ""
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">'
        f"<identifier>{warned.identifier}</identifier><sender>observatory</sender>"
        f"<sent>{warned.sent.isoformat()}</sent><status>{status}</status>"
        f"<msgType>{msg_type}</msgType><scope>Public</scope>{references}{infos}</alert>"
    )
