"""Those who are to be told in this transaction, before it is written what leaves for them.

They stand in a table that only this transaction sees, so that a warning of a million people is
planned by the database: the rules are asked once for all who are alike, and never see a person.
Each is told in one way, which has a number that whoever plans gives it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Insert,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.schema import CreateTable

from alertcast.core.plan import Telling
from alertcast.store.crypto import Vault
from alertcast.store.db import Tx
from alertcast.store.many import among, given
from alertcast.store.people import SAID_OF
from alertcast.store.schema import acknowledgement, callout, person, respondent

telling = Table(
    "telling",
    MetaData(),
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("way", Integer, nullable=False),
    Column("respondent_id", BigInteger),
    Column("callout_id", BigInteger),
    Column("grid_id", BigInteger),
    Column("person_id", BigInteger, nullable=False),
    Column("phone_index", String(32), nullable=False),
    Column("language", String(64), nullable=False),
    Column("prefers", String(8), nullable=False),
    Column("begins", String(16), nullable=False),  # "": it is not known, and the number is opened
    Column("level", String(16)),
    Column("wave", Integer, nullable=False, server_default="0"),
    Column("part", Integer, nullable=False, server_default="0"),  # see the constants below
    prefixes=["TEMPORARY"],
    postgresql_on_commit="DELETE ROWS",
)
LEADS, SHARES, IS_KNOWN, IS_BUSY = range(4)
"""A phone's task is made of the row that leads; others share it; or a task waits; or one rings."""


class Alike(NamedTuple):
    """What the rules look at."""

    way: int
    language: str
    begins: str


class Rising(NamedTuple):
    """A callout that takes a step, and which of its respondents are told then."""

    callout_id: int
    step: int
    bit: int  # of the rung
    way: int
    level: str | None


class Row(NamedTuple):
    """One of them, and its place in the table."""

    id: int
    told: Telling


def begin(tx: Tx) -> None:
    """Let nobody be about to be told."""
    tx.execute(_CREATE)
    tx.execute(_EMPTY)


def put(tx: Tx, tellings: Iterable[Telling], way: int) -> None:
    """Add these, told in this way."""
    rows = [
        (one.respondent_id, one.grid_id, one.person_id, one.phone_index, one.language, one.level)
        for one in tellings
    ]
    if rows:
        tx.execute(_PUT, {"tellings": rows, "way": way})


def put_rising(tx: Tx, rising: Sequence[Rising]) -> None:
    """Add who is told by these steps: who has not answered, and was not told ahead."""
    if rising:
        tx.execute(_PUT_RISING, {"rising": rising})


def preferring(tx: Tx) -> list[tuple[int, str]]:
    """Return (way, kind) of those who prefer a kind of message."""
    return [(way, prefers) for way, prefers in tx.execute(_PREFERRING)]


def prefer(tx: Tx, way: int, prefers: str, instead: int) -> None:
    """Let those told in a way who prefer this kind be told in another one."""
    theirs = and_(telling.c.way == way, telling.c.prefers == prefers)
    tx.execute(update(telling).where(theirs).values(way=instead))


def alike(tx: Tx, ways: Collection[int]) -> list[Alike]:
    """Return what there is to decide for those told in these ways."""
    return [Alike(*row) for row in tx.execute(_ALIKE, {"ids": sorted(ways)})]


def numbers(tx: Tx, vault: Vault, those: Alike) -> dict[int, str]:
    """Return the phones (E.164) of these, by their place; "" for one that can not be read."""
    rows = (
        select(telling.c.id, person.c.phone)
        .join(person, person.c.id == telling.c.person_id)
        .where(_is(those))
    )
    return {one: vault.read(phone) for one, phone in tx.execute(rows)}


def name(tx: Tx, names: Mapping[int, str]) -> None:
    """Write for these places what their numbers are alike in."""
    if names:
        tx.execute(_NAME, {"names": [*names.items()]})


def take_out(tx: Tx, those: Alike) -> list[Telling]:
    """Remove these and return them."""
    rows = tx.execute(_TOLD.where(_is(those)).order_by(telling.c.id)).all()
    tx.execute(delete(telling).where(_is(those)))
    return [Telling(*row[1:]) for row in rows]


