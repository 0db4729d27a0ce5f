"""`alertcast broadcast people, call, skip, add`: the desk's steps by command, by role and once."""

from typing import Any

from tests.cli.conftest import Terminal
from tests.cli.test_office_commands import warning


def told(ready: Terminal) -> None:
    """Let one warning have been taken, and its first rung begun."""
    ready.write("inbox/good.xml", warning())
    ready.ok("poll")
    viewer = ("--role", "viewer", "--password-stdin")
    ready.ok("users", "add", "looker", *viewer, stdin="correct horse\n")


def people(ready: Terminal, *more: object) -> list[Any]:
    return ready.facts("broadcast", "people", 1, *more)


def test_people_are_listed_masked_and_narrowed(ready: Terminal) -> None:
    told(ready)
    (one,) = people(ready, "--grid", "E01", "--state", "not_yet")[:1]
    assert one["phone"].startswith("+86 13")
    assert "****" in one["phone"]
    assert one["name"].endswith("*")
    assert people(ready, "--state", "answered") == []
    assert ready.run("broadcast", "people", 9).exit_code == 1


def test_a_person_is_called_once(ready: Terminal) -> None:
    told(ready)
    person = people(ready)[0]["person"]
    wish = ("broadcast", "call", 1, "--person", person, "--user")
    assert "may not call" in ready.run(*wish, "looker").stderr
    assert f"Person {person}:" in ready.ok(*wish, "li")
    again = ready.run(*wish, "li")
    assert again.exit_code == 1
    assert "underway" in again.stderr
    assert ready.run("broadcast", "call", 1, "--person", 99, "--user", "li").exit_code == 1
    assert ready.run("broadcast", "call", 1, "--user", "li").exit_code == 2


def test_a_person_is_added_by_a_number_that_is_asked_for(ready: Terminal) -> None:
    told(ready)
    wish = ("broadcast", "add", 1, "--grid", "E01", "--name", "老陈", "--user", "li")
    assert "added to 1 grids" in ready.ok(*wish, stdin="13900000077\n")
    twice = ready.run(*wish, stdin="13900000077\n")
    assert (twice.exit_code, "known" in twice.stderr) == (1, True)
    assert ready.run(*wish, stdin="12\n").exit_code == 1
    found = [one for one in people(ready, "--grid", "E01") if one["roles"] == ["added"]]
    assert [one["phone"] for one in found] == ["+86 139****0077"]
    assert ready.run("broadcast", "add", 1, "--grid", "E09", *wish[5:]).exit_code == 1
    assert ready.run("broadcast", "add", 1, "--grid", "E01", "--user", "li").exit_code == 2


def test_a_step_is_skipped_where_somebody_waits_on_it(ready: Terminal) -> None:
    told(ready)
    wish = ("broadcast", "skip", 1, "--step", 1, "--user")
    assert "may not call" in ready.run(*wish, "looker").stderr
    result = ready.run(*wish, "li")
    assert result.exit_code == 1  # nothing runs here: the first step has not begun
    assert "no grid waits on step 1" in result.stderr
    assert ready.run("broadcast", "skip", 1, "--grid", "X", "--step", 1, "--user", "li").exit_code
