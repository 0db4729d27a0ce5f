"""What should happen by itself and does not is found: overdue steps, messages, leases, silence."""

from datetime import timedelta
from threading import Event

import pytest
from sqlalchemy import update

from alertcast.channels.abilities import Pulled
from alertcast.channels.base import ChannelError
from alertcast.channels.memory import MemoryChannel
from alertcast.core.watch import CALL_LIST, RECEIPTS, TICK, WATCH, Finding, is_well
from alertcast.dispatch import claim
from alertcast.dispatch.examine import examine
from alertcast.dispatch.watch import Pulse, Watch, expected, look
from alertcast.scheduler import Scheduler, tick
from alertcast.store import pulses
from alertcast.store.schema import broadcast, callout
from tests.stories.published import Warned, cap, info
from tests.stories.seen import EAST
from tests.stories.town import EAST_LEADER, IN_EAST, IN_WEST, Town

WORKERS = ["send sms live", "send voice live"]


def found(town: Town) -> list[Finding]:
    with town.db.read() as tx:
        return look(town.world, tx, town.now)


def kinds(town: Town) -> list[str]:
    return [one.what for one in found(town)]


def alive(town: Town) -> Pulse:
    pulse = Pulse(town.db, "here:1")
    pulse.begin(expected(town.world))
    return pulse


def test_nothing_is_found_while_all_goes_well(town: Town) -> None:
    town.settle_in([(EAST_LEADER, "branch_leader", EAST)])
    town.warn(over=IN_EAST)
    assert found(town) == []
    town.tick(minutes=15)
    town.press_1(EAST_LEADER)
    town.tick(minutes=120)
    assert found(town) == []


def test_a_ladder_that_nobody_climbs_is_found(town: Town) -> None:
    town.warn(over=IN_EAST)
    due = town.now + timedelta(minutes=10)
    town.now = due + timedelta(minutes=2)
    assert found(town) == []
    town.now += timedelta(seconds=1)
    assert found(town) == [Finding("step", count=1, since=due)]
    town.tick()
    assert found(town) == []


def test_a_ladder_without_a_next_step_is_found(town: Town) -> None:
    town.warn(over=IN_EAST)
    with town.db.write() as tx:
        tx.execute(update(callout).values(next_step_at=None))
    town.now += timedelta(minutes=3)
    assert kinds(town) == ["step"]


def test_a_stopped_ladder_is_not_missed(town: Town) -> None:
    town.warn(over=IN_EAST)
    town.stop()
    town.now += timedelta(hours=1)
    assert found(town) == []


def test_a_broadcast_that_does_not_begin_after_its_undo_window_is_found(town: Town) -> None:
    town.configure(dispatch={"undo": "5m"})
    town.notice("检查驿站", EAST)
    town.now += timedelta(minutes=6)
    assert found(town) == []
    town.now += timedelta(minutes=2)
    assert kinds(town) == ["step"]
    town.tick()
    assert found(town) == []


def test_a_downgrade_that_is_not_told_in_its_time_is_found(town: Town) -> None:
    town.tell_of_downgrades()
    town.warn(IN_EAST, "blue", replaces=town.warn(IN_EAST))
    due = town.now + timedelta(minutes=30)
    town.tick(minutes=15)  # the warning itself has come to its end
    town.now = due + timedelta(minutes=2)
    assert found(town) == []
    town.now += timedelta(seconds=1)
    assert found(town) == [Finding("step", count=1, since=due)]
    town.tick()
    assert found(town) == []


def test_an_alert_nobody_decides_on_is_found(town: Town) -> None:
    warned = Warned("44122441600000_20261226172001", town.now)
    town.keep(cap(warned, info(town.now, IN_EAST, "orange")))
    came = town.now
    town.now += timedelta(minutes=3)
    assert found(town) == [Finding("undecided", count=1, since=came)]


def test_messages_that_no_sender_claims_are_found(town: Town) -> None:
    town.climb_first(IN_EAST)
    due = town.now
    town.climb(minutes=5)
    assert found(town) == []
    town.now += timedelta(seconds=1)
    assert found(town) == [Finding("queue", count=2, since=due)]


def test_the_messages_of_a_stopped_broadcast_are_not(town: Town) -> None:
    town.climb_first(IN_EAST)
    town.stop()
    town.now += timedelta(minutes=8)
    assert found(town) == []


def test_a_lease_that_nobody_takes_back_is_found(town: Town) -> None:
    town.climb_first(IN_EAST)
    claim.claim(town.world, "sms", "live", town.now)
    town.db.ahead += timedelta(seconds=80)
    assert found(town) == []
    town.db.ahead += timedelta(seconds=12)
    assert [(one.what, one.count) for one in found(town)] == [("lease", 2)]
    tick(town.world, town.now)
    assert found(town) == []


def test_a_broadcast_in_which_nothing_happens_any_more_is_found(town: Town) -> None:
    town.warn(over=IN_EAST)
    town.tick(minutes=11)  # two calls ring, and no receipt ever comes
    with town.db.write() as tx:
        tx.execute(update(callout).values(state="unreached", ended_at=town.now))
    town.now += timedelta(minutes=14)
    assert found(town) == []
    town.now += timedelta(minutes=2)
    assert [(one.what, one.subject) for one in found(town)] == [("still", str(town.last))]
    with town.db.write() as tx:
        tx.execute(update(broadcast).values(state="closed"))
    assert found(town) == []


