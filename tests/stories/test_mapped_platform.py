"""A municipal platform connected by configuration alone, over HTTP: told, raised, ended.

The platform is the simulator's; the section is that of docs/mapped-source.md.
"""

import dataclasses
from collections.abc import Iterator

import pytest

from alertcast.bootstrap import build
from alertcast.config import ConfigError
from alertcast.dispatch import ingest, reread
from alertcast.dispatch.world import World
from alertcast.simulator.faults import Fault
from alertcast.simulator.feeds.formats import FORMATS
from alertcast.simulator.server import DEMO_ACCOUNTS, Simulator
from alertcast.sources.mapped import MappedJson
from alertcast.sources.mapping import MappedSettings
from alertcast.sources.signed import rules_of
from alertcast.store import alerts, quarantine
from tests.docs.mapped_example import ITEM, SECTION, WHOLE
from tests.stories.town import COUNTY, WEST_LEADER, Town, phones

HERE = {
    "kind": "HL",
    "title": "怀集县发布寒冷预警",
    "where": {"name": "怀集县", "adcodes": [COUNTY]},
}


class City:
    """The town's only source, and the platform behind it."""

    def __init__(self, town: Town, simulator: Simulator) -> None:
        self.town, self.simulator = town, simulator
        url = f"{simulator.base_url}{FORMATS['platform'].rule}"
        settings = MappedSettings.model_validate({**SECTION, "url": url})
        self.source = MappedJson("city", settings, {"CITY_TOKEN": "key"})

    @property
    def world(self) -> World:
        mapped = {"city": self.source.settings}
        return dataclasses.replace(
            self.town.world, mapped=mapped, signed={"city": rules_of(self.source)}
        )

    def show(self, **changes: object) -> None:
        item = {**ITEM, **HERE, **changes}
        self.simulator.publisher.show("platform", str(item["warnId"]), item)

    def poll(self) -> ingest.Taken:
        taken = ingest.poll(self.world, self.source, self.town.now)
        self.town.tick()
        return taken


@pytest.fixture
def city(town: Town) -> Iterator[City]:
    with Simulator(DEMO_ACCOUNTS) as simulator:
        yield City(town, simulator)


def standing(town: Town) -> dict[str, str]:
    with town.db.read() as tx:
        return {row["identifier"]: row["standing"] for row in alerts.latest(tx, 9)}


def test_a_warning_of_a_platform_is_told_like_any_other(town: Town, city: City) -> None:
    city.show()
    assert len(city.poll().new) == 1
    assert WEST_LEADER in phones(town.voice) or WEST_LEADER in phones(town.sms)
    assert city.poll().new == ()


def test_a_rise_names_what_it_replaces_and_an_end_may_have_the_same_identifier(
    town: Town, city: City
) -> None:
    city.show()
    city.poll()
    city.show(warnId="GD-2", state="更新", old="GD-2026-0117", grade="1")
    city.poll()
    assert standing(town) == {"GD-2026-0117": "superseded", "GD-2": "in_force"}
    city.show(warnId="GD-2", state="解除", grade="1", title="怀集县解除寒冷预警")
    city.poll()
    assert standing(town) == {"GD-2026-0117": "superseded", "GD-2": "ended", "GD-2#end": "ended"}


def test_a_word_that_is_not_mapped_waits_for_an_officer_and_the_others_are_told(
    town: Town, city: City
) -> None:
    city.show(state="撤销")
    city.show(warnId="GD-2")
    taken = city.poll()
    assert (len(taken.new), taken.refused) == (1, 1)
    with town.db.read() as tx:
        (aside,) = quarantine.listed(tx)
    assert aside["reasons"][0]["code"] == "unknown_word"
    assert "撤销" in aside["reasons"][0]["message"]
    again = reread.reread(city.world, aside["id"], "wang", town.now)
    assert again is not None
    assert again.left  # it is still read by the mapping of its source


@pytest.mark.parametrize("failure", ["feed_error", "feed_throttled", "feed_cut", "feed_blank"])
def test_a_platform_that_fails_ends_nothing(town: Town, city: City, failure: str) -> None:
    city.show()
    city.poll()
    city.simulator.faults.set(Fault(failure, kind="platform"))
    for _ in range(4):
        assert city.poll().outcome == "failed"
    assert standing(town) == {"GD-2026-0117": "in_force"}
    city.simulator.faults.clear()
    city.show(warnId="GD-2", grade="1")
    assert len(city.poll().new) == 1


def test_check_names_every_mistake_of_a_section(town: Town) -> None:
    wrong = {**WHOLE, "levels": {"2": "amber"}, "times": {"zone": "Asia/Huaiji"}, "colour": "x"}
    unknown = {**WHOLE, "hazards": {"HL": "chill"}}
    env = {"ALERTCAST_DATA_KEY": "A" * 43 + "=", "CITY_TOKEN": "key"}
    config = dataclasses.replace(
        town.world.config,
        env=env,
        main=town.world.config.main.model_copy(
            update={"sources": {"one": wrong, "two": unknown, "three": WHOLE}}
        ),
    )
    with pytest.raises(ConfigError) as refused:
        build(config)
    said = "\n".join(refused.value.mistakes)
    assert "sources.one: times.zone" in said
    assert "sources.one: colour" in said
    assert "sources.two.hazards.HL: 'chill' is not in hazards.toml" in said
    assert "sources.three" not in said
