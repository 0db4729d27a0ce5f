"""`alertcast db rotate-key`: the data key is replaced; backups before and after are told apart."""

import os

import pytest

from alertcast.store.crypto import new_key


def put(monkeypatch, key, former=None):
    monkeypatch.setenv("ALERTCAST_DATA_KEY", key)
    if former is None:
        monkeypatch.delenv("ALERTCAST_DATA_KEY_OLD", raising=False)
    else:
        monkeypatch.setenv("ALERTCAST_DATA_KEY_OLD", former)


@pytest.fixture
def old(ready):
    return os.environ["ALERTCAST_DATA_KEY"]


def test_a_new_key_needs_the_old_one_beside_it(ready, old, monkeypatch):
    put(monkeypatch, new_key())
    result = ready.run("db", "rotate-key")
    assert (result.exit_code, "another data key" in result.stderr) == (1, True)
    put(monkeypatch, old)
    result = ready.run("db", "rotate-key")
    assert (result.exit_code, "ALERTCAST_DATA_KEY_OLD is not set" in result.stderr) == (1, True)


def test_a_key_that_is_none_is_a_mistake(ready, old, monkeypatch):
    put(monkeypatch, new_key(), "short")
    result = ready.run("check")
    assert (result.exit_code, "ALERTCAST_DATA_KEY_OLD" in result.stderr) == (2, True)


def test_the_key_is_replaced_and_the_old_one_not_needed_any_more(ready, old, monkeypatch):
    new = ready.ok("db", "new-key").strip()
    put(monkeypatch, new, old)
    (fact,) = ready.facts("db", "rotate-key")
    assert (fact["phones"], fact["sealed"], fact["unreadable"]) == (3, {"person": 3}, {})
    (again,) = ready.facts("db", "rotate-key")
    assert (again["phones"], again["sealed"]) == (0, {})
    put(monkeypatch, new)
    assert ready.run("check").exit_code == 0
    (fact,) = ready.facts("roster", "import", "roster.csv", "--name", "demo", "--dry-run")
    assert fact["changes"]["removed"] == 0
    put(monkeypatch, old)
    assert ready.run("check").exit_code == 1


def test_a_backup_names_the_key_it_needs_before_and_after(ready, old, monkeypatch):
    new = new_key()
    put(monkeypatch, new, old)
    (before,) = ready.facts("backup", "before.backup")
    ready.ok("db", "rotate-key")
    (after,) = ready.facts("backup", "after.backup")
    assert before["data_key"] != after["data_key"]
    put(monkeypatch, old)
    assert "needs the data key" in ready.run("restore", "after.backup", "--force").stderr
    ready.ok("restore", "before.backup", "--force")
    put(monkeypatch, new, old)
    ready.ok("restore", "before.backup", "--force")
    ready.ok("db", "rotate-key")
    put(monkeypatch, new)
    assert ready.run("check").exit_code == 0