@pytest.mark.parametrize("what", [TICK, WATCH, RECEIPTS, *WORKERS])
def test_whoever_falls_silent_is_found(town: Town, what: str) -> None:
    alive(town)
    assert found(town) == []
    town.db.ahead += timedelta(seconds=91)
    with town.db.write() as tx:
        others = [one for one in expected(town.world) if one != what]
        pulses.write(tx, "there:2", others, town.db.real_now(tx))
    (missed,) = found(town)
    kind, _, subject = what.partition(" ")
    assert (missed.what, missed.subject) == ("worker" if subject else kind, subject)
    assert not is_well([missed])


def test_another_process_that_does_the_same_is_enough(town: Town) -> None:
    alive(town)
    town.db.ahead += timedelta(minutes=5)
    with town.db.write() as tx:
        pulses.write(tx, "there:2", expected(town.world), town.db.real_now(tx))
    assert found(town) == []


def test_senders_that_were_never_started_are_missed_at_once(town: Town) -> None:
    Pulse(town.db, "here:1").begin([TICK, WATCH, RECEIPTS, CALL_LIST])
    assert [one.subject for one in found(town)] == ["sms live", "voice live"]


def test_an_installation_that_was_never_started_misses_nothing(town: Town) -> None:
    assert found(town) == []


def test_a_silent_feed_is_found_by_its_own_interval(town: Town) -> None:
    town.configure(
        sources={"swic": {"type": "feed", "every": "60s"}, "slow": {"type": "feed", "every": "1h"}}
    )
    pulse = alive(town)
    town.db.ahead += timedelta(minutes=11)
    for what in expected(town.world):
        if not what.startswith("feed"):
            pulse.write(what)
    assert [(one.what, one.subject) for one in found(town)] == [("feed", "swic")]


class Asked(MemoryChannel):
    """A provider that calls nobody: its receipts are fetched, if it likes the key."""

    pull_every = timedelta(seconds=30)

    def __init__(self) -> None:
        super().__init__("voice", "voice")
        self.asked, self.takes_key = Event(), True

    def pull(self, cursor: str | None) -> Pulled:
        self.asked.set()
        if not self.takes_key:
            raise ChannelError("HTTP 401", retryable=False)
        return Pulled()

    def acknowledge(self, pulled: Pulled) -> None:
        """Nothing was fetched."""


def let_time_pass(town: Town, channel: Asked) -> None:
    """Run a scheduler until it has asked the provider once."""
    channel.asked.clear()
    pulse = Pulse(town.db, "here:1")
    scheduler = Scheduler(town.world, {}, lambda: town.now, lambda _: None, pulse=pulse)
    scheduler.start()
    try:
        assert channel.asked.wait(20)
    finally:
        scheduler.stop()


def test_receipts_that_can_not_be_fetched_are_found(town: Town) -> None:
    channel = Asked()
    town.channels = [town.sms, channel]
    alive(town)
    channel.takes_key = False
    for _ in range(2):
        town.db.ahead += timedelta(seconds=50)
        let_time_pass(town, channel)
    (missed,) = (one for one in found(town) if one.what == "pull")
    assert missed.subject == "voice"
    assert not is_well([missed])
    with town.db.read() as tx:
        assert ("pull", "voice") in [(a.key, a.subject) for a in examine(town.world, tx, town.now)]
    channel.takes_key = True
    let_time_pass(town, channel)
    assert "pull" not in kinds(town)


def test_the_watch_finds_one_thing_once_and_has_a_pulse(town: Town) -> None:
    pulse = alive(town)
    watch = Watch(town.world, pulse)
    town.warn(over=IN_WEST)
    town.now += timedelta(minutes=13)
    assert [one.what for one in watch.run(town.now)] == ["step"]
    with town.db.read() as tx:
        assert WATCH in pulses.latest(tx, town.db.real_now(tx))


def test_pulses_of_processes_long_gone_are_forgotten_but_the_last_of_a_kind(town: Town) -> None:
    Pulse(town.db, "old:1").begin([TICK, WORKERS[0]])
    town.db.ahead += timedelta(days=2)
    Pulse(town.db, "new:2").begin([TICK])
    assert {one.what for one in found(town)} == {"worker", "watch", "receipts", CALL_LIST}
    with town.db.read() as tx:
        last = pulses.latest(tx, town.db.real_now(tx))
        assert last[WORKERS[0]] < town.db.real_now(tx) - timedelta(days=1)


def test_pulses_of_the_future_are_silence_until_somebody_is_felt_again(town: Town) -> None:
    pulse = alive(town)
    town.db.ahead -= timedelta(hours=1)
    assert {"tick", "watch", "receipts", "worker"} <= {one.what for one in found(town)}
    for what in expected(town.world):
        pulse.write(what)
    assert found(town) == []


def test_who_died_before_the_clock_was_set_back_hides_nobody(town: Town) -> None:
    Pulse(town.db, "old:1").begin(expected(town.world))
    town.db.ahead -= timedelta(hours=1)
    Pulse(town.db, "new:2").begin(expected(town.world))
    assert found(town) == []
    town.db.ahead += timedelta(minutes=3)
    assert {"tick", "watch", "receipts", "worker"} <= {one.what for one in found(town)}
