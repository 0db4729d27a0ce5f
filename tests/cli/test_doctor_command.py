"""`alertcast doctor`: exit code 1 and what to do, or 0."""

import signal

from tests.cli.conftest import OFFICE
from tests.cli.test_serve_command import started
from tests.ports import free_port


def test_what_is_missing_is_said_in_both_languages_and_is_exit_code_1(installed, monkeypatch):
    monkeypatch.delenv("ALERTCAST_SECRET_KEY")
    result = installed.run("doctor")
    assert result.exit_code == 1
    assert "✗ 环境变量 ALERTCAST_SECRET_KEY 没有设置\n  ALERTCAST_SECRET_KEY is not set" in (
        result.stdout
    )
    assert "→ 运行 alertcast grids import" in result.stdout
    assert "run `alertcast roster import`" in result.stdout
    (fact,) = installed.facts("doctor")
    assert fact["ok"] is False
    keys = [one["key"] for one in fact["findings"]]
    assert keys == ["secret", "asleep", "grids", "roster", "users"]
    assert fact["findings"][2]["do"]["en"] == "run `alertcast grids import`"


def test_a_database_that_can_not_be_used_is_a_finding_and_no_error(installed):
    for url, said in (
        ("sqlite:///nowhere.sqlite3", "there is no database yet"),
        ("sqlite:///inbox", "can not be reached"),
        ("postgresql+psycopg://wang:secret@127.0.0.1:9/a", "can not be reached"),
    ):
        installed.write("alertcast.toml", f'{OFFICE}[database]\nurl = "{url}"\n')
        result = installed.run("doctor", "--json")
        assert result.exit_code == 1
        (fact,) = installed.facts("doctor")
        (one,) = fact["findings"]
        assert one["key"] == "database"
        assert said in one["what"]["en"]
        assert "secret" not in result.output


def test_mistakes_of_the_configuration_are_exit_code_2(installed):
    installed.write("alertcast.toml", f'{OFFICE}[web]\nport = "http"\n')
    assert installed.run("doctor").exit_code == 2


def test_all_is_well_while_it_runs(ready):
    ready.write("alertcast.toml", f"{OFFICE}[web]\nport = {free_port()}\n")
    with started(["serve"], ready.folder) as process:
        assert process.stdout is not None
        process.stdout.readline()
        result = ready.run("doctor")
        assert (result.exit_code, result.stdout) == (0, "一切正常。 All is well.\n")
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
