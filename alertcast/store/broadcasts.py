"""Broadcasts: what was decided, by whom, what it froze, where it stands; and their episodes."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, exists, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from alertcast.core.broadcast import BROADCAST_MOVES, Broadcast, BroadcastState, Purpose
from alertcast.core.callout import CalloutState
from alertcast.core.episode import Standing
from alertcast.core.task import FINAL_TASKS, TaskState
from alertcast.store import turns
from alertcast.store.db import Tx
from alertcast.store.many import among, given, words
from alertcast.store.rows import new_id, value
from alertcast.store.schema import (
    attempt,
    broadcast,
    broadcast_alert,
    callout,
    episode,
    standing,
    task,
)

RECEIPT_WAIT = timedelta(minutes=10)
"""Product time after which no receipt of a text message is waited for."""

CORRECTION_OPEN = timedelta(hours=2)
"""Product time in which a correction waits for whoever the wrong message still reaches."""


def create(tx: Tx, new: Broadcast, alerts: Iterable[int] = ()) -> tuple[int, bool]:
    """Write a broadcast; return its id and whether it is new: the same key is one broadcast.

    `new.id` is not looked at.
    """
    known = tx.execute(select(broadcast.c.id).where(broadcast.c.key == new.key)).scalar()
    if known is not None:
        return int(known), False
    values = {f.name: getattr(new, f.name) for f in fields(Broadcast) if f.name != "id"}
    try:
        with tx.begin_nested():
            broadcast_id = new_id(tx.execute(insert(broadcast).values(**values)))
    except IntegrityError:  # another process wrote the same key between our two statements
        found = tx.execute(select(broadcast.c.id).where(broadcast.c.key == new.key)).scalar_one()
        return int(found), False
    rows = [{"broadcast_id": broadcast_id, "alert_id": found} for found in alerts]
    if rows:
        tx.execute(insert(broadcast_alert), rows)
    return broadcast_id, True


def get(tx: Tx, broadcast_id: int, *, lock: bool = False) -> Broadcast | None:
    """Return a broadcast, or None; `lock` keeps others from changing it in this transaction."""
    asked = {"broadcast_id": broadcast_id}
    row = tx.execute(_BY_ID_LOCKED if lock else _BY_ID, asked).mappings().first()
    return None if row is None else _broadcast(row)


def state_of(tx: Tx, broadcast_id: int) -> BroadcastState:
    """Return where a broadcast stands; raises LookupError if there is none."""
    rows = select(broadcast.c.state).where(broadcast.c.id == broadcast_id)
    found = tx.execute(rows).scalar()
    if found is None:
        msg = f"broadcast {broadcast_id}: there is none"
        raise LookupError(msg)
    return BroadcastState(found)


def by_key(tx: Tx, key: str) -> int | None:
    """Return the id of the broadcast that a trigger made, if it did."""
    return tx.execute(select(broadcast.c.id).where(broadcast.c.key == key)).scalar()


def move(tx: Tx, broadcast_id: int, to: BroadcastState, now: datetime) -> bool:
    """Move a broadcast to another state; return False if it can not go there from where it is."""
    sources = [state for state, allowed in BROADCAST_MOVES.items() if to in allowed]
    values: dict[str, Any] = {"state": to}
    if to in (BroadcastState.CLOSED, BroadcastState.CANCELLED):
        values["ended_at"] = now
    rows = and_(broadcast.c.id == broadcast_id, broadcast.c.state.in_(sources))
    return bool(tx.execute(update(broadcast).where(rows).values(**values)).rowcount)


def put_off(tx: Tx, broadcast_id: int, until: datetime) -> None:
    """Let a broadcast that waits begin later."""
    rows = and_(broadcast.c.id == broadcast_id, broadcast.c.state == BroadcastState.WAITING)
    tx.execute(update(broadcast).where(rows).values(starts_at=until))


def write_scripts(tx: Tx, broadcast_id: int, scripts: Mapping[str, Mapping[str, str]]) -> None:
    """Write what is read out of a broadcast whose places have changed before it began."""
    tx.execute(update(broadcast).where(broadcast.c.id == broadcast_id).values(scripts=scripts))


def ready_to_run(tx: Tx, now: datetime) -> list[int]:
    """Return the ids of the broadcasts whose undo window has passed."""
    return list(tx.execute(_READY_TO_RUN, {"now": now}).scalars())


def finished(tx: Tx, now: datetime) -> list[int]:
    """Return the ids of the running broadcasts in which nothing more can happen by itself.

    A call is waited for until it has ended, or was given up; a text message as long as a receipt
    may still say that it has failed, and a correction for as long as somebody may turn out to
    have been told what was wrong.
    """
    known = {"earliest": now - RECEIPT_WAIT, "begun": now - CORRECTION_OPEN}
    return list(tx.execute(_FINISHED, known).scalars())


def close_finished(tx: Tx, ids: Sequence[int], now: datetime) -> None:
    """Close those of the broadcasts that are finished, and still are once nobody can change that.

    Whoever lets a message leave once more holds its broadcast until that is committed, see `hold`.
    """
    free = list(tx.execute(_FREE, {"ids": sorted(ids)}).scalars())
    unheld = {one for one in free if turns.is_unheld(tx, "close", one)}
    for broadcast_id in unheld & set(finished(tx, now)):
        move(tx, broadcast_id, BroadcastState.CLOSED, now)


def hold(tx: Tx, task_ids: Iterable[int]) -> None:
    """Let nobody close the broadcasts of these tasks before this transaction has ended."""
    ids = sorted(set(task_ids))
    if ids and tx.dialect.name == "postgresql":  # on SQLite no other writes meanwhile
        found = tx.execute(_BROADCASTS_OF, {"ids": ids})
        turns.hold(tx, "close", found.scalars())


def listed(tx: Tx, limit: int = 50, states: Sequence[str] = ()) -> list[Broadcast]:
    """Return the newest broadcasts, those in `states` if any are named."""
    rows = select(broadcast).order_by(broadcast.c.id.desc()).limit(limit)
    if states:
        rows = rows.where(broadcast.c.state.in_(states))
    return [_broadcast(row) for row in tx.execute(rows).mappings()]


def alerts_of(tx: Tx, broadcast_id: int) -> list[int]:
    """Return the ids of the alerts a broadcast relays."""
    rows = select(broadcast_alert.c.alert_id).where(broadcast_alert.c.broadcast_id == broadcast_id)
    return list(tx.execute(rows).scalars())


def of_alert(tx: Tx, alert_id: int) -> list[int]:
    """Return the ids of the broadcasts that relay an alert."""
    rows = select(broadcast_alert.c.broadcast_id).where(broadcast_alert.c.alert_id == alert_id)
    return list(tx.execute(rows).scalars())


def unfinished_of(tx: Tx, purpose: Purpose) -> list[Broadcast]:
    """Return the broadcasts of a purpose that run, or are held, oldest first."""
    rows = tx.execute(_UNFINISHED_OF, {"purpose": purpose}).mappings()
    return [_broadcast(row) for row in rows]


def alerts_waiting(tx: Tx, created_by: str) -> list[int]:
    """Return the ids of the alerts whose broadcast, begun by `created_by`, waits to begin."""
    return list(tx.execute(_ALERTS_WAITING, {"created_by": created_by}).scalars())


def extend(tx: Tx, episode_id: int, expires: datetime) -> None:
    """Let the running broadcasts of an episode, and what they still have to send, hold longer."""
    begun = (BroadcastState.RUNNING, BroadcastState.HELD, BroadcastState.CLOSED)
    running = select(broadcast.c.id).where(
        broadcast.c.episode_id == episode_id,
        broadcast.c.state.in_(begun),
        broadcast.c.expires_at < expires,
    )
    ids = list(tx.execute(running).scalars())
    tx.execute(update(broadcast).where(broadcast.c.id.in_(ids)).values(expires_at=expires))
    unsent = and_(task.c.broadcast_id.in_(ids), task.c.state.notin_(FINAL_TASKS))
    tx.execute(update(task).where(unsent).values(expires_at=expires))


def in_episode(tx: Tx, episode_id: int) -> list[int]:
    """Return the ids of the broadcasts of an episode, oldest first."""
    rows = select(broadcast.c.id).where(broadcast.c.episode_id == episode_id)
    return list(tx.execute(rows.order_by(broadcast.c.id)).scalars())


def lasting(tx: Tx, episode_id: int, now: datetime) -> set[int]:
    """Return the ids of the broadcasts of an episode that have not run out."""
    rows = select(broadcast.c.id).where(
        broadcast.c.episode_id == episode_id, broadcast.c.expires_at > now
    )
    return set(tx.execute(rows).scalars())


def open_episodes(tx: Tx, family: str) -> list[int]:
    """Return the ids of the open episodes of a hazard family, oldest first."""
    rows = select(episode.c.id).where(episode.c.family == family, episode.c.ended_at.is_(None))
    return list(tx.execute(rows.order_by(episode.c.id)).scalars())


def open_episode(tx: Tx, family: str, now: datetime) -> int:
    """Open a new episode and return its id."""
    return new_id(tx.execute(insert(episode).values(family=family, started_at=now)))


def is_ended(tx: Tx, episode_id: int) -> bool:
    """Say whether an episode has ended."""
    rows = select(episode.c.ended_at).where(episode.c.id == episode_id)
    return tx.execute(rows).scalar() is not None


def end_episode(tx: Tx, episode_id: int, now: datetime) -> None:
    """End an episode; what comes next of this family is a new one."""
    tx.execute(update(episode).where(episode.c.id == episode_id).values(ended_at=now))


def reopen_episode(tx: Tx, episode_id: int) -> None:
    """Let an episode go on that was ended by mistake."""
    tx.execute(update(episode).where(episode.c.id == episode_id).values(ended_at=None))


def standings(tx: Tx, episode_id: int) -> dict[str, Standing]:
    """Return what holds in an episode, by grid code."""
    rows = tx.execute(select(standing).where(standing.c.episode_id == episode_id)).mappings()
    return {row["grid_code"]: value(Standing, row) for row in rows}


def write_standings(tx: Tx, episode_id: int, rows: Sequence[Standing]) -> None:
    """Write what holds now for each grid of `rows`."""
    known = set(standings(tx, episode_id))
    new = [row for row in rows if row.grid_code not in known]
    if new:
        news = [[*_columns(row).values()] for row in new]
        tx.execute(_STAND_ANEW, {"episode_id": episode_id, "news": news})
    changed = [
        {f"b_{name}": one for name, one in _columns(row).items()}
        for row in rows
        if row.grid_code in known
    ]
    if changed:
        tx.execute(_STAND.where(standing.c.episode_id == episode_id), changed)


def forget_standings(tx: Tx, episode_id: int, broadcast_id: int) -> None:
    """Let nobody count as told by a broadcast: what comes next is news to its grids.

    Grids that a later broadcast of the episode has taken over are left as they are.
    """
    told = select(callout.c.grid_code).where(
        callout.c.broadcast_id == broadcast_id, callout.c.state != CalloutState.SUPERSEDED
    )
    here = and_(standing.c.episode_id == episode_id, standing.c.grid_code.in_(told))
    tx.execute(update(standing).where(here).values(told_level=None, was_told=False))


def forget_at(tx: Tx, episode_id: int, codes: Collection[str]) -> None:
    """Let nobody count as told in the grids `codes`: what comes next there is news."""
    here = and_(standing.c.episode_id == episode_id, among(standing.c.grid_code, "codes"))
    values = {"level": None, "told_level": None, "was_told": False}
    tx.execute(update(standing).where(here).values(**values), {"codes": sorted(codes)})


def overview(tx: Tx, broadcast_ids: Iterable[int]) -> dict[int, dict[str, int]]:
    """Return for each broadcast how many of its callouts are in each state."""
    rows = (
        select(callout.c.broadcast_id, callout.c.state, func.count())
        .where(callout.c.broadcast_id.in_(list(broadcast_ids)))
        .group_by(callout.c.broadcast_id, callout.c.state)
    )
    found: dict[int, dict[str, int]] = {}
    for broadcast_id, state, number in tx.execute(rows):
        found.setdefault(broadcast_id, {})[state] = number
    return found


def _broadcast(row: Mapping[Any, Any]) -> Broadcast:
    return value(
        Broadcast, row, purpose=Purpose(row["purpose"]), state=BroadcastState(row["state"])
    )


def _columns(row: Standing) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _STANDING}


_STANDING = tuple(one.name for one in fields(Standing))
_NEW = given("news", *(standing.c[name] for name in _STANDING))
_STAND_ANEW = insert(standing).from_select(
    ["episode_id", *_STANDING],
    select(bindparam("episode_id", type_=standing.c.episode_id.type), *_NEW.c),
)
_STAND = (
    update(standing)
    .where(standing.c.grid_code == bindparam("b_grid_code"))
    .values({name: bindparam(f"b_{name}") for name in _STANDING if name != "grid_code"})
)


# Made once: making a statement costs as much as running it, and these are asked at every tick.
_BY_ID = select(broadcast).where(broadcast.c.id == bindparam("broadcast_id"))
_BY_ID_LOCKED = _BY_ID.with_for_update()
_FREE = (  # whoever is at one of them closes it later
    select(broadcast.c.id)
    .where(among(broadcast.c.id, "ids"))
    .order_by(broadcast.c.id)
    .with_for_update(skip_locked=True)
)
_BROADCASTS_OF = select(task.c.broadcast_id).where(among(task.c.id, "ids")).distinct()
_UNFINISHED_OF = (
    select(broadcast)
    .where(broadcast.c.state.in_((BroadcastState.RUNNING, BroadcastState.HELD)))
    .where(broadcast.c.purpose == bindparam("purpose"))
    .order_by(broadcast.c.id)
)
_ALERTS_WAITING = (
    select(broadcast_alert.c.alert_id)
    .join(broadcast, broadcast.c.id == broadcast_alert.c.broadcast_id)
    .where(broadcast.c.state.in_((BroadcastState.WAITING, BroadcastState.APPROVAL)))
    .where(broadcast.c.created_by == bindparam("created_by"))
    .distinct()
    .order_by(broadcast_alert.c.alert_id)
)
_READY_TO_RUN = select(broadcast.c.id).where(
    broadcast.c.state == BroadcastState.WAITING, broadcast.c.starts_at <= bindparam("now")
)
_LATELY = exists().where(
    attempt.c.task_id == task.c.id, attempt.c.requested_at > bindparam("earliest")
)
_OPEN_CALLOUT = exists().where(
    callout.c.broadcast_id == broadcast.c.id, callout.c.state == CalloutState.OPEN
)
_MOVING = (TaskState.QUEUED, TaskState.LEAVING, TaskState.UNSURE)
_BUSY = exists().where(
    task.c.broadcast_id == broadcast.c.id,
    or_(
        task.c.state.in_(words(*_MOVING)),
        and_(task.c.state == TaskState.UNDERWAY, or_(task.c.kind == "voice", _LATELY)),
    ),
)
_WAITS = and_(
    broadcast.c.purpose == Purpose.CORRECTION, broadcast.c.created_at > bindparam("begun")
)
_FINISHED = select(broadcast.c.id).where(
    broadcast.c.state == BroadcastState.RUNNING, ~_OPEN_CALLOUT, ~_BUSY, ~_WAITS
)
