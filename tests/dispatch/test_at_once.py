"""Several threads do the same step at the same moment: it is done once, and nothing is lost."""

from collections.abc import Callable
from threading import Barrier, Thread
from typing import TypeVar

import pytest

from alertcast.dispatch import desk, escalate, fanout, receive, send
from alertcast.store import ready
from tests.stories.published import Warned, cap, info
from tests.stories.seen import EAST
from tests.stories.town import EAST_LEADER, EAST_SECRETARY, IN_EAST, Town, phones

T = TypeVar("T")


def at_once(steps: list[Callable[[], T]]) -> list[T]:
    """Do all steps at the same moment, each in its thread; return what they returned."""
    start, found, raised = Barrier(len(steps)), [], []

    def run(step: Callable[[], T]) -> None:
        start.wait()
        try:
            found.append(step())
        except Exception as error:
            raised.append(error)

    threads = [Thread(target=run, args=(step,)) for step in steps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert raised == []
    return found


@pytest.fixture
def published(town: Town) -> Town:
    """The town with a warning that nobody has decided on."""
    warned = Warned("44122441600000_20261226172001", town.now)
    town.keep(cap(warned, info(town.now, IN_EAST, "orange")))
    return town


def test_four_decide(published: Town) -> None:
    at_once([lambda: fanout.decide_all(published.world, published.now)] * 4)
    assert published.count() == 1


def test_four_climb(published: Town) -> None:
    fanout.decide_all(published.world, published.now)
    moved = at_once([lambda: escalate.advance(published.world, published.now)] * 4)
    assert sum(moved) == 1
    assert published.messages(EAST_LEADER) == [("sms", "queued", None)]


def test_four_send(published: Town) -> None:
    published.climb(minutes=0)
    at_once([lambda: send.send_due(published.world, "sms", "live", published.now)] * 4)
    assert sorted(phones(published.sms)) == [EAST_LEADER, EAST_SECRETARY]


def test_who_claims_beside_another_gets_the_next_ones(published: Town) -> None:
    published.climb(minutes=0)
    db = published.world.db
    if db.is_sqlite:  # one writer after the other
        return
    with db.write() as ours, db.write() as theirs:
        (first,) = ready.ready(ours, db.vault, "sms", "live", published.now, 1)
        (second,) = ready.ready(theirs, db.vault, "sms", "live", published.now, 1)
    assert first.task.id != second.task.id


def test_all_must_answer_and_all_do_at_the_same_moment(town: Town) -> None:
    town.change_every_need("orange", "all")
    town.warn(over=IN_EAST)
    town.tick(minutes=10)
    world = town.world
    keys = [town.voice.callback("keys", one.token, key="1") for one in town.voice.outbox]
    at_once([lambda key=key: receive.receive(world, key, town.now) for key in keys])  # type: ignore[misc]
    assert town.states() == {"东村": "answered"}


def test_the_same_key_arrives_four_times_at_once(town: Town) -> None:
    town.warn(over=IN_EAST)
    town.tick(minutes=10)
    world = town.world
    key = town.voice.callback("keys", town.voice.outbox[0].token, key="1")
    at_once([lambda: receive.receive(world, key, town.now)] * 4)
    assert len(town.answers()) == 1


def test_the_same_text_is_delivered_four_times_at_once(town: Town) -> None:
    town.warn(over=IN_EAST)
    world = town.world
    text = town.sms.callback("inbound", phone=EAST_LEADER, text="2", ref="SM1")
    at_once([lambda: receive.receive(world, text, town.now)] * 4)
    assert len(town.answers()) == len(town.help_requests()) == 1
    assert town.unmatched() == ["inbound"] * 3  # kept, and about nothing


def test_four_clicks_are_one_broadcast(town: Town) -> None:
    world = town.world
    started = at_once(
        [
            lambda: desk.start_notice(
                world, text="甲。", codes=[EAST], user="wang", mode="live", key="k", now=town.now
            )
        ]
        * 4
    )
    assert len({one for one, _ in started}) == 1
    town.tick()
    assert len(town.sms.outbox) == 2


def test_an_answer_while_the_next_call_is_being_sent(town: Town) -> None:
    """Whatever comes first, nobody is rung a second time after the answer was taken."""
    town.settle_in([(EAST_LEADER, "branch_leader", EAST)])
    town.warn(over=IN_EAST)
    town.tick(minutes=10)
    first = town.voice.callback("keys", town.voice.outbox[0].token, key="1")
    town.report(town.voice, EAST_LEADER, "busy")
    town.climb(minutes=3)
    world = town.world
    at_once(
        [
            lambda: receive.receive(world, first, town.now).status,
            lambda: send.send_due(world, "voice", "live", town.now),
        ]
    )
    assert town.states() == {"东村": "answered"}
    town.tick(minutes=30)
    assert len(town.voice.outbox) <= 2
