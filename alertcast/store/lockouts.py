"""Wrong passwords, counted in the database: machines share them, and no restart forgets them.

Whoever reads the table learns no name: people type passwords into the wrong field.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, or_, select, update

from alertcast.core.lockout import RULES, Failures, counted, wait
from alertcast.store import turns
from alertcast.store.crypto import Vault
from alertcast.store.db import Tx
from alertcast.store.schema import log_in_failure

Marks = Mapping[str, str]
"""What a try is counted by: kind (see core.lockout.RULES), and its keyed hash."""


def of_stranger(vault: Vault, name: str, address: str) -> Marks:
    """Return what a try from a browser is counted by that this user has not logged in from."""
    by_name, by_address = _mark(vault, "name", name), _mark(vault, "address", address)
    return {"pair": f"{by_name}:{by_address}", "name": by_name, "address": by_address}


def of_known(vault: Vault, name: str, browser: str) -> Marks:
    """Return what a try from a browser is counted by that this user has logged in from before."""
    return {"browser": f"{_mark(vault, 'name', name)}:{_mark(vault, 'browser', browser)}"}


def begin(tx: Tx, marks: Marks, real_now: datetime) -> tuple[timedelta, list[str]]:
    """Count a try before its password is looked at, so that many at one moment are many.

    Return how long it has to wait instead (it is then not counted, and must not be made), and the
    kinds of which it was the last that need not.
    """
    turns.take(tx, "log-in")
    before = {kind: _failures(tx, kind, mark) for kind, mark in marks.items()}
    waits = [wait(RULES[kind], found, real_now) for kind, found in before.items()]
    if any(waits):
        return max(waits), []
    closed = []
    for kind, mark in marks.items():
        count = counted(RULES[kind], before[kind], real_now)
        _write(tx, kind, mark, Failures(count, real_now), is_new=before[kind] is None)
        if count == RULES[kind].most:
            closed.append(kind)
    return timedelta(0), closed


def passed(tx: Tx, marks: Marks) -> None:
    """Forget the wrong tries of somebody who knew the right password; of an address this one."""
    for kind, mark in marks.items():
        is_it = (log_in_failure.c.kind == kind) & (log_in_failure.c.mark == mark)
        if kind == "address":
            count = log_in_failure.c.count
            tx.execute(update(log_in_failure).where(is_it, count > 0).values(count=count - 1))
        else:
            tx.execute(delete(log_in_failure).where(is_it))


def forget_name(tx: Tx, vault: Vault, name: str) -> int:
    """Let nobody wait any more who logs in as `name`; return how many counts there were."""
    mark = _mark(vault, "name", name)
    mine = or_(log_in_failure.c.mark == mark, log_in_failure.c.mark.startswith(f"{mark}:"))
    return tx.execute(delete(log_in_failure).where(mine)).rowcount


def forget_address(tx: Tx, vault: Vault, address: str) -> int:
    """Let nobody wait any more who logs in from `address`; return how many counts there were."""
    mark = _mark(vault, "address", address)
    mine = or_(log_in_failure.c.mark == mark, log_in_failure.c.mark.endswith(f":{mark}"))
    return tx.execute(delete(log_in_failure).where(mine)).rowcount


def clear(tx: Tx, real_now: datetime) -> None:
    """Remove what counts no more."""
    for kind, rule in RULES.items():
        old = log_in_failure.c.at <= real_now - rule.forgotten
        tx.execute(delete(log_in_failure).where(log_in_failure.c.kind == kind, old))


def _failures(tx: Tx, kind: str, mark: str) -> Failures | None:
    rows = select(log_in_failure.c.count, log_in_failure.c.at).where(
        log_in_failure.c.kind == kind, log_in_failure.c.mark == mark
    )
    row = tx.execute(rows).first()
    return None if row is None else Failures(*row)


def _write(tx: Tx, kind: str, mark: str, found: Failures, *, is_new: bool) -> None:
    values = {"count": found.count, "at": found.at}
    if is_new:
        tx.execute(insert(log_in_failure).values(kind=kind, mark=mark, **values))
        return
    is_it = (log_in_failure.c.kind == kind) & (log_in_failure.c.mark == mark)
    tx.execute(update(log_in_failure).where(is_it).values(**values))


def _mark(vault: Vault, kind: str, said: str) -> str:
    return vault.mark(f"log-in {kind} {said}".encode())
