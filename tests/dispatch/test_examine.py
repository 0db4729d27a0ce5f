"""The doctor finds what is stuck, and says since when and what to do in both languages."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from alertcast.channels.base import Outcome, Request, Sent
from alertcast.core.watch import CALL_LIST, KINDS, RECEIPTS, TICK, WATCH, worker
from alertcast.dispatch import claim, receive
from alertcast.dispatch.advice import WORDS, Advice, advise
from alertcast.dispatch.examine import LEAST_FREE, clocks, disk, examine
from alertcast.simulator.faults import Fault
from alertcast.store import channels, pulses, users
from alertcast.store.backup import back_up
from alertcast.store.restore import restore
from tests.databases import KINDS as DATABASES
from tests.databases import database
from tests.stories import publishers
from tests.stories.town import EAST_LEADER, EVENING, EVERYBODY, IN_EAST, Town


@pytest.fixture(params=DATABASES)
def town(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Town]:
    """The town with an officer, and everybody at work."""
    with database(request.param, tmp_path) as db:
        found = Town(db, tmp_path)
        with db.write() as tx:
            users.add(tx, "wang", "hash", "officer", "", EVENING)
        at_work(found)
        yield found


PARTS = (TICK, WATCH, RECEIPTS, CALL_LIST)


def at_work(town: Town) -> None:
    everybody = [*PARTS, worker("sms", "live"), worker("voice", "live")]
    with town.db.write() as tx:
        pulses.write(tx, "here:1", everybody, town.db.real_now(tx))


def found(town: Town) -> dict[str, Advice]:
    with town.db.read() as tx:
        return {
            f"{one.key} {one.subject}".strip(): one for one in examine(town.world, tx, town.now)
        }


def lost(request: Request) -> Sent:
    return Sent(request.token, Outcome.UNKNOWN)


def test_all_is_well_in_the_middle_of_a_warning(town: Town) -> None:
    assert found(town) == {}
    town.warn(over=IN_EAST, level="red")
    town.press_1(EAST_LEADER)
    town.tick(minutes=2)
    at_work(town)
    assert found(town) == {}


def test_an_old_message_and_the_channel_that_keeps_it(town: Town) -> None:
    with town.db.write() as tx:
        channels.stop(tx, "sms", "account")
    town.warn(over=IN_EAST)
    town.now += timedelta(minutes=6)
    at_work(town)
    here = found(town)
    assert here["overdue"].count == 2
    assert here["overdue"].since == EVENING
    assert "停用" in here["stopped sms"].what.zh
    assert "Mended" in here["stopped sms"].todo.en


def test_a_ladder_that_nobody_climbs(town: Town) -> None:
    town.warn(over=IN_EAST)
    town.now += timedelta(minutes=20)
    here = found(town)["step"]
    assert (here.count, here.since) == (1, EVENING + timedelta(minutes=10))


def test_a_sender_that_died(town: Town) -> None:
    town.climb_first(IN_EAST)
    assert claim.claim(town.world, "sms", "live", town.now)
    town.db.ahead += timedelta(minutes=3)
    at_work(town)
    assert found(town)["lease"].count == 2


def test_an_outcome_that_asking_does_not_settle(town: Town) -> None:
    town.sms.answers.extend([lost, lost])
    town.warn(over=IN_EAST)
    town.sms.is_down = True
    town.rest(180)
    at_work(town)
    here = found(town)["unsure"]
    assert (here.count, here.since) == (2, EVENING)


def test_phones_that_no_channel_carries(town: Town) -> None:
    town.channels = []
    town.warn(over=IN_EAST)
    assert found(town)["manual"].count == 2


def test_a_quiet_source(town: Town) -> None:
    town.warn()
    publishers.simulator("inbox").faults.set(Fault("feed_error"))
    town.now += timedelta(minutes=1)
    for _ in range(2):
        town.poll()
    here = found(town)["source inbox"]
    assert (here.count, here.since) == (2, EVENING)


def test_receipts_that_are_not_applied_and_those_that_nobody_knows(town: Town) -> None:
    town.warn(over=IN_EAST)
    receive.receive(town.world, town.sms.callback("status", "none", word="delivered"), town.now)
    assert "receipts_waiting" not in found(town)
    town.now += timedelta(minutes=2)
    assert found(town)["receipts_waiting"].since == EVENING
    receive.apply_kept(town.world, town.now)
    assert found(town)["receipts_unmatched sms"].count == 1


def test_a_cry_for_help_comes_first(town: Town) -> None:
    town.warn(over=IN_EAST, level="red")
    with town.db.write() as tx:
        channels.count_forged(tx, "voice")
    town.press("2", EAST_LEADER)
    at_work(town)
    assert list(found(town)) == ["help", "forged voice"]


def test_who_asks_for_help_again_has_waited_since_the_first_time(town: Town) -> None:
    orange = town.warn(over=IN_EAST)
    town.tick(minutes=10)
    town.press("2", EAST_LEADER)
    first = town.now
    town.tick(minutes=10)
    town.warn(over=IN_EAST, level="red", replaces=orange)
    town.press("2", EAST_LEADER)
    assert (found(town)["help"].count, found(town)["help"].since) == (1, first)


def test_what_waits_for_a_human_after_a_restore(town: Town, tmp_path: Path) -> None:
    town.warn(over=IN_EAST)
    back_up(town.db, tmp_path / "night.backup", town.now)
    town.db.ahead += timedelta(minutes=5)
    restore(town.db, tmp_path / "night.backup", town.now, user="cli:li", force=True)
    assert {"held 1", "asleep"} <= found(town).keys()


def test_a_channel_that_reports_nothing(town: Town) -> None:
    with town.db.write() as tx:
        channels.slow(tx, "sms", town.db.real_now(tx))
    assert found(town)["slow sms"].since is not None


def test_nothing_runs_is_one_finding_and_not_one_for_each_part(town: Town) -> None:
    town.db.ahead += timedelta(minutes=5)
    assert list(found(town)) == ["asleep"]
    assert found(town)["asleep"].since is not None


def test_one_part_that_does_not_run_is_named(town: Town) -> None:
    town.db.ahead += timedelta(minutes=5)
    with town.db.write() as tx:
        still = [*PARTS, worker("sms", "live")]
        pulses.write(tx, "here:1", still, town.db.real_now(tx))
    assert list(found(town)) == ["worker voice live"]


def test_an_installation_without_anything(tmp_path: Path) -> None:
    with database("sqlite", tmp_path) as db:
        town = Town(db, tmp_path)
        town.forget_roster()
        assert {"roster", "users", "asleep"} <= found(town).keys()


def test_clocks_and_disk() -> None:
    assert clocks(EVENING, EVENING + timedelta(seconds=4)) == []
    (skew,) = clocks(EVENING, EVENING - timedelta(seconds=61))
    assert skew.count == 61
    assert disk(LEAST_FREE, "/var") == []
    (full,) = disk(LEAST_FREE - 1, "/var")
    assert full.what.en == "the disk is nearly full: /var 1000 MB"


def test_nobody_is_named(town: Town) -> None:
    town.channels = []
    town.warn(level="red")
    said = repr(list(found(town).values()))
    for phone, _, _ in EVERYBODY:
        assert phone[3:] not in said
        assert f"某{phone[-2:]}" not in said


@pytest.mark.parametrize("key", WORDS)
def test_every_finding_is_said_in_both_languages_with_the_same_slots(key: str) -> None:
    zh, en, todo_zh, todo_en = WORDS[key]
    assert re.search("[一-鿿]", zh)
    assert re.search("[一-鿿]", todo_zh)
    assert set(re.findall(r"\{\w+\}", zh)) == set(re.findall(r"\{\w+\}", en))
    assert not re.search(r"\{", todo_zh + todo_en)


def test_whatever_the_watch_finds_has_its_words() -> None:
    assert set(KINDS) <= set(WORDS)
    with pytest.raises(KeyError):
        advise("nothing of the kind")
