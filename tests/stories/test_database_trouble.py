"""The database is locked, away or full: nothing leaves that is not on disk, and nothing is lost."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import OperationalError

from alertcast.channels.base import Outcome, Request, Sent
from alertcast.dispatch import pull, receive, send
from alertcast.dispatch.claim import claim
from alertcast.store.db import TROUBLE
from alertcast.store.schema import broadcast, receipt
from tests.databases import MovableDatabase, database, out_of_reach
from tests.stories.seen import EAST, WEST
from tests.stories.town import (
    EAST_LEADER,
    EAST_SECRETARY,
    IN_EAST,
    IN_WEST,
    WEST_LEADER,
    Town,
    phones,
)

MANY = [f"+861380001{number:04d}" for number in range(150)]


@contextmanager
def full(db: MovableDatabase) -> Iterator[None]:
    """Let SQLite find no room for another page, and none within those it has."""
    with db.write() as tx:
        tx.execute(text("CREATE TABLE filler (filling BLOB)"))
    with db.write() as tx:
        tx.execute(text("PRAGMA max_page_count = 1"))  # never less than there are
    for size in (4000, 400, 40):
        with pytest.raises(OperationalError, match="full"):
            while True:
                with db.write() as tx:
                    tx.execute(text(f"INSERT INTO filler VALUES (zeroblob({size}))"))
    yield
    with db.write() as tx:
        tx.execute(text("PRAGMA max_page_count = 1000000"))


def test_what_can_not_be_written_down_first_does_not_leave(town: Town) -> None:
    town.climb_first(IN_EAST)
    with out_of_reach(town.db) as gone, pytest.raises(TROUBLE):
        send.send_due(replace(town.world, db=gone), "sms", "live", town.now)
    assert town.sms.outbox == []
    assert town.messages(EAST_LEADER) == [("sms", "queued", None)]
    town.tick()
    assert sorted(phones(town.sms)) == [EAST_LEADER, EAST_SECRETARY]


def test_an_answer_that_could_not_be_recorded_is_asked_for_and_nobody_is_rung_twice(
    town: Town,
) -> None:
    town.settle_in([(EAST_LEADER, "branch_leader", EAST)])
    town.warn(over=IN_EAST)
    town.climb(minutes=10)
    (held,) = claim(town.world, "voice", "live", town.now)
    sent = town.voice.send([held.request])
    with out_of_reach(town.db) as gone, pytest.raises(TROUBLE):
        send.record(replace(town.world, db=gone), [held], sent, town.now)
    town.rest(seconds=61)
    assert town.requests(EAST_LEADER, "voice") == ["accepted"]
    assert phones(town.voice) == [EAST_LEADER]


def test_on_a_full_disk_nothing_leaves_and_when_there_is_room_everything_does(
    tmp_path: Path,
) -> None:
    """PostgreSQL says the same of its own disk (53100); it can not be filled from here."""
    with database("sqlite", tmp_path) as db:
        town = Town(db, tmp_path)
        town.settle_in([(phone, "branch_leader", EAST) for phone in MANY])
        town.climb_first(IN_EAST)
        with full(db), pytest.raises(OperationalError, match="full"):
            while send.send_due(town.world, "sms", "live", town.now):
                pass
        assert town.sms.outbox == []
        town.tick()
        assert sorted(phones(town.sms)) == MANY


def test_a_burst_of_receipts_is_kept_at_once_and_applied_in_batches(town: Town) -> None:
    town.settle_in([(phone, "branch_leader", EAST) for phone in MANY])
    town.warn(over=IN_EAST)
    for request in town.sms.outbox:
        for word in ("queued", "sent", "sent", "delivered"):
            callback = town.sms.callback("status", request.token, word=word)
            assert receive.receive(town.world, callback, town.now).status == 204
    assert {town.messages(phone)[0][1] for phone in MANY} == {"underway"}
    batches = []
    while done := receive.apply_kept(town.world, town.now):
        batches.append(done)
    assert batches == [receive.BATCH, 4 * len(MANY) - receive.BATCH]
    assert {town.messages(phone)[0][1] for phone in MANY} == {"delivered"}


def test_one_receipt_that_can_not_be_applied_holds_up_no_other(town: Town) -> None:
    town.warn(over=IN_EAST)
    for request in town.sms.outbox:
        callback = town.sms.callback("status", request.token, word="delivered")
        receive.receive(town.world, callback, town.now)
    spoilt, other = (request.phone for request in town.sms.outbox)
    with town.db.write() as tx:
        first = update(receipt).where(receipt.c.token == town.sms.outbox[0].token)
        tx.execute(first.values(state="no such state"))
    town.tick()
    assert town.messages(other) == [("sms", "delivered", None)]
    assert town.messages(spoilt) == [("sms", "underway", None)]
    town.report(town.sms, spoilt, "delivered")
    assert town.messages(spoilt) == [("sms", "delivered", None)]


def test_trouble_that_passes_spoils_no_receipt(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.warn(over=IN_EAST)
    spoilt, good = (one.token for one in town.sms.outbox[:2])
    for token in (spoilt, good):
        receive.receive(town.world, town.sms.callback("status", token, word="delivered"), town.now)
    real, troubled = receive._effects, []

    def effects(world, tx, kept, now):
        if any(one.token == spoilt for one in kept):
            raise ValueError
        if not troubled:
            troubled.append(kept)
            raise OperationalError("", {}, Exception("database is locked"))
        return real(world, tx, kept, now)

    monkeypatch.setattr(receive, "_effects", effects)
    with pytest.raises(OperationalError):
        receive.apply_kept(town.world, town.now)
    while receive.apply_kept(town.world, town.now):
        pass
    with town.db.read() as tx:
        kept = {row.token: row.effect for row in tx.execute(receipt.select())}
    assert (kept[spoilt], kept[good]) == ("broken", "applied")


def test_one_early_key_that_can_not_be_applied_holds_up_no_other(town: Town) -> None:
    def made_and_lost(request: Request) -> Sent:
        town.voice.accept(request)
        return Sent(request.token, Outcome.UNKNOWN)

    town.settle_in([(EAST_LEADER, "branch_leader", EAST), (WEST_LEADER, "branch_leader", WEST)])
    town.voice.answers.extend([made_and_lost] * 2)
    town.warn(over=IN_EAST, level="red")
    town.warn(over=IN_WEST, level="red")
    for request in reversed(town.voice.outbox):  # reported under the carrier's own name alone
        ref = str(town.voice.held[request.token].provider_ref)
        receive.receive(town.world, town.voice.callback("keys", key="1", ref=ref), town.now)
    whole = town.broadcast().policies
    town.break_policies()
    town.rest()
    assert pull.apply_early(town.world, town.now) == 1
    assert (town.states(1), town.states(2)) == ({"东村": "answered"}, {"西村": "open"})
    with town.db.write() as tx:
        tx.execute(update(broadcast).where(broadcast.c.id == 2).values(policies=whole))
    assert pull.apply_early(town.world, town.now) == 1
    assert town.states(2) == {"西村": "answered"}
