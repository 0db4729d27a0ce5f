"""Who says what of one alert: each receipt of it, where sources disagree, who still lists it."""

import base64
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TypedDict

from sqlalchemy import and_, delete, exists, func, insert, select, update

from alertcast.core.national_id import NationalId
from alertcast.core.signature import UNSIGNED, Signature, Verdict
from alertcast.core.watch import Finding
from alertcast.core.witness import Difference
from alertcast.store.crypto import Vault
from alertcast.store.db import Tx
from alertcast.store.schema import alert, dissent, sighting, source_state, witness

GONE_AFTER = 3
"""Good polls of a list without an alert after which it seems to have been withdrawn."""


class WitnessFacts(TypedDict):
    """One source that has an alert, and since when."""

    source: str
    since: datetime
    receipts: int  # different texts of it
    signature: str  # core.signature.Verdict of the last of them
    signer: str  # whose certificate it is, or what is wrong
    missed: int  # good polls in a row that did not list it; 0 for a source that is no list


class DissentFacts(TypedDict):
    """One contradiction."""

    id: int
    source: str
    what: str  # core.witness.Difference.what
    kept: str
    said: str
    seen_at: datetime
    noted_at: datetime | None  # an officer has looked at it
    noted_by: str | None


def add(
    tx: Tx,
    vault: Vault,
    alert_id: int,
    *,
    source: str,
    raw: bytes,
    content_type: str,
    now: datetime,
    signature: Signature = UNSIGNED,
) -> None:
    """Keep what `source` sent; the same bytes a second time can only be verified after all."""
    digest = hashlib.sha256(raw).hexdigest()
    this = and_(
        witness.c.alert_id == alert_id, witness.c.source == source, witness.c.sha256 == digest
    )
    verdict = {"signature": signature.verdict.value, "signer": signature.detail}
    if tx.execute(select(witness.c.id).where(this)).first() is None:
        tx.execute(
            insert(witness).values(
                alert_id=alert_id,
                source=source,
                sha256=digest,
                raw=sealed(vault, raw),
                content_type=content_type,
                received_at=now,
                **verdict,
            )
        )
    elif signature.verdict is Verdict.VERIFIED:
        tx.execute(update(witness).where(this).values(**verdict))


def sealed(vault: Vault, raw: bytes) -> bytes:
    """Return a document as it is kept: it may name a forecaster."""
    return vault.seal(base64.b64encode(raw).decode())


def opened(vault: Vault, kept: bytes) -> bytes:
    """Return a document as it arrived; raises DataKeyError."""
    return base64.b64decode(vault.open(kept))


def of_alert(tx: Tx, alert_id: int) -> list[WitnessFacts]:
    """Return the sources of an alert, the first one first."""
    first = func.min(witness.c.received_at)
    rows = (
        select(witness.c.source, first.label("since"), func.count().label("receipts"))
        .where(witness.c.alert_id == alert_id)
        .group_by(witness.c.source)
        .order_by(first, witness.c.source)
    )
    listed = select(sighting.c.source, sighting.c.missed).where(sighting.c.alert_id == alert_id)
    judged = select(witness.c.source, witness.c.signature, witness.c.signer)
    judged = judged.where(witness.c.alert_id == alert_id).order_by(witness.c.received_at)
    verdicts = {row.source: (row.signature, row.signer) for row in tx.execute(judged)}
    missed = {row.source: int(row.missed) for row in tx.execute(listed)}
    return [
        WitnessFacts(
            source=row.source,
            since=row.since,
            receipts=row.receipts,
            missed=missed.get(row.source, 0),
            signature=verdicts[row.source][0],
            signer=verdicts[row.source][1],
        )
        for row in tx.execute(rows)
    ]


def differ(
    tx: Tx, alert_id: int, source: str, found: Iterable[Difference], now: datetime
) -> list[str]:
    """Keep in what `source` contradicts; return in what it did not before.

    It stays written down when the source changes its mind: somebody may have been told by then.
    """
    here = dissent.c.alert_id == alert_id, dissent.c.source == source
    known = {row.what: row for row in tx.execute(select(dissent).where(*here))}
    new = []
    for one in found:
        before = known.pop(one.what, None)
        if before is not None and before.said == one.said:
            continue
        if before is not None:
            tx.execute(delete(dissent).where(*here, dissent.c.what == one.what))
        new.append(one.what)
        values = {"what": one.what, "kept": one.kept, "said": one.said, "seen_at": now}
        tx.execute(insert(dissent).values(alert_id=alert_id, source=source, **values))
    return new


def dissents(tx: Tx, alert_id: int) -> list[DissentFacts]:
    """Return in what the sources of an alert contradict each other."""
    rows = select(dissent).where(dissent.c.alert_id == alert_id)
    return [
        DissentFacts(
            id=row.id,
            source=row.source,
            what=row.what,
            kept=row.kept,
            said=row.said,
            seen_at=row.seen_at,
            noted_at=row.noted_at,
            noted_by=row.noted_by,
        )
        for row in tx.execute(rows.order_by(dissent.c.seen_at, dissent.c.id))
    ]


