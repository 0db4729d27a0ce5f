"""A worker that is told to stop leaves nothing behind that others would have to wait for."""

from pathlib import Path

from sqlalchemy import func, select

from alertcast.core.task import TaskState
from alertcast.store.schema import task
from tests.databases import MovableDatabase, database
from tests.machines.office import CELLS, PATIENCE, Office, wait_until
from tests.machines.warning import warn


def number(db: MovableDatabase, state: TaskState) -> int:
    with db.read() as tx:
        rows = select(func.count()).where(task.c.state == state)
        return int(tx.execute(rows).scalar_one())


def test_it_gives_back_what_it_has_not_requested_and_another_goes_on(tmp_path: Path) -> None:
    with database("postgresql", tmp_path) as db:
        office = Office(db, tmp_path, seed=1)
        with office.open() as (one, other, web):
            assert wait_until(lambda: one.is_up() and other.is_up()), office.story()
            warn(office)  # only now: else the first of them has sent it all before the other is up
            assert wait_until(lambda: office.taken() >= 6), office.story()
            for worker in (one, other):
                worker.process.terminate()
            assert [worker.process.wait(PATIENCE) for worker in (one, other)] == [0, 0]
            assert number(db, TaskState.LEAVING) == 0, office.story()
            assert number(db, TaskState.QUEUED) > 0
            assert office.count().duplicates == (), office.story()  # all that left is recorded
            taken = office.taken()
            assert taken < 4 * CELLS
            one.start()
            assert wait_until(lambda: office.taken() > taken), office.story()
            assert web.process.poll() is None
