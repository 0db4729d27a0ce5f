"""A provider connected by configuration alone: the whole ladder, lost answers, keys in receipts."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from alertcast.simulator.faults import Fault
from alertcast.simulator.people import Behaviour, Hearing, Pickup, Reading
from alertcast.store import attempts
from tests.databases import KINDS, database
from tests.stories.gateway_town import GatewayTown, section
from tests.stories.served_town import SILENT
from tests.stories.town import ALL, EAST_DEPUTY, EAST_LEADER, EAST_SECRETARY, IN_EAST, TOWN_DESK


@pytest.fixture(params=KINDS)
def town(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[GatewayTown]:
    with database(request.param, tmp_path) as db, GatewayTown(db, tmp_path) as found:
        yield found


def test_a_key_inside_a_receipt_stops_the_ladder(town: GatewayTown) -> None:
    town.carrier.people.let(EAST_SECRETARY, SILENT)
    town.warn(IN_EAST, "orange")
    town.tick(minutes=40)
    assert town.states() == {"东村": "answered"}
    called = [one.to for one in town.carrier.ledger.calls()]
    assert called.count(EAST_LEADER) == 1
    assert EAST_DEPUTY not in called


def test_nobody_answers_and_the_whole_ladder_is_climbed(town: GatewayTown) -> None:
    for phone in (EAST_LEADER, EAST_SECRETARY, EAST_DEPUTY):
        town.carrier.people.let(phone, SILENT)
    town.warn(IN_EAST, "orange")
    town.tick(minutes=60)
    assert town.states() == {"东村": "unreached"}
    called = [one.to for one in town.carrier.ledger.calls()]
    assert called.count(EAST_LEADER) == 3
    assert called.count(EAST_DEPUTY) >= 1


def test_key_2_inside_a_receipt_brings_the_desk(town: GatewayTown) -> None:
    town.carrier.people.let(EAST_LEADER, Behaviour(calls=(Hearing(keys=("3", "2")),)))
    town.carrier.people.let(EAST_SECRETARY, SILENT)
    town.warn(IN_EAST, "red")
    town.tick(minutes=3)
    assert [row["places"] for row in town.help_requests()] == [["冷坑镇东村"]]
    assert TOWN_DESK in [one.to for one in town.carrier.ledger.calls()]


def test_a_call_that_was_heard_to_its_end_is_no_answer(town: GatewayTown) -> None:
    hears = Behaviour(calls=(Hearing(keys=()),))
    voicemail = Behaviour(calls=(Hearing(Pickup.VOICEMAIL, ()),))
    town.carrier.people.let(EAST_LEADER, hears)
    town.carrier.people.let(EAST_SECRETARY, voicemail)
    town.warn(IN_EAST, "orange")
    town.tick(minutes=15)
    assert town.states() == {"东村": "open"}


def test_texts_of_one_kind_leave_in_one_request_and_each_has_its_receipt(
    town: GatewayTown,
) -> None:
    town.warn(ALL, "orange")
    town.tick(minutes=1)
    messages = town.carrier.ledger.messages()
    assert len(messages) == 5
    assert len({one.to for one in messages}) == 5
    assert set(town.texted().values()) == {"delivered"}


def test_a_reference_is_no_longer_than_the_provider_takes(town: GatewayTown) -> None:
    town.warn(IN_EAST, "orange")
    with town.db.read() as tx:
        tokens = [attempts.of_task(tx, one)[0].token for one in (1, 2)]
    assert [len(token) for token in tokens] == [15, 15]


def test_one_number_of_a_batch_is_refused_and_the_others_are_not(town: GatewayTown) -> None:
    wrong = Behaviour(sms=Reading(refused=21211), calls=(Hearing(Pickup.FAILED, ()),))
    town.carrier.people.let(EAST_LEADER, wrong)
    town.warn(IN_EAST, "orange")
    town.tick(minutes=1)
    assert town.texted() == {EAST_LEADER: "failed", EAST_SECRETARY: "delivered"}
    assert town.messages(EAST_LEADER)[0] == ("sms", "failed", "wrong_number")


def test_a_lost_batch_answer_is_settled_by_look_up(town: GatewayTown) -> None:
    town.carrier.faults.set(Fault("reset_after", "message", nth=1), Fault("receipts_none"))
    town.warn(IN_EAST, "orange")
    assert set(town.texted().values()) == {"unsure"}
    town.after_the_grace()
    assert set(town.texted().values()) == {"underway"}
    assert len(town.carrier.ledger.messages()) == 2


def test_a_batch_that_never_arrived_is_sent_again_after_the_look_up(town: GatewayTown) -> None:
    town.carrier.faults.set(Fault("reset_before", "message", nth=1))
    town.warn(IN_EAST, "orange")
    assert town.carrier.ledger.messages() == []
    town.after_the_grace()
    town.tick(minutes=1)
    assert len(town.carrier.ledger.messages()) == 2
    assert set(town.texted().values()) == {"delivered"}


def test_a_lost_call_is_not_made_twice(town: GatewayTown) -> None:
    town.carrier.faults.set(Fault("error_after", "call", nth=1))
    town.carrier.people.let(EAST_SECRETARY, SILENT)
    town.warn(IN_EAST, "red")
    town.after_the_grace()
    town.tick(minutes=1)
    assert [one.to for one in town.carrier.ledger.calls()].count(EAST_LEADER) == 1


def test_a_throttled_batch_is_no_attempt_and_comes_later(town: GatewayTown) -> None:
    town.carrier.faults.set(Fault("throttled", "message", nth=1, seconds=1))
    town.warn(IN_EAST, "orange")
    assert town.carrier.ledger.messages() == []
    town.after_the_grace()
    town.tick(minutes=1)
    assert len(town.carrier.ledger.messages()) == 2


@pytest.mark.parametrize("fault", ["receipts_twice", "receipts_reversed", "receipts_early"])
def test_receipts_in_any_order_end_the_same(town: GatewayTown, fault: str) -> None:
    town.carrier.faults.set(Fault(fault))
    town.warn(IN_EAST, "orange")
    town.tick(minutes=12)
    assert set(town.texted().values()) == {"delivered"}
    assert town.states() == {"东村": "answered"}


def test_a_forged_receipt_changes_nothing(town: GatewayTown) -> None:
    town.carrier.faults.set(Fault("receipts_forged"))
    town.warn(IN_EAST, "orange")
    town.tick(minutes=1)
    assert set(town.texted().values()) == {"underway"}


def test_a_group_robot_tells_and_the_ladder_goes_on(town: GatewayTown) -> None:
    keys = section(town.base, "robot", answer={"ok": {"path": "code", "values": "OK"}})
    robot = {key: keys[key] for key in keys if key not in ("receipts", "look_up", "status")}
    robot["request"] = {
        "url": f"{town.base}/gateway/sms",
        "fields": {"items": [{"phone": "{phone_national}", "text": "{text}"}]},
    }
    town.connect("group", robot | {"answer": robot["answer"] | {"is_last": True}, "batch_size": 1})
    town.change_rung("orange", 0, kinds=("robot",))
    town.carrier.people.let(EAST_SECRETARY, SILENT)
    town.warn(IN_EAST, "orange")
    assert town.messages(EAST_LEADER) == [("robot", "delivered", None)]
    assert "内部通知" in (town.carrier.ledger.messages()[0].body or "")
    town.tick(minutes=15)
    assert town.states() == {"东村": "answered"}
