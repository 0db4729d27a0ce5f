"""Warnings in: each source is polled; each document is kept as it came, or put aside with reasons.

Killed between poll and commit, the source's memory was not written either: the next poll brings the
same documents again, and keeping them twice changes nothing.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from alertcast.core.alert import Alert, Reason, ReasonKind
from alertcast.core.patience import rest
from alertcast.core.policy import duration
from alertcast.dispatch import replace
from alertcast.dispatch.compare import compare, conclude
from alertcast.dispatch.world import World
from alertcast.sources.base import Document, Outcome, Polled, Source
from alertcast.sources.mapped_read import read_item
from alertcast.sources.parsed import Parsed
from alertcast.sources.read import parse_bytes
from alertcast.sources.signed import Judge, SignedSettings, rules_of
from alertcast.store import alerts, code_places, polls, quarantine, source_states, turns
from alertcast.store.again import begun_again
from alertcast.store.db import CanNotKeep, Tx, savepoint
from alertcast.store.quarantine import ReasonFacts

log = structlog.get_logger()

ASSUMED_LIFE = "24h"
"""How long a warning without `expires` is taken to hold after it was sent; shown as assumed."""

LISTED_LIFE = "2h"
"""How long such a warning still holds after a list named it last."""

PUNCTUAL = 0.95
"""Part of its interval after which a source may be polled again: no clock is exact."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What one poll brought."""

    source: str
    outcome: str
    new: tuple[int, ...] = ()  # ids of the alerts not known before
    known: int = 0  # alerts that were known already
    refused: int = 0  # documents or items put aside
    detail: str = ""
    wait: timedelta | None = None  # real time that the publisher wants not to be asked


def poll(world: World, source: Source, now: datetime) -> Taken:
    """Poll one source and keep what it brought. An empty or broken feed is never an all-clear."""
    with world.db.read() as tx:
        memory = source_states.memory(tx, source.name)
    try:
        polled = source.poll(memory, now)
    except Exception as error:  # one source's fault must not stop the others; shown to the officer
        log.exception("source raised", source=source.name)
        polled = Polled(Outcome.FAILED, (), type(error).__name__, memory)
    taken = _keep(world, source.name, rules_of(source), polled, now)
    if polled.listed is not None:
        _let_give_way(world, source.name, now)
    log.info(
        "source polled",
        source=source.name,
        outcome=taken.outcome,
        new=len(taken.new),
        refused=taken.refused,
    )
    return taken


def take(
    world: World, source: Source, document: Document, now: datetime
) -> tuple[Taken, list[ReasonFacts]]:
    """Keep what was sent to us; return what it brought, and why some of it could not be read.

    On return it is on disk. Twice is once.
    """
    with world.db.read() as tx:
        memory = source_states.memory(tx, source.name)
    polled = Polled(Outcome.OK, (document,), "sent to us", memory, is_put=True)
    refused: list[ReasonFacts] = []
    taken = _keep(world, source.name, rules_of(source), polled, now, refused)
    log.info("taken", source=source.name, new=len(taken.new), refused=taken.refused)
    return taken, refused


def poll_in_turn(
    world: World, source: Source, now: datetime, every: timedelta
) -> Taken | timedelta:
    """Poll one source unless another scheduler has; return what came, or how long to wait (real).

    Together they poll it no more often than one of them would. Whoever dies over a poll is
    replaced after its lease. On SQLite there is one scheduler, and nobody to wait for.
    """
    if world.db.is_sqlite:
        return poll(world, source, now)
    with world.db.write() as tx:
        began = world.db.real_now(tx)
        until = began + max(every, world.config.main.dispatch.lease)
        token = polls.lease(tx, source.name, began, until)
        if token is None:
            return (polls.ends(tx, source.name) or began) - began
    wait: timedelta | None = None
    try:
        taken = poll(world, source, now)
        wait = taken.wait
        return taken
    finally:
        with world.db.write() as tx:
            until = began + max(every * PUNCTUAL, wait or timedelta(0))
            polls.release(tx, source.name, token, until)


