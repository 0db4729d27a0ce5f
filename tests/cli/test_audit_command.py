"""At the terminal: who did what, and whether it was changed since."""

import json
import sqlite3
from contextlib import closing

import pytest

from tests.cli.conftest import Terminal


@pytest.fixture
def office(installed: Terminal) -> Terminal:
    add = ("users", "add", "wang", "--role", "officer", "--password-stdin")
    installed.ok(*add, stdin="correct horse\n")
    installed.ok("users", "disable", "wang")
    return installed


def meddle(office: Terminal, *statements: str) -> None:
    """Do what the owner of the file can do."""
    with closing(sqlite3.connect(office.folder / "alertcast.sqlite3")) as file, file:
        names = file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for statement in [*(f"DROP TRIGGER {name}" for (name,) in names), *statements]:
            file.execute(statement)


def test_what_was_done_is_listed(office: Terminal) -> None:
    said = office.ok("audit", "list")
    assert "add_user" in said
    assert "disable_user" in said
    rows = [json.loads(line) for line in office.ok("audit", "list", "--json").splitlines()]
    assert [(row["n"], row["action"]) for row in rows] == [(2, "disable_user"), (1, "add_user")]
    (one,) = office.ok("audit", "list", "--action", "add_user", "--json").splitlines()
    assert json.loads(one)["detail"] == {"role": "officer", "area": ""}
    assert office.ok("audit", "list", "--since", "2999-01-01", "--json") == ""


def test_an_untouched_chain_holds(office: Terminal) -> None:
    assert "The chain holds: 2 rows, 0 anchors" in office.ok("audit", "verify")
    anchors = office.folder / "anchors.jsonl"
    anchors.write_text(office.ok("audit", "anchor") * 2)
    said = json.loads(office.ok("audit", "verify", "--anchor", anchors, "--json"))
    assert said["ok"]
    assert said["hash"] == json.loads(anchors.read_text().splitlines()[0])["hash"]


def test_a_changed_row_is_named_and_the_exit_code_says_so(office: Terminal) -> None:
    meddle(office, "UPDATE audit SET user = 'li' WHERE id = 2")
    result = office.run("audit", "verify")
    assert result.exit_code == 1
    assert "THE CHAIN IS BROKEN: row 2 (n=2)" in result.output
    said = json.loads(office.run("audit", "verify", "--json").output)
    assert (said["ok"], said["broken"]["id"]) == (False, 2)


def test_a_cut_off_end_needs_an_anchor(office: Terminal) -> None:
    anchors = office.folder / "anchors.jsonl"
    anchors.write_text(office.ok("audit", "anchor"))
    meddle(office, "DELETE FROM audit_link WHERE n = 2", "DELETE FROM audit WHERE id = 2")
    assert office.run("audit", "verify").exit_code == 0
    result = office.run("audit", "verify", "--anchor", anchors)
    assert result.exit_code == 1
    assert "its end was cut off" in result.output


@pytest.mark.parametrize("content", ["", "{}\n", "not json\n"])
def test_a_file_without_anchors_is_refused(office: Terminal, content: str) -> None:
    anchors = office.folder / "anchors.jsonl"
    anchors.write_text(content)
    result = office.run("audit", "verify", "--anchor", anchors)
    assert result.exit_code == 1
    assert "anchors.jsonl" in result.output
