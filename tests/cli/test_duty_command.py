"""`alertcast duty`: a table of shifts comes in whole or not at all; who is on duty is shown."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from tests.cli.conftest import Terminal

OFFICE = ZoneInfo("Asia/Shanghai")
HEADER = "日期,开始,结束,地区,值班员\n"


def table(terminal: Terminal, *people: str, first: date | None = None):
    """Write a table of whole days, from yesterday on."""
    begin = first or datetime.now(OFFICE).date() - timedelta(days=1)
    lines = [
        f"{begin + timedelta(days=n)},00:00,24:00,441224,{who}\n" for n, who in enumerate(people)
    ]
    return terminal.write("duty.csv", HEADER + "".join(lines))


def test_it_is_brought_in_and_shown_masked(ready: Terminal) -> None:
    file = table(ready, *["张三"] * 20)
    (fact,) = ready.facts("duty", "import", file)
    assert (fact["imported"], fact["added"], fact["problems"]) == (True, 20, [])
    result = ready.run("duty", "show")
    assert result.exit_code == 0
    assert "怀集县" in result.stdout
    assert "张*" in result.stdout
    assert "张三" not in result.stdout
    (again,) = ready.facts("duty", "import", file)
    assert (again["added"], again["removed"], again["same"]) == (0, 0, 20)


def test_a_dry_run_and_a_bad_line_import_nothing(ready: Terminal) -> None:
    (fact,) = ready.facts("duty", "import", table(ready, "张三"), "--dry-run")
    assert (fact["imported"], fact["shifts"]) == (False, 1)
    result = ready.run("duty", "import", table(ready, "张三", "没有此人"))
    assert result.exit_code == 1
    assert "Nothing was imported. A row is bad" in result.stderr
    assert ready.facts("duty", "show")[0]["shifts"] == []


def test_a_gap_is_named_and_the_doctor_says_that_nobody_is_on_duty(ready: Terminal) -> None:
    file = table(ready, "李四", first=datetime.now(OFFICE).date() - timedelta(days=9))
    ready.ok("duty", "import", file)
    findings = {one["key"]: one for one in ready.facts("doctor")[0]["findings"]}
    assert findings["no_duty"]["subject"] == "怀集县"
    ready.ok("duty", "import", table(ready, "李四", "李四"))
    result = ready.run("duty", "show")
    assert result.exit_code == 1
    assert "✗ gap: 怀集县 值班员" in result.stdout
