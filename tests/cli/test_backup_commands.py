"""`alertcast backup` and `alertcast restore` at a terminal: refusals first."""

import shutil

import pytest

from alertcast.store.crypto import Vault, new_key
from tests.cli.test_office_commands import notice


def test_a_backup_goes_into_a_folder_or_a_file_and_overwrites_nothing(ready):
    (ready.folder / "kept").mkdir()
    (fact,) = ready.facts("backup", "kept")
    assert fact["file"].startswith("kept/alertcast-")
    assert fact["file"].endswith("Z.backup")
    assert (fact["rows"]["person"], fact["rows"]["grid"]) == (3, 2)
    ready.ok("backup", "night.backup")
    assert "already" in ready.run("backup", "night.backup").stderr
    assert "no such folder" in ready.run("backup", "nowhere/night.backup").stderr
    assert ready.run("backup", "nowhere/night.backup").exit_code == 1


def test_it_says_which_key_it_needs_and_never_the_key(ready, monkeypatch):
    key = new_key()
    (fact,) = ready.facts("backup", "before.backup")
    said = ready.run("backup", "night.backup")
    assert fact["data_key"] in said.stderr
    with monkeypatch.context() as changed:
        changed.setenv("ALERTCAST_DATA_KEY", key)
        refused = ready.run("restore", "--force", "night.backup")
    assert refused.exit_code == 1
    assert f"needs the data key {fact['data_key']}" in refused.stderr
    assert Vault.from_text(key).fingerprint in refused.stderr
    assert key not in refused.output
    (found,) = ready.facts("users", "list")
    assert found["name"] == "li"


def test_a_lost_machine_is_rebuilt_and_says_what_is_held(ready):
    ready.ok(*notice("E01"))
    ready.ok("backup", "night.backup")
    refused = ready.run("restore", "night.backup")
    assert (refused.exit_code, "--force" in refused.stderr) == (1, True)
    for file in ready.folder.glob("alertcast.sqlite3*"):
        file.unlink()
    said = ready.ok("restore", "night.backup")
    assert "HELD: broadcasts 1 were running" in said
    assert "automatic = false" in said
    assert "held (drill)" in ready.ok("status", "1")
    assert "broadcasts that wait for approval" in ready.ok("status")
    ready.ok(
        *("users", "add", "chen", "--role", "approver", "--password-stdin"), stdin="correct horse\n"
    )
    ready.ok("broadcast", "approve", "1", "--user", "chen")
    assert "running (drill)" in ready.ok("status", "1")


def test_restored_with_force_everything_is_as_it_was(ready):
    ready.ok("backup", "night.backup")
    ready.ok("users", "disable", "li")
    (fact,) = ready.facts("restore", "--force", "night.backup")
    assert (fact["held"], fact["dial"]) == ([], 0)
    (user,) = ready.facts("users", "list")
    assert user["is_disabled"] is False


@pytest.mark.parametrize("content", [b"", b"nothing of the kind"])
def test_what_is_no_backup_is_one_line_and_exit_code_1(ready, content):
    (ready.folder / "other.backup").write_bytes(content)
    result = ready.run("restore", "--force", "other.backup")
    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 1
    assert "no backup" in result.stderr


def test_a_new_folder_with_the_old_key_is_a_new_home(ready, monkeypatch):
    ready.ok("backup", "night.backup")
    home = ready.folder / "home"
    home.mkdir()
    shutil.copy(ready.folder / "alertcast.toml", home)
    (home / "inbox").mkdir()
    monkeypatch.chdir(home)
    ready.ok("restore", "../night.backup")
    (user,) = ready.facts("users", "list")
    assert user["name"] == "li"
