"""Alerts as they came, what was decided on them, and what their sources remember."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    and_,
    bindparam,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)

from alertcast.core.alert import Alert
from alertcast.core.signature import UNSIGNED, Signature
from alertcast.core.waiting import Waiting
from alertcast.core.witness import Body
from alertcast.store import alert_words, witnesses
from alertcast.store.crypto import Vault
from alertcast.store.db import Tx
from alertcast.store.events import PUT_ASIDE
from alertcast.store.schema import (
    alert,
    alert_event,
    area,
    broadcast_alert,
    callout,
    info,
    reach,
    sighting,
)


def keep(
    tx: Tx,
    vault: Vault,
    message: Alert,
    *,
    source: str,
    raw: bytes,
    content_type: str,
    now: datetime,
    expires: datetime | None,
    body: Body = Body.CAP,
    signature: Signature = UNSIGNED,
    is_trusted: bool = True,
) -> tuple[int, bool]:
    """Keep `message` and this source's witness of it; return its id and whether it was new.

    `body` says how much of it these words are. Twice is once: the same bytes from the same source
    change nothing. An alert that was not trusted, and now comes from a source that is, is new:
    these words are kept instead, and it is decided on again.
    """
    rows = select(alert.c.id, alert.c.is_trusted).where(alert.c.key == message.key)
    known = tx.execute(rows).first()
    is_new = known is None or (is_trusted and not known.is_trusted)
    if known is None:
        ours = {"key": message.key, "received_at": now, "standing": "in_force"}
        ours |= {"expires": expires, "body": body.value, "is_trusted": is_trusted}
        alert_id = alert_words.add(tx, message, ours)
    else:
        alert_id = int(known.id)
        if is_new:
            begin_anew(tx, alert_id, message, expires, body)
    witnesses.add(
        tx,
        vault,
        alert_id,
        source=source,
        raw=raw,
        content_type=content_type,
        now=now,
        signature=signature,
    )
    return alert_id, is_new


def enrich(tx: Tx, alert_id: int, message: Alert, expires: datetime | None, body: Body) -> None:
    """Keep the fuller words of `message` instead of those that came first; decisions stay."""
    alert_words.rewrite(tx, alert_id, message, {"expires": expires, "body": body.value})


def begin_anew(tx: Tx, alert_id: int, message: Alert, expires: datetime | None, body: Body) -> None:
    """Let the words of `message`, which are trusted, stand as if nothing had been decided on it."""
    enrich(tx, alert_id, message, expires, body)
    tx.execute(delete(reach).where(reach.c.alert_id == alert_id))
    undecided = {"decided_at": None, "decision": None, "why": None, "standing": "in_force"}
    values = undecided | {"is_trusted": True}
    tx.execute(update(alert).where(alert.c.id == alert_id).values(**values))


def load(tx: Tx, alert_id: int) -> Alert:
    """Return the alert with all its infos and areas, as it came."""
    return alert_words.read(tx, alert_id)


def facts(tx: Tx, alert_id: int, *, lock: bool = False) -> Mapping[Any, Any]:
    """Return the row of the alert: what we make of it, beside what it says.

    `lock` keeps others from deciding on it in this transaction.
    """
    rows = select(alert).where(alert.c.id == alert_id)
    return tx.execute(rows.with_for_update() if lock else rows).mappings().one()


def undecided(tx: Tx) -> list[Waiting]:
    """Return the alerts that nobody has decided on, in the order they were sent."""
    rows = tx.execute(_UNDECIDED).all()
    levels: dict[int, set[str | None]] = {}
    about: dict[int, set[str]] = {}
    for alert_id, of_info, of_area in tx.execute(_LEVELS) if rows else ():
        levels.setdefault(alert_id, set()).update((of_info, of_area))
    for alert_id, key in tx.execute(_EVENTS) if rows else ():
        about.setdefault(alert_id, set()).add(key)
    return [
        Waiting(
            row.id,
            row.identifier,
            row.sent,
            frozenset(filter(None, (one.get("identifier") for one in row.references))),
            frozenset(levels.get(row.id, ())),
            frozenset(about.get(row.id, ())),
        )
        for row in rows
    ]


_UNDECIDED = (
    select(alert.c.id, alert.c.identifier, alert.c.sent, alert.c.references)
    .where(alert.c.decided_at.is_(None))
    .order_by(alert.c.sent, alert.c.id)
)
_LEVELS = (
    select(info.c.alert_id, info.c.level, area.c.level)
    .join(alert, alert.c.id == info.c.alert_id)
    .outerjoin(area, area.c.info_id == info.c.id)
    .where(alert.c.decided_at.is_(None))
    .distinct()
)
_EVENTS = (
    select(alert_event.c.alert_id, alert_event.c.event)
    .join(alert, alert.c.id == alert_event.c.alert_id)
    .where(alert.c.decided_at.is_(None))
)


def arrived_with_others(tx: Tx, broadcast_ids: Iterable[int], since: datetime) -> set[int]:
    """Return those of the broadcasts that relay an alert which came with one not yet decided on.

    With: kept at the same moment, after `since`. Only of broadcasts that have told nobody yet; one
    that could not be decided on at the first try is not waited for.
    """
    other = alert.alias()
    fresh = (
        select(other.c.id)
        .where(other.c.received_at == alert.c.received_at, other.c.received_at > since)
        .where(other.c.decided_at.is_(None), other.c.decision.is_(None))
    )
    begun = select(callout.c.id).where(
        callout.c.broadcast_id == broadcast_alert.c.broadcast_id, callout.c.rung >= 0
    )
    rows = (
        select(broadcast_alert.c.broadcast_id)
        .join(alert, alert.c.id == broadcast_alert.c.alert_id)
        .where(broadcast_alert.c.broadcast_id.in_(list(broadcast_ids)))
        .where(fresh.exists(), ~begun.exists())
    )
    return set(tx.execute(rows).scalars())


def decide(
    tx: Tx, alert_id: int, *, decision: str, why: str, now: datetime, episode_id: int | None = None
) -> None:
    """Write down what was decided on an alert, and why, in one sentence."""
    values: dict[str, Any] = {"decision": decision, "why": why, "decided_at": now}
    if episode_id is not None:
        values["episode_id"] = episode_id
    tx.execute(update(alert).where(alert.c.id == alert_id).values(**values))


def fault(tx: Tx, alert_id: int, why: str) -> bool:
    """Write down why an alert could not be decided on so far; return whether that is new.

    It stays undecided.
    """
    undecided = and_(alert.c.id == alert_id, alert.c.decided_at.is_(None))
    is_new = and_(undecided, func.coalesce(alert.c.decision, "") != "fault")
    found = tx.execute(select(alert.c.id).where(is_new)).first() is not None
    tx.execute(update(alert).where(undecided).values(decision="fault", why=why))
    return found


def join(tx: Tx, alert_id: int, episode_id: int) -> None:
    """Let an alert belong to an episode, if it belongs to none."""
    alone = and_(alert.c.id == alert_id, alert.c.episode_id.is_(None))
    tx.execute(update(alert).where(alone).values(episode_id=episode_id))


def hold_on(tx: Tx, source: str, life: timedelta, now: datetime) -> None:
    """Let what a list of warnings in force still names hold for `life`, if nobody gives an end."""
    listed = select(sighting.c.alert_id).where(sighting.c.source == source, sighting.c.missed == 0)
    told = exists().where(info.c.alert_id == alert.c.id, info.c.expires.is_not(None))
    tx.execute(
        update(alert)
        .where(alert.c.id.in_(listed), alert.c.standing == "in_force", ~told)
        .where(alert.c.expires < now + life / 2)
        .values(expires=now + life)
    )


def end(tx: Tx, ids: Iterable[int], standing: str) -> None:
    """Say that the alerts `ids` no longer hold: "superseded", "ended" or "expired"."""
    tx.execute(
        update(alert)
        .where(alert.c.id.in_(list(ids)), alert.c.standing == "in_force")
        .values(standing=standing)
    )


def has_expired(tx: Tx, now: datetime) -> bool:
    """Say whether the time of any alert in force has run out."""
    return tx.execute(_EXPIRED, {"now": now}).first() is not None


def reinstate(tx: Tx, ids: Iterable[int], ended_by: Iterable[int] = ()) -> None:
    """Let the alerts `ids` hold again, also where `ended_by` ended them: it was a mistake."""
    chosen, ends = list(ids), list(ended_by)
    lifted = ("ended", "superseded") if ends else ("ended",)
    over = and_(alert.c.id.in_(chosen), alert.c.standing.in_(lifted))
    tx.execute(update(alert).where(over).values(standing="in_force"))
    here = and_(reach.c.alert_id.in_(chosen), reach.c.ended_by.in_(ends))
    tx.execute(update(reach).where(here).values(ended_by=None))


def expire(tx: Tx, now: datetime) -> int:
    """End the alerts whose time has run out; return how many. An expiry is never an all-clear."""
    due = and_(alert.c.standing == "in_force", alert.c.expires <= now)
    return tx.execute(update(alert).where(due).values(standing="expired")).rowcount


def episodes_running_out(tx: Tx, now: datetime) -> list[int]:
    """Return the ids of the episodes of the alerts whose time has run out, and that still hold."""
    due = and_(alert.c.standing == "in_force", alert.c.expires <= now)
    rows = select(alert.c.episode_id).where(due, alert.c.episode_id.is_not(None)).distinct()
    return sorted(tx.execute(rows).scalars())


def of_episode(tx: Tx, episode_id: int) -> Sequence[Mapping[Any, Any]]:
    """Return the rows of all alerts of an episode, the first that was sent first."""
    rows = select(alert).where(alert.c.episode_id == episode_id)
    return tx.execute(rows.order_by(alert.c.sent, alert.c.id)).mappings().all()


_EXPIRED = (
    select(alert.c.id)
    .where(alert.c.standing == "in_force", alert.c.expires <= bindparam("now"))
    .limit(1)
)


def in_force(tx: Tx) -> Sequence[Mapping[Any, Any]]:
    """Return the rows of the alerts in force that are real warnings, newest first."""
    rows = (
        select(alert)
        .where(alert.c.standing == "in_force", alert.c.status == "Actual")
        .where(alert.c.msg_type.in_(("Alert", "Update")))
        .order_by(alert.c.sent.desc())
    )
    return tx.execute(rows).mappings().all()


def latest(tx: Tx, limit: int) -> Sequence[Mapping[Any, Any]]:
    """Return the rows of the `limit` alerts received last."""
    rows = select(alert).order_by(alert.c.received_at.desc(), alert.c.id.desc()).limit(limit)
    return tx.execute(rows).mappings().all()


def in_episode(tx: Tx, episode_id: int) -> list[int]:
    """Return the ids of the alerts in force in an episode."""
    rows = select(alert.c.id).where(
        alert.c.episode_id == episode_id, alert.c.standing == "in_force"
    )
    return list(tx.execute(rows).scalars())


def decide_where(tx: Tx, codes: Collection[str]) -> None:
    """Let what was held for an officer be decided on once more, if for want of these codes.

    The sentence that says why names the code that could not be located.
    """
    rows = select(alert.c.id, alert.c.why).where(
        PUT_ASIDE, alert.c.decision == "held", alert.c.standing == "in_force"
    )
    found = tx.execute(rows).all() if codes else []
    decide_again(tx, [one.id for one in found if any(code in (one.why or "") for code in codes)])


def decide_again(tx: Tx, ids: Collection[int]) -> None:
    """Let the alerts `ids` be decided on once more."""
    values = {"decision": None, "decided_at": None, "why": None}
    tx.execute(update(alert).where(alert.c.id.in_(ids)).values(**values))


def find(tx: Tx, text: str) -> list[int]:
    """Return the ids of the alerts whose id, key or identifier is `text`."""
    same = [alert.c.key == text, alert.c.identifier == text]
    if text.isdigit() and len(text) < 10:
        same.append(alert.c.id == int(text))
    return list(tx.execute(select(alert.c.id).where(or_(*same))).scalars())


def count(tx: Tx) -> int:
    """Return how many alerts are kept."""
    return int(tx.execute(select(func.count()).select_from(alert)).scalar_one())
