"""Warnings in: each source is polled; each document is kept as it came, or put aside with reasons.

Killed between poll and commit, the source's memory was not written either: the next poll brings the
same documents again, and keeping them twice changes nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from alertcast.core.alert import Alert, ReasonKind
from alertcast.dispatch.world import World
from alertcast.sources.base import Outcome, Polled, Source
from alertcast.sources.read import parse_bytes
from alertcast.store import alerts

log = structlog.get_logger()

ASSUMED_LIFE = timedelta(hours=24)
"""How long a warning without `expires` is taken to hold; shown as assumed."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What one poll brought."""

    source: str
    outcome: str
    new: tuple[int, ...] = ()  # ids of the alerts not known before
    known: int = 0  # alerts that were known already
    refused: int = 0  # documents or items put aside
    detail: str = ""


def poll(world: World, source: Source, now: datetime) -> Taken:
    """Poll one source and keep what it brought. An empty or broken feed is never an all-clear."""
    with world.db.read() as tx:
        memory = alerts.memory(tx, source.name)
    try:
        polled = source.poll(memory, now)
    except Exception as error:  # one source's fault must not stop the others; shown to the officer
        log.exception("source raised", source=source.name)
        polled = Polled(Outcome.FAILED, (), type(error).__name__, memory)
    taken = _keep(world, source.name, polled, now)
    log.info(
        "source polled",
        source=source.name,
        outcome=taken.outcome,
        new=len(taken.new),
        refused=taken.refused,
    )
    return taken


def _keep(world: World, source: str, polled: Polled, now: datetime) -> Taken:
    new: list[int] = []
    known = refused = 0
    with world.db.write() as tx:
        for document in polled.documents:
            for item in parse_bytes(document.raw, world.config.hazards):
                if item.alert is None:
                    refused += 1
                    alerts.put_aside(
                        tx,
                        world.db.vault,
                        source=source,
                        location=document.where,
                        raw=document.raw,
                        reasons=[r for r in item.reasons if r.kind is ReasonKind.ERROR],
                        now=now,
                    )
                    continue
                alert_id, is_new = alerts.keep(
                    tx,
                    world.db.vault,
                    item.alert,
                    source=source,
                    raw=document.raw,
                    content_type=document.content_type,
                    now=now,
                    expires=expiry(item.alert),
                )
                if is_new:
                    new.append(alert_id)
                else:
                    known += 1
        alerts.remember(
            tx,
            source,
            memory=polled.memory,
            outcome=polled.outcome.value,
            detail=polled.detail,
            now=now,
        )
    return Taken(source, polled.outcome.value, tuple(new), known, refused, polled.detail)


def expiry(alert: Alert) -> datetime:
    """Return when the alert runs out: the last `expires` of its infos, else a day after `sent`."""
    ends = [info.expires for info in alert.infos if info.expires is not None]
    return max(ends) if ends else alert.sent + ASSUMED_LIFE
