"""The key of names and phones is replaced; killed half way, the office goes on calling."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from alertcast.core.roster import Person, Post
from alertcast.dispatch import call_list
from alertcast.dispatch.watch import Pulse
from alertcast.store import data_keys, rotation, sealed_files
from alertcast.store.crypto import DataKeyError, Vault, new_key
from alertcast.store.db import StoreError
from alertcast.store.outbox import planned_messages
from alertcast.store.schema import metadata, person, task
from tests.databases import DATA_KEY
from tests.stories.test_links import BASE, allow, look, token_to
from tests.stories.town import (
    COUNTY,
    EAST,
    EAST_DEPUTY,
    EAST_LEADER,
    EAST_SECRETARY,
    IN_EAST,
    IN_WEST,
    WEST_LEADER,
    Town,
    phones,
)

NEW_KEY = new_key()


class Killed(BaseException):
    """The process is gone."""


def restart(town: Town, key: str = NEW_KEY, former: str | None = DATA_KEY) -> None:
    """Let a new process begin, with these keys in its environment."""
    town.db.count_commits(lambda number, is_done: None)
    town.db.vault = Vault.from_text(key, former)
    with town.db.read() as tx:
        data_keys.settle(tx, town.db.vault)


def rotate(town: Town) -> rotation.Rotated:
    return rotation.rotate(town.db, town.now, "li")


@contextmanager
def killed_at(town: Town, commit: int, *, is_done: bool) -> Iterator[None]:
    """Let the process die at its n-th commit: right before it, or right after."""

    def die(number: int, done: bool) -> None:
        if (number, done) == (commit, is_done):
            raise Killed

    town.db.count_commits(die)
    with pytest.raises(Killed):
        yield


@pytest.fixture
def town(town: Town, monkeypatch: pytest.MonkeyPatch) -> Town:
    """The town in the middle of a warning, whose rows are sealed anew two at a time."""
    for table, (columns, _) in rotation.SEALED.items():
        monkeypatch.setitem(rotation.SEALED, table, (columns, 2))
    town.warn(over=IN_EAST)
    return town


@pytest.mark.parametrize("is_done", [False, True])
@pytest.mark.parametrize("commit", [1, 2, 4, 9])
def test_killed_half_way_people_are_called_and_answer_and_it_goes_on(
    town: Town, commit: int, is_done: bool
) -> None:
    restart(town)
    with killed_at(town, commit, is_done=is_done):
        rotate(town)
    restart(town)
    town.tick(minutes=10)
    assert phones(town.voice) == [EAST_LEADER, EAST_SECRETARY]
    town.text_back(EAST_LEADER, "1")
    assert town.answers() == [(EAST_LEADER, "sms", "1")]
    town.warn(over=IN_WEST)
    assert WEST_LEADER in phones(town.sms)
    rotate(town)
    restart(town, NEW_KEY, None)
    town.text_back(WEST_LEADER, "1")
    assert town.states() == {"西村": "answered"}
    assert_whole(town)


def test_a_phone_is_told_once_though_the_key_changes_between_two_plans(town: Town) -> None:
    restart(town)
    with killed_at(town, 3, is_done=True):
        rotate(town)
    restart(town)
    before = len(phones(town.sms))
    town.tick(minutes=5)
    assert len(phones(town.sms)) == before
    with town.db.read() as tx:
        told = [(one.phone, one.kind) for one in planned_messages(tx, town.db.vault)]
    assert len(told) == len(set(told))


def test_with_the_new_key_alone_everything_is_read_and_with_the_old_one_nothing(town: Town) -> None:
    restart(town)
    done = rotate(town)
    assert done.indexed == 11
    assert done.sealed["person"] == 11
    assert done.sealed["task"] >= 2
    assert done.unreadable == {}
    restart(town, NEW_KEY, None)
    town.tick(minutes=30)
    assert EAST_DEPUTY in phones(town.voice)
    assert_whole(town)
    with pytest.raises(DataKeyError):
        restart(town, DATA_KEY, None)


def test_twice_changes_nothing_more(town: Town) -> None:
    restart(town)
    rotate(town)
    again = rotate(town)
    assert (again.sealed, again.indexed) == ({}, 0)
    with town.db.read() as tx:
        assert data_keys.unfinished(tx) is None


def test_a_third_key_replaces_the_second(town: Town) -> None:
    restart(town)
    rotate(town)
    third = new_key()
    restart(town, third, NEW_KEY)
    rotate(town)
    restart(town, third, None)
    town.text_back(EAST_LEADER, "1")
    assert town.states() == {"东村": "answered"}


def test_before_it_has_begun_the_old_key_stays_in_force(town: Town) -> None:
    restart(town)
    town.warn(over=IN_WEST)
    restart(town, DATA_KEY, None)
    town.text_back(WEST_LEADER, "1")
    assert town.states() == {"西村": "answered"}


def test_nobody_may_be_at_work_when_the_indexes_change(town: Town) -> None:
    restart(town)
    pulse = Pulse(town.db, "serve")
    pulse.begin(["tick"])
    with pytest.raises(StoreError, match="running on it"):
        rotate(town)
    restart(town, DATA_KEY, None)
    town.text_back(EAST_LEADER, "1")
    assert town.states() == {"东村": "answered"}


def test_who_looked_at_the_key_before_it_was_replaced_does_not_begin(town: Town) -> None:
    late = Vault.from_text(NEW_KEY, DATA_KEY)
    with town.db.read() as tx:
        data_keys.settle(tx, late)
    restart(town)
    rotate(town)
    town.db.vault = late
    with pytest.raises(DataKeyError, match="replaced meanwhile"):
        Pulse(town.db, "serve").begin(["tick"])
    with pytest.raises(DataKeyError, match="replaced meanwhile"):
        town.enrol([], [])


def test_a_spoilt_record_is_counted_and_stops_nothing(town: Town) -> None:
    with town.db.write() as tx:
        spoilt = person.select().order_by(person.c.id.desc())
        last = tx.execute(spoilt).first()
        assert last is not None
        tx.execute(person.update().where(person.c.id == last.id).values(phone=b"spoilt"))
    restart(town)
    done = rotate(town)
    assert (done.unreadable, done.indexed) == ({"person": 1}, 10)
    with town.db.read() as tx:
        assert data_keys.unfinished(tx) is None


def test_a_phone_whose_oldest_record_is_spoilt_is_still_known_by_the_others(town: Town) -> None:
    town.enrol([Person("a", "某甲", EAST_LEADER)], [Post("a", "branch_leader", EAST)])
    with town.db.write() as tx:
        index = town.db.vault.index(EAST_LEADER)
        oldest = select(func.min(person.c.id)).where(person.c.phone_index == index)
        one = person.c.id == oldest.scalar_subquery()
        tx.execute(person.update().where(one).values(phone=b"spoilt"))
    restart(town)
    assert rotate(town).unreadable == {"person": 1}
    town.text_back(EAST_LEADER, "1")
    assert town.states()["东村"] == "answered"


def test_a_link_that_was_sent_before_still_answers_while_the_old_key_is_there(town: Town) -> None:
    allow(town)
    town.configure(web={"public_base_url": BASE})
    town.warn(over=IN_WEST)
    token = token_to(town, WEST_LEADER)
    restart(town)
    rotate(town)
    assert look(town, token).task.phone_index == town.db.vault.index(WEST_LEADER)


def test_call_lists_that_lie_on_disk_are_sealed_anew_and_keep_their_age(town: Town) -> None:
    town.configure(call_list={"folder": str(town.folder / "lists")})
    assert call_list.write_due(town.world, town.now) == 1
    folder = call_list.folder_of(town.world)
    (before,) = sealed_files.listed(folder)
    restart(town)
    rotate(town)
    assert sealed_files.reseal(folder, town.db.vault) == 1
    assert sealed_files.reseal(folder, town.db.vault) == 0
    (after,) = sealed_files.listed(folder)
    assert after.written_at - before.written_at < timedelta(milliseconds=1)
    alone = Vault.from_text(NEW_KEY)
    assert sealed_files.read(folder, alone, town.last, COUNTY) is not None


def test_every_column_of_bytes_is_sealed_anew_or_is_no_secret() -> None:
    shapes = {("grid", "geometry"), ("code_place", "geometry")}
    marks = {("person", "begins_of")}  # the first bytes of what is sealed: they open nothing
    columns = {
        (table.name, column.name)
        for table in metadata.sorted_tables
        for column in table.columns
        if column.type.python_type is bytes
    }
    sealed = {(t.name, name) for t, (names, _) in rotation.SEALED.items() for name in names}
    assert columns == sealed | shapes | marks
    indexed = {t.name for t in metadata.sorted_tables if "phone_index" in t.c}
    assert indexed == {table.name for table in rotation.INDEXED}


def assert_whole(town: Town) -> None:
    """Everything opens with the key at hand, and every phone has its index."""
    vault = town.db.vault
    with town.db.read() as tx:
        for table, (names, _) in rotation.SEALED.items():
            for row in tx.execute(table.select()).mappings():
                assert all(vault.opens(row[n], vault.newest) for n in names if row[n] is not None)
        for row in tx.execute(person.select()):
            assert row.phone_index == vault.index(vault.open(row.phone))
        joined = task.join(person, person.c.id == task.c.person_id)
        for row in tx.execute(task.select().select_from(joined).add_columns(person.c.phone)):
            assert row.phone_index == vault.index(vault.open(row.phone))
