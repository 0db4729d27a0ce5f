"""The demo's night in Huaiji (怀集县) without its threads: the same every time, minute by minute.

The warnings, the grids and the invented people are those of `alertcast demo`. Who answers how is
told by the end of a phone number, so that pictures of the pages can be made again.
"""

import tomllib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from alertcast.channels.base import Request
from alertcast.channels.memory import MemoryChannel
from alertcast.config import shipped
from alertcast.core.relay import Counts
from alertcast.core.response import Response
from alertcast.core.shift import Seat, Shift
from alertcast.core.upload import UploadKind
from alertcast.demo.night import COUNTY, COUNTY_NAME, ZONE, scenes
from alertcast.dispatch import (
    drill_plan,
    handover,
    ingest,
    receive,
    relay,
    respond,
    shift_plan,
    upload_work,
    uploads,
)
from alertcast.dispatch.world import World
from alertcast.grids.places import KnownPlaces
from alertcast.grids.read import read_layer
from alertcast.grids.roster import read_roster
from alertcast.grids.stations import read_stations
from alertcast.store import callouts, grids, people
from alertcast.store.crypto import Vault
from alertcast.store.db import Tx
from tests.databases import MovableDatabase
from tests.stories import publishers
from tests.stories.town import Town

KEY = "cGljdHVyZXMgb2YgdGhlIHBhZ2VzLCBub3RoaW5nIGE="  # opens invented people only
DRILLED = "441224102"  # the town of the drills
UNSERVED = ("986", "586")  # ends of numbers that no channel may call
LEFT_OUT = "team_member"  # there are many, and a warning does not call them
ROSTER = "姓名,手机号,岗位,责任区编码\n赵六,13800000077,副书记,{place}\n钱七,138,村长,E99\n"


class StillDatabase(MovableDatabase):
    """A database whose real clock stands at the time of the night."""

    clock: Callable[[], datetime]

    def real_now(self, tx: Tx) -> datetime:
        return self.clock()


