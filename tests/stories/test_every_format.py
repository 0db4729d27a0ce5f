"""One warning in every format, over HTTP, whatever goes wrong: told once, and what was wrong shown.

The publishers are the simulator's, the sources the real ones; nothing sleeps but a publisher.
"""

import dataclasses
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests

from alertcast.core.alert import Alert, Area, Info, Reference
from alertcast.dispatch import ingest
from alertcast.dispatch.world import World
from alertcast.scheduler import Feed, Scheduler
from alertcast.simulator.faults import FAULTS, Fault, Stage
from alertcast.simulator.feeds.formats import FORMATS
from alertcast.simulator.feeds.publisher import CERTIFICATE
from alertcast.simulator.server import DEMO_ACCOUNTS, Simulator
from alertcast.sources.base import Source
from alertcast.sources.caiyun import Caiyun
from alertcast.sources.cma_map import CmaMap
from alertcast.sources.feed import Feed as CapFeed
from alertcast.sources.feed import FeedSettings
from alertcast.sources.mapped import MappedJson
from alertcast.sources.mapping import MappedSettings
from alertcast.sources.nmc import Nmc
from alertcast.sources.nws_api import NwsApi
from alertcast.sources.nws_zones import SCHEME
from alertcast.sources.qweather import QWeather
from alertcast.sources.signed import rules_of
from alertcast.sources.swic import Swic
from alertcast.store import alerts, source_states
from tests.docs.mapped_example import SECTION
from tests.stories.town import ALL, COUNTY, EAST_LEADER, Town, phones

PLACE = "44122441600000"
WARNING, RISE = f"{PLACE}_20261226172001", f"{PLACE}_20261226182001"
PATIENCE = {"read_seconds": 0.1, "total_seconds": 0.2}
LONG = 30.0  # seconds that nobody waits for
BAD = tuple(name for name, stage in FAULTS.items() if stage is Stage.FEED and name != "feed_empty")
NEVER_EMPTY = ("cap", "signed", "edxl")
POINTS = {COUNTY: (23.91, 112.18)}
REGION = {"region": ["4412"]}
PLATFORMS: Mapping[str, dict[str, object]] = {
    "platform": {},
    "platform_pages": {"paging": {"parameter": "page", "total": "result.total"}},
    "platform_next": {"paging": {"next": "result.next"}},
    "platform_cursor": {"paging": {"cursor": "result.cursor", "parameter": "cursor"}},
    "platform_post": {
        "method": "POST",
        "body": {"size": 2, "area": COUNTY},
        "paging": {"parameter": "page", "total": "result.total"},
    },
}
WAIT = 20  # seconds after which something has gone wrong


def _settings(url: str, **more: object) -> FeedSettings:
    return FeedSettings.model_validate({"url": url, **more})


def _feed(url: str, **more: object) -> Source:
    return CapFeed("it", _settings(url, **more))


def _json(url: str, **more: object) -> Source:
    settings = MappedSettings.model_validate({**SECTION, **PATIENCE, "url": url, **more})
    return MappedJson("it", settings, {"CITY_TOKEN": "key"})


def _nws(base: str) -> Source:
    said = {"base_url": base, "user_agent": "alertcast desk@example.org", **PATIENCE}
    return NwsApi("it", NwsApi.Settings.model_validate(said))


def _qweather(base: str, version: str) -> Source:
    said = {"api_host": base, "points": POINTS, "version": version, "key_env": "KEY", **PATIENCE}
    return QWeather("it", QWeather.Settings.model_validate(said), {"KEY": "any"})


def _caiyun(base: str, **more: object) -> Source:
    said = {"url": base, "token_env": "KEY", "region": ["4412"], **PATIENCE, **more}
    return Caiyun("it", Caiyun.Settings.model_validate(said), {"KEY": "any"})


def _signed(url: str, base: str, folder: Path) -> Source:
    """Return a source that believes only what the simulator has signed."""
    pinned = folder / "simulator.pem"
    pinned.write_bytes(requests.get(base + CERTIFICATE, timeout=WAIT).content)
    return _feed(url, certificates=[pinned], must_be_signed=True, **PATIENCE)


def _source(name: str, base: str, folder: Path) -> Source:
    """Return the real source of a format."""
    url = base + FORMATS[name].rule
    by_name: Mapping[str, Callable[[], Source]] = {
        "swic": lambda: Swic(
            "it", Swic.Settings.model_validate({"url": url, **REGION, **PATIENCE})
        ),
        "signed": partial(_signed, url, base, folder),
        "nws": partial(_nws, base),
        "cma": lambda: CmaMap(
            "it", CmaMap.Settings.model_validate({"url": url, **REGION, **PATIENCE})
        ),
        "nmc": lambda: Nmc("it", Nmc.Settings.model_validate({"url": url, **REGION, **PATIENCE})),
        "qweather": partial(_qweather, base, "v1"),
        "qweather_v7": partial(_qweather, base, "v7"),
        "caiyun": partial(_caiyun, base, points=POINTS),
        "caiyun_v3": partial(_caiyun, base, version="v3"),
        **{one: partial(_json, url, **paged) for one, paged in PLATFORMS.items()},
    }
    return by_name.get(name, partial(_feed, url, **PATIENCE))()


