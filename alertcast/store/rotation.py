"""The data key is replaced: indexes at once, what is sealed piece by piece, each row by itself.

Killed at any moment, both keys open everything, and to begin again goes on where it was: whether a
row is done can be seen of the row. Nobody may be at work when the indexes change: a process goes by
the key that was in force when it began.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import LargeBinary, Table, bindparam, case, func, select, update

from alertcast.store import audit, data_keys, pulses, turns
from alertcast.store.crypto import Vault
from alertcast.store.db import Database, Tx
from alertcast.store.many import given
from alertcast.store.people import SAID_OF
from alertcast.store.rows import chunks
from alertcast.store.schema import (
    attempt,
    handover,
    person,
    quarantine,
    receipt,
    second_factor,
    shift_note,
    station,
    task,
    upload,
    witness,
)

SEALED: Mapping[Table, tuple[tuple[str, ...], int]] = {
    person: (("name", "phone"), 1000),
    station: (("keeper", "phone"), 1000),
    task: (("text", "slots"), 1000),
    receipt: (("raw",), 1000),
    second_factor: (("secret",), 1000),
    witness: (("raw",), 50),
    quarantine: (("raw",), 50),
    shift_note: (("text",), 1000),
    handover: (("text",), 1000),
    upload: (("content", "report", "copy"), 1),
}
"""Every sealed column, and how many rows are sealed anew in one transaction."""

INDEXED: tuple[Table, ...] = (person, task)
"""Tables with a `phone_index`."""

SHARED = (attempt, receipt)
"""Tables whose `provider_ref` may end with the index of a phone, where several share an id."""

_LENGTH = 32  # of an index

Told = Callable[[str, int], None]
"""Told the name of a table, and how many more of its rows were looked at."""


@dataclass(frozen=True, slots=True)
class Rotated:
    """What was done by this run; of an earlier one that was cut short nothing is counted."""

    sealed: Mapping[str, int]  # table -> rows that were sealed anew
    indexed: int  # phones whose index changed
    unreadable: Mapping[str, int]  # table -> rows that no key opens, now as before


def rotate(
    db: Database, now: datetime, user: str, told: Told = lambda table, rows: None
) -> Rotated:
    """Seal everything with the newest key of the vault; done twice it only looks.

    The vault must have been settled (`data_keys.settle`).

    Raises
    ------
    StoreError
        Somebody is at work on the database, and the indexes have not changed yet.
    """
    indexed = _begin(db, now, user)
    sealed: Counter[str] = Counter()
    unreadable: Counter[str] = Counter()
    while True:
        unreadable.clear()
        changed = 0
        for table in SEALED:
            for done, lost, looked_at in _pieces(db, table):
                sealed[table.name] += done
                unreadable[table.name] += lost
                changed += done
                told(table.name, looked_at)
        if not changed:  # a whole round in which every row was opened with the newest key
            break
    with db.write() as tx:
        if data_keys.unfinished(tx) is not None:
            data_keys.end(tx, now)
            audit.record(tx, user, "rotate_key_end", "database", now, key=db.vault.newest)
    return Rotated(+sealed, indexed, +unreadable)


def sizes(tx: Tx) -> dict[str, int]:
    """Return how many rows each table has that are to be looked at."""
    return {
        table.name: int(tx.execute(select(func.count()).select_from(table)).scalar_one())
        for table in SEALED
    }


def _begin(db: Database, now: datetime, user: str) -> int:
    """Change all indexes and the key in force, in one transaction; return how many changed."""
    vault = db.vault
    if vault.fingerprint == vault.newest:
        return 0
    before = vault.fingerprint
    try:
        with db.write() as tx:
            turns.take(tx, "data key")
            pulses.refuse_if_at_work(tx, db.real_now(tx), str(db.url))
            phones = _phones(tx, vault)
            vault.put_in_force(vault.newest)
            news = {index: vault.index(phone) for index, phone in phones.items() if phone}
            for table in INDEXED:
                for part in chunks(news.items(), 10_000):
                    tx.execute(_MOVE[table], {"moved": part})
            _move_shared(tx, news)
            data_keys.begin(tx, vault.newest, now)
            audit.record(tx, user, "rotate_key", "database", now, key=vault.newest)
    except BaseException:
        vault.put_in_force(before)
        raise
    return len(news)


def _phones(tx: Tx, vault: Vault) -> dict[str, str]:
    """Return the phone of each index, "" where no row of it can be read; mostly one is opened."""
    columns = (person.c.phone_index, func.min(person.c.id).label("id"))
    first = select(*columns).group_by(person.c.phone_index).subquery()
    rows = select(person.c.phone_index, person.c.phone)
    some = tx.execute(rows.join(first, first.c.id == person.c.id))
    found = {row.phone_index: vault.read(row.phone) for row in some}
    for spoilt in chunks([index for index, phone in found.items() if not phone]):
        for row in tx.execute(rows.where(person.c.phone_index.in_(spoilt))):
            found[row.phone_index] = found[row.phone_index] or vault.read(row.phone)
    return found


def _move_shared(tx: Tx, news: Mapping[str, str]) -> None:
    for table in SHARED:
        rows = select(table.c.id, table.c.provider_ref).where(table.c.provider_ref.like("%/%"))
        moved = []
        for row in tx.execute(rows):
            first, slash, index = row.provider_ref.rpartition("/")
            if index[:_LENGTH] in news:
                moved.append({"b_id": row.id, "b_ref": f"{first}{slash}{news[index]}"})
        if moved:
            values = update(table).where(table.c.id == bindparam("b_id"))
            tx.execute(values.values(provider_ref=bindparam("b_ref")), moved)


def _pieces(db: Database, table: Table) -> Iterator[tuple[int, int, int]]:
    """Seal a table anew, piece by piece; yield how many rows changed, are lost, were looked at."""
    after = 0
    names, size = SEALED[table]
    columns = [table.c[name] for name in names]
    while True:
        with db.write() as tx:
            rows = select(table.c.id, *columns).where(table.c.id > after).order_by(table.c.id)
            found = tx.execute(rows.limit(size).with_for_update()).all()
            if not found:
                return
            after = found[-1].id
            changed, lost = _sealed_anew(db, found)
            if changed:
                values: dict[str, Any] = {name: bindparam(f"b_{name}") for name in names}
                values |= _FOLLOWS.get(table, {})
                tx.execute(
                    update(table).where(table.c.id == bindparam("b_id")).values(values), changed
                )
        yield len(changed), lost, len(found)


def _sealed_anew(db: Database, rows: Sequence[Any]) -> tuple[list[dict[str, Any]], int]:
    """Return the rows that another key sealed, sealed with the newest; and how many none opens."""
    vault, changed, lost = db.vault, [], 0
    for row in rows:
        number, *cells = row
        is_lost = is_old = False
        news = []
        for cell in cells:
            new = cell
            if cell is not None and not vault.opens(cell, vault.newest):
                try:
                    new, is_old = vault.seal(vault.open(cell)), True
                except ValueError:  # spoilt: it stays as it is
                    is_lost = True
            news.append(new)
        lost += is_lost
        if is_old:
            names = (f"b_{name}" for name in row._fields[1:])
            changed.append({"b_id": number, **dict(zip(names, news, strict=True))})
    return changed, lost


def _moved(table: Table) -> Any:
    moved = given("moved", table.c.phone_index.label("old"), table.c.phone_index.label("new"))
    return update(table).where(table.c.phone_index == moved.c.old).values(phone_index=moved.c.new)


_MOVE = {table: _moved(table) for table in INDEXED}
_ANEW = func.substr(bindparam("b_phone", type_=LargeBinary()), 1, SAID_OF)
_IS_SAID = func.substr(person.c.phone, 1, SAID_OF) == person.c.begins_of
# How a number begins was said of it as it was sealed before, and is true of it still.
_FOLLOWS: Mapping[Table, Mapping[str, Any]] = {
    person: {"begins_of": case((_IS_SAID, _ANEW), else_=person.c.begins_of)}
}
