"""Receipts are on disk before they are answered; those that come at one moment share a commit."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from alertcast.channels.base import Callback, Channel, Reply, Situation
from alertcast.channels.events import Event, StatusEvent
from alertcast.dispatch.world import World
from alertcast.store import receipts
from alertcast.store.db import TROUBLE, Tx


@dataclass(frozen=True, slots=True)
class Report:
    """The receipts of one callback, verified and not kept yet."""

    arrived: tuple[receipts.Arrived, ...]
    reply: Reply  # what to answer once they are on disk


def reported(channel: Channel, callback: Callback, events: Sequence[Event]) -> Report | None:
    """Return the receipts of a verified callback; None if it holds anything else."""
    found = tuple(arrived(channel, callback, one) for one in events if isinstance(one, StatusEvent))
    if len(found) < len(events):
        return None
    return Report(found, channel.reply(callback, Situation()))


def keep(world: World, reports: Sequence[Report], now: datetime) -> None:
    """Keep the receipts of all these reports in one commit, or none of them."""
    found = [one for report in reports for one in report.arrived]
    if found:
        world.db.alike(_keep_all, _Came(world, found, now))


def keep_each(world: World, reports: Sequence[Report], now: datetime) -> list[Exception | None]:
    """Keep the receipts of each report; return for each why it could not be.

    All of them share a commit. Where something among them can not be written, each is kept by
    itself, so that only that one is lost to us; where the database is in trouble, all are.
    """
    try:
        keep(world, reports, now)
    except Exception as error:
        if isinstance(error, TROUBLE) or len(reports) == 1:
            return [error for _ in reports]
        return [one for report in reports for one in keep_each(world, [report], now)]
    return [None for _ in reports]


def arrived(channel: Channel, callback: Callback | None, event: StatusEvent) -> receipts.Arrived:
    """Return a receipt as it is kept; without a callback the provider was asked for it."""
    return receipts.Arrived(
        channel=channel.name,
        what=callback.what if callback else "polled",
        raw=event.raw or (raw(callback) if callback else json.dumps({"polled": event.word})),
        word=event.word,
        rank=event.rank,
        state=event.state,
        token=event.token,
        provider_ref=event.provider_ref,
        code=event.code,
        reason=event.reason,
    )


def raw(callback: Callback) -> str:
    """Return all that a callback said."""
    form = {key: list(values) for key, values in callback.form.items()}
    body = callback.body.decode("utf-8", "replace")
    return json.dumps({"form": form, "body": body}, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class _Came:
    """Receipts to one world."""

    world: World
    arrived: Sequence[receipts.Arrived]
    now: datetime


def _keep_all(tx: Tx, came: Sequence[_Came]) -> list[None]:
    arrived = [one for each in came for one in each.arrived]
    receipts.keep(tx, came[0].world.db.vault, arrived, max(each.now for each in came))
    return [None for _ in came]
