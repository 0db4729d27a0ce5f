"""A broadcast is closed while a receipt lets its text leave once more: it is not forgotten."""

from datetime import timedelta
from threading import Event, Thread

import pytest

from alertcast.core.broadcast import BroadcastState
from alertcast.dispatch import escalate, receive
from alertcast.store import broadcasts
from tests.stories.seen import EAST
from tests.stories.town import EAST_LEADER, IN_EAST, Town


@pytest.fixture
def ending(town: Town) -> Town:
    """A town whose only text was given to its provider so long ago that nothing is waited for."""
    town.settle_in([(EAST_LEADER, "branch_leader", EAST)])
    town.channels = [town.sms]
    town.warn(over=IN_EAST)
    while True:
        town.now += timedelta(minutes=1)
        with town.db.read() as tx:
            if broadcasts.finished(tx, town.now):
                return town
        town.climb(minutes=0)
        assert town.broadcast().state is BroadcastState.RUNNING


def fails(town: Town) -> None:
    """The provider says that the text could not be delivered."""
    world, token = town.world, town.sms.outbox[-1].token
    receive.receive(world, town.sms.callback("status", token, word="failed"), town.now)
    receive.apply_kept(world, town.now)


def states(town: Town) -> tuple[str, str]:
    return town.broadcast().state, town.messages(EAST_LEADER)[0][1]


def test_it_failed_while_the_broadcast_was_being_closed(
    ending: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, looked = broadcasts.finished, []
    other = Thread(target=fails, args=(ending,))

    def finished(tx, now):
        found = real(tx, now)
        looked.append(found)
        if len(looked) == 2:  # what is in the way of closing was asked for, and is closed next
            other.start()
            other.join(0.5)
        return found

    monkeypatch.setattr(broadcasts, "finished", finished)
    escalate.advance(ending.world, ending.now)
    other.join()
    assert looked[1] != []
    assert states(ending) == ("closed", "failed")


def test_it_is_not_closed_while_a_receipt_is_being_applied(
    ending: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    if ending.db.is_sqlite:  # where nobody else writes meanwhile
        fails(ending)
        escalate.advance(ending.world, ending.now)
        assert states(ending) == ("running", "queued")
        return
    real, holding, go = broadcasts.hold, Event(), Event()

    def hold(tx, ids):
        real(tx, ids)
        holding.set()
        go.wait(10)

    monkeypatch.setattr(broadcasts, "hold", hold)
    other = Thread(target=fails, args=(ending,))
    other.start()
    assert holding.wait(10)
    escalate.advance(ending.world, ending.now)
    assert ending.broadcast().state is BroadcastState.RUNNING
    go.set()
    other.join()
    escalate.advance(ending.world, ending.now)
    assert states(ending) == ("running", "queued")
