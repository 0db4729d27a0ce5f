"""Stories over real HTTP: the Twilio SDK, a carrier with its protocol, signed callbacks."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from alertcast.dispatch import claim
from alertcast.simulator.faults import Fault
from alertcast.simulator.people import Behaviour, Hearing, Pickup, Reading
from alertcast.store import attempts, channels
from tests.databases import KINDS, database
from tests.stories.http_town import HttpTown
from tests.stories.published import Warned, cap, info
from tests.stories.served_town import SILENT
from tests.stories.town import (
    EAST,
    EAST_DEPUTY,
    EAST_LEADER,
    EAST_SECRETARY,
    IN_EAST,
    TOWN_DESK,
)


@pytest.fixture(params=KINDS)
def town(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[HttpTown]:
    with database(request.param, tmp_path) as db, HttpTown(db, tmp_path) as found:
        yield found


def test_a_call_is_heard_and_its_key_answers_for_the_grid(town: HttpTown) -> None:
    town.carrier.people.let(EAST_SECRETARY, SILENT)
    town.warn(IN_EAST, "orange")
    town.tick(minutes=12)
    assert town.states() == {"东村": "answered"}
    heard = [one for one in town.carrier.ledger.calls() if one.to == EAST_LEADER]
    assert len(heard) == 1
    assert "冷坑镇东村" in heard[0].spoken[0]
    assert "不会索要钱款和验证码" in heard[0].spoken[0]
    assert [press.digits for press in heard[0].pressed] == ["1"]
    assert heard[0].notes == ()


def test_both_leaders_get_one_text_with_issuer_and_place(town: HttpTown) -> None:
    town.warn(IN_EAST, "orange")
    town.tick(minutes=1)
    sent = town.carrier.ledger.messages()
    assert sorted(one.to for one in sent) == [EAST_LEADER, EAST_SECRETARY]
    for one in sent:
        assert "怀集县气象台" in (one.body or "")
        assert "冷坑镇东村" in (one.body or "")
        assert "内部通知" in (one.body or "")
    assert town.texted() == {EAST_LEADER: "delivered", EAST_SECRETARY: "delivered"}


def test_key_2_brings_the_desk(town: HttpTown) -> None:
    help_wanted = Behaviour(calls=(Hearing(keys=("2",)),))
    town.carrier.people.let(EAST_LEADER, help_wanted)
    town.carrier.people.let(EAST_SECRETARY, SILENT)
    town.warn(IN_EAST, "red")
    town.tick(minutes=2)
    assert [row["places"] for row in town.help_requests()] == [["冷坑镇东村"]]
    assert TOWN_DESK in [one.to for one in town.carrier.ledger.calls()]
    caller = next(one for one in town.carrier.ledger.calls() if one.to == EAST_LEADER)
    assert "值班室" in caller.spoken[1]
    assert "1 1 0" in caller.spoken[1]


def test_a_lost_answer_is_found_at_the_carrier_and_not_sent_again(town: HttpTown) -> None:
    town.carrier.faults.set(Fault("reset_after", "message", nth=1), Fault("receipts_none"))
    town.warn(IN_EAST, "orange")
    assert "unsure" in town.texted().values()
    town.after_the_grace()
    assert set(town.texted().values()) == {"underway"}
    assert len(town.carrier.ledger.messages()) == 2


def test_a_lost_request_is_sent_again_after_the_carrier_was_asked(town: HttpTown) -> None:
    town.carrier.faults.set(Fault("error_before", "message", nth=1))
    town.warn(IN_EAST, "orange")
    assert len(town.carrier.ledger.messages()) == 1
    town.after_the_grace()
    town.tick(minutes=1)
    assert sorted(one.to for one in town.carrier.ledger.messages()) == [
        EAST_LEADER,
        EAST_SECRETARY,
    ]


def test_a_lost_call_is_not_made_twice(town: HttpTown) -> None:
    town.carrier.faults.set(Fault("reset_after", "call", nth=1))
    town.carrier.people.let(EAST_SECRETARY, SILENT)
    town.warn(IN_EAST, "red")
    town.after_the_grace()
    town.tick(minutes=1)
    calls = [one.to for one in town.carrier.ledger.calls()]
    assert calls.count(EAST_LEADER) == 1


@pytest.mark.parametrize("behind", [15, -15, 1800, -1800])
def test_a_lost_call_is_not_made_twice_however_wrong_a_clock_is(
    town: HttpTown, behind: int
) -> None:
    town.behind = timedelta(seconds=behind)
    town.carrier.faults.set(Fault("reset_after", "call", nth=1), Fault("receipts_none"))
    town.carrier.people.let(EAST_LEADER, SILENT)
    town.settle_in([(EAST_LEADER, "branch_leader", EAST)])
    town.warn(IN_EAST, "red")
    assert town.requests(EAST_LEADER, "voice") == ["unknown"]
    town.after_the_grace()
    assert [one.to for one in town.carrier.ledger.calls()] == [EAST_LEADER]
    assert town.requests(EAST_LEADER, "voice")[0] == "accepted"


@pytest.mark.parametrize("behind", [15, -15])
def test_a_call_that_was_never_made_is_made_however_wrong_a_clock_is(
    town: HttpTown, behind: int
) -> None:
    town.behind = timedelta(seconds=behind)
    town.carrier.faults.set(Fault("reset_before", "call", nth=1))
    town.carrier.people.let(EAST_LEADER, SILENT)
    town.settle_in([(EAST_LEADER, "branch_leader", EAST)])
    town.warn(IN_EAST, "red")
    assert town.carrier.ledger.calls() == []
    town.after_the_grace()
    assert [one.to for one in town.carrier.ledger.calls()] == [EAST_LEADER]


def two_claimed_and_the_second_called(town: HttpTown) -> None:
    """Let a sender die over two calls to one phone, of which it had made the second."""
    town.settle_in([(EAST_LEADER, "branch_leader", EAST)])
    town.carrier.people.let(EAST_LEADER, SILENT)
    town.warn_asleep(IN_EAST, "red")
    assert len(claim.claim(town.world, "voice", "live", town.now)) == 1
    town.now += timedelta(seconds=5)
    icy = Warned("44122441600000_20261226172099", town.now)
    town.keep(cap(icy, info(town.now, IN_EAST, "red", event="道路结冰")))
    town.climb(minutes=0)
    (second,) = claim.claim(town.world, "voice", "live", town.now)
    second.channel.send([second.request])


def test_of_two_lost_calls_to_one_phone_the_callbacks_say_which_was_made(town: HttpTown) -> None:
    two_claimed_and_the_second_called(town)
    town.after_the_grace()
    town.tick(seconds=30)
    assert town.requests(EAST_LEADER, "voice")[:2] == ["absent", "sent"]
    spoken = [one.to for one in town.carrier.ledger.calls()]
    assert spoken == [EAST_LEADER] * 2
    assert "unknown" not in town.requests(EAST_LEADER, "voice")


def test_of_two_lost_calls_without_callbacks_none_is_made_again_and_an_officer_dials(
    town: HttpTown,
) -> None:
    town.carrier.faults.set(Fault("receipts_none"))
    two_claimed_and_the_second_called(town)
    town.after_the_grace()
    assert town.requests(EAST_LEADER, "voice") == ["unknown", "unknown"]
    for _ in range(5):
        town.after_the_grace()
    assert town.requests(EAST_LEADER, "voice") == ["failed", "failed"]
    assert len(town.carrier.ledger.calls()) == 1
    assert town.to_dial() == [EAST_LEADER] * 2


def test_429_is_no_attempt_and_comes_later(town: HttpTown) -> None:
    town.carrier.faults.set(Fault("throttled", "message", nth=1, seconds=1))
    town.warn(IN_EAST, "orange")
    town.after_the_grace()
    town.tick(minutes=1)
    assert len(town.carrier.ledger.messages()) == 2
    assert set(town.texted().values()) == {"delivered"}


def test_forged_receipts_change_nothing_and_are_counted(town: HttpTown) -> None:
    town.carrier.faults.set(Fault("receipts_forged"))
    town.warn(IN_EAST, "orange")
    town.tick(minutes=1)
    assert set(town.texted().values()) == {"underway"}
    with town.db.read() as tx:
        forged = {row["name"]: row["forged"] for row in channels.listed(tx)}
    assert forged["sms"] >= 1  # those of one moment are written together


def test_receipts_twice_and_reversed_end_the_same(town: HttpTown) -> None:
    town.carrier.faults.set(Fault("receipts_twice", nth=1), Fault("receipts_reversed"))
    town.warn(IN_EAST, "orange")
    town.tick(minutes=1)
    assert set(town.texted().values()) == {"delivered"}


def test_a_receipt_before_the_create_is_answered(town: HttpTown) -> None:
    town.carrier.faults.set(Fault("receipts_early"))
    town.warn(IN_EAST, "orange")
    town.tick(minutes=1)
    assert set(town.texted().values()) == {"delivered"}
    with town.db.read() as tx:
        refs = [attempts.of_task(tx, one)[0].provider_ref for one in (1, 2)]
    assert all(refs)


def test_a_text_back_answers(town: HttpTown) -> None:
    replies = Behaviour(sms=Reading(reply="1", reply_after=30.0))
    town.carrier.people.let(EAST_LEADER, replies)
    town.warn(IN_EAST, "yellow")
    town.tick(minutes=2)
    assert town.states() == {"东村": "answered"}
    assert [one.answer for one in town.carrier.ledger.inbound()] == [200]


def test_a_wrong_number_is_shown_and_the_deputy_is_called(town: HttpTown) -> None:
    wrong = Behaviour(sms=Reading(refused=21211), calls=(Hearing(Pickup.FAILED, ()),))
    for phone in (EAST_LEADER, EAST_SECRETARY):
        town.carrier.people.let(phone, wrong)
    town.warn(IN_EAST, "red")
    town.tick(minutes=8)
    assert "wrong_number" in str(town.messages(EAST_LEADER))
    assert EAST_DEPUTY in [one.to for one in town.carrier.ledger.calls()]
    assert town.states() == {"东村": "answered"}


def test_a_drill_says_so_in_its_first_and_last_word(town: HttpTown) -> None:
    town.notice("请清点避寒场所的被褥", EAST, mode="drill")
    town.tick(minutes=1)
    bodies = [one.body or "" for one in town.carrier.ledger.messages()]
    assert len(bodies) == 2
    for body in bodies:
        assert body.startswith("演练")
        assert body.endswith("演练")


def test_a_missed_call_is_rung_back_and_its_key_answers(town: HttpTown) -> None:
    missed = Hearing(Pickup.NO_ANSWER, ())
    town.carrier.people.let(EAST_SECRETARY, SILENT)
    rings_back = Behaviour(calls=(missed,), calls_back=Hearing(keys=("1",)), calls_back_after=60)
    town.carrier.people.let(EAST_LEADER, rings_back)
    town.warn(IN_EAST, "orange")
    town.tick(minutes=14)
    assert town.states() == {"东村": "answered"}
    (heard,) = town.carrier.ledger.calls_in()
    assert "冷坑镇东村" in heard.spoken[0]
    assert [press.digits for press in heard.pressed] == ["1"]
    assert "您的应答已经记录" in heard.spoken[1]
    assert heard.notes == ()


def test_a_stranger_who_calls_hears_nothing_of_the_warning(town: HttpTown) -> None:
    town.warn(IN_EAST, "orange")
    town.carrier.call_in("+8613899999999")
    town.tick(minutes=1)
    (heard,) = town.carrier.ledger.calls_in()
    assert heard.spoken == (
        "这里是怀集县三防指挥部办公室。核实预警信息，请拨打0 7 5 8 5 5 2 2 0 0 0。再见。",
    )


def test_a_voicemail_is_found_out_and_called_again(town: HttpTown) -> None:
    voicemail = Hearing(Pickup.VOICEMAIL, ())
    town.carrier.people.let(EAST_LEADER, Behaviour(calls=(voicemail, Hearing(keys=("1",)))))
    town.carrier.people.let(EAST_SECRETARY, SILENT)
    town.warn(IN_EAST, "orange")
    town.tick(minutes=11)
    assert town.requests(EAST_LEADER, "voice")[0] == "machine"
    first = town.carrier.ledger.calls()[0]
    assert first.spoken[-1].startswith("这里是怀集县三防指挥部办公室，有重要通知，请尽快致电")
    town.tick(minutes=3)
    assert town.requests(EAST_LEADER, "voice")[0] == "machine"
    assert town.states() == {"东村": "answered"}
    calls = [one for one in town.carrier.ledger.calls() if one.to == EAST_LEADER]
    assert [press.digits for press in calls[1].pressed] == ["1"]


def test_a_voicemail_at_the_duty_desk_hears_nobodys_number(town: HttpTown) -> None:
    town.carrier.people.let(EAST_LEADER, Behaviour(calls=(Hearing(keys=("2",)),)))
    town.carrier.people.let(TOWN_DESK, Behaviour(calls=(Hearing(Pickup.VOICEMAIL, ()),)))
    town.carrier.people.let(EAST_SECRETARY, SILENT)
    town.warn(IN_EAST, "red")
    town.tick(minutes=2)
    town.tick(minutes=2)
    heard = [one for one in town.carrier.ledger.calls() if one.to == TOWN_DESK]
    assert any(one.spoken for one in heard)
    for one in heard:
        assert "1 3 8" not in " ".join(one.spoken)


def test_the_desk_hears_the_number_after_a_key(town: HttpTown) -> None:
    town.carrier.people.let(EAST_LEADER, Behaviour(calls=(Hearing(keys=("2",)),)))
    town.carrier.people.let(EAST_SECRETARY, SILENT)
    town.warn(IN_EAST, "red")
    town.tick(minutes=2)
    town.tick(minutes=2)
    heard = next(one for one in town.carrier.ledger.calls() if one.to == TOWN_DESK)
    assert "请按1听取回拨电话" in heard.spoken[0]
    assert heard.spoken[1].count("1 3 8 0 0 0 0 0 0 2 1") == 2


def test_stopping_ends_what_has_not_left(town: HttpTown) -> None:
    for phone in (EAST_LEADER, EAST_SECRETARY):
        town.carrier.people.let(phone, SILENT)
    town.warn(IN_EAST, "orange")
    town.tick(minutes=1)
    stopped = town.stop()
    assert stopped is not None
    assert stopped.gone == 2
    town.tick(minutes=30)
    assert town.carrier.ledger.calls() == []
