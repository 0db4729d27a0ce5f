"""An upgrade makes tables anew under what refers to them: a night that is under way goes on."""

from collections.abc import Callable

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, delete, select, text
from sqlalchemy.exc import IntegrityError

from alertcast.store import db as store
from alertcast.store.schema import attempt, metadata, task, task_respondent
from tests.stories.town import EAST_LEADER, IN_EAST, Town

BEFORE = "0048"  # tasks were unique from their broadcast on
KEPT = (task, task_respondent, attempt)


def test_a_night_goes_on_after_an_upgrade(town: Town) -> None:
    town.warn(over=IN_EAST)
    with town.db.read() as tx:
        before = {one.name: tx.execute(select(one)).all() for one in KEPT}
    _go_back(town)
    town.db.upgrade()
    with town.db.read() as tx:
        assert {one.name: tx.execute(select(one)).all() for one in KEPT} == before
    town.tick(minutes=10)
    town.press_1(EAST_LEADER)
    assert town.states() == {"东村": "answered"}


def test_what_others_refer_to_is_not_deleted_after_an_upgrade(town: Town) -> None:
    town.warn(over=IN_EAST)
    _go_back(town)
    town.db.upgrade()
    with pytest.raises(IntegrityError), town.db.write() as tx:
        tx.execute(delete(task))


def test_an_upgrade_that_fails_leaves_everything_as_it_was(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.warn(over=IN_EAST)
    _go_back(town)

    def killed(_tx: Connection) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _upgrade_and(town, killed, monkeypatch)
    with town.db.read() as tx:
        assert tx.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == BEFORE
    town.db.upgrade()
    with pytest.raises(IntegrityError), town.db.write() as tx:
        tx.execute(delete(task))


def test_an_upgrade_that_would_leave_rows_that_refer_to_nothing_is_taken_back(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.warn(over=IN_EAST)
    _go_back(town)

    def tearing(tx: Connection) -> None:
        tx.execute(text("DELETE FROM broadcast"))

    with pytest.raises((store.StoreError, IntegrityError)):
        _upgrade_and(town, tearing, monkeypatch)
    town.db.upgrade()
    assert town.count() == 1


def test_indexes_of_some_rows_are_of_the_same_rows_after_an_upgrade(town: Town) -> None:
    before = _partial(town)
    _go_back(town)
    town.db.upgrade()
    assert _partial(town) == before
    assert set(before) == {
        one.name
        for table in metadata.tables.values()
        for one in table.indexes
        if one.dialect_options[town.db.url.get_backend_name()]["where"] is not None
    }


def _partial(town: Town) -> dict[str, str]:
    """Return how the indexes of some rows only are made, by name."""
    asked = "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql LIKE '% WHERE %'"
    if not town.db.is_sqlite:
        asked = "SELECT indexname, indexdef FROM pg_indexes WHERE indexdef LIKE '% WHERE %'"
        asked += " AND schemaname = 'public' AND tablename NOT LIKE 'procrastinate%'"
    with town.db.read() as tx:
        return {name: " ".join(made.split()) for name, made in tx.execute(text(asked))}


def _upgrade_and(
    town: Town, then: Callable[[Connection], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Upgrade, and do one thing more before it is kept."""

    def upgraded(config: Config, version: str) -> None:
        real(config, version)
        then(config.attributes["connection"])

    real = command.upgrade
    with monkeypatch.context() as patch:
        patch.setattr(command, "upgrade", upgraded)
        town.db.upgrade()


def _go_back(town: Town) -> None:
    """Bring the tables to the version before."""
    engine: Engine = create_engine(town.db.url)
    with engine.begin() as tx:
        config = Config()
        config.set_main_option("script_location", str(store._MIGRATIONS))
        config.attributes["connection"] = tx
        command.downgrade(config, BEFORE)
    engine.dispose()
