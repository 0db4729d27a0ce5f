"""Texts of people that were heard: a provider that was not answered in time delivers one again."""

from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from alertcast.store.db import Tx
from alertcast.store.schema import heard


def is_first(tx: Tx, channel: str, provider_ref: str, now: datetime) -> bool:
    """Write that a text was heard; False if it was before, even at this very moment.

    Rolled back with what was done for it, so that a text which could not be taken is taken when it
    comes again.
    """
    row = {"channel": channel, "provider_ref": provider_ref[:128], "at": now}
    try:
        with tx.begin_nested():
            tx.execute(insert(heard).values(**row))
    except IntegrityError:
        return False
    return True
