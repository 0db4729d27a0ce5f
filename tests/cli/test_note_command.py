"""`alertcast alerts note`: a contradiction between two sources, looked at."""

from tests.cli.conftest import OFFICE, Terminal
from tests.cli.test_office_commands import warning


def contradicted(ready: Terminal) -> None:
    """Let a second folder bring the same alert with another level."""
    second = '[sources.second]\ntype = "folder"\npath = "second"\n'
    ready.write("alertcast.toml", OFFICE + second)
    ready.write("inbox/one.xml", warning())
    ready.write("second/one.xml", warning().replace("橙色", "蓝色"))
    ready.run("poll")


def test_a_contradiction_is_noted_once(ready: Terminal) -> None:
    contradicted(ready)
    assert "Contradiction: " in ready.ok("alerts", "explain", 1)
    (fact,) = ready.facts("alerts", "note", 1, "--user", "li")
    assert fact == {"alert": 1, "noted": 1}
    assert "noted by li" in ready.ok("alerts", "explain", 1)
    assert "nothing is left" in ready.ok("alerts", "note", 1, "--user", "li")


def test_who_may_not_start_may_not_note(ready: Terminal) -> None:
    contradicted(ready)
    result = ready.run("alerts", "note", 1, "--user", "nobody", "--json")
    assert result.exit_code == 1
    assert "nobody" in result.output


def test_an_alert_that_is_not_there_is_refused(ready: Terminal) -> None:
    result = ready.run("alerts", "note", 77, "--user", "li")
    assert result.exit_code == 1
    assert "no alert" in result.output