class Night(Town):
    """Huaiji with its 352 grids, from the afternoon to the red warning and a few minutes more."""

    office = Town.office

    def __init__(self, folder: Path) -> None:
        db = StillDatabase(f"sqlite:///{folder / 'night.sqlite3'}", Vault.from_text(KEY))
        db.clock = lambda: self.now
        db.upgrade()
        super().__init__(db, folder)
        self.sms.takes_replies = True
        self.drilling = self.add_drill_channels()
        for channel in (self.sms, self.voice, *self.drilling):
            channel.refuse = lambda phone: "not_allowed" if phone[-3:] in UNSERVED else None
        self._answered: list[str] = []  # who pressed 1, the last at the end
        self.heard_of: dict[str, int] = {}  # channel -> how many of its requests were looked at

    def play(self) -> None:
        """Let the night pass until the red warning has called for some minutes."""
        self._before()
        yellow, orange, red, _ = scenes(self.cells)
        for scene, minutes in ((yellow, 75), (orange, 80), (red, 6)):
            self._wait_until(scene.at)
            self.publish(scene.document)
            self._pass(minutes)
            if scene is orange:
                said = "冷坑镇两处路口结冰，已告知交警。"
                handover.hand_over(self.world, COUNTY, said, "zhang", self.now)
        self._afterwards()

    # the places and the people ------------------------------------------------------------------

    def _furnish(self) -> None:
        folder = shipped("grids/zhaoqing")
        meta = tomllib.loads((folder / "meta.toml").read_text("utf-8"))
        every = read_layer(folder / "grids.geojson").grids
        self.cells = [one for one in every if one.county_code == COUNTY]
        places, config = KnownPlaces(self.cells), self.world.config
        read = read_roster(folder / "roster.csv", roles=config.roles, places=places)
        posts = [one for one in read.posts if one.role != LEFT_OUT and COUNTY in one.place[:6]]
        held = {one.person_code for one in posts}
        folk = [replace(one, drills=True) for one in read.people if one.code in held]
        stations = read_stations(folder / "stations.csv", places=places).stations
        named = {"sha256": "0" * 64, "now": at(20, 9)}  # before anything is sent
        with self.db.write() as tx:
            grids.import_layer(
                tx,
                meta["name"],
                self.cells,
                is_approximate=meta["approximate"],
                attribution=meta["attribution"],
                **named,
            )
            people.import_roster(tx, self.db.vault, meta["name"], folk, posts, stations, **named)
        world = World(config=config, db=self.db, channels=())
        ingest.poll(world, publishers.feed("inbox"), self.now - timedelta(minutes=1))

    # what happens -------------------------------------------------------------------------------

    def _before(self) -> None:
        """Let there be drills that were, one that is to come, and somebody on duty."""
        for day, number in ((23, 1), (24, 2), (28, 3)):
            self.now = at(min(day, 25), 9, 30 + number)
            drill_plan.schedule(
                self.world,
                text="防冻演练：核对号码，请收到的同志应答",
                codes=[DRILLED],
                starts_at=at(day, 10),
                user="wang",
                key=f"drill-{number}",
                now=self.now,
            )
            self._pass(70)
        self.now = at(26, 15, 30)
        shift_plan.bring_in(self.world, self._shifts(), "li", self.now)
        decided = Response(
            "freeze", "IV", COUNTY, COUNTY_NAME, "怀集县三防指挥部", "怀三防2026-3号", self.now
        )
        respond.begin(self.world, decided, "li", self.now)

    def _shifts(self) -> list[Shift]:
        with self.db.read() as tx:
            roster = people.active_roster(tx)
            assert roster is not None
            held = people.holders(tx, roster["id"], [COUNTY], on=self.now.date())[COUNTY]
            desk, leader = (str(people.code_of(tx, one.person_id)) for one in held[:2])
        nights = [at(day, 17) for day in (26, 27)]
        return [
            Shift(COUNTY, seat, who, begin, begin + timedelta(hours=15))
            for begin in nights
            for seat, who in ((Seat.DESK, desk), (Seat.LEADER, leader))
        ]

    def _afterwards(self) -> None:
        """Let households be told, a document come that can not be read, and a roster be sent."""
        for number, phone in enumerate(self._answered[-12:]):
            told = Counts(30 + 7 * number, number % 5, number)
            person_id = self._person(phone)
            with self.db.read() as tx:
                own = callouts.same_person_elsewhere(tx, self.last, [person_id])
            relay.write_down(
                self.world,
                broadcast_id=self.last,
                person_id=person_id,
                given=dict.fromkeys(own, told),
                user="wang",
                now=self.now,
            )
        self.publish("<alert>")
        taken = uploads.take(
            self.world,
            UploadKind.ROSTER,
            "people.csv",
            "2026",
            ROSTER.format(place=self.cells[0].code).encode(),
            options={},
            by="admin",
            now=self.now,
        )
        assert isinstance(taken, int), taken
        upload_work.work(self.world, taken, lambda: self.now)

    def _wait_until(self, moment: datetime) -> None:
        while self.now < moment:
            self.tick(minutes=min(10.0, (moment - self.now).total_seconds() / 60))
            self._answer()

    def _pass(self, minutes: int) -> None:
        """Let time pass; people answer a minute after they were told."""
        for _ in range(minutes):
            self.tick(minutes=1)
            self._answer()

    def _answer(self) -> None:
        for channel in (self.sms, self.voice, *self.drilling):
            known = self.heard_of.get(channel.name, 0)
            self.heard_of[channel.name] = len(channel.outbox)
            for request in channel.outbox[known:]:
                self._react(channel, request)
        self.tick()

    def _react(self, channel: MemoryChannel, request: Request) -> None:
        """Most answer; one in a hundred needs help; some do not hear, or have no such number."""
        how = int(request.phone[-2:])
        if channel.kind == "sms" and how < 55:
            self._say(request.phone, "1")
        elif channel.kind == "sms":
            self._hear(channel, request, "status", word="delivered")
        elif how == 99:
            self._hear(channel, request, "keys", key="2")
        elif how < 80:
            self._hear(channel, request, "keys", key="1")
            self._answered.append(request.phone)
        else:
            word = ("no_answer", "busy", "machine", "failed")[how % 4]
            self._hear(channel, request, "status", word=word)

    def _hear(self, channel: MemoryChannel, request: Request, what: str, **form: str) -> None:
        callback = channel.callback(what, request.token, **form)
        receive.receive(self.world, callback, self.now)

    def _say(self, phone: str, text: str) -> None:
        self.texts_back += 1
        callback = self.sms.callback("inbound", phone=phone, text=text, ref=f"SM-{self.texts_back}")
        receive.receive(self.world, callback, self.now)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """Return a moment of December 2026 in Huaiji."""
    return datetime(2026, 12, day, hour, minute, tzinfo=ZONE).astimezone(UTC)
