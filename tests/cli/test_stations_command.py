"""`alertcast stations`: in by a file, listed without names, open or not by an officer's word."""

import pytest
from openpyxl import load_workbook

from tests.cli.conftest import Terminal

STATIONS = (
    "编号,名称,网格编码,负责人,电话,开放时间,可过夜,经度,纬度\n"
    "S1,东村驿站,E01,陈大文,13800138061,18:00-08:00,是,112.05,24.05\n"
    "S2,西村驿站,E02,李小明,13800138062,全天,否,,\n"
)


@pytest.fixture
def halls(ready: Terminal) -> Terminal:
    """An installation with two stations, an officer and somebody who may look."""
    ready.write("stations.csv", STATIONS)
    ready.ok("stations", "import", "stations.csv")
    add = ("users", "add", "see", "--role", "viewer", "--password-stdin")
    ready.ok(*add, stdin="correct horse\n")
    return ready


def tonight(installed: Terminal) -> dict[str, str | None]:
    return {one["code"]: one["tonight"] for one in installed.facts("stations", "list")}


def test_stations_come_in_and_are_listed_masked(halls: Terminal) -> None:
    text = halls.ok("stations", "list")
    assert "东村驿站" in text
    assert "陈*" in text
    assert "陈大文" not in text
    assert "13800138061" not in text
    assert "not known" in text


def test_an_officer_opens_and_closes_one_for_the_night(halls: Terminal) -> None:
    assert "is open until" in halls.ok("stations", "open", "S1", "--user", "li")
    assert tonight(halls) == {"S1": "open", "S2": None}
    (one,) = halls.facts("stations", "list", "--open")
    assert (one["said_by"], one["keeper"]) == ("li", "陈*")
    halls.ok("stations", "closed", "S1", "--user", "li")
    assert tonight(halls) == {"S1": "closed", "S2": None}
    actions = [row["action"] for row in halls.facts("audit", "list")]
    assert {"station_open", "station_closed", "import_stations"} <= set(actions)


def test_who_may_not_is_refused(halls: Terminal) -> None:
    assert halls.run("stations", "open", "S1", "--user", "see").exit_code == 1
    assert halls.run("stations", "open", "S1", "--user", "nobody").exit_code == 1
    refused = halls.run("stations", "open", "S9", "--user", "li")
    assert refused.exit_code == 1
    assert "S9" in refused.stderr
    assert tonight(halls) == {"S1": None, "S2": None}


def test_another_file_shows_what_changes_and_what_was_said_stays(halls: Terminal) -> None:
    halls.ok("stations", "open", "S1", "--user", "li")
    halls.write("stations.csv", STATIONS.replace("18:00", "17:00").replace("S2,", "S3,"))
    (fact,) = halls.facts("stations", "import", "stations.csv")
    assert [fact[key] for key in ("imported", "added", "changed", "removed")] == [False, 1, 1, 1]
    (fact,) = halls.facts("stations", "import", "stations.csv", "--allow-removals")
    assert fact["imported"] is True
    assert tonight(halls) == {"S1": "open", "S3": None}


def test_a_bad_row_or_a_dry_run_changes_nothing(halls: Terminal) -> None:
    halls.write("more.csv", STATIONS + "S3,x,E99,李,13800138063,全天,否,,\n")
    (fact,) = halls.facts("stations", "import", "more.csv")
    assert fact["imported"] is False
    assert [one["rule"] for one in fact["problems"]] == ["unknown_grid"]
    (fact,) = halls.facts("stations", "import", "more.csv", "--skip-bad", "--dry-run")
    assert (fact["imported"], fact["stations"]) == (False, 2)
    halls.write("none.csv", STATIONS.splitlines()[0] + "\n")
    assert halls.run("stations", "import", "none.csv").exit_code == 1
    assert tonight(halls) == {"S1": None, "S2": None}


def test_a_roster_without_stations_of_its_own_keeps_them(halls: Terminal) -> None:
    halls.ok("stations", "open", "S2", "--user", "li")
    roster = (halls.folder / "roster.csv").read_text("utf-8")
    halls.write("roster.csv", roster + "钱七,13600136000,deputy,E01,no\n")
    halls.ok("roster", "import", "roster.csv", "--name", "demo")
    assert tonight(halls) == {"S1": None, "S2": "open"}


def test_without_a_roster_there_is_nothing_to_have_stations(installed: Terminal) -> None:
    installed.write("stations.csv", STATIONS)
    refused = installed.run("stations", "import", "stations.csv")
    assert refused.exit_code == 1
    assert "roster import" in refused.stderr


@pytest.mark.parametrize("name", ["stations.xlsx", "stations.csv"])
def test_a_template_is_refused_until_its_example_is_replaced(ready: Terminal, name: str) -> None:
    assert ready.ok("stations", "template", name).strip() == name
    (fact,) = ready.facts("stations", "import", name)
    errors = [one["rule"] for one in fact["problems"] if one["kind"] == "error"]
    assert (errors, fact["imported"]) == (["example_row"], False)
    again = ready.run("stations", "template", name)
    assert (again.exit_code, "there is such a file" in again.stderr) == (1, True)


def test_a_filled_in_template_is_imported(ready: Terminal) -> None:
    ready.ok("stations", "template", "stations.xlsx")
    path = ready.folder / "stations.xlsx"
    book = load_workbook(path)
    sheet = book["驿站"]
    for cell, value in zip(sheet[2], STATIONS.splitlines()[1].split(","), strict=True):
        cell.value = value
    book.save(path)
    (fact,) = ready.facts("stations", "import", "stations.xlsx")
    assert (fact["imported"], fact["stations"]) == (True, 1)
    assert [one["rule"] for one in fact["problems"]] == ["no_header"]  # of the sheet with the help
