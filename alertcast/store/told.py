"""Who was told that a warning holds, where, and has not heard that it is over there.

Whoever was, or may have been, told counts as told; so does whoever will certainly hear of an end
that is planned. An end that was corrected was never heard.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select

from alertcast.core.broadcast import Purpose
from alertcast.core.task import TaskState
from alertcast.store.attempts import NEVER_LEFT
from alertcast.store.db import Tx
from alertcast.store.many import among
from alertcast.store.schema import (
    attempt,
    broadcast,
    callout,
    grid,
    respondent,
    task,
    task_grid,
    task_respondent,
)

_MAY_STILL_LEAVE = (TaskState.QUEUED, TaskState.LEAVING, TaskState.UNSURE, TaskState.MANUAL)


@dataclass(frozen=True, slots=True)
class Told:
    """One phone that was told of a warning of one grid."""

    person_id: int
    phone_index: str
    language: str
    grid_id: int
    grid_code: str


def of_episode(
    tx: Tx,
    episode_id: int,
    codes: Collection[str] | None = None,
    levels: Collection[str] | None = None,
) -> list[Told]:
    """Return whom an episode told of the grids `codes` (None: of any) and of no end there since.

    With `levels`, only whom it told that one of these holds there.
    """
    told = _warned(episode_id)
    told = told if levels is None else told.where(callout.c.level.in_(levels))
    warned, ended = told.subquery(), _ended(episode_id).subquery()
    same = and_(
        ended.c.phone_index == warned.c.phone_index, ended.c.grid_code == warned.c.grid_code
    )
    rows = (
        select(
            warned.c.person_id,
            warned.c.phone_index,
            warned.c.language,
            warned.c.grid_id,
            warned.c.grid_code,
        )
        .outerjoin(ended, same)
        .where(or_(ended.c.last.is_(None), ended.c.last < warned.c.last))
        .order_by(warned.c.person_id, warned.c.grid_code)
    )
    if codes is None:
        return [Told(*row) for row in tx.execute(rows)]
    rows = rows.where(among(warned.c.grid_code, "codes"))
    return [Told(*row) for row in tx.execute(rows, {"codes": sorted(codes)})]


def grids_of(tx: Tx, broadcast_ids: Sequence[int]) -> set[str]:
    """Return the codes of the grids that messages of these broadcasts are about by themselves."""
    rows = (
        select(grid.c.code)
        .join(task_grid, task_grid.c.grid_id == grid.c.id)
        .join(task, task.c.id == task_grid.c.task_id)
        .where(task.c.broadcast_id.in_(broadcast_ids))
        .distinct()
    )
    return set(tx.execute(rows).scalars())


def of_downgrades(tx: Tx, episode_id: int, codes: Collection[str]) -> list[int]:
    """Return the ids of the messages of an episode that say the level fell in the grids `codes`."""
    rows = (
        select(task_grid.c.task_id)
        .join(grid, grid.c.id == task_grid.c.grid_id)
        .join(task, task.c.id == task_grid.c.task_id)
        .join(broadcast, broadcast.c.id == task.c.broadcast_id)
        .where(broadcast.c.episode_id == episode_id, broadcast.c.purpose == Purpose.DOWNGRADE)
        .where(among(grid.c.code, "codes"))
        .distinct()
    )
    return list(tx.execute(rows, {"codes": sorted(codes)}).scalars())


def _warned(episode_id: int) -> Select[tuple[int, str, str, int, str, int]]:
    """Return who was told of which grid, and by which broadcast last."""
    return (
        select(
            func.min(task.c.person_id).label("person_id"),
            task.c.phone_index,
            func.min(task.c.language).label("language"),
            func.max(callout.c.grid_id).label("grid_id"),
            callout.c.grid_code,
            func.max(callout.c.broadcast_id).label("last"),
        )
        .join(task_respondent, task_respondent.c.task_id == task.c.id)
        .join(respondent, respondent.c.id == task_respondent.c.respondent_id)
        .join(callout, callout.c.id == respondent.c.callout_id)
        .where(callout.c.episode_id == episode_id, callout.c.mode == "live")
        .where(task.c.purpose != "help", or_(_has_left(), task.c.state == TaskState.ANSWERED))
        .group_by(task.c.phone_index, callout.c.grid_code)
    )


def _ended(episode_id: int) -> Select[tuple[str, str, int]]:
    """Return who hears of an end in which grid, and by which broadcast last."""
    wrong = broadcast.alias()
    corrected = exists().where(wrong.c.corrects_id == broadcast.c.id)
    return (
        select(
            task.c.phone_index,
            grid.c.code.label("grid_code"),
            func.max(task.c.broadcast_id).label("last"),
        )
        .join(broadcast, broadcast.c.id == task.c.broadcast_id)
        .join(task_grid, task_grid.c.task_id == task.c.id)
        .join(grid, grid.c.id == task_grid.c.grid_id)
        .where(broadcast.c.episode_id == episode_id, broadcast.c.purpose == Purpose.PART_CLEAR)
        .where(~corrected, or_(_has_left(), task.c.state.in_(_MAY_STILL_LEAVE)))
        .group_by(task.c.phone_index, grid.c.code)
    )


def _has_left() -> ColumnElement[bool]:
    """Say that a request of a task was made, or may have been."""
    return exists().where(
        attempt.c.task_id == func.coalesce(task.c.joined_to, task.c.id),
        attempt.c.state.notin_(NEVER_LEFT),
    )
