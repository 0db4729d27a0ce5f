"""Service stations (驿站) of a roster; keepers and phones sealed."""

from collections.abc import Iterable, Mapping
from operator import itemgetter

from sqlalchemy import delete, insert, select

from alertcast.core.roster import Station
from alertcast.store import data_keys
from alertcast.store.crypto import Vault
from alertcast.store.db import Tx
from alertcast.store.rows import value
from alertcast.store.schema import station

_KEPT = [one.name for one in station.c if one.name not in ("id", "roster_id", "written")]


def write(tx: Tx, vault: Vault, roster_id: int, found: Iterable[Station]) -> None:
    """Write the stations of a roster."""
    rows = [
        {
            **{name: getattr(one, name) for name in _KEPT},
            "roster_id": roster_id,
            "keeper": vault.seal(one.keeper),
            "phone": vault.seal(one.phone),
        }
        for one in found
    ]
    if rows:
        tx.execute(insert(station), rows)


def copy(tx: Tx, old: int, new: int) -> None:
    """Let a roster have the stations of an older one, by the codes of the layer in use."""
    rows = tx.execute(select(station).where(station.c.roster_id == old)).mappings().all()
    copied = [{**{name: row[name] for name in _KEPT}, "roster_id": new} for row in rows]
    if copied:
        tx.execute(insert(station), copied)


def replace(tx: Tx, vault: Vault, roster_id: int, found: Iterable[Station]) -> None:
    """Let a roster have these stations and no others; what was said of them tonight still holds.

    Raises DataKeyError if the data key was replaced since `vault` was settled.
    """
    data_keys.hold(tx, vault)
    tx.execute(delete(station).where(station.c.roster_id == roster_id))
    write(tx, vault, roster_id, found)


def of_roster(tx: Tx, vault: Vault, roster_id: int) -> dict[str, Station]:
    """Return the stations of a roster by code, opened; what can not be read is ""."""
    rows = tx.execute(select(station).where(station.c.roster_id == roster_id)).mappings()
    return {
        row["code"]: value(
            Station, row, keeper=vault.read(row["keeper"]), phone=vault.read(row["phone"])
        )
        for row in rows
    }


def mark(vault: Vault, held: Mapping[str, Station]) -> str:
    """Return what names these stations as they are: of any others it is another."""
    return vault.mark(repr(sorted(held.items(), key=itemgetter(0))).encode())
