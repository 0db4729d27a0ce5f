"""A place for drills on PostgreSQL is as new before each case."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from alertcast.demo.chaos.town import settle
from alertcast.store import audit, grids, playground
from alertcast.store.crypto import Vault
from alertcast.store.db import Database, StoreError
from tests.databases import DATA_KEY, POSTGRESQL

NOW = datetime(2026, 1, 20, tzinfo=UTC)
SCHEMA = "alertcast_playground"


@pytest.fixture
def town() -> Iterator[Database]:
    """A schema of its own with grids and a roster, and nothing else."""
    whole = Database(POSTGRESQL or "", Vault.from_text(DATA_KEY))
    playground.create(whole, SCHEMA)
    db = Database(playground.inside(POSTGRESQL or "", SCHEMA), whole.vault)
    db.upgrade()
    playground.watch(db)
    settle(db)
    with db.write() as tx:
        playground.furnish(tx)
    yield db
    db.close()
    playground.drop(whole, SCHEMA)
    whole.close()


def test_cleared_it_holds_what_it_was_furnished_with_and_counts_from_one(town: Database) -> None:
    for _ in range(2):
        with town.write() as tx:
            audit.record(tx, "wang", "start", "broadcast 1", NOW)
        with town.read() as tx:
            assert [one["id"] for one in audit.listed(tx)] == [1]
        with town.write() as tx:
            playground.clear(tx)
        with town.read() as tx:
            assert not audit.listed(tx)
            assert grids.active_layer(tx) is not None


def test_what_was_furnished_must_be_left_alone(town: Database) -> None:
    settle(town)
    with pytest.raises(StoreError, match="as it was furnished"), town.write() as tx:
        playground.clear(tx)