@dataclass
class Publishers:
    """The town, and every publisher there is."""

    town: Town
    simulator: Simulator

    def publish(self, identifier: str = WARNING, level: str = "orange", before: str = "") -> None:
        """Publish a warning of the whole county; `before`: instead of an earlier one."""
        now, word = self.town.now, {"orange": "橙色", "red": "红色"}[level]
        ring = tuple((x, y) for x, y in ALL.exterior.coords)
        area = Area("怀集县", None, (ring,), (), (("adcode", COUNTY), (SCHEME, "forecast/GDZ001")))
        info = Info(
            language="zh-CN",
            category=("Met",),
            event="寒冷",
            urgency="Expected",
            severity="Severe",
            certainty="Likely",
            hazard="cold",
            level=level,
            effective=now,
            expires=now + timedelta(hours=24),
            sender_name="怀集县气象台",
            headline=f"怀集县气象台发布寒冷{word}预警信号",
            description="请注意做好防寒保暖工作。",
            areas=(area,),
        )
        replaced = [one for one in self.simulator.publisher.alerts() if one.identifier == before]
        references = tuple(Reference(one.sender, one.identifier, one.sent) for one in replaced)
        kind = "Update" if references else "Alert"
        sender = "simulator@localhost"
        alert = Alert(identifier, sender, now, "Actual", kind, references=references, infos=(info,))
        self.simulator.publisher.publish(alert)

    def poll(self, source: Source, fault: str = "", name: str = "") -> str:
        """Poll once, with a fault of that publisher or none; return what is kept of the poll."""
        if fault:
            self.simulator.faults.set(Fault(fault, kind=name, seconds=LONG))
        self.town.now += timedelta(minutes=1)
        ingest.poll(self._world(source), source, self.town.now)
        self.simulator.faults.clear()
        (row,) = self.states()
        assert row["outcome"] != "failed" or row["detail"], "a failure is shown with its reason"
        return str(row["outcome"])

    def well(self, source: Source) -> str:
        """Poll until it does not fail: on a busy machine an answer may take longer than we wait."""
        return next(said for _ in range(100) if (said := self.poll(source)) != "failed")

    def states(self) -> Sequence[Mapping[Any, Any]]:
        """Return what is kept of the last poll of each source of these publishers."""
        with self.town.db.read() as tx:
            return [row for row in source_states.sources(tx) if row["name"] != "inbox"]

    def told(self) -> int:
        """Decide and send; return how often the leader of the east was told, by text."""
        self.town.tick()
        return phones(self.town.sms).count(EAST_LEADER)

    def _world(self, source: Source) -> World:
        settings = source.settings if isinstance(source, MappedJson) else None
        mapped = {} if settings is None else {source.name: settings}
        rules = {source.name: rules_of(source)}
        return dataclasses.replace(self.town.world, mapped=mapped, signed=rules)

    def standings(self) -> list[str]:
        with self.town.db.read() as tx:
            return [str(row["standing"]) for row in alerts.latest(tx, 9)]


@pytest.fixture
def there(town: Town) -> Iterator[Publishers]:
    with Simulator(DEMO_ACCOUNTS) as simulator:
        yield Publishers(town, simulator)


@pytest.mark.parametrize("name", sorted(set(FORMATS) - {"nws_zone"}))
def test_a_warning_is_told_once_whatever_goes_wrong_with_its_publisher(
    there: Publishers, name: str
) -> None:
    source = _source(name, there.simulator.base_url, there.town.folder)
    first = there.poll(source) if name in NEVER_EMPTY else there.well(source)
    assert first == ("failed" if name in NEVER_EMPTY else "no_data")
    there.publish()
    outcomes = {fault: there.poll(source, fault, name) for fault in BAD}
    assert outcomes == dict.fromkeys(BAD, "failed")
    assert there.told() == 0
    assert there.well(source) == "ok"
    assert there.told() == 1
    for fault in (*BAD, "feed_empty"):
        there.poll(source, fault, name)
    assert there.well(source) in ("ok", "unchanged")
    assert there.told() == 1
    assert there.standings() == ["in_force"]
    there.publish(RISE, "red", before=WARNING)
    for fault in BAD:
        there.poll(source, fault, name)
    assert there.well(source) == "ok"
    assert there.told() == 2
    assert not any("解除" in one.text for one in there.town.sms.outbox)


def test_a_document_that_its_index_leads_to_may_fail_and_is_told_later(there: Publishers) -> None:
    source = _source("atom", there.simulator.base_url, there.town.folder)
    there.publish()
    assert {there.poll(source, fault, "document") for fault in BAD} <= {"failed", "ok"}
    assert there.told() == 0
    assert there.poll(source) == "ok"
    assert there.told() == 1


def test_the_eleventh_source_is_not_delayed_by_ten_that_hang(there: Publishers) -> None:
    there.publish()
    names = ["cap", "signed", "edxl", "fat_atom", "rss", "swic", "cma", "nmc", "caiyun", "nws"]
    for name in names:
        there.simulator.faults.set(Fault("feed_hang", kind=name, seconds=WAIT))
    patient = {"read_seconds": 2 * WAIT, "total_seconds": 2 * WAIT}
    base, every = there.simulator.base_url, timedelta(seconds=1)
    feeds = {
        name: Feed(CapFeed(name, _settings(base + FORMATS[name].rule, **patient)), every)
        for name in [*names, "atom"]
    }
    told = threading.Event()
    town = there.town
    scheduler = Scheduler(town.world, feeds, lambda: town.now, lambda _: told.set())
    scheduler.start()
    try:
        assert told.wait(WAIT / 2)
        assert [row["name"] for row in there.states()] == ["atom"], "the others hang"
    finally:
        there.simulator.stop()
        scheduler.stop()
    assert town.messages(EAST_LEADER)[0][0] == "sms"
