"""Which data key is in force in a database: it alone seals and makes indexes, whoever runs.

A key is replaced in two steps (see `rotation`): all indexes change in one transaction, with them
the key in force; what is sealed follows piece by piece. Without a row no key was ever replaced.
"""

from datetime import datetime

from sqlalchemy import insert, select, update

from alertcast.store import turns
from alertcast.store.crypto import DataKeyError, Vault
from alertcast.store.db import Tx
from alertcast.store.schema import data_key, person

_NEWEST = select(data_key).order_by(data_key.c.n.desc()).limit(1)
_SAMPLE = select(person.c.phone).order_by(person.c.id.desc()).limit(20)


def settle(tx: Tx, vault: Vault) -> None:
    """Let `vault` seal with the key that is in force here.

    Raises DataKeyError if it opens no record of the newest people, or has not the key in force. A
    single spoilt record says nothing of the key.
    """
    row = tx.execute(_NEWEST).first()
    vault.put_in_force(_first_key(tx, vault) if row is None else row.fingerprint)


def check(tx: Tx, vault: Vault) -> None:
    """Do what `settle` does in a database of an older version, in which none was ever replaced."""
    vault.put_in_force(_first_key(tx, vault))


def hold(tx: Tx, vault: Vault) -> None:
    """Keep the key in force until the transaction ends.

    Raises DataKeyError if it is not the one of `vault` any more: it was replaced meanwhile.
    """
    turns.take(tx, "data key")
    row = tx.execute(_NEWEST).first()
    if row is not None and row.fingerprint != vault.fingerprint:
        msg = "the data key was replaced meanwhile: start again"
        raise DataKeyError(msg)


def begin(tx: Tx, fingerprint: str, now: datetime) -> None:
    """Write that this key is in force from now on, while others still seal what is older."""
    row = tx.execute(_NEWEST).first()
    n = 1 if row is None else row.n + 1
    tx.execute(insert(data_key).values(n=n, fingerprint=fingerprint, since=now))


def end(tx: Tx, now: datetime) -> None:
    """Write that everything is sealed with the key in force."""
    tx.execute(update(data_key).where(data_key.c.whole_at.is_(None)).values(whole_at=now))


def unfinished(tx: Tx) -> datetime | None:
    """Return since when a key is being replaced, or None: none is."""
    row = tx.execute(_NEWEST).first()
    return None if row is None or row.whole_at is not None else row.since


def _first_key(tx: Tx, vault: Vault) -> str:
    """Return the key by which the newest people were written; with nobody there the older one."""
    sealed = list(tx.execute(_SAMPLE).scalars())
    for fingerprint in (vault.former, vault.newest):
        if fingerprint and (not sealed or any(vault.opens(one, fingerprint) for one in sealed)):
            return fingerprint
    msg = "this data was written with another data key"
    raise DataKeyError(msg)