def sharing(tx: Tx, way: int) -> list[list[Row]]:
    """Return, phone by phone, those who are told in one way on a phone that several share."""
    found: dict[str, list[Row]] = {}
    for one, *told in tx.execute(_SHARING, {"way": way}):
        row = Row(one, Telling(*told))
        found.setdefault(row.told.phone_index, []).append(row)
    return list(found.values())


def share(tx: Tx, leads: Mapping[int, str | None], others: Sequence[int]) -> None:
    """Let these places lead, at these levels, and the others share their tasks."""
    if leads:
        rows = [(one, LEADS, level) for one, level in leads.items()]
        tx.execute(_SHARE, {"shared": rows + [(one, SHARES, None) for one in others]})


def phones(tx: Tx) -> list[str]:
    """Return the index of every phone that is to be told."""
    return list(tx.execute(select(telling.c.phone_index).distinct()).scalars())


def has_not_answered() -> ColumnElement[bool]:
    """Return the condition that a respondent has given no answer."""
    said = select(acknowledgement.c.id).where(acknowledgement.c.respondent_id == respondent.c.id)
    return ~said.exists()


def _is(those: Alike) -> ColumnElement[bool]:
    return and_(*(telling.c[name] == value for name, value in those._asdict().items()))


_CREATE = CreateTable(telling, if_not_exists=True)
_EMPTY = delete(telling)
_TOLD = select(
    telling.c.id,
    telling.c.respondent_id,
    telling.c.person_id,
    telling.c.phone_index,
    telling.c.language,
    telling.c.level,
    telling.c.grid_id,
)
# What is said of another sealed number says nothing of this one.
_BEGINS = case(
    (func.substr(person.c.phone, 1, SAID_OF) == person.c.begins_of, person.c.begins), else_=""
).label("begins")
_WAY = bindparam("way", type_=Integer()).label("way")


def _added(rows: Select[Any]) -> Insert:
    return insert(telling).from_select([one.name for one in rows.selected_columns], rows)


_NEW = given(
    "tellings",
    telling.c.respondent_id,
    telling.c.grid_id,
    telling.c.person_id,
    telling.c.phone_index,
    telling.c.language,
    telling.c.level,
)
_PUT = _added(
    select(*_NEW.c, _WAY, person.c.prefers, _BEGINS).join(person, person.c.id == _NEW.c.person_id)
)
_RISING = given(
    "rising",
    telling.c.callout_id,
    callout.c.step,
    respondent.c.rungs.label("bit"),
    telling.c.way,
    telling.c.level,
)
_PUT_RISING = _added(
    select(
        _RISING.c.way,
        respondent.c.id.label("respondent_id"),
        _RISING.c.callout_id,
        respondent.c.person_id,
        person.c.phone_index,
        person.c.languages.label("language"),
        person.c.prefers,
        _BEGINS,
        _RISING.c.level,
    )
    .select_from(_RISING)
    .join(respondent, respondent.c.callout_id == _RISING.c.callout_id)
    .join(person, person.c.id == respondent.c.person_id)
    .where(respondent.c.rungs.op("&")(_RISING.c.bit) != 0, has_not_answered())
    .where(or_(respondent.c.ahead.is_(None), respondent.c.ahead != _RISING.c.step))
    .order_by(respondent.c.id)
)
_PREFERRING = select(telling.c.way, telling.c.prefers).where(telling.c.prefers != "").distinct()
_ALIKE = (
    select(telling.c.way, telling.c.language, telling.c.begins)
    .where(among(telling.c.way))
    .distinct()
)
_NAMES = given("names", telling.c.id, telling.c.begins)
_NAME = update(telling).where(telling.c.id == _NAMES.c.id).values(begins=_NAMES.c.begins)
_SHARED_PHONES = (
    select(telling.c.phone_index)
    .where(telling.c.way == bindparam("way"))
    .group_by(telling.c.phone_index)
    .having(func.count() > 1)
)
_SHARING = _TOLD.where(
    telling.c.way == bindparam("way"), telling.c.phone_index.in_(_SHARED_PHONES)
).order_by(telling.c.respondent_id, telling.c.id)
_SHARED = given("shared", telling.c.id, telling.c.part, telling.c.level)
_SHARE = (
    update(telling)
    .where(telling.c.id == _SHARED.c.id)
    .values(part=_SHARED.c.part, level=_SHARED.c.level)
)
