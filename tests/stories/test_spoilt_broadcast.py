"""A broadcast, a callout or a step of a tick that fails holds up nobody else, and is seen."""

from types import ModuleType

import pytest
from sqlalchemy import update

from alertcast.dispatch import confirm, escalate, together
from alertcast.dispatch.watch import look
from alertcast.store import broadcasts
from alertcast.store.schema import callout
from tests.stories.published import Warned, cap, info
from tests.stories.seen import EAST, WEST
from tests.stories.test_confirm import trust
from tests.stories.town import ALL, EAST_LEADER, IN_EAST, IN_WEST, WEST_LEADER, Town, phones


def test_one_that_can_not_begin_holds_up_no_other_and_is_seen(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.configure(dispatch={"undo": "1m"})
    spoilt = town.notice("请各村检查取暖设备，防止一氧化碳中毒。", WEST)
    real = escalate.begin

    def begin(world, tx, broadcast_id, now):
        if broadcast_id == spoilt:
            raise ValueError
        return real(world, tx, broadcast_id, now)

    monkeypatch.setattr(escalate, "begin", begin)
    other = town.notice("请各村检查取暖设备，防止一氧化碳中毒。", EAST, key="k2")
    town.climb(minutes=2)
    town.send_all()
    assert EAST_LEADER in phones(town.sms)
    assert (town.broadcast(spoilt).state, town.broadcast(other).state) == ("waiting", "running")
    town.climb(minutes=3)
    with town.db.read() as tx:
        assert "step" in {one.what for one in look(town.world, tx, town.now)}
    monkeypatch.undo()
    town.climb(minutes=1)
    assert town.broadcast(spoilt).state == "running"


@pytest.mark.parametrize(("module", "step"), [(confirm, "settle"), (together, "follow")])
def test_a_step_that_fails_stops_no_ladder_and_the_tick_is_not_well(
    town: Town, monkeypatch: pytest.MonkeyPatch, module: ModuleType, step: str
) -> None:
    def fails(world, now):
        raise ValueError("spoilt")

    monkeypatch.setattr(module, step, fails)
    with pytest.raises(ValueError, match="spoilt"):
        town.warn_asleep(IN_EAST, "red")
    with pytest.raises(ValueError, match="spoilt"):
        town.climb(minutes=1)
    town.send_all()
    assert EAST_LEADER in phones(town.sms)


def test_a_callout_without_its_policy_goes_to_an_officer_and_the_others_climb(town: Town) -> None:
    town.warn(over=ALL)
    with town.db.write() as tx:
        spoilt = update(callout).where(callout.c.grid_code == WEST)
        tx.execute(spoilt.values(policy="nobody wrote this"))
    town.climb(minutes=10)
    town.send_all()
    assert EAST_LEADER in phones(town.voice)
    assert town.states()["西村"] == "unreached"


def test_a_spoilt_question_goes_on_waiting_and_holds_up_no_other(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    trust(town, "none")
    spoilt, other = (
        cap(Warned(f"44122441600000_2026122617200{at}", town.now), info(town.now, place, "orange"))
        for at, place in enumerate((IN_WEST, IN_EAST))
    )
    town.publish(spoilt)
    with town.db.read() as tx:
        (waiting,) = broadcasts.of_alert(tx, 1)
    town.publish(other)
    real = confirm.begin

    def begin(world, tx, broadcast_id, now):
        if broadcast_id == waiting:
            raise ValueError
        return real(world, tx, broadcast_id, now)

    monkeypatch.setattr(confirm, "begin", begin)
    town.publish(spoilt, "second")
    town.publish(other, "second")
    assert EAST_LEADER in phones(town.sms)
    assert town.broadcast(waiting).state == "approval"
    monkeypatch.undo()
    town.climb(minutes=0)
    town.send_all()
    assert WEST_LEADER in phones(town.sms)
