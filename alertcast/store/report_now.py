"""What holds at this moment: the warnings in force, what runs, and everything that is red.

Everything red is listed by its own rows, so that a page can lead to them.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypedDict

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from alertcast.core.broadcast import BroadcastState, Purpose
from alertcast.core.callout import CalloutState
from alertcast.core.task import TaskState
from alertcast.core.watch import Finding
from alertcast.store import (
    alerts,
    alone,
    channels,
    helps,
    links,
    quarantine,
    responses,
    source_states,
)
from alertcast.store.channels import Resting
from alertcast.store.db import Tx
from alertcast.store.links import Guessed
from alertcast.store.quarantine import PutAside
from alertcast.store.report_alerts import WarningFacts, warnings_of
from alertcast.store.report_areas import inside, tasks_inside, touches
from alertcast.store.report_facts import HelpFacts, StatusRow
from alertcast.store.report_force import CountyForce, force_by_place
from alertcast.store.reports import help_list, status
from alertcast.store.responses import ResponseFacts
from alertcast.store.schema import (
    alert,
    broadcast,
    broadcast_alert,
    callout,
    episode,
    grid,
    respondent,
    task,
)

LATELY = timedelta(hours=24)
"""How long what went wrong stays on the first page."""

LATE = timedelta(minutes=5)
"""A message due longer ago than this has not left in time (product time)."""


class GridsOf(TypedDict):
    """How many grids of a broadcast are meant."""

    broadcast_id: int
    title: str
    mode: str
    grids: int


class FailingSource(TypedDict):
    """A source whose last poll failed."""

    name: str
    detail: str
    polled_at: datetime
    ok_at: datetime | None
    failures: int
    rests_until: datetime | None  # real time until which it is left alone


class Overdue(TypedDict):
    """Messages that should have left by now."""

    count: int
    oldest: datetime


class FoundByWatch(TypedDict):
    """Something that stands still, or does not run any more."""

    what: str  # key of core.watch.KINDS
    subject: str
    count: int
    since: datetime | None


class HelpOpen(HelpFacts):
    """Somebody whose request for help is not closed: the newest one, and whether it is a drill's.

    Whoever asks in two rounds of one episode is one person in need.
    """

    mode: str
    asked_at: list[datetime]  # every time that this person asked and nobody closed, oldest first


class BegunAlone(TypedDict):
    """A broadcast that an officer let begin without the second person who was to approve it."""

    broadcast_id: int
    title: str
    mode: str
    user: str
    why: str
    at: datetime


class RestingChannel(TypedDict):
    """A channel that others work for, as far as they can."""

    name: str
    why: str  # failing, slow
    since: datetime | None  # real time
    until: datetime | None  # real time; None: it is tried again with the next message


class Now(TypedDict):
    """The first page."""

    at: datetime
    warnings: list[WarningFacts]
    places: list[CountyForce]  # what is in force where
    responses: list[ResponseFacts]  # 应急响应; apart from the warnings
    through: dict[int, datetime]  # running broadcast -> when what waits has left, by the rates
    running: list[StatusRow]
    approvals: list[StatusRow]
    help_open: list[HelpOpen]  # one for each person in need, live ones first
    unreached: list[GridsOf]
    without_people: list[GridsOf]
    manual: int
    held: list[WarningFacts]
    overdue: Overdue | None
    failing: list[FailingSource]
    stopped: dict[str, str]  # channel -> why
    resting: list[RestingChannel]
    put_aside: list[PutAside]
    forged: dict[str, int]  # channel -> callbacks refused, since the beginning
    watch: list[FoundByWatch]
    alone: list[BegunAlone]  # nobody else has seen them
    guesses: list[Guessed]  # of links, the last days that had any


def now_report(
    tx: Tx,
    now: datetime,
    *,
    area: str = "",
    late: timedelta = LATE,
    real_now: datetime | None = None,
    found: Iterable[Finding] = (),
    ladder: Sequence[str] = (),
) -> Now:
    """Return what holds at `now` in `area`; warnings, sources and channels are for everybody.

    `found` is what the watch finds. Messages due for longer than `late` are `overdue` already.
    Without `real_now` no channel is said to rest. `ladder`: the levels, the highest first.
    """
    running = status(tx, area=area, states=(BroadcastState.RUNNING, BroadcastState.WAITING))
    states = channels.listed(tx)
    return Now(
        at=now,
        warnings=warnings_of(tx, alerts.in_force(tx)),
        places=force_by_place(tx, ladder, area),
        responses=responses.in_force(tx, area),
        through={},
        running=running,
        approvals=[
            *status(tx, area=area, states=(BroadcastState.APPROVAL, BroadcastState.HELD)),
            *(one for one in running if _is_unconfirmed(one)),
        ],
        help_open=_help_open(tx, area),
        unreached=_grids(tx, now, area, callout.c.state == CalloutState.UNREACHED),
        without_people=_grids(tx, now, area, _nobody()),
        manual=manual_count(tx, now, area),
        held=warnings_of(tx, tx.execute(_held(now)).mappings().all()),
        overdue=_overdue(tx, now, area, late),
        failing=[_failing(row) for row in source_states.sources(tx) if row["outcome"] == "failed"],
        resting=[_resting(one) for one in channels.in_trouble(tx, real_now)] if real_now else [],
        stopped={row["name"]: row["stopped"] for row in states if row["stopped"]},
        put_aside=quarantine.listed(tx, since=now - LATELY),
        forged={row["name"]: row["forged"] for row in states if row["forged"]},
        watch=[_found(one) for one in found if one.what != "queue"],
        alone=[_alone(row) for row in alone.unseen(tx) if touches(tx, row["broadcast_id"], area)],
        guesses=links.guesses(tx),
    )


def _is_unconfirmed(one: StatusRow) -> bool:
    """Say whether a broadcast, begun by itself, waits for somebody to look at it."""
    waits = (one["state"], one["created_by"]) == (BroadcastState.WAITING, "scheduler")
    return waits and one["purpose"] != Purpose.DOWNGRADE


def is_current(now: datetime) -> ColumnElement[bool]:
    """Return the condition that a row of `broadcast` still asks for somebody to act at `now`."""
    over = select(episode.c.id).where(episode.c.ended_at.is_not(None))
    return and_(
        broadcast.c.state.in_((BroadcastState.RUNNING, BroadcastState.HELD, BroadcastState.CLOSED)),
        or_(broadcast.c.expires_at.is_(None), broadcast.c.expires_at > now),
        or_(
            broadcast.c.episode_id.is_(None),
            broadcast.c.episode_id.not_in(over),
            broadcast.c.purpose == Purpose.ALL_CLEAR,  # it ends its own episode
        ),
        or_(broadcast.c.ended_at.is_(None), broadcast.c.ended_at > now - LATELY),
    )


def is_to_dial(now: datetime) -> ColumnElement[bool]:
    """Return the condition that a row of `task`, with its broadcast, is for an officer to dial.

    A call for help is, until its request is closed, whatever became of the broadcast.
    """
    is_help = task.c.help_request_id.is_not(None)
    is_alone = task.c.joined_to.is_(None)
    return and_(task.c.state == TaskState.MANUAL, is_alone, or_(is_help, is_current(now)))


def manual_count(tx: Tx, now: datetime, area: str = "") -> int:
    """Return how many phones an officer is to dial by hand."""
    rows = (
        select(task.c.broadcast_id, task.c.phone_index)
        .join(broadcast, broadcast.c.id == task.c.broadcast_id)
        .where(is_to_dial(now), tasks_inside(area))
        .distinct()
    )
    return int(tx.execute(select(func.count()).select_from(rows.subquery())).scalar_one())


def _held(now: datetime) -> Any:
    corrected = select(broadcast.c.corrects_id).where(broadcast.c.corrects_id.is_not(None))
    sent_on = exists().where(
        broadcast_alert.c.alert_id == alert.c.id, broadcast_alert.c.broadcast_id.notin_(corrected)
    )
    recent = or_(alert.c.standing == "in_force", alert.c.decided_at > now - LATELY)
    still = or_(alert.c.expires.is_(None), alert.c.expires > now)
    rows = select(alert).where(alert.c.decision.in_(("held", "fault")), recent, still, ~sent_on)
    return rows.order_by(alert.c.decided_at.desc())


def _nobody() -> ColumnElement[bool]:
    return and_(
        callout.c.state.in_((CalloutState.OPEN, CalloutState.UNREACHED)),
        ~exists().where(respondent.c.callout_id == callout.c.id),
    )


def _grids(tx: Tx, now: datetime, area: str, which: ColumnElement[bool]) -> list[GridsOf]:
    rows = (
        select(broadcast.c.id, broadcast.c.title, broadcast.c.mode, func.count())
        .join(callout, callout.c.broadcast_id == broadcast.c.id)
        .join(grid, grid.c.id == callout.c.grid_id)
        .where(which, is_current(now), inside(area))
        .group_by(broadcast.c.id, broadcast.c.title, broadcast.c.mode)
        .order_by(broadcast.c.id.desc())
    )
    return [
        GridsOf(broadcast_id=broadcast_id, title=title, mode=mode, grids=number)
        for broadcast_id, title, mode, number in tx.execute(rows)
    ]


def _overdue(tx: Tx, now: datetime, area: str, late: timedelta) -> Overdue | None:
    rows = (
        select(func.count(), func.min(task.c.due_at))
        .join(broadcast, broadcast.c.id == task.c.broadcast_id)
        .where(task.c.state == TaskState.QUEUED, task.c.joined_to.is_(None))
        .where(task.c.due_at < now - late)
        .where(broadcast.c.state == BroadcastState.RUNNING, tasks_inside(area))
    )
    count, oldest = tx.execute(rows).one()
    return Overdue(count=count, oldest=oldest) if count else None


def _failing(row: Mapping[Any, Any]) -> FailingSource:
    return FailingSource(
        name=row["name"],
        detail=row["detail"],
        polled_at=row["polled_at"],
        ok_at=row["ok_at"],
        failures=row["failures"],
        rests_until=row["rests_until"],
    )


def _help_open(tx: Tx, area: str) -> list[HelpOpen]:
    rows = helps.listed(tx, only_open=True)
    theirs = {row["broadcast_id"] for row in rows}
    columns = (broadcast.c.id, broadcast.c.mode, broadcast.c.episode_id)
    asked = {row.id: row for row in tx.execute(select(*columns).where(broadcast.c.id.in_(theirs)))}
    found: dict[tuple[object, ...], HelpOpen] = {}
    for one in help_list(rows, area):
        its = asked[one["broadcast_id"]]
        round_of = ("episode", its.episode_id) if its.episode_id else ("broadcast", its.id)
        need = (one["person_id"], one["area"], its.mode, *round_of)
        before = found.pop(need)["asked_at"] if need in found else []
        found[need] = HelpOpen(**one, mode=its.mode, asked_at=[*before, one["opened_at"]])
    return sorted(found.values(), key=lambda one: (one["mode"] != "live", one["asked_at"][0]))


def _alone(row: Mapping[Any, Any]) -> BegunAlone:
    return BegunAlone(
        broadcast_id=row["broadcast_id"],
        title=row["title"],
        mode=row["mode"],
        user=row["user"],
        why=row["why"],
        at=row["at"],
    )


def _resting(one: Resting) -> RestingChannel:
    return RestingChannel(name=one.name, why=one.why, since=one.since, until=one.until)


def _found(one: Finding) -> FoundByWatch:
    return FoundByWatch(what=one.what, subject=one.subject, count=one.count, since=one.since)
