"""`alertcast statistics`, and drills that are scheduled, compared and called off by command."""

from contextlib import closing
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from alertcast.bootstrap import installation
from alertcast.scheduler import tick
from tests.cli.conftest import AT_ANY_HOUR, Terminal
from tests.cli.conftest import OFFICE as SECTIONS

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


def test_a_drill_is_compared_with_the_last_one_of_its_grids(ready: Terminal) -> None:
    start = ("broadcast", "start", "--mode", "drill", "--user", "li", *AT_ANY_HOUR)
    for text, place in (("演练一", "E01"), ("演练二", "E02"), ("演练三", "441224101")):
        ready.ok(*start, "--notice", text, "--to", place)
    with closing(installation(ready.folder / "alertcast.toml")) as app:
        tick(app.world, app.clock())
    this, last = ready.ok("drill", "compare", 3).splitlines()
    assert this.startswith("this: broadcast 3: 2 grids, called ≤3 min 0, answered ≤5 min 0")
    assert last.startswith("last: broadcast 2: 1 grids")
    assert ready.ok("drill", "compare", 2).splitlines()[1] == "last: none"
    (facts,) = ready.facts("drill", "compare", 3)
    assert [facts[one]["broadcast_id"] for one in ("this", "last")] == [3, 2]
    assert facts["this"]["title"] == "演练三"
    assert facts["last"]["grids"]["total"] == 1


def test_a_drill_that_begins_at_night_says_why(ready: Terminal) -> None:
    here, around = datetime.now(UTC).astimezone(OFFICE), timedelta(hours=2)
    night = f"{here - around:%H:%M}-{here + around:%H:%M}"
    ready.write("alertcast.toml", f'{SECTIONS}[drills]\nnight = "{night}"\n')
    start = ("broadcast", "start", "--mode", "drill", "--user", "li", "--to", "E01")
    refused = ready.run(*start, "--notice", "演练")
    assert (refused.exit_code, "请写明理由" in refused.stderr) == (1, True)
    ready.ok(*start, "--notice", "演练", "--night-why", "上级抽查")
    (one,) = ready.facts("broadcast", "list")
    assert one["mode"] == "drill"
