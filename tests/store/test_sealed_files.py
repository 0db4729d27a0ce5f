"""Sealed files: whole or not at all, the owner's only, readable with the key and nothing else."""

from pathlib import Path

import pytest

from alertcast.store import sealed_files
from alertcast.store.crypto import DataKeyError, Vault, new_key

VAULT = Vault.from_text(new_key())


def write(
    folder: Path, text: str, targets: str = "1-1", answers: int = 0, county: str = "a"
) -> Path:
    return sealed_files.write(
        folder, VAULT, text, broadcast_id=7, county_code=county, targets=targets, answers=answers
    )


def test_written_and_read_back(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "lists"
    path = write(folder, "名单")
    assert sealed_files.read(folder, VAULT, 7, "a") == "名单"
    assert "名单".encode() not in path.read_bytes()
    assert sealed_files.read(folder, VAULT, 8, "a") is None
    assert sealed_files.read(folder, VAULT, 7, "b") is None
    assert sealed_files.read(tmp_path / "nowhere", VAULT, 7, "a") is None


def test_nobody_else_may_read_it(tmp_path: Path) -> None:
    path = write(tmp_path / "lists", "x")
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_a_newer_one_takes_the_place_of_the_older(tmp_path: Path) -> None:
    write(tmp_path, "old", "1-1")
    write(tmp_path, "other", county="b")
    new = write(tmp_path, "new", "2-9", 4)
    assert sealed_files.read(tmp_path, VAULT, 7, "a") == "new"
    assert {one.county_code for one in sealed_files.listed(tmp_path)} == {"a", "b"}
    (found,) = [one for one in sealed_files.listed(tmp_path) if one.county_code == "a"]
    assert (found.path, found.targets, found.answers) == (new, "2-9", 4)


def test_killed_while_writing_the_older_one_is_still_there(tmp_path: Path) -> None:
    path = write(tmp_path, "old")
    path.with_suffix(".99.new").write_bytes(b"half")
    assert sealed_files.read(tmp_path, VAULT, 7, "a") == "old"


def test_files_of_others_are_left_alone(tmp_path: Path) -> None:
    for name in ("notes.txt", "x.sealed", "a-b.c.d.sealed", "7-a.1-1.0.sealed.bak"):
        (tmp_path / name).write_text("mine")
    write(tmp_path, "list", "9-9")
    assert len(sealed_files.listed(tmp_path)) == 1
    assert len(list(tmp_path.iterdir())) == 5


def test_another_key_opens_nothing(tmp_path: Path) -> None:
    write(tmp_path, "x")
    with pytest.raises(DataKeyError):
        sealed_files.read(tmp_path, Vault.from_text(new_key()), 7, "a")


def test_what_was_fetched_is_kept_until_it_is_recorded(tmp_path: Path) -> None:
    sealed_files.note_fetched(tmp_path, user="王", broadcast=7)
    assert sealed_files.fetched(tmp_path) == [{"user": "王", "broadcast": 7}]
    sealed_files.note_fetched(tmp_path, user="李", broadcast=8)
    assert sealed_files.fetched(tmp_path) == [{"user": "王", "broadcast": 7}]  # killed before
    sealed_files.forget_fetched(tmp_path)
    assert sealed_files.fetched(tmp_path) == [{"user": "李", "broadcast": 8}]
    sealed_files.forget_fetched(tmp_path)
    assert sealed_files.fetched(tmp_path) == []


def test_a_line_cut_inside_a_letter_costs_no_other(tmp_path: Path) -> None:
    sealed_files.note_fetched(tmp_path, user="李")
    sealed_files.note_fetched(tmp_path, user="王")
    noted = tmp_path / "fetched.jsonl"
    whole = noted.read_bytes()
    noted.write_bytes(whole[: whole.index("王".encode()) + 2])
    sealed_files.note_fetched(tmp_path, user="张\u2028三")
    assert sealed_files.fetched(tmp_path) == [{"user": "李"}, {"user": "张\u2028三"}]


def test_a_line_cut_short_is_left_out(tmp_path: Path) -> None:
    sealed_files.note_fetched(tmp_path, user="王")
    with (tmp_path / "fetched.jsonl").open("a") as file:
        file.write('{"user": "')
    assert sealed_files.fetched(tmp_path) == [{"user": "王"}]
