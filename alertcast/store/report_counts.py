"""How many people of a broadcast stand where, counted by the database: none of them is read.

The same rules as `report_people.standings`, which knows each person; a test holds them together.
"""

from sqlalchemy import (
    CTE,
    ColumnElement,
    Integer,
    Select,
    Subquery,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    union,
    union_all,
)

from alertcast.core.callout import NEEDS_HELP
from alertcast.store.db import Tx
from alertcast.store.many import words
from alertcast.store.report_areas import WITHOUT_GRIDS, inside, tasks_inside
from alertcast.store.report_people import NO_KEY, WORDS, is_told
from alertcast.store.schema import acknowledgement, callout, grid, person, respondent, task

Facts = Select[int, int, int, int, int]
"""Rows of a person: the id, whether one is to be counted, the rank of a message, whether it told
anybody, an answer."""

_NOT_YET = len(WORDS)
_NO_RANK, _ZERO = literal(_NOT_YET), literal(0)
NAMES = {-2: "help", -1: "answered", **dict(enumerate(WORDS)), _NOT_YET: "not_yet"}
"""Standings by the numbers that they are compared by: the most telling is the lowest."""


def count_people(tx: Tx, broadcast_id: int, area: str = "") -> dict[str, int]:
    """Return how many people there are, were told, have answered, and are in each standing."""
    people = people_of(broadcast_id, area)
    told, answered = func.sum(_as_number(people.c.is_told)), func.sum(people.c.has_answered)
    rows = select(people.c.state, func.count(), told, answered)
    counts = {"total": 0, "told": 0, "acknowledged": 0}
    for found, number, were_told, have in tx.execute(rows.group_by(people.c.state)):
        counts["total"] += number
        counts["told"] += int(were_told)
        counts["acknowledged"] += int(have)
        counts[NAMES[found]] = number
    return counts


def people_of(broadcast_id: int, area: str) -> Subquery:
    """Return everybody of a broadcast: person_id, state (see NAMES), is_told, has_answered (0, 1).

    `area` is a prefix of town codes.
    """
    messages = _messages(broadcast_id)
    facts = union_all(
        _asked(broadcast_id, area, messages),
        _told_by_phone(messages),
        _told_by_other_number(messages),
        _answers(broadcast_id),
    ).subquery("fact")
    people = (
        select(
            facts.c.person_id,
            func.min(facts.c.rank).label("rank"),
            func.max(facts.c.told).label("told"),
            func.max(facts.c.answer).label("answer"),
        )
        .group_by(facts.c.person_id)
        .having(func.max(facts.c.is_asked) == 1)
        .subquery("person_facts")
    )
    has_answered = people.c.answer > 0
    state = case((~has_answered, people.c.rank), (people.c.answer % 2 == 1, -2), else_=-1)
    return select(
        people.c.person_id,
        state.label("state"),
        or_(has_answered, people.c.told == 1).label("is_told"),
        _as_number(has_answered).label("has_answered"),
    ).subquery("people")


def _messages(broadcast_id: int) -> CTE:
    """Return the most telling state of the messages to each person and phone, and if one told."""
    columns = (func.min(_rank()).label("rank"), func.max(_is_told()).label("told"))
    return (
        select(task.c.person_id, task.c.phone_index, *columns)
        .where(task.c.broadcast_id == broadcast_id, task.c.purpose != "help")
        .group_by(task.c.person_id, task.c.phone_index)
        .cte("messages")
    )


def _asked(broadcast_id: int, area: str, messages: CTE) -> Facts:
    """Return who is to answer, and whoever else was told."""
    stands = (
        select(respondent.c.person_id.label("id"))
        .join(callout, callout.c.id == respondent.c.callout_id)
        .join(grid, grid.c.id == callout.c.grid_id)
        .where(callout.c.broadcast_id == broadcast_id, inside(area))
    )
    if area:
        there = (tasks_inside(area, broadcast_id), task.c.purpose.in_(WITHOUT_GRIDS))
        told = select(_owner()).join(task, task.c.person_id == person.c.id)
        told = told.where(task.c.broadcast_id == broadcast_id, *there)
    else:
        told = select(_owner()).join(messages, messages.c.person_id == person.c.id)
    return _facts(union(stands, told).subquery("everybody").c.id, is_asked=literal(1))


def _told_by_phone(messages: CTE) -> Facts:
    rows = _facts(person.c.id, messages.c.rank, messages.c.told)
    return rows.join(messages, messages.c.phone_index == person.c.phone_index)


def _told_by_other_number(messages: CTE) -> Facts:
    rows = _facts(person.c.other_of, messages.c.rank, messages.c.told)
    rows = rows.join(messages, messages.c.person_id == person.c.id)
    return rows.where(person.c.other_of.is_not(None))


def _answers(broadcast_id: int) -> Facts:
    """Return what was answered: the newest is the highest number, odd if help is needed."""
    owner = func.coalesce(respondent.c.person_id, _owner())
    number = acknowledgement.c.id * 2 + _as_number(acknowledgement.c.value == NEEDS_HELP)
    mine = and_(
        task.c.id == acknowledgement.c.task_id,
        task.c.broadcast_id == broadcast_id,
        task.c.purpose != "help",
    )
    return (
        _facts(owner, answer=number)
        .select_from(acknowledgement)
        .outerjoin(respondent, respondent.c.id == acknowledgement.c.respondent_id)
        .outerjoin(task, mine)
        .outerjoin(person, person.c.id == task.c.person_id)
        .where(acknowledgement.c.broadcast_id == broadcast_id, owner.is_not(None))
    )


def _facts(
    person_id: ColumnElement[int],
    rank: ColumnElement[int] = _NO_RANK,
    told: ColumnElement[int] = _ZERO,
    answer: ColumnElement[int] = _ZERO,
    is_asked: ColumnElement[int] = _ZERO,
) -> Facts:
    return select(
        person_id.label("person_id"),
        is_asked.label("is_asked"),
        rank.label("rank"),
        told.label("told"),
        answer.label("answer"),
    )


def _owner() -> ColumnElement[int]:
    return func.coalesce(person.c.other_of, person.c.id)


def _rank() -> ColumnElement[int]:
    """Return the place of a message's state in WORDS."""
    place = {state: at for at, states in enumerate(WORDS.values()) for state in states}
    is_no_key = and_(task.c.state == "unanswered", task.c.reason == NO_KEY)
    is_gone = and_(task.c.kind == "sms", task.c.state == "underway")
    by_word = [(task.c.state.in_(words(*states)), at) for at, states in enumerate(WORDS.values())]
    return case((is_no_key, place[NO_KEY]), (is_gone, place["delivered"]), *by_word)


def _is_told() -> ColumnElement[int]:
    return _as_number(or_(task.c.state == "answered", is_told()))


def _as_number(what: ColumnElement[bool]) -> ColumnElement[int]:
    return case((what, 1), else_=0).cast(Integer)
