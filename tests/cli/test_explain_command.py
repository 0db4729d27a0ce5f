"""`alertcast alerts explain`, in an installation."""

from tests.cli.conftest import Terminal
from tests.cli.test_office_commands import warning


def test_an_alert_is_explained_by_number_and_by_identifier(ready: Terminal) -> None:
    ready.write("inbox/good.xml", warning())
    ready.ok("poll")
    (found,) = ready.facts("alerts", "explain", 1)
    assert found["warning"]["decision"] == "broadcast"
    assert ready.facts("alerts", "explain", found["warning"]["identifier"]) == [found]
    said = ready.ok("alerts", "explain", 1)
    assert f"Decision: broadcast: {found['warning']['why']}" in said
    assert "Source: inbox" in said
    assert "Broadcast: 1, warning, live" in said


def test_one_that_is_not_there_is_refused(ready: Terminal) -> None:
    result = ready.run("alerts", "explain", "none")
    assert result.exit_code == 1
    assert "there is no alert" in result.output