def expiry(alert: Alert, assumed: timedelta) -> datetime:
    """Return when the alert runs out: the last `expires` of its infos, else `assumed` after `sent`.

    It never holds for ever.
    """
    return alert.runs_out or alert.sent + assumed


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of one document."""

    new: tuple[int, ...]  # ids of the alerts not known before
    known: tuple[int, ...]  # ids of the alerts that were
    refused: tuple[ReasonFacts, ...]  # of the items that could not be read or kept


def read_document(
    world: World, source: str, document: Document, signed: SignedSettings, received: datetime
) -> list[Parsed]:
    """Read a document; never raises. Signatures are judged as of when it was `received`."""
    judge = Judge(signed.certificates, received)
    hazards, mapping = world.config.hazards, world.mapped.get(source)
    try:
        if mapping is not None:
            return read_item(document.raw, mapping, hazards)
        return parse_bytes(document.raw, hazards, place=document.place, judge=judge)
    except Exception as error:  # it never should; the other documents are kept all the same
        log.exception("reading a document raised", where=document.where)
        return [Parsed(None, (_not_kept(type(error).__name__),))]


def keep_document(
    world: World,
    tx: Tx,
    source: str,
    document: Document,
    items: Iterable[Parsed],
    signed: SignedSettings,
    now: datetime,
) -> Kept:
    """Keep every alert of a document that can be kept; twice changes nothing.

    `items` is what `read_document` gave, `signed` the source's rules of signatures.
    """
    new: list[int] = []
    known: list[int] = []
    refused: list[ReasonFacts] = []
    for item in items:
        is_trusted = signed.believes(item.signature)
        found = _keep_item(world, tx, source, document, item, is_trusted, now)
        if isinstance(found, list):
            refused += found
            continue
        alert_id, is_new = found
        (new if is_new else known).append(alert_id)
    return Kept(tuple(new), tuple(known), tuple(refused))


@begun_again
def _keep(
    world: World,
    source: str,
    signed: SignedSettings,
    polled: Polled,
    now: datetime,
    why: list[ReasonFacts] | None = None,
) -> Taken:
    """Keep what a source brought; `why` is filled with what could not be read."""
    new: list[int] = []
    known = refused = 0
    reasons: list[ReasonFacts] = []
    read = [  # before anything is locked: reading and checking signatures takes its time
        (document, read_document(world, source, document, signed, now))
        for document in polled.documents
    ]
    with world.db.write() as tx:
        turns.take(tx, "keep")  # two that keep the same alert at once would both take it for new
        replace.take_turn(tx, (item for _, items in read for item in items))
        with _beside(tx, source):
            code_places.learn(tx, polled.places, now)
            alerts.decide_where(tx, {one.code.rpartition("/")[2] for _, one in polled.places})
        for document, items in read:
            kept = keep_document(world, tx, source, document, items, signed, now)
            new += kept.new
            known += len(kept.known)
            refused += len({one["item"] for one in kept.refused})
            if kept.refused:
                reasons += kept.refused
                _put_aside(world, tx, source, document, kept.refused, now)
        since = source_states.behind_since(tx, source, now)
        if not polled.is_put and since is not None:
            _hold_backlog(world, tx, new, since, now)
        since = None if polled.is_whole else since
        wait = _remember(world, tx, source, polled, since, now)
        if polled.listed is not None:
            with _beside(tx, source):
                life = _time(world, source, "listed_life", LISTED_LIFE)
                conclude(tx, source, polled.listed, life, now)
    if why is not None:
        why[:] = reasons
    return Taken(source, polled.outcome.value, tuple(new), known, refused, polled.detail, wait)


def _let_give_way(world: World, source: str, now: datetime) -> None:
    try:
        replace.in_list(world, source, now)
    except Exception:  # what came is kept; the next good poll tries again
        log.exception("what a list replaced could not be followed", source=source)


def _remember(
    world: World, tx: Tx, source: str, polled: Polled, since: datetime | None, now: datetime
) -> timedelta | None:
    """Keep how a poll went; return how long (real) the publisher is left alone, None: not at all.

    One that asks for patience and does not say how much is asked less and less often. `since` is
    when it was polled first, while something that was there then is still to come.
    """
    is_well = polled.outcome is not Outcome.FAILED and not polled.is_busy
    busy = 0 if is_well else source_states.busy(tx, source) + polled.is_busy
    wait = polled.wait
    if polled.is_busy and wait is None:
        wait = rest(busy, _time(world, source, "every", "60s"), random.random())  # noqa: S311  # no secret
    source_states.remember(
        tx,
        source,
        memory=polled.memory,
        outcome=polled.outcome.value,
        detail=polled.detail,
        now=now,
        busy=busy,
        rests_until=world.db.real_now(tx) + wait if wait else None,
        behind_since=since,
        is_news=bool(polled.documents),
    )
    return wait


def _time(world: World, source: str, key: str, usual: str) -> timedelta:
    return duration(world.config.main.sources.get(source, {}).get(key, usual))


def _hold_backlog(world: World, tx: Tx, new: Iterable[int], since: datetime, now: datetime) -> None:
    """Leave to an officer what was in force long before a source was polled first, at `since`.

    The first poll may bring a part of it; what was sent since then is no backlog.
    """
    for alert_id in new:
        message = alerts.load(tx, alert_id)
        is_old = message.sent < since - world.config.main.dispatch.backlog
        if is_old and message.status == "Actual" and not message.is_end():
            why = "首次读取这个来源时，这条预警已经发布一段时间，没有自动下发，请值班员决定。"
            alerts.decide(tx, alert_id, decision="held", why=why, now=now)


def _keep_item(
    world: World,
    tx: Tx,
    source: str,
    document: Document,
    item: Parsed,
    is_trusted: bool,
    now: datetime,
) -> tuple[int, bool] | list[ReasonFacts]:
    """Keep one alert; return its id and whether it is new, else why it can not be kept."""
    if item.alert is None:
        found = [r for r in item.reasons if r.kind is ReasonKind.ERROR]
        return _facts(item, found or [_not_kept("no reason was given")])
    try:
        with savepoint(tx):
            expires = expiry(item.alert, _time(world, source, "assumed_life", ASSUMED_LIFE))
            alert_id, is_new = alerts.keep(
                tx,
                world.db.vault,
                item.alert,
                source=source,
                raw=document.raw,
                content_type=document.content_type,
                now=now,
                expires=expires,
                body=item.body,
                signature=item.signature,
                is_trusted=is_trusted,
            )
    except CanNotKeep as error:
        log.error("alert can not be kept", source=source, why=str(error))
        return _facts(item, [_not_kept(str(error))])
    with _beside(tx, source):
        is_new |= compare(
            world,
            tx,
            alert_id,
            item,
            source=source,
            title=document.title,
            expires=expires,
            is_new=is_new,
            is_trusted=is_trusted,
            now=now,
        )
    return alert_id, is_new


def _put_aside(
    world: World,
    tx: Tx,
    source: str,
    document: Document,
    reasons: Sequence[ReasonFacts],
    now: datetime,
) -> None:
    quarantine.put_aside(
        tx,
        world.db.vault,
        source=source,
        location=document.where,
        raw=document.raw,
        reasons=reasons,
        now=now,
        content_type=document.content_type,
        title=document.title,
        place=document.place,
    )


@contextmanager
def _beside(tx: Tx, source: str) -> Iterator[None]:
    """Undo this block alone if it fails: what was kept before it stays, and is told."""
    try:
        with savepoint(tx):
            yield
    except CanNotKeep as error:
        log.error("witnesses can not be compared", source=source, why=str(error))


def _facts(item: Parsed, reasons: Iterable[Reason]) -> list[ReasonFacts]:
    return [
        ReasonFacts(
            item=item.item,
            code=one.code,
            kind=one.kind.value,
            where=one.where,
            message=one.message,
        )
        for one in reasons
    ]


def _not_kept(fault: str) -> Reason:
    return Reason("not_kept", ReasonKind.ERROR, "", f"it could not be kept: {fault}")
