"""Tables to which rows are only ever added: triggers refuse to change or remove one.

The triggers are made by migrations. Whoever owns the database can lift them; the chain of
`store.audit` shows what was done to it meanwhile.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text

from alertcast.store.db import Tx
from alertcast.store.schema import acknowledgement, audit, audit_link, relay

GUARDED = (audit.name, audit_link.name, acknowledgement.name, relay.name)

_TRIGGERS = text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :name")


@contextmanager
def lifted(tx: Tx) -> Iterator[None]:
    """Let rows of these tables be removed until the block ends: a restore replaces everything.

    An error in the block leaves the transaction to be undone, triggers and all.
    """
    if tx.dialect.name == "postgresql":
        _switch(tx, "DISABLE")
        yield
        _switch(tx, "ENABLE")
        return
    triggers = [one for name in GUARDED for one in tx.execute(_TRIGGERS, {"name": name})]
    for one in triggers:
        tx.exec_driver_sql(f'DROP TRIGGER "{one.name}"')
    yield
    for one in triggers:
        tx.exec_driver_sql(one.sql)


def _switch(tx: Tx, how: str) -> None:
    for name in GUARDED:
        tx.execute(text(f"ALTER TABLE {name} {how} TRIGGER USER"))
