"""`alertcast alerts confirm-end`: the issuer told the officer of the end; no feed did."""

from tests.cli.conftest import Terminal
from tests.cli.test_office_commands import warning

SAID = ("--said-by", "怀集县气象台", "--document", "电话核实", "--user", "li")


def test_it_is_relayed_once_and_recorded(ready: Terminal) -> None:
    ready.write("inbox/one.xml", warning(sent="2020-01-02T00:00:00+08:00"))
    ready.run("poll")
    (fact,) = ready.facts("alerts", "confirm-end", 1, *SAID)
    assert fact["alert"] == 1
    assert "怀集县气象台告知已解除（电话核实）" in str(fact["said"])
    assert "confirm_end" in ready.ok("audit", "list")
    again = ready.run("alerts", "confirm-end", 1, *SAID)
    assert again.exit_code == 1
    assert "nothing was written" in again.output


def test_a_time_before_the_warning_is_refused(ready: Terminal) -> None:
    ready.write("inbox/one.xml", warning(sent="2020-01-02T00:00:00+08:00"))
    ready.run("poll")
    early = ready.run("alerts", "confirm-end", 1, *SAID, "--at", "2020-01-01T00:00")
    assert early.exit_code == 1
    assert "nothing was written" in early.output


def test_who_may_not_start_may_not_confirm(ready: Terminal) -> None:
    ready.write("inbox/one.xml", warning(sent="2020-01-02T00:00:00+08:00"))
    ready.run("poll")
    result = ready.run("alerts", "confirm-end", 1, *SAID[:-1], "nobody")
    assert result.exit_code == 1
    assert "nobody" in result.output
