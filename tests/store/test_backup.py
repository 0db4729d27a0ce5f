"""A backup taken while all runs, restored into either database, and compared table by table."""

import json
import shutil
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from sqlalchemy import JSON, Table, func, insert, select, text

from alertcast.core.broadcast import BroadcastState
from alertcast.dispatch import receive
from alertcast.store import pulses
from alertcast.store import restore as restoring
from alertcast.store.archive import DATABASE, MANIFEST, ArchiveError
from alertcast.store.backup import back_up
from alertcast.store.crypto import DataKeyError, Vault, new_key
from alertcast.store.db import Database, StoreError, Tx, UtcTime
from alertcast.store.pulses import AT_WORK
from alertcast.store.restore import Restored, restore
from alertcast.store.schema import audit, broadcast, data_key, episode, metadata
from tests.databases import DATA_KEY, KINDS, database
from tests.stories.town import EAST_LEADER, EAST_SECRETARY, EVENING, Town

WAYS = [(source, target) for source in KINDS for target in KINDS]


def rows(db: Database, *, but: tuple[str, ...] = ()) -> dict[str, list[tuple[Any, ...]]]:
    with db.read() as tx:
        return {
            table.name: [
                tuple(row) for row in tx.execute(select(table).order_by(*table.primary_key))
            ]
            for table in metadata.sorted_tables
            if table.name not in but
        }


def busy_town(db: Any, folder: Path) -> Town:
    """A town in the middle of a red warning: answers, a cry for help, a call on its way."""
    town = Town(db, folder)
    town.sms.takes_replies = True
    town.warn(level="red")
    town.text_back(EAST_LEADER, "收到")
    request = next(one for one in town.voice.outbox if one.phone == EAST_SECRETARY)
    callback = town.voice.callback("keys", request.token, key="2")
    receive.receive(town.world, callback, town.now)  # and killed before anybody is called for it
    with town.db.write() as tx:
        for table in metadata.sorted_tables:
            if tx.execute(select(func.count()).select_from(table)).scalar_one() == 0:
                row = anything(tx, table)
                if table is data_key:  # another key than the one that sealed the rest opens nothing
                    row["fingerprint"] = town.db.vault.fingerprint
                tx.execute(insert(table).values(**row))
    return town


def anything(tx: Tx, table: Table) -> dict[str, Any]:
    """A row for a table that no story fills: a value of its type in every column."""
    kinds: dict[type[Any], Any] = {str: "字", int: 1, float: 0.1, bytes: b"\x00\xff", bool: True}
    row: dict[str, Any] = {}
    for column in table.c:
        kind = column.type
        if column.foreign_keys:
            (key,) = column.foreign_keys
            row[column.name] = tx.execute(select(func.min(key.column))).scalar_one()
        elif isinstance(kind, JSON):
            row[column.name] = {"键": [1, None, "值"]}
        elif isinstance(kind, UtcTime):
            row[column.name] = EVENING.replace(microsecond=123456)
        elif column.name != "id":
            row[column.name] = kinds[kind.python_type]
    return row


def restored(db: Database, file: Path, *, force: bool = False) -> Restored:
    return restore(db, file, EVENING, user="cli:li", force=force)


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    """A backup of the busy town."""
    with database("sqlite", tmp_path) as db:
        busy_town(db, tmp_path)
        back_up(db, tmp_path / "night.backup", EVENING)
    yield tmp_path / "night.backup"


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Database]:
    db = Database(f"sqlite:///{tmp_path / 'other.sqlite3'}", Vault.from_text(DATA_KEY))
    yield db
    db.close()


@pytest.mark.parametrize(("source", "target"), WAYS)
def test_every_row_of_every_table_comes_back(source: str, target: str, tmp_path: Path) -> None:
    file = tmp_path / "night.backup"
    with database(source, tmp_path) as db:
        busy_town(db, tmp_path)
        manifest = back_up(db, file, EVENING)
        before = rows(db)
    assert {name: len(kept) for name, kept in before.items()} == manifest.rows
    assert sum(map(len, before.values())) > 100
    assert all(before.values()), "every table has something to lose"
    (tmp_path / "target").mkdir()
    with database(target, tmp_path / "target") as db:
        done = restored(db, file)
        after = rows(db)
        db.check_version()
        with db.write() as tx:  # ids go on after the highest one
            tx.execute(insert(episode).values(family="cold", started_at=EVENING))
    assert done.rows == sum(map(len, before.values()))
    changed = {name for name, kept in before.items() if after[name] != kept}
    # held, to be dialled, that it was done (and its link); nobody is at work yet, or logged in;
    # what was sent to be brought in is sent again
    assert changed == {"broadcast", "task", "audit", "audit_link", "pulse", "session", "upload"}
    assert (after["session"], after["upload"]) == ([], [])
    assert after["pulse"] == []
    assert after["audit"][:-1] == before["audit"]
    for name, column in (("broadcast", "state"), ("task", "state")):
        at = list(metadata.tables[name].c.keys()).index(column)
        same = [tuple(row[:at]) for row in before[name]]
        assert [tuple(row[:at]) for row in after[name]] == same


