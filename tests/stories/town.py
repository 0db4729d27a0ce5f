"""A small town that stories are told on: three grids, a ladder of people, phones that can be used.

It hides every table and id. Time is moved by `tick`; nothing sleeps. Warnings come over HTTP, from
simulated publishers; the carrier is a channel that keeps everything in memory.
"""

import dataclasses
import json
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from shapely import box
from shapely.geometry.base import BaseGeometry
from sqlalchemy import update

from alertcast import config as configuration
from alertcast.channels.base import Callback, Channel, Reply, Situation
from alertcast.channels.memory import MemoryChannel
from alertcast.channels.twilio_speech import Speech
from alertcast.core.correction import Fault
from alertcast.core.downgrade import DowngradeRules
from alertcast.core.grid import Grid
from alertcast.core.roster import Person, Post
from alertcast.core.rules import Rules
from alertcast.core.task import AttemptState
from alertcast.core.wording import Texts
from alertcast.dispatch import (
    answers,
    correct,
    desk,
    escalate,
    ingest,
    lift,
    receive,
    reconcile,
    send,
)
from alertcast.dispatch.start import CanNotStart
from alertcast.dispatch.world import World
from alertcast.scheduler import tick
from alertcast.sources.signed import SignedSettings
from alertcast.store import alerts, grids, people, tasks
from alertcast.store.schema import broadcast, roster
from tests.databases import MovableDatabase, furnish
from tests.stories import publishers
from tests.stories.published import Warned, cap, info
from tests.stories.seen import EAST, NAMES, SOUTH, WEST, Seen

TOWN, NEXT_TOWN, COUNTY = "441224101", "441224102", "441224"
SHAPES = {WEST: box(0, 0, 1, 1), EAST: box(1, 0, 2, 1), SOUTH: box(0, -1, 2, 0)}
IN_WEST, IN_EAST, IN_SOUTH = (SHAPES[code].buffer(-0.2) for code in (WEST, EAST, SOUTH))
ALL, NOWHERE = box(-1, -2, 3, 2), box(50, 50, 51, 51)

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
EVENING = datetime(2026, 12, 26, 9, 20, tzinfo=UTC)  # 17:20 in Huaiji
OFFICE = {
    "name": "怀集县三防指挥部办公室",
    "short_name": "怀集三防",
    "check_number": "0758-5522000",
}


class Telephone(MemoryChannel):
    """A carrier of calls whose replies are the words that are spoken, as Twilio would say them."""

    def reply(self, callback: Callback, situation: Situation) -> Reply:
        if callback.what not in ("voice", "keys", "inbound-voice"):
            return Reply()
        spoken = Speech(_config("{}").texts, {}).answer(situation, "https://town.example/keys")
        return Reply(re.sub(r"<[^>]+>", "", spoken), status=200)


