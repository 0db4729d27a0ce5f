"""`alertcast statistics`, and drills that are scheduled, compared and called off by command."""

from contextlib import closing
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from alertcast.bootstrap import installation
from alertcast.scheduler import tick
from tests.cli.conftest import Terminal

OFFICE = ZoneInfo("Asia/Shanghai")


def by_day(days: int = 1) -> str:
    """Return ten in the morning of a day to come, in the office's time."""
    day = datetime.now(UTC).astimezone(OFFICE) + timedelta(days=days)
    return f"{day:%Y-%m-%d} 10:00"


def schedule(terminal: Terminal, *more: str, at: str = "") -> tuple[int, str]:
    place = ("--place", "441224101", "--text", "防冻叫应", "--user", "li")
    done = terminal.run("drill", "schedule", "--at", at or by_day(), *place, *more)
    return done.exit_code, done.output


def test_nothing_was_called_yet(ready: Terminal) -> None:
    assert "0 broadcasts (live), 0 grids." in ready.ok("statistics")
    (said,) = ready.facts("statistics")
    assert (said["mode"], said["broadcasts"], said["by_county"]) == ("live", 0, [])
    assert said["grids"]["total"] == 0


def test_what_was_begun_is_counted_by_mode_time_and_area(ready: Terminal) -> None:
    notice = ("broadcast", "start", "--notice", "今晚降温", "--to", "E01", "--user", "li")
    ready.ok(*notice, "--mode", "live")
    with closing(installation(ready.folder / "alertcast.toml")) as app:
        tick(app.world, app.clock())
    (said,) = ready.facts("statistics")
    assert (said["broadcasts"], said["grids"]["total"], said["grids"]["called"]) == (1, 1, 0)
    assert "1 broadcasts (live), 1 grids." in ready.ok("statistics")
    (drills,) = ready.facts("statistics", "--drills")
    assert (drills["mode"], drills["broadcasts"]) == ("drill", 0)
    (past,) = ready.facts("statistics", "--until", "2020-01-01")
    assert past["broadcasts"] == 0
    (far,) = ready.facts("statistics", "--area", "441225")
    assert far["grids"]["total"] == 0
    assert ready.run("statistics", "--since", "yesterday").exit_code == 2


def test_a_drill_is_scheduled_listed_and_called_off(ready: Terminal) -> None:
    code, said = schedule(ready)
    assert (code, f"begins at {by_day()}" in said) == (0, True)
    (one,) = ready.facts("drill", "list")
    assert (one["state"], one["text"], one["codes"]) == ("planned", "防冻叫应", ["441224101"])
    assert one["created_by"] == "li"
    assert "does not begin" in ready.ok("drill", "cancel", one["id"], "--user", "li")
    again = ready.run("drill", "cancel", one["id"], "--user", "li")
    assert (again.exit_code, "it has begun, or is over" in again.stderr) == (1, True)
    assert ready.run("drill", "cancel", 9, "--user", "li").exit_code == 1
    (one,) = ready.facts("drill", "list")
    assert (one["state"], one["cancelled_by"]) == ("cancelled", "li")


def test_a_drill_at_night_or_in_the_past_is_refused(ready: Terminal) -> None:
    night = by_day().replace("10:00", "23:00")
    code, said = schedule(ready, at=night)
    assert (code, "夜间" in said) == (1, True)
    code, said = schedule(ready, at=by_day(-2))
    assert (code, "时间已经过了" in said) == (1, True)
    assert ready.facts("drill", "list") == []


def test_a_drill_that_is_none_can_not_be_compared(ready: Terminal) -> None:
    done = ready.run("drill", "compare", 1)
    assert (done.exit_code, "there is no such drill" in done.stderr) == (1, True)
