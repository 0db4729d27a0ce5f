"""Many values in one parameter: the same on both databases, and found by their indexes."""

from collections.abc import Callable
from datetime import datetime, timedelta, timezone

import pytest
from sqlalchemy import ColumnElement, insert, select, update
from sqlalchemy.exc import StatementError

from alertcast.store import ready
from alertcast.store.many import among, among_many, given
from alertcast.store.schema import channel_state, episode, task
from tests.databases import MovableDatabase

NOW = datetime(2026, 12, 26, 17, 20, tzinfo=timezone(timedelta(hours=8)))

_CHANGED = given(
    "changed", episode.c.id, episode.c.family, episode.c.started_at, episode.c.ended_at
)
_CHANGE = (
    update(episode)
    .where(episode.c.id == _CHANGED.c.id)
    .values({one.name: one for one in _CHANGED.c if one.name != "id"})
)


def test_each_row_is_changed_to_what_was_given_for_it(db: MovableDatabase) -> None:
    later = NOW + timedelta(seconds=1, microseconds=1)
    with db.write() as tx:
        tx.execute(
            insert(episode),
            [{"id": one, "family": "cold", "started_at": NOW} for one in (1, 2, 3)],
        )
        tx.execute(_CHANGE, {"changed": [(1, "霜冻 '\"%", later, None), (3, "rain", NOW, later)]})
        found = tx.execute(select(episode).order_by(episode.c.id)).all()
    assert [tuple(one) for one in found] == [
        (1, "霜冻 '\"%", later, None),
        (2, "cold", NOW, None),
        (3, "rain", NOW, later),
    ]


def test_a_time_without_a_zone_is_refused_among_many_too(db: MovableDatabase) -> None:
    naive = NOW.replace(tzinfo=None)
    with pytest.raises(StatementError, match="a time without a zone"), db.write() as tx:
        tx.execute(_CHANGE, {"changed": [(1, "cold", naive, None)]})


def test_letters_that_are_none_are_refused_and_not_kept(db: MovableDatabase) -> None:
    with db.write() as tx:
        tx.execute(insert(episode), {"id": 1, "family": "cold", "started_at": NOW})
    with pytest.raises(UnicodeEncodeError), db.write() as tx:
        tx.execute(_CHANGE, {"changed": [(1, "\ud800", NOW, None)]})
    with db.read() as tx:
        assert tx.execute(select(episode.c.family)).scalar_one() == "cold"


def test_bytes_are_given_in_hexadecimal_digits(db: MovableDatabase) -> None:
    made = given("made", task.c.id, task.c.text)
    with db.read() as tx:
        rows = [(1, b"\x00\xff sealed".hex()), (2, None)]
        found = tx.execute(select(made).order_by(made.c.id), {"made": rows}).all()
    assert [(one.id, one.text and bytes(one.text)) for one in found] == [
        (1, b"\x00\xff sealed"),
        (2, None),
    ]


@pytest.mark.parametrize("listed", [among, among_many])
@pytest.mark.parametrize("names", [[], ["a"], ["a", "c", "c", "nobody", "'; --"]])
def test_one_of_a_list_of_words(
    db: MovableDatabase, names: list[str], listed: Callable[..., ColumnElement[bool]]
) -> None:
    row = {"pace": 1.0, "failures": 0, "forged": 0}
    with db.write() as tx:
        tx.execute(insert(channel_state), [row | {"name": one} for one in "abc"])
        found = select(channel_state.c.name).where(listed(channel_state.c.name, "names"))
        told = list(tx.execute(found, {"names": names}).scalars())
    assert sorted(told) == sorted({*names} & {*"abc"})


def test_what_is_due_is_found_by_its_index(db: MovableDatabase) -> None:
    """However many tasks wait, a claim reads the first of them only."""
    if not db.is_sqlite:  # PostgreSQL chooses by how much there is
        return
    with db.read() as tx:
        query = str(ready._FIRST_OF.compile(tx)).replace("?", "0")
        plan = [row[3] for row in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}")]
    assert "SEARCH task USING INDEX ix_task_ready (broadcast_id=? AND kind=?)" in plan
    assert not any("TEMP B-TREE" in one for one in plan)
