"""`alertcast response`: written down and ended by command, by role, once."""

from tests.cli.conftest import Terminal

DECIDED = ("--office", "怀集县三防指挥部", "--document", "怀三防2026-3号", "--user", "li")
IV = ("response", "start", "--kind", "freeze", "--level", "IV", "--area", "441224")


def test_a_level_is_started_listed_and_ended(ready: Terminal) -> None:
    assert "freeze IV in 怀集县" in ready.ok(*IV, *DECIDED)
    again = ready.run(*IV, *DECIDED)
    assert (again.exit_code, "already" in again.stderr) == (1, True)
    (one,) = ready.facts("response", "list")
    assert (one["kind"], one["level"], one["place"]) == ("freeze", "IV", "怀集县")
    assert (one["office"], one["by_user"]) == ("怀集县三防指挥部", "li")
    assert "freeze IV" in ready.ok("status")
    assert "ended" in ready.ok("response", "end", one["id"], *DECIDED)
    assert ready.run("response", "end", one["id"], *DECIDED).exit_code == 1
    assert ready.run("response", "end", 9, *DECIDED).exit_code == 1
    assert ready.facts("response", "list") == []
    assert len(ready.facts("response", "list", "--all")) == 1
    assert "怀三防2026-3号" in ready.ok("response", "list", "--all")


def test_what_is_still_to_come_is_refused(ready: Terminal) -> None:
    result = ready.run(*IV, *DECIDED, "--at", "2099-01-01T00:00")
    assert (result.exit_code, "to_come" in result.stderr) == (1, True)


def test_a_place_that_is_not_ours_is_refused(ready: Terminal) -> None:
    result = ready.run(*IV[:-1], "999999", *DECIDED)
    assert (result.exit_code, "no town of the layer" in result.stderr) == (1, True)


def test_a_viewer_writes_nothing(ready: Terminal) -> None:
    viewer = ("--role", "viewer", "--password-stdin")
    ready.ok("users", "add", "looker", *viewer, stdin="correct horse\n")
    result = ready.run(*IV, *DECIDED[:-1], "looker")
    assert (result.exit_code, "may not respond" in result.stderr) == (1, True)