def test_it_is_taken_in_one_moment_while_others_write(tmp_path: Path) -> None:
    with database("sqlite", tmp_path) as db:
        begun, enough = Event(), Event()

        def write() -> None:
            while not enough.is_set():
                with db.write() as tx:
                    for _ in range(2):
                        tx.execute(insert(episode).values(family="cold", started_at=EVENING))
                begun.set()

        writer = Thread(target=write)
        writer.start()
        try:
            assert begun.wait(5)
            counts = [
                back_up(db, tmp_path / f"{n}.backup", EVENING).rows["episode"] for n in range(5)
            ]
        finally:
            enough.set()
            writer.join()
    assert all(count and count % 2 == 0 for count in counts), counts
    assert counts == sorted(counts)
    assert sorted(one.name for one in tmp_path.glob("*.part")) == []


def test_nothing_personal_and_no_key_can_be_read_in_it(file: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(file) as archive:
        everything = archive.read(DATABASE) + archive.read(MANIFEST)
    assert "怀集县".encode() in everything
    for secret in (EAST_LEADER, EAST_LEADER[3:], "某21", DATA_KEY):
        assert secret.encode() not in everything
    assert Vault.from_text(DATA_KEY).fingerprint.encode() in everything
    assert file.stat().st_mode & 0o077 == 0


def test_another_key_is_refused_by_its_fingerprint(file: Path, tmp_path: Path) -> None:
    other = Database(f"sqlite:///{tmp_path / 'other.sqlite3'}", Vault.from_text(new_key()))
    needed = Vault.from_text(DATA_KEY).fingerprint
    with pytest.raises(
        ArchiveError, match=f"needs the data key {needed}.*{other.vault.fingerprint}"
    ):
        restored(other, file)
    other.close()


def test_a_backup_is_not_made_with_a_key_that_does_not_open_it(tmp_path: Path) -> None:
    with database("sqlite", tmp_path) as db:
        Town(db, tmp_path)
        wrong = Database(str(db.url), Vault.from_text(new_key()))
        with pytest.raises(DataKeyError):
            back_up(wrong, tmp_path / "night.backup", EVENING)
        wrong.close()
    assert not (tmp_path / "night.backup").exists()


def test_a_file_is_never_overwritten(file: Path, tmp_path: Path) -> None:
    before = file.read_bytes()
    with database("sqlite", tmp_path) as db, pytest.raises(ArchiveError, match="already"):
        back_up(db, file, EVENING)
    assert file.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".")] == []


@pytest.mark.parametrize("at", [0.0, 0.1, 0.5, 0.9])
def test_a_damaged_file_is_refused_and_nothing_is_written(
    file: Path, empty: Database, at: float
) -> None:
    damaged = bytearray(file.read_bytes())
    middle = int(len(damaged) * at)
    damaged[middle : middle + 20] = bytes(20)
    file.write_bytes(damaged)
    with pytest.raises(ArchiveError, match=r"damaged|can not be read"):
        restored(empty, file)
    assert not Path(str(empty.url.database)).exists()


def test_a_torn_file_is_refused(file: Path, empty: Database) -> None:
    file.write_bytes(file.read_bytes()[:-500])
    with pytest.raises(ArchiveError, match="damaged"):
        restored(empty, file)


def test_a_file_that_is_not_there_or_no_backup_is_refused(empty: Database, tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="no such file"):
        restored(empty, tmp_path / "nothing.backup")
    (tmp_path / "text.backup").write_text("a text")
    with pytest.raises(ArchiveError, match="no backup"):
        restored(empty, tmp_path / "text.backup")
    with zipfile.ZipFile(tmp_path / "zip.backup", "w") as archive:
        archive.writestr("a", "b")
    with pytest.raises(ArchiveError, match="no backup"):
        restored(empty, tmp_path / "zip.backup")


def repacked(file: Path, **changes: Any) -> None:
    """Write the archive again, its manifest changed by somebody without the key."""
    with zipfile.ZipFile(file) as archive:
        packed, kept = archive.read(DATABASE), archive.read(MANIFEST)
    content, mark = kept.split()[:-1], kept.split()[-1]
    manifest = json.loads(b" ".join(content)) | changes
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(MANIFEST, json.dumps(manifest, sort_keys=True).encode() + b"\n" + mark)
        archive.writestr(DATABASE, packed)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"format": 9}, "format 9"),
        ({"sha256": "0" * 64}, "was changed"),
        ({"size": 10**12}, "was changed"),
        ({"key": "0" * 16}, "needs the data key 0000"),
        ({"more": 1}, "manifest can not be read"),
    ],
)
def test_a_changed_manifest_is_refused(
    file: Path, empty: Database, changes: dict[str, Any], said: str
) -> None:
    repacked(file, **changes)
    with pytest.raises(ArchiveError, match=said):
        restored(empty, file)


