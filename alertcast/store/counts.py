"""PostgreSQL chooses how to read by counts that it takes about once a minute.

A warning writes thousands of rows at one moment, which are read at once: until they are counted,
each claim would read all of them.
"""

from sqlalchemy import text

from alertcast.store.db import Database

_COUNT = text("ANALYZE callout, respondent, task, task_respondent")


def recount(db: Database) -> None:
    """Let PostgreSQL count what was just planned; it stops no reader and no writer."""
    if not db.is_sqlite:
        with db.write() as tx:
            tx.execute(_COUNT)