class Town(Seen):
    """Three grids, eleven people and one duty desk."""

    office = OFFICE

    def __init__(self, db: MovableDatabase, folder: Path) -> None:
        self.db, self.folder = db, folder
        self.now = EVENING
        self.sms = MemoryChannel("sms", "sms")
        self.voice = Telephone("voice", "voice")
        self.channels: list[Channel] = [self.sms, self.voice]
        self.settings: dict[str, Any] = {}
        self.environment: dict[str, str] = {}
        self.signed = dict.fromkeys(("inbox", "second"), SignedSettings())
        self.rules: Callable[[Rules], Rules] = lambda rules: rules
        self.texts: Callable[[Texts], Texts] = lambda texts: texts
        self.woken: Callable[[], None] = escalate.nobody
        self.heard = ""
        self.numbers = self.texts_back = 0
        self.followed = dict.fromkeys(["inbox"], 0)  # documents so far, by source
        publishers.clear()
        furnish(db, type(self).__name__.lower(), self._furnish)

    # before the story ----------------------------------------------------------------------------

    def _furnish(self) -> None:
        self.settle_in(EVERYBODY)
        world = World(config=_config("{}"), db=self.db, channels=())
        ingest.poll(world, publishers.feed("inbox"), self.now - timedelta(minutes=1))

    def settle_in(
        self, posts: Iterable[tuple[str, str, str]], undrilled: Collection[str] = ()
    ) -> None:
        """Let these people (phone, role, place) hold the posts, and nobody else.

        All are enrolled for drills, but those of the phones `undrilled`.
        """
        self.draw_grids()
        posts = tuple(posts)
        everybody = dict.fromkeys(phone for phone, _, _ in posts)
        folk = [
            Person(f"p{phone[-4:]}", f"某{phone[-2:]}", phone, drills=phone not in undrilled)
            for phone in everybody
        ]
        held = [Post(f"p{phone[-4:]}", role, place) for phone, role, place in posts]
        self.enrol(folk, held)

    def enrol(self, folk: Sequence[Person], held: Sequence[Post]) -> None:
        """Import a roster."""
        digest = sha256(repr((folk, held)).encode()).hexdigest()
        with self.db.write() as tx:
            people.import_roster(tx, self.db.vault, "town", folk, held, sha256=digest, now=self.now)

    def enrol_sharing_one_phone(self) -> None:
        """Let leader and secretary of the west have one telephone between them."""
        folk = [Person("a", "某甲", WEST_LEADER), Person("b", "某乙", WEST_LEADER)]
        held = [Post("a", "branch_leader", WEST), Post("b", "first_secretary", WEST)]
        self.enrol(folk, held)

    def enrol_in(self, language: str, phone: str, place: str) -> None:
        """Let one branch leader, who speaks `language`, be all there is."""
        folk = [Person("a", "Somebody", phone, languages=language)]
        self.enrol(folk, [Post("a", "branch_leader", place)])

    def enrol_twice_in_east_and_south(self) -> None:
        """Let one branch leader answer for the east and for the south, and nobody else be there."""
        posts = [Post("a", "branch_leader", place) for place in (EAST, SOUTH)]
        self.enrol([Person("a", "某甲", EAST_LEADER)], posts)

    def draw_grids(self) -> None:
        """Import the layer of the three grids."""
        self._draw(self._cells(), "1")

    def _cells(self) -> list[Grid]:
        return [
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

    def draw_another_county(self) -> str:
        """Import a new layer with a grid of another county besides; return that county's code."""
        code, shape = "441223", box(2, -1, 3, 0)
        town = f"{code}101"
        north = Grid(
            f"{town}001", "北村", "village", town, "南街镇", code, "广宁县", geometry=shape
        )
        self._draw([*self._cells(), north], "3")
        return code

    def move_to(self, town_code: str, code: str) -> None:
        """Import a new layer in which a grid belongs to another town, and keeps its old code."""
        cells = (
            dataclasses.replace(one, town_code=town_code) if one.code == code else one
            for one in self._cells()
        )
        self._draw([*cells], "4")

    def draw_one_grid_alone(self, code: str, name: str, shape: BaseGeometry) -> None:
        """Import a new layer, of one grid and no other."""
        cell = Grid(code, name, "village", code[:9], "冷坑镇", COUNTY, "怀集县", geometry=shape)
        self._draw([cell], "2")

    def _draw(self, cells: Sequence[Grid], sha256: str) -> None:
        with self.db.write() as tx:
            grids.import_layer(
                tx, "town", cells, sha256=sha256, is_approximate=False, attribution="", now=self.now
            )

    def add_drill_channels(self) -> tuple[MemoryChannel, MemoryChannel]:
        """Configure a channel for SMS and one for calls that take drills only."""
        sms = MemoryChannel("drill-sms", "sms", is_drill=True)
        voice = Telephone("drill-voice", "voice", is_drill=True)
        self.channels += [sms, voice]
        return sms, voice

    def configure(self, **sections: Any) -> None:
        """Change sections of alertcast.toml."""
        self.settings |= sections

    def change_rung(self, policy: str, number: int, **fields: Any) -> None:
        """Change one rung of a policy in policy.toml; the first is 0."""
        before = self.rules

        def changed(rules: Rules) -> Rules:
            rules = before(rules)
            old = rules.policies[policy]
            rungs = list(old.rungs)
            rungs[number] = dataclasses.replace(rungs[number], **fields)
            new = dataclasses.replace(old, rungs=tuple(rungs))
            return dataclasses.replace(rules, policies={**rules.policies, policy: new})

        self.rules = changed

    def change_policy(self, policy: str, **fields: Any) -> None:
        """Change a policy in policy.toml itself, beside its rungs."""
        before = self.rules

        def changed(rules: Rules) -> Rules:
            rules = before(rules)
            new = dataclasses.replace(rules.policies[policy], **fields)
            return dataclasses.replace(rules, policies={**rules.policies, policy: new})

        self.rules = changed

    def change_confirm(self, **fields: Any) -> None:
        """Change what policy.toml says of doubtful warnings."""
        before = self.rules

        def changed(rules: Rules) -> Rules:
            rules = before(rules)
            new = dataclasses.replace(rules.confirm, **fields)
            return dataclasses.replace(rules, confirm=new)

        self.rules = changed

    def ask_keepers_by(self, *kinds: str) -> None:
        """Let keepers of stations be asked by these kinds."""
        before = self.rules

        def changed(rules: Rules) -> Rules:
            rules = before(rules)
            asked = dataclasses.replace(rules.stations, kinds=kinds)
            return dataclasses.replace(rules, stations=asked)

        self.rules = changed

    def tell_of_downgrades(self, *kinds: str, **fields: Any) -> None:
        """Let whoever was told hear of downgrades, by these kinds."""
        before = self.rules
        rules = DowngradeRules(kinds or ("sms",), **fields)
        self.rules = lambda old: dataclasses.replace(before(old), downgrade=rules)

    def change_every_need(self, policy: str, need: str) -> None:
        """Change on all rungs of a policy how many must answer."""
        for number in range(3):
            self.change_rung(policy, number, need=need)

    def limit_people(self, most: int, **confirm: Any) -> None:
        """Let a warning that reaches more people wait for a human; `confirm`: of that section."""
        self.rules = lambda rules: dataclasses.replace(
            rules, max_people=most, confirm=dataclasses.replace(rules.confirm, **confirm)
        )

    def limit_people_quietly(self, most: int) -> None:
        """Let it wait as long as it takes, and nobody be called about it."""
        self.limit_people(most, roles=(), unanswered="none")

    def need_a_second_person(self, grids: int) -> None:
        """Let what an officer begins for more grids wait for somebody else."""
        before = self.rules
        self.rules = lambda rules: dataclasses.replace(before(rules), second_person=grids)

    def ask_for_answers_to_corrections(self) -> None:
        """Let the text of a correction ask for an answer."""
        self.rules = lambda rules: dataclasses.replace(
            rules, correction=dataclasses.replace(rules.correction, asks=True)
        )

    def forget_roster(self) -> None:
        """Let no roster be the active one."""
        with self.db.write() as tx:
            tx.execute(update(roster).values(is_active=False))

    def break_policies(self) -> None:
        """Damage the policies that are frozen in the newest broadcast."""
        with self.db.write() as tx:
            spoilt = {"desk": {"counts": [], "rungs": []}}
            tx.execute(update(broadcast).where(broadcast.c.id == self.last).values(policies=spoilt))

    @property
    def world(self) -> World:
        """The installation as it would be after a restart: nothing is remembered but the rows."""
        config = _config(json.dumps(self.settings))
        config = dataclasses.replace(
            config,
            rules=self.rules(config.rules),
            texts=self.texts(config.texts),
            env=self.environment,
        )
        channels = tuple(self.channels)
        return World(config=config, db=self.db, channels=channels, signed=self.signed)

    # what is published ---------------------------------------------------------------------------

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
        event: str = "寒冷",
        headline: str | None = None,
        hours: float = 24,
    ) -> Warned:
        """Publish a cold warning; with several (place, level) one info each. Then tick once."""
        self.numbers += 1
        warned = Warned(identifier or f"44122441600000_202612261720{self.numbers:02d}", self.now)
        parts = over if isinstance(over, (list, tuple)) else [(over, level)]
        infos = "".join(
            info(self.now, shape, colour, event=event, headline=headline, hours=hours)
            for shape, colour in parts
        )
        kind = msg_type or ("Update" if replaces else "Alert")
        self.publish(cap(warned, infos, status=status, msg_type=kind, replaces=replaces), source)
        return warned

    def lift(self, warned: Warned | None) -> Warned:
        """Publish the official end of a warning, without any info."""
        self.numbers += 1
        end = Warned(f"44122441600000_202612270900{self.numbers:02d}", self.now)
        self.publish(cap(end, "", msg_type="Cancel", replaces=warned))
        return end

    def publish(self, document: str | bytes, source: str = "inbox") -> ingest.Taken:
        """Let a source's publisher publish a document, poll it, and tick once."""
        taken = self.keep(document, source)
        self.tick()
        return taken

    def keep(self, document: str | bytes, source: str = "inbox") -> ingest.Taken:
        """Let a source's publisher publish a document, and poll it; nobody decides on it yet."""
        self.put(document, source)
        return self.poll(source)

    def put(self, document: str | bytes, source: str = "inbox", name: str = "") -> None:
        """Let a source's publisher publish a document, at an address of its own or by `name`."""
        self.follow(source)
        self.followed[source] += 1
        data = document if isinstance(document, bytes) else document.encode()
        name = name or f"{self.followed[source]:04d}"
        publishers.publisher(source).publish_document(data, "", self.now, name)

    def follow(self, source: str) -> None:
        """Follow a publisher from before its first warning on, as "inbox" is from the beginning."""
        if source not in self.followed:
            self.followed[source] = 0
            self.poll(source)

    def poll(self, source: str = "inbox") -> ingest.Taken:
        """Poll a source; nobody decides on what it brings yet."""
        return ingest.poll(self.world, publishers.feed(source), self.now)

    # what time does ------------------------------------------------------------------------------

    def tick(self, *, minutes: float = 0, seconds: float = 0) -> None:
        """Let time pass, doing whatever becomes due at the moment it becomes due."""
        end = self.now + timedelta(minutes=minutes, seconds=seconds)
        self._do_all()
        while self.now < end:
            self.now = min(end, self._next())
            self._do_all()

    def climb(self, *, minutes: float) -> None:
        """Let time pass and ladders be climbed, with every sender asleep."""
        self.now += timedelta(minutes=minutes)
        tick(self.world, self.now, self.woken)

    def warn_asleep(self, over: BaseGeometry, level: str) -> None:
        """Publish a warning and let its first rung begin, with every sender asleep."""
        self.numbers += 1
        warned = Warned(f"44122441600000_2026122617208{self.numbers}", self.now)
        self.keep(cap(warned, info(self.now, over, level)))
        self.climb(minutes=0)

    def climb_first(self, over: BaseGeometry) -> None:
        """Publish an orange warning and let its first rung begin, with every sender asleep."""
        warned = Warned("44122441600000_20261226172001", self.now)
        self.keep(cap(warned, info(self.now, over, "orange")))
        self.climb(minutes=0)

    def rest(self, seconds: float = 60) -> None:
        """Let real time pass: leases run out, channels rest, what is unknown may be asked."""
        self.db.ahead += timedelta(seconds=seconds)
        self.tick()

    def send_meanwhile(self) -> None:
        """Let senders be awake while the scheduler plans: what is planned leaves at once."""
        self.woken = self.send_all

    def send_all(self) -> None:
        """Let everything leave that may leave now."""
        world = self.world
        for kind, mode in sorted(world.kinds()):
            while send.send_due(world, kind, mode, self.now):
                pass

    # what people do ------------------------------------------------------------------------------

    def press(self, key: str, phone: str, channel: MemoryChannel | None = None) -> str:
        """Let the owner of `phone` press a key in the last call to it; return what is said."""
        return self._back(channel or self.voice, phone, "keys", key=key)

    def press_1(self, phone: str) -> str:
        """Let the owner of `phone` press 1 in the last call to it."""
        return self.press("1", phone)

    def answer_and_die(self, phone: str) -> None:
        """Let the owner of `phone` press 1, and let the process die right after."""
        self._receive(self.voice, phone, "keys", key="1")

    def pick_up(self, phone: str) -> str:
        """Let the last call to `phone` be picked up; return what is said."""
        return self._back(self.voice, phone, "voice")

    def call_in(self, phone: str) -> str:
        """Let the owner of `phone` call our number; return what is said."""
        callback = self.voice.callback("inbound-voice", phone=phone)
        return receive.receive(self.world, callback, self.now).body

    def voicemail(self, phone: str) -> None:
        """Let the carrier find out that a machine has picked up the last call to `phone`."""
        self._back(self.voice, phone, "machine", word="machine_start")

    def report(self, channel: MemoryChannel, phone: str, word: str, **form: str) -> None:
        """Let the carrier report `word` of the last message to `phone`."""
        self._back(channel, phone, "status", word=word, **form)

    def text_back(self, phone: str, text: str, ref: str | None = None) -> None:
        """Let the owner of `phone` send us a text message; `ref` is what the carrier calls it."""
        self.texts_back += 1
        named = ref or f"SM-{self.texts_back}"
        callback = self.sms.callback("inbound", phone=phone, text=text, ref=named)
        receive.receive(self.world, callback, self.now)
        self.tick()

    # what the officer does -----------------------------------------------------------------------

    def write_down(self, phone: str, value: str = "1") -> None:
        """Let an officer write down what the owner of `phone` said aloud."""
        self.write_down_at_once([phone], value)

    def write_down_in(self, broadcast: int, phone: str, value: str = "1") -> None:
        """Let an officer write down what somebody said of an older broadcast."""
        self.write_down_at_once([phone], value, broadcast)

    def write_down_at_once(
        self, phones: Sequence[str], value: str, broadcast: int | None = None
    ) -> None:
        """Let an officer write down what several said, before anything else can happen."""
        for phone in phones:
            answers.write_down(
                self.world,
                broadcast_id=broadcast or self.last,
                person_id=self._person(phone),
                value=value,
                user="wang",
                note="",
                now=self.now,
            )
        self.tick()

    def dial_in_vain(self, phone: str, outcome: AttemptState = AttemptState.NO_ANSWER) -> None:
        """Let an officer write down that he dialled and reached nobody."""
        answers.dialled(
            self.world,
            broadcast_id=self.last,
            person_id=self._person(phone),
            outcome=outcome,
            user="wang",
            now=self.now,
        )

    def stop(self, broadcast: int | None = None) -> desk.Stopped | None:
        """Let an officer stop the calling."""
        return desk.cancel(self.world, broadcast or self.last, "wang", self.now)

    def correct(
        self,
        broadcast: int | None = None,
        fault: Fault = Fault.MISTAKE,
        *,
        again: Sequence[Warned] | None = None,
        detail: str = "",
    ) -> correct.Corrected:
        """Let an officer correct a broadcast, before anything else can happen."""
        with self.db.read() as tx:
            chosen = None if again is None else [alerts.find(tx, w.identifier)[0] for w in again]
        return correct.correct(
            self.world,
            broadcast or self.last,
            fault,
            user="wang",
            now=self.now,
            detail=detail,
            again=chosen,
        )

    def lifts(self, end: Warned, *warned: Warned) -> bool:
        """Let an officer say which warnings an end lifts that named none."""
        with self.db.read() as tx:
            alert_id, *chosen = (alerts.find(tx, one.identifier)[0] for one in (end, *warned))
        return lift.lift(self.world, alert_id, chosen, "wang", self.now)

    def start(
        self, warned: Warned, mode: str = "live", key: str = "k1", only: Sequence[str] = ()
    ) -> int:
        """Let an officer start from an alert."""
        with self.db.read() as tx:
            alert_id = alerts.find(tx, warned.identifier)[0]
        started, _ = desk.start_from_alert(
            self.world, alert_id, user="wang", mode=mode, key=key, now=self.now, only=only
        )
        self.tick()
        return started

    def why_not(self, warned: Warned) -> str:
        """Return why an officer may not start from an alert, live."""
        with pytest.raises(CanNotStart) as refused:
            self.start(warned, key="refused")
        return str(refused.value)

    def notice(self, text: str, *codes: str, mode: str = "live", key: str = "k1") -> int:
        """Let an officer write an internal notice."""
        started, _ = desk.start_notice(
            self.world,
            text=text,
            codes=codes,
            user="wang",
            mode=mode,
            key=key,
            now=self.now,
            again=True,
        )
        self.tick()
        return started

    # inside --------------------------------------------------------------------------------------

    def _do_all(self) -> None:
        world = self.world
        receive.apply_kept(world, self.now)
        tick(world, self.now, self.woken)
        reconcile.settle_unknown(world, self.now)
        self.send_all()
        reconcile.poll_silent(world, self.now)

    def _next(self) -> datetime:
        with self.db.read() as tx:
            due = tasks.next_due(tx)
        if due is None:
            return self.now + timedelta(minutes=10)
        return due if due > self.now else self.now + timedelta(seconds=30)

    def _back(self, channel: MemoryChannel, phone: str, what: str, **form: str) -> str:
        said = self._receive(channel, phone, what, **form)
        self.tick()
        return said

    def _receive(self, channel: MemoryChannel, phone: str, what: str, **form: str) -> str:
        request = next(r for r in reversed(channel.outbox) if r.phone == phone)
        callback = channel.callback(what, request.token, **form)
        return receive.receive(self.world, callback, self.now).body

    def _person(self, phone: str) -> int:
        with self.db.read() as tx:
            roster = people.active_roster(tx)
            assert roster is not None
            return people.with_phone(tx, roster["id"], self.db.vault.index(phone))


def phones(channel: MemoryChannel) -> list[str]:
    """Return the phones that a channel has sent to, in order."""
    return [request.phone for request in channel.outbox]


@cache
def _config(settings: str) -> configuration.Config:
    sections = {"office": OFFICE} | json.loads(settings)
    return configuration.from_mapping(sections, folder=Path("nowhere"), env={})
