"""China's lists do not say what replaces what: when it shows later, whoever was told is not left.

The first warning is orange; the second one is decided on while both seem to hold.
"""

from datetime import datetime, timedelta

import pytest
from shapely.geometry.base import BaseGeometry

from alertcast.core.broadcast import BroadcastState, Purpose
from alertcast.dispatch import desk, ingest
from alertcast.sources.base import Document, Memory, Outcome, Polled, SourceSettings
from tests.sources.lists import HUAIJI, cma_item
from tests.stories.china import EARLIER, LIFT, Publishers
from tests.stories.published import Warned, cap, info
from tests.stories.town import (
    ALL,
    EAST_LEADER,
    IN_EAST,
    IN_WEST,
    SOUTH_LEADER,
    WEST_LEADER,
    Town,
    phones,
)

COLOURS = {"橙": "2", "黄": "3", "蓝": "4"}


def item(identifier: str, colour: str, at: str = "17:20", text: str = "") -> dict[str, object]:
    """Return what CMA's list says of a warning of cold in the county."""
    said = f"怀集县气象台发布寒冷{colour}色预警信号"
    return cma_item(
        identifier,
        headline=said,
        description=text or f"{said}。",
        effective=f"2026/12/26 {at}",
        type=f"p002300{COLOURS[colour]}",
    )


def warn(china: Publishers, colour: str = "橙", text: str = "") -> None:
    china.poll("cma")  # the first poll ever
    china.lists.show("cma", EARLIER, item(EARLIER, colour, "10:30", text))
    china.poll("cma")


def warn_again(china: Publishers, colour: str, text: str = "") -> None:
    china.lists.show("cma", HUAIJI, item(HUAIJI, colour, text=text))
    china.poll("cma")


def drop(china: Publishers) -> None:
    """Let the list name the first warning no more, in three good polls."""
    china.lists.drop("cma", EARLIER)
    for _ in range(3):
        china.poll("cma")


def later(town: Town, minutes: float = 30) -> None:
    town.now += timedelta(minutes=minutes)
    town.tick()


def heard(town: Town, phone: str) -> list[str]:
    """Return which texts somebody was sent, in order."""
    return [one.template for one in town.sms.outbox if one.phone == phone]


# the level falls ---------------------------------------------------------------------------------


def test_a_fall_is_told_by_the_policy_once_the_list_drops_the_higher_one(
    town: Town, china: Publishers
) -> None:
    town.tell_of_downgrades()
    warn(china)
    warn_again(china, "黄")
    assert town.decision(HUAIJI)[0] == "quiet"
    drop(china)
    assert china.standing(EARLIER) == "superseded"
    assert "有 3 个网格等级降低" in town.decision(HUAIJI)[1]
    later(town)
    assert heard(town, EAST_LEADER) == ["warning.sms", "downgrade.sms"]
    assert "寒冷黄色" in town.sms.outbox[-1].text
    for _ in range(3):
        china.poll("cma")
    later(town)
    assert heard(town, EAST_LEADER).count("downgrade.sms") == 1


def test_a_fall_is_told_by_the_policy_once_fuller_words_say_what_they_replace(
    town: Town, china: Publishers
) -> None:
    town.tell_of_downgrades()
    warn(china)
    warn_again(china, "黄")
    publish_yellow(china)
    assert china.standing(EARLIER) == "superseded"
    later(town)
    assert heard(town, EAST_LEADER) == ["warning.sms", "downgrade.sms"]


def publish_yellow(china: Publishers) -> None:
    """Publish the second warning in full, which says that it replaces the first."""
    said = "怀集县气象台发布寒冷黄色预警信号"
    china.publish(
        severity="Moderate", headline=said, description=f"{said}。", title="issues cold yellow"
    )
    china.poll("swic")


def test_below_the_threshold_the_calling_stops_and_the_end_is_told(
    town: Town, china: Publishers
) -> None:
    warn(china)
    first = town.last
    warn_again(china, "蓝")
    assert town.decision(HUAIJI)[0] == "below_threshold"
    assert set(town.states(first).values()) == {"open"}
    drop(china)
    assert set(town.states(first).values()) == {"cancelled"}
    china.lists.drop("cma", HUAIJI)
    lift(china)
    assert town.decision(LIFT)[0] == "all_clear"
    assert heard(town, EAST_LEADER)[-1] == "all_clear.sms"


def lift(china: Publishers) -> None:
    """Publish the official end of the second warning."""
    china.publish(LIFT, replaces=HUAIJI, msgType="Cancel", title="lifts cold warning signal")
    china.poll("swic")


