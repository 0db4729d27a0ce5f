"""What could not be read is kept as it came, and can be read again by a newer program."""

import pytest

from alertcast.dispatch import reread
from alertcast.dispatch.reread import Reread, SourceGone
from alertcast.sources.signed import SignedSettings
from alertcast.store import quarantine, witnesses
from alertcast.store.crypto import DataKeyError, Vault, new_key
from alertcast.store.quarantine import PutAside, ReasonFacts
from tests.stories.published import Warned, cap, info
from tests.stories.town import EAST_LEADER, IN_EAST, IN_WEST, Town, phones

OLD_PROGRAM = [
    ReasonFacts(item=0, code="unknown", kind="error", where="info", message="not understood")
]


def document(town: Town, number: int = 1) -> str:
    warned = Warned(f"4412244160000{number}_20261226172001", town.now)
    return cap(warned, info(town.now, IN_EAST, "orange"))


def put_aside(town: Town, raw: str | bytes, source: str = "inbox") -> int:
    """Put a document aside as an older program did, which could not read it."""
    with town.db.write() as tx:
        quarantine.put_aside(
            tx,
            town.db.vault,
            source=source,
            location="inbox/0001.xml",
            raw=raw if isinstance(raw, bytes) else raw.encode(),
            reasons=OLD_PROGRAM,
            now=town.now,
        )
    return aside(town)[0]["id"]


def aside(town: Town, *, with_settled: bool = False) -> list[PutAside]:
    with town.db.read() as tx:
        return quarantine.listed(tx, with_settled=with_settled)


def again(town: Town, quarantine_id: int) -> Reread:
    found = reread.reread(town.world, quarantine_id, "wang", town.now)
    assert found is not None
    town.tick()
    return found


def test_what_can_be_read_now_is_told(town: Town) -> None:
    found = again(town, put_aside(town, document(town)))
    assert (len(found.new), found.left) == (1, ())
    assert EAST_LEADER in phones(town.sms)
    assert aside(town) == []
    (settled,) = aside(town, with_settled=True)
    assert settled["reasons"] == OLD_PROGRAM  # why it was put aside stays on record
    assert ("wang", "reread") in town.audited()


def test_read_twice_nobody_is_told_twice(town: Town) -> None:
    kept = put_aside(town, document(town))
    first = again(town, kept)
    told = len(town.sms.outbox)
    second = again(town, kept)
    assert (second.new, second.known) == ((), first.new)
    assert len(town.sms.outbox) == told


def test_what_still_can_not_be_read_stays_with_the_new_reasons(town: Town) -> None:
    town.publish("<alert>")
    (before,) = aside(town)
    found = again(town, before["id"])
    assert found.new == ()
    assert [one["code"] for one in found.left] == [one["code"] for one in before["reasons"]]
    (after,) = aside(town)
    assert (after["settled_at"], after["retried_at"]) == (None, town.now)


def test_killed_before_the_commit_nothing_has_happened(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = put_aside(town, document(town))

    def killed(*_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as dying:
        dying.setattr(quarantine, "retried", killed)
        with pytest.raises(SystemExit):
            reread.reread(town.world, kept, "wang", town.now)
    town.tick()
    assert phones(town.sms) == []
    assert len(again(town, kept).new) == 1
    assert EAST_LEADER in phones(town.sms)


def test_every_bad_item_of_a_document_has_its_reason(town: Town) -> None:
    good = document(town)
    body = good[good.index("<alert") :]
    bad = '<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>X</identifier></alert>'
    entries = "".join(f"<entry><content>{one}</content></entry>" for one in (bad, body, bad))
    feed = f'<feed xmlns="http://www.w3.org/2005/Atom">{entries}</feed>'
    taken = town.publish(feed)
    assert (len(taken.new), taken.refused) == (1, 2)
    (one,) = aside(town)
    assert {reason["item"] for reason in one["reasons"]} == {0, 2}


def test_one_sealed_with_another_key_says_so_and_stays(town: Town) -> None:
    with town.db.write() as tx:
        quarantine.put_aside(
            tx,
            Vault.from_text(new_key()),
            source="inbox",
            location="",
            raw=document(town).encode(),
            reasons=OLD_PROGRAM,
            now=town.now,
        )
    (kept,) = aside(town)
    with pytest.raises(DataKeyError):
        reread.reread(town.world, kept["id"], "wang", town.now)
    assert len(aside(town)) == 1


def test_one_whose_source_is_gone_is_not_read_by_the_rules_of_nobody(town: Town) -> None:
    """A forgery that its source's certificates refused would be believed without them."""
    kept = put_aside(town, document(town), "observatory")
    with pytest.raises(
        SourceGone, match=r"'observatory' is not configured.*\[sources.observatory\]"
    ):
        reread.reread(town.world, kept, "wang", town.now)
    town.tick()
    assert (town.count(), phones(town.sms)) == (0, [])
    (one,) = aside(town)
    assert (one["retried_at"], one["settled_at"]) == (None, None)
    assert town.audited() == []
    town.signed["observatory"] = SignedSettings()
    assert len(again(town, kept).new) == 1
    assert aside(town) == []


def test_a_document_nobody_knows_is_none(town: Town) -> None:
    assert reread.reread(town.world, 99, "wang", town.now) is None


def test_what_no_column_holds_is_put_aside_all_the_same(town: Town) -> None:
    reason = {**OLD_PROGRAM[0], "message": "half a \ud800 and a \0"}
    with town.db.write() as tx:
        quarantine.put_aside(
            tx,
            town.db.vault,
            source="inbox",
            location="a\0b",
            raw=b"\0\xff",
            reasons=[ReasonFacts(**reason)],
            now=town.now,
            content_type="x" * 500,
            title="\ud800",
        )
    (kept,) = aside(town)
    assert kept["location"] == "a\ufffdb"
    with town.db.read() as tx:
        row = quarantine.row_of(tx, kept["id"])
        assert row is not None
        assert witnesses.opened(town.db.vault, row["raw"]) == b"\0\xff"


def test_the_same_bytes_are_put_aside_once(town: Town) -> None:
    put_aside(town, b"?")
    put_aside(town, b"?")
    put_aside(town, b"?", "other")
    assert [one["source"] for one in aside(town)] == ["other", "inbox"]


def test_a_retry_is_a_witness_of_its_source(town: Town) -> None:
    warned = town.warn(IN_WEST)
    kept = cap(warned, info(town.now, IN_WEST, "orange"))
    found = again(town, put_aside(town, kept, "second"))
    (alert_id,) = found.known
    with town.db.read() as tx:
        assert [one["source"] for one in witnesses.of_alert(tx, alert_id)] == ["inbox", "second"]
