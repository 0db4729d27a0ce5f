"""Callouts and their respondents, and what people answered: append-only acknowledgements."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, and_, bindparam, insert, literal, select, update

from alertcast.core.callout import CALLOUT_MOVES, Callout, CalloutState, Respondent
from alertcast.store.db import Tx
from alertcast.store.many import given
from alertcast.store.rows import chunks, new_id, value
from alertcast.store.schema import acknowledgement, callout, respondent

PART = 5_000
"""Callouts written by one statement."""

# Made once: making a statement costs as much as running it, and these are asked all the time.
_IDS: BindParameter[int] = bindparam("ids", expanding=True)
_BY_ID = select(callout).where(callout.c.id.in_(_IDS)).order_by(callout.c.id).with_for_update()
_RESPONDENTS = select(respondent).where(respondent.c.callout_id.in_(_IDS)).order_by(respondent.c.id)
_RESPONDENTS_BY_ID = select(respondent).where(respondent.c.id.in_(_IDS)).order_by(respondent.c.id)
_ANSWERED = (
    select(respondent.c.callout_id, respondent.c.id)
    .join(acknowledgement, acknowledgement.c.respondent_id == respondent.c.id)
    .where(respondent.c.callout_id.in_(_IDS))
)
_SAID = select(acknowledgement.c.respondent_id).where(
    acknowledgement.c.respondent_id.in_(_IDS), acknowledgement.c.value == bindparam("value")
)


class NewCallout(NamedTuple):
    """A callout about to be written."""

    grid_id: int
    grid_code: str
    level: str | None
    policy: str
    matched_by: str
    share: float | None
    counted_by: str | None = None


_NEW = given("news", *(callout.c[name] for name in NewCallout._fields))


def open_all(
    tx: Tx,
    broadcast_id: int,
    news: Sequence[NewCallout],
    *,
    episode_id: int | None,
    mode: str,
    state: CalloutState,
    now: datetime,
) -> None:
    """Write a callout per grid; an open one is due for its first rung now."""
    shared = {
        "broadcast_id": broadcast_id,
        "episode_id": episode_id,
        "mode": mode,
        "state": state,
        "rung": -1,
        "repeat": 0,
        "step": 0,
        "next_step_at": now,
        "opened_at": now,
    }
    values = [literal(one, callout.c[name].type).label(name) for name, one in shared.items()]
    rows = select(*values, *_NEW.c)
    written = insert(callout).from_select([*shared, *_NEW.c.keys()], rows)
    for part in chunks(news, PART):
        tx.execute(written, {"news": part})


def by_id(tx: Tx, ids: Iterable[int]) -> dict[int, Callout]:
    """Return the callouts with these ids, locked."""
    found: dict[int, Callout] = {}
    for chunk in chunks(sorted(set(ids))):
        for row in tx.execute(_BY_ID, {"ids": chunk}).mappings():
            found[row["id"]] = _callout(row)
    return found


def of_broadcast(tx: Tx, broadcast_id: int) -> list[Callout]:
    """Return the callouts of a broadcast."""
    rows = select(callout).where(callout.c.broadcast_id == broadcast_id).order_by(callout.c.id)
    return [_callout(row) for row in tx.execute(rows).mappings()]


def open_ids(
    tx: Tx, *, broadcast_id: int | None = None, episode_id: int | None = None, mode: str = "live"
) -> dict[str, int]:
    """Return the ids of the open callouts of a broadcast or an episode, by grid code."""
    rows = select(callout.c.grid_code, callout.c.id).where(callout.c.state == CalloutState.OPEN)
    if broadcast_id is not None:
        rows = rows.where(callout.c.broadcast_id == broadcast_id)
    if episode_id is not None:
        rows = rows.where(callout.c.episode_id == episode_id, callout.c.mode == mode)
    return {row.grid_code: row.id for row in tx.execute(rows)}


def without_answer(tx: Tx, *, episode_id: int | None, mode: str) -> dict[int, str]:
    """Return the grid code of each callout of an episode that is open or was not reached, by id."""
    rows = select(callout.c.id, callout.c.grid_code).where(
        callout.c.episode_id == episode_id,
        callout.c.mode == mode,
        callout.c.state.in_((CalloutState.OPEN, CalloutState.UNREACHED)),
    )
    return {row.id: row.grid_code for row in tx.execute(rows)}


def waiting(tx: Tx, episode_id: int) -> list[Callout]:
    """Return the live callouts of an episode that are open, or that nobody was reached for."""
    rows = select(callout).where(
        callout.c.episode_id == episode_id,
        callout.c.mode == "live",
        callout.c.state.in_((CalloutState.OPEN, CalloutState.UNREACHED)),
    )
    return [_callout(row) for row in tx.execute(rows).mappings()]


def begun_since(tx: Tx, episode_id: int, since: datetime, but: int) -> dict[str, list[str | None]]:
    """Return the levels at which an episode's grids were called from `since` on, by grid code.

    Left out are the broadcast `but`, what was stopped, and what has not begun.
    """
    begun = (CalloutState.OPEN, CalloutState.ANSWERED, CalloutState.UNREACHED)
    rows = select(callout.c.grid_code, callout.c.level).where(
        callout.c.episode_id == episode_id,
        callout.c.mode == "live",
        callout.c.broadcast_id != but,
        callout.c.opened_at >= since,
        callout.c.state.in_(begun),
    )
    found: dict[str, list[str | None]] = {}
    for code, level in tx.execute(rows):
        found.setdefault(code, []).append(level)
    return found


def start_planned(tx: Tx, broadcast_id: int, now: datetime) -> None:
    """Open the planned callouts of a broadcast, due for their first rung now."""
    planned = and_(callout.c.broadcast_id == broadcast_id, callout.c.state == CalloutState.PLANNED)
    values = {"state": CalloutState.OPEN, "next_step_at": now, "opened_at": now}
    tx.execute(update(callout).where(planned).values(**values))


def hurry(tx: Tx, ids: Iterable[int], now: datetime) -> None:
    """Let the next step of these open callouts be due now, if it is not already."""
    for chunk in chunks(sorted(set(ids))):
        later = and_(
            callout.c.id.in_(chunk),
            callout.c.state == CalloutState.OPEN,
            callout.c.next_step_at > now,
        )
        tx.execute(update(callout).where(later).values(next_step_at=now))


def pass_over(tx: Tx, ids: Iterable[int], repeat: int, now: datetime) -> None:
    """Let these open callouts go on to what follows their rung now; `repeat`: its last telling."""
    for chunk in chunks(sorted(set(ids))):
        open_ones = and_(callout.c.id.in_(chunk), callout.c.state == CalloutState.OPEN)
        values = {"next_step_at": now, "repeat": repeat}
        tx.execute(update(callout).where(open_ones).values(**values))


def add_respondent(tx: Tx, one: Callout, person_id: int, role: str) -> int | None:
    """Let a person answer for a callout from its present rung on; None if the person may already.

    It is told by whoever adds it: the step that the callout takes next leaves it out if it is due.
    """
    known = select(respondent.c.id).where(
        respondent.c.callout_id == one.id, respondent.c.person_id == person_id
    )
    if tx.execute(known).first() is not None:
        return None
    row = insert(respondent).values(
        callout_id=one.id,
        person_id=person_id,
        role=role,
        place=one.grid_code,
        rungs=1 << max(one.rung, 0),
        counts=True,
        ahead=one.step if one.rung < 0 else None,
    )
    return new_id(tx.execute(row))


def move(tx: Tx, ids: Iterable[int], to: CalloutState, now: datetime) -> int:
    """Move callouts to another state where that is allowed; return how many moved."""
    sources = [state for state, allowed in CALLOUT_MOVES.items() if to in allowed]
    moved = 0
    for chunk in chunks(sorted(set(ids))):
        rows = and_(callout.c.id.in_(chunk), callout.c.state.in_(sources))
        moved += tx.execute(
            update(callout)
            .where(rows)
            .values(state=to, ended_at=now, next_step_at=None, step=callout.c.step + 1)
        ).rowcount
    return moved


def cancel_all(tx: Tx, broadcast_id: int, now: datetime) -> int:
    """Cancel every callout of a broadcast that nobody has answered for; return how many."""
    sources = [state for state, to in CALLOUT_MOVES.items() if CalloutState.CANCELLED in to]
    rows = and_(callout.c.broadcast_id == broadcast_id, callout.c.state.in_(sources))
    values = {"state": CalloutState.CANCELLED, "ended_at": now, "next_step_at": None}
    return tx.execute(
        update(callout).where(rows).values(**values, step=callout.c.step + 1)
    ).rowcount


def respondents(tx: Tx, callout_ids: Iterable[int]) -> dict[int, list[Respondent]]:
    """Return the respondents of each callout."""
    found: dict[int, list[Respondent]] = {}
    for chunk in chunks(sorted(set(callout_ids))):
        for row in tx.execute(_RESPONDENTS, {"ids": chunk}).mappings():
            found.setdefault(row["callout_id"], []).append(value(Respondent, row))
    return found


def respondents_by_id(tx: Tx, ids: Iterable[int]) -> list[Respondent]:
    """Return these respondents."""
    found: list[Respondent] = []
    for chunk in chunks(sorted(set(ids))):
        rows = tx.execute(_RESPONDENTS_BY_ID, {"ids": chunk}).mappings()
        found += [value(Respondent, row) for row in rows]
    return found


def same_person_elsewhere(tx: Tx, broadcast_id: int, person_ids: Iterable[int]) -> list[int]:
    """Return the ids of all respondents of a broadcast who are one of these people."""
    found: list[int] = []
    for chunk in chunks(sorted(set(person_ids))):
        rows = (
            select(respondent.c.id)
            .join(callout, callout.c.id == respondent.c.callout_id)
            .where(callout.c.broadcast_id == broadcast_id, respondent.c.person_id.in_(chunk))
        )
        found += tx.execute(rows).scalars()
    return found


def answered(tx: Tx, callout_ids: Iterable[int]) -> dict[int, set[int]]:
    """Return for each callout the ids of the respondents who have answered."""
    found: dict[int, set[int]] = {}
    for chunk in chunks(sorted(set(callout_ids))):
        for callout_id, respondent_id in tx.execute(_ANSWERED, {"ids": chunk}):
            found.setdefault(callout_id, set()).add(respondent_id)
    return found


def first_answer(tx: Tx, respondent_ids: Sequence[int]) -> str | None:
    """Return the role of whoever answered first for any of the callouts of these respondents."""
    mine = select(respondent.c.callout_id).where(respondent.c.id.in_(respondent_ids))
    rows = (
        select(respondent.c.role)
        .join(acknowledgement, acknowledgement.c.respondent_id == respondent.c.id)
        .where(respondent.c.callout_id.in_(mine), respondent.c.counts)
        .order_by(acknowledgement.c.id)
        .limit(1)
    )
    return tx.execute(rows).scalar()


def acknowledge(
    tx: Tx,
    broadcast_id: int,
    respondent_ids: Sequence[int],
    *,
    via: str,
    value: str,
    at: datetime,
    task_id: int | None = None,
    attempt_id: int | None = None,
    by_user: str | None = None,
    note: str | None = None,
) -> list[int]:
    """Write one acknowledgement per respondent who has not said the same before; return their ids.

    Without respondents (an all-clear, a desk task) one row is written for the task.
    """
    shared = {
        "broadcast_id": broadcast_id,
        "task_id": task_id,
        "attempt_id": attempt_id,
        "via": via,
        "value": value,
        "at": at,
        "by_user": by_user,
        "note": note,
    }
    if not respondent_ids:
        new_id(tx.execute(insert(acknowledgement).values(respondent_id=None, **shared)))
        return []
    said: set[int] = set()
    for chunk in chunks(respondent_ids):
        asked = {"ids": chunk, "value": value}
        said |= {int(found) for found in tx.execute(_SAID, asked).scalars() if found is not None}
    news = [found for found in dict.fromkeys(respondent_ids) if found not in said]
    if news:
        tx.execute(insert(acknowledgement), [shared | {"respondent_id": found} for found in news])
    return news


def _callout(row: Mapping[Any, Any]) -> Callout:
    return value(Callout, row, state=CalloutState(row["state"]))