def note(tx: Tx, alert_id: int, until: int, user: str, now: datetime) -> list[str]:
    """Write down that an officer has looked at what contradicts an alert, up to the id `until`.

    Return it, each as "source what"; what was noted before is not among it.
    """
    here = dissent.c.alert_id == alert_id, dissent.c.id <= until, dissent.c.noted_at.is_(None)
    rows = select(dissent).where(*here).order_by(dissent.c.id).with_for_update()
    noted = [f"{row.source} {row.what}" for row in tx.execute(rows)]
    tx.execute(update(dissent).where(*here).values(noted_at=now, noted_by=user))
    return noted


def look(tx: Tx, source: str, listed: frozenset[str], now: datetime) -> None:
    """Write down which alerts in force a good poll of a list has named, and which no more."""
    names = {_name(identifier) for identifier in listed}
    held = select(alert.c.id, alert.c.key, alert.c.identifier).where(alert.c.standing == "in_force")
    rows = tx.execute(held).all()
    here = {row.id for row in rows if row.key in names or row.identifier in names}
    seen = select(sighting.c.alert_id, sighting.c.missed).where(
        sighting.c.source == source, sighting.c.alert_id.in_([row.id for row in rows])
    )
    known = {row.alert_id: int(row.missed) for row in tx.execute(seen)}
    for alert_id in here - known.keys():
        tx.execute(insert(sighting).values(alert_id=alert_id, source=source, missed=0))
    back = [alert_id for alert_id in here if known.get(alert_id)]
    gone = [alert_id for alert_id in known if alert_id not in here]
    _set(tx, source, back, {"missed": 0, "since": None})
    since = func.coalesce(sighting.c.since, now)
    _set(tx, source, gone, {"missed": sighting.c.missed + 1, "since": since})


def withdrawn(tx: Tx) -> Iterator[Finding]:
    """Yield the warnings in force that a list names no more, and no other list that answers.

    That is no official end: nobody is told of it.
    """
    other = sighting.alias()
    still = (
        exists()
        .where(other.c.alert_id == alert.c.id, other.c.missed == 0)
        .where(source_state.c.name == other.c.source, source_state.c.outcome != "failed")
    )
    rows = (
        select(alert.c.id, func.max(sighting.c.missed), func.min(sighting.c.since))
        .join(sighting, sighting.c.alert_id == alert.c.id)
        .where(alert.c.standing == "in_force", alert.c.status == "Actual")
        .where(sighting.c.missed >= GONE_AFTER, ~still)
        .group_by(alert.c.id)
        .order_by(alert.c.id)
    )
    for alert_id, missed, since in tx.execute(rows):
        yield Finding("withdrawn", str(alert_id), count=int(missed), since=since)


def contradicted(tx: Tx, after: datetime) -> Iterator[Finding]:
    """Yield the alerts of which sources said different things after `after`, if nobody noted it."""
    rows = (
        select(dissent.c.alert_id, func.count(), func.min(dissent.c.seen_at))
        .where(dissent.c.seen_at > after, dissent.c.noted_at.is_(None))
        .group_by(dissent.c.alert_id)
        .order_by(dissent.c.alert_id)
    )
    for alert_id, count, since in tx.execute(rows):
        yield Finding("dissent", str(alert_id), count=int(count), since=since)


def lacking(
    tx: Tx, source: str, region: Sequence[str], after: datetime, before: datetime
) -> Iterator[Finding]:
    """Yield `source` if it answers and lacks what others brought between `after` and `before`.

    Meant are warnings in force of China that concern `region`, none if it is empty: a mirror may
    stall in silence.
    """
    answers = exists().where(source_state.c.name == source, source_state.c.outcome != "failed")
    has = exists().where(witness.c.alert_id == alert.c.id, witness.c.source == source)
    rows = (
        select(alert.c.key, alert.c.received_at)
        .where(alert.c.standing == "in_force", alert.c.status == "Actual")
        .where(alert.c.received_at > after, alert.c.received_at < before, answers, ~has)
        .order_by(alert.c.received_at)
    )
    keys = [(NationalId.read(row.key), row.received_at) for row in tx.execute(rows)]
    found = [at for key, at in keys if key is not None and key.concerns(region)]
    if found:
        yield Finding("stalled", source, count=len(found), since=found[0])


def _set(tx: Tx, source: str, ids: Sequence[int], values: dict[str, object]) -> None:
    if ids:
        mine = and_(sighting.c.source == source, sighting.c.alert_id.in_(ids))
        tx.execute(update(sighting).where(mine).values(**values))


def _name(identifier: str) -> str:
    national = NationalId.read(identifier)
    return national.text if national else identifier
