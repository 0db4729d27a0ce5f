"""Every alert can say why it was, or was not, sent."""

import re

from sqlalchemy import select

from alertcast.dispatch import desk
from alertcast.dispatch.explain import Explained, explain
from alertcast.store import alerts
from alertcast.store.schema import callout
from tests.stories.published import Warned, cap, info
from tests.stories.test_by_town import ORANGE, RED, RED_IN_COLD_PIT, publish
from tests.stories.town import IN_EAST, NOWHERE, Town


def why(town: Town, warned: Warned) -> Explained:
    with town.db.read() as tx:
        found = explain(town.world, tx, alerts.find(tx, warned.identifier)[0])
    assert found is not None
    return found


def test_one_that_was_sent_names_its_source_rule_and_broadcast(town: Town) -> None:
    found = why(town, town.warn(IN_EAST))
    assert found["warning"]["decision"] == "broadcast"
    assert [one["source"] for one in found["witnesses"]] == ["inbox"]
    (rule,) = found["rules"]
    assert (rule["level"], rule["grids"], rule["is_told"]) == ("orange", 1, True)
    assert rule["policy"] == "orange"
    assert [(one["id"], one["purpose"]) for one in found["broadcasts"]] == [(town.last, "warning")]
    assert found["episode"] is not None
    assert len(found["episode"]["in_force"]) == 1


def test_one_that_was_not_sent_says_why(town: Town) -> None:
    elsewhere = why(town, town.warn(NOWHERE))
    assert (elsewhere["warning"]["decision"], elsewhere["broadcasts"]) == ("no_grid", [])
    assert elsewhere["warning"]["why"]
    test = why(town, town.warn(IN_EAST, status="Test"))
    assert test["warning"]["decision"] == "not_actual"
    low = why(town, town.warn(IN_EAST, "blue"))
    assert [one["is_told"] for one in low["rules"]] == [False]


def test_each_town_has_the_sentence_its_level_was_read_from(town: Town) -> None:
    found = why(town, publish(town, RED, RED_IN_COLD_PIT))
    said = {one["desc"]: (one["level"], one["sentence"]) for one in found["places"]}
    level, sentence = said["冷坑镇"]
    assert level == "red"
    assert sentence is not None
    assert "升级为红色" in sentence
    assert found["remarks"]


def test_a_code_that_the_layer_lacks_is_told_to_its_town_and_said(town: Town) -> None:
    warned = Warned("44122441600000_20261226172099", town.now)
    code = "<geocode><valueName>CPEAS Geographic Code</valueName><value>441224101299</value>"
    drawn = info(town.now, IN_EAST, "orange")
    town.publish(cap(warned, re.sub("<polygon>.*</polygon>", f"{code}</geocode>", drawn)))
    assert town.states() == {"西村": "open", "东村": "open"}
    with town.db.read() as tx:
        ways = {one.matched_by for one in tx.execute(select(callout.c.matched_by))}
    assert ways == {"town code, widened"}
    found = why(town, warned)
    assert found["matched"] == {"town code, widened": 2}
    assert [one for one in found["remarks"] if "441224101299 is not in the layer" in one]


def test_an_update_and_what_it_superseded_name_each_other(town: Town) -> None:
    first = publish(town, ORANGE, "怀集县气象台发布寒冷橙色预警信号。")
    second = publish(town, RED, RED_IN_COLD_PIT, replaces=first)
    (before,) = why(town, second)["refers_to"]
    assert (before["identifier"], before["standing"]) == (first.identifier, "superseded")
    (after,) = why(town, first)["referred_by"]
    assert (after["identifier"], after["standing"]) == (second.identifier, "in_force")


def test_a_reference_that_never_came_is_named(town: Town) -> None:
    lost = Warned("44122441600000_20261225000000", town.now)
    (before,) = why(town, town.warn(IN_EAST, replaces=lost))["refers_to"]
    assert before == {"identifier": lost.identifier, "alert_id": None, "standing": None}


def test_what_officers_did_is_told(town: Town) -> None:
    warned = town.warn(IN_EAST)
    town.stop()
    assert [(one["user"], one["action"]) for one in why(town, warned)["acts"]] == [("wang", "stop")]
    held = town.lift(None)
    with town.db.read() as tx:
        alert_id = alerts.find(tx, held.identifier)[0]
    assert desk.dismiss(town.world, alert_id, "wang", "重复", town.now)
    assert [one["action"] for one in why(town, held)["acts"]] == ["dismiss"]


def test_one_that_nobody_has_decided_on_yet_says_so(town: Town) -> None:
    warned = Warned("44122441600000_20261226172001", town.now)
    town.keep(cap(warned, info(town.now, IN_EAST, "orange")))
    found = why(town, warned)
    assert (found["warning"]["decision"], found["rules"], found["broadcasts"]) == (None, [], [])
    with town.db.read() as tx:
        assert explain(town.world, tx, 99) is None