def test_a_newer_one_is_refused(tmp_path: Path, empty: Database) -> None:
    with database("sqlite", tmp_path) as db:
        with db.write() as tx:
            tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        back_up(db, tmp_path / "future.backup", EVENING)
    with pytest.raises(ArchiveError, match="version 9999, which this program does not know"):
        restored(empty, tmp_path / "future.backup")
    assert not Path(str(empty.url.database)).exists()


@pytest.mark.parametrize("kind", KINDS)
def test_a_database_that_is_not_empty_is_replaced_only_by_force(
    kind: str, file: Path, tmp_path: Path
) -> None:
    (tmp_path / "full").mkdir()
    with database(kind, tmp_path / "full") as db:
        Town(db, tmp_path / "full").warn()
        before = rows(db)
        with pytest.raises(StoreError, match=r"not empty .*--force"):
            restored(db, file)
        assert rows(db) == before
        done = restored(db, file, force=True)
        after = rows(db)
    assert len(after["acknowledgement"]) == 2
    assert [row for row in after["audit"] if "restore" in row]
    assert done.held == (1,)


@pytest.mark.parametrize("kind", KINDS)
def test_killed_half_way_it_changes_nothing(
    kind: str, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(restoring.audit, "record", killed)
    (tmp_path / "full").mkdir()
    with database(kind, tmp_path / "full") as db:
        with db.write() as tx:
            tx.execute(insert(episode).values(family="cold", started_at=EVENING))
        before = rows(db)
        with pytest.raises(KeyboardInterrupt):
            restored(db, file, force=True)
        assert rows(db) == before


def test_a_damaged_database_is_not_backed_up_as_if_it_were_whole(tmp_path: Path) -> None:
    with database("sqlite", tmp_path) as db:
        busy_town(db, tmp_path)
        place = Path(str(db.url.database))
    with closing(sqlite3.connect(place)) as kept:
        kept.execute("PRAGMA journal_mode=DELETE").close()
        (page,) = kept.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'ix_task_state'"
        ).fetchone()
        (size,) = kept.execute("PRAGMA page_size").fetchone()
    with place.open("r+b") as opened:
        opened.seek((page - 1) * size)
        opened.write(b"\xff" * size)
    db = Database(f"sqlite:///{place}", Vault.from_text(DATA_KEY))
    with pytest.raises(StoreError, match="database is damaged"):
        back_up(db, tmp_path / "night.backup", EVENING)
    db.close()
    assert not (tmp_path / "night.backup").exists()


def test_a_database_without_tables_has_nothing_to_back_up(tmp_path: Path, empty: Database) -> None:
    with pytest.raises(StoreError, match="no database yet"):
        back_up(empty, tmp_path / "a.backup", EVENING)
    sqlite3.connect(tmp_path / "other.sqlite3").close()
    (tmp_path / "other.sqlite3").touch()
    with pytest.raises(StoreError, match="no tables yet"):
        back_up(empty, tmp_path / "a.backup", EVENING)


def test_the_archive_is_a_sqlite_file_that_any_tool_opens(file: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(file) as archive:
        archive.extract(DATABASE, tmp_path / "out")
    place = tmp_path / "out" / DATABASE
    with closing(sqlite3.connect(place)) as opened:
        assert opened.execute("SELECT count(*) FROM broadcast").fetchone() == (1,)
    shutil.rmtree(tmp_path / "out")


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_restored_under_the_feet_of_a_process(
    kind: str, file: Path, tmp_path: Path
) -> None:
    (tmp_path / "full").mkdir()
    with database(kind, tmp_path / "full") as db:
        with db.write() as tx:
            pulses.write(tx, "office:4711", ["tick"], db.real_now(tx))
        before = rows(db)
        with pytest.raises(StoreError, match=r"running on it \(office:4711\): stop it first"):
            restored(db, file, force=True)
        assert rows(db) == before
        db.ahead += AT_WORK
        assert restored(db, file, force=True).held == (1,)


def test_what_was_running_is_held(file: Path, empty: Database) -> None:
    done = restored(empty, file)
    with empty.read() as tx:
        states = tx.execute(select(broadcast.c.state)).scalars().all()
        detail = tx.execute(select(audit.c.detail).where(audit.c.action == "restore")).scalar_one()
    assert states == [BroadcastState.HELD]
    assert detail["held"] == [1]
    assert done.underway > 0
