"""Until when a warning holds whose issuer does not say so, and from when one that lies ahead."""

from datetime import timedelta

import pytest

from alertcast.dispatch.explain import explain
from alertcast.store import alerts, report_alerts
from alertcast.store.report_alerts import WarningFacts
from tests.sources.lists import HUAIJI, cma_item
from tests.stories.china import Publishers
from tests.stories.published import Warned, cap, info
from tests.stories.town import EAST_LEADER, IN_EAST, Town


def said(town: Town, onset_hours: float | None = None, *, has_end: bool = True) -> str:
    """Return an info about the east, with its onset, or without its end."""
    words = info(town.now, IN_EAST, "orange", hours=48)
    start, end = words.index("<expires>"), words.index("<headline>")
    begins = ""
    if onset_hours is not None:
        begins = f"<onset>{(town.now + timedelta(hours=onset_hours)).isoformat()}</onset>"
    return words[:start] + begins + (words[start:end] if has_end else "") + words[end:]


def publish(town: Town, words: str) -> WarningFacts:
    """Publish an info, and return what pages show of its warning."""
    warned = Warned("44122441600000_20261226172001", town.now)
    town.publish(cap(warned, words))
    with town.db.read() as tx:
        alert_id = alerts.find(tx, warned.identifier)[0]
        found, explained = report_alerts.warning(tx, alert_id), explain(town.world, tx, alert_id)
    assert found is not None and explained is not None
    assert explained["warning"] == found
    return found


def test_an_end_that_its_issuer_gives_is_none_assumed(town: Town) -> None:
    found = publish(town, said(town))
    assert not found["is_expiry_assumed"]
    assert found["expires"] == town.now + timedelta(hours=48)


def test_a_source_says_how_long_its_warnings_hold_that_do_not(town: Town) -> None:
    town.configure(sources={"inbox": {"type": "feed", "assumed_life": "6h"}})
    found = publish(town, said(town, has_end=False))
    assert found["is_expiry_assumed"]
    assert found["expires"] == town.now + timedelta(hours=6)


def test_else_it_is_a_day(town: Town) -> None:
    found = publish(town, said(town, has_end=False))
    assert found["is_expiry_assumed"]
    assert found["expires"] == town.now + timedelta(hours=24)


def test_a_list_says_how_long_they_hold_after_it_named_them_last(
    town: Town, china: Publishers
) -> None:
    section = {"type": "cma_map", "assumed_life": "1h", "listed_life": "3h"}
    town.configure(sources={"cma": section})
    china.lists.show("cma", HUAIJI, cma_item())
    china.poll("cma")
    town.now += timedelta(minutes=29)
    china.poll("cma")  # more than half of the time is left
    town.tick(minutes=149)
    assert china.standing() == "in_force"
    town.tick(minutes=2)
    assert china.standing() == "expired"


def test_one_that_begins_later_says_when(town: Town) -> None:
    found = publish(town, said(town, 14))
    assert found["onset"] == town.now + timedelta(hours=14)
    (text,) = [one.text for one in town.sms.outbox if one.phone == EAST_LEADER]
    assert "（怀集县气象台12月26日17时20分发布），预计12月27日7时20分开始。涉及" in text
    town.tick(minutes=10)
    call = next(one.text for one in town.voice.outbox if one.phone == EAST_LEADER)
    assert "寒冷橙色预警信号，预计12月27日7时20分开始。" in call


@pytest.mark.parametrize("hours", [None, -2, 0, 0.4])
def test_one_that_has_begun_says_nothing_of_it(town: Town, hours: float | None) -> None:
    assert publish(town, said(town, hours))["onset"] is None
    assert "预计" not in town.sms.outbox[-1].text