def test_a_rise_after_it_is_told(town: Town, china: Publishers) -> None:
    warn(china)
    warn_again(china, "黄")
    drop(china)
    third = "44122441600000_20261226193000"
    china.lists.show("cma", third, item(third, "橙", "19:30"))
    china.poll("cma")
    assert town.decision(third)[0] == "broadcast"
    assert phones(town.sms).count(EAST_LEADER) == 2


# places are left out -----------------------------------------------------------------------------


class Listed:
    """A list of warnings in force that says where each of them holds."""

    Settings = SourceSettings
    name = "list"

    def __init__(self, town: Town) -> None:
        self.town, self.said = town, dict[str, str]()

    def poll(self, memory: Memory, now: datetime) -> Polled:
        documents = tuple(Document(one.encode(), "", name) for name, one in self.said.items())
        return Polled(Outcome.OK, documents, "", memory, frozenset(self.said))

    def show(self, identifier: str, shape: BaseGeometry, level: str = "orange") -> None:
        warned = Warned(identifier, self.town.now)
        self.said[identifier] = cap(warned, info(self.town.now, shape, level))
        self.look()

    def look(self) -> None:
        self.town.now += timedelta(minutes=1)
        ingest.poll(self.town.world, self, self.town.now)
        self.town.tick()


def test_where_the_later_one_does_not_warn_the_end_waits_for_a_human(town: Town) -> None:
    listed = Listed(town)
    listed.show(EARLIER, ALL)
    listed.show(HUAIJI, IN_EAST.union(IN_WEST).convex_hull)
    assert town.decision(HUAIJI)[0] == "quiet"
    del listed.said[EARLIER]
    for _ in range(3):
        listed.look()
    waits = town.broadcast()
    assert (waits.purpose, waits.state) == (Purpose.PART_CLEAR, BroadcastState.APPROVAL)
    assert "确认后才转告" in town.decision(HUAIJI)[1]
    assert heard(town, SOUTH_LEADER) == ["warning.sms"]
    assert town.states(1)["南村"] == "open", "the calling goes on until somebody has looked"
    assert desk.approve(town.world, waits.id, "li", town.now)
    town.tick()
    assert heard(town, SOUTH_LEADER) == ["warning.sms", "part_clear.sms"]
    assert heard(town, WEST_LEADER) == ["warning.sms"]
    assert town.states(1)["南村"] == "cancelled"


def test_a_fall_is_told_while_an_end_elsewhere_waits(town: Town) -> None:
    town.tell_of_downgrades()
    listed = Listed(town)
    listed.show(EARLIER, ALL)
    listed.show(HUAIJI, IN_EAST, "yellow")
    del listed.said[EARLIER]
    for _ in range(3):
        listed.look()
    later(town)
    assert heard(town, EAST_LEADER) == ["warning.sms", "downgrade.sms"]
    assert heard(town, WEST_LEADER) == ["warning.sms"]


def test_where_the_later_one_ends_it_in_so_many_words_it_is_told(
    town: Town, china: Publishers
) -> None:
    warn(china)
    text = "解除马宁镇寒冷橙色预警信号，其余乡镇寒冷橙色预警信号继续生效。"
    warn_again(china, "橙", text)
    assert heard(town, SOUTH_LEADER) == ["warning.sms"], "both seem to hold"
    drop(china)
    assert heard(town, SOUTH_LEADER) == ["warning.sms", "part_clear.sms"]
    assert town.states(1)["南村"] == "cancelled"
    assert heard(town, WEST_LEADER) == ["warning.sms"]


# what is not understood replaces nothing ---------------------------------------------------------


@pytest.mark.parametrize("feed", ["cma", "swic"])
def test_what_waits_for_an_officer_replaces_nothing(
    town: Town, china: Publishers, feed: str
) -> None:
    warn(china)
    first = town.last
    odd = item(HUAIJI, "黄") | {"headline": "怀集县气象台发布寒冷预警信号", "type": "p0023000"}
    odd |= {"title": "怀集县发布寒冷预警", "description": "怀集县气象台发布寒冷预警信号。"}
    china.lists.show("cma", HUAIJI, odd)
    china.poll("cma")
    assert town.decision(HUAIJI)[0] == "held"
    if feed == "cma":
        drop(china)
        assert [one.subject for one in china.found("withdrawn")] == [str(china.alert(EARLIER))]
    else:
        publish_yellow(china)
    assert china.standing(EARLIER) == "in_force"
    assert set(town.states(first).values()) == {"open"}
