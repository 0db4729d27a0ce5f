"""`alertcast serve` and `alertcast simulator` as processes: they start, answer and stop."""

import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from alertcast.simulator.messages import SERVICE_NUMBER
from alertcast.simulator.server import DEMO_ACCOUNTS, Simulator
from tests.cli.conftest import OFFICE, Terminal
from tests.ports import free_port

SID, TOKEN = next(iter(DEMO_ACCOUNTS.items()))


@contextmanager
def started(arguments: Sequence[str], folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Run a command that goes on until it is told to stop; yield it once it has said a line."""
    process = subprocess.Popen(
        [sys.executable, "-m", "alertcast", *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator(DEMO_ACCOUNTS) as simulator:
        yield simulator


def test_serve_is_reached_at_its_public_address_and_stops_when_told(
    installed: Terminal, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", TOKEN)
    address = f"http://127.0.0.1:{free_port()}"
    installed.write(
        "alertcast.toml",
        f'{OFFICE}[web]\nport = {address.rpartition(":")[2]}\npublic_base_url = "{address}"\n'
        f'[channels.sms]\ntype = "twilio_sms"\naccount_sid = "{SID}"\n'
        f'from_number = "{SERVICE_NUMBER}"\napi_base_url = "{simulator.base_url}"\n',
    )
    with started(["serve"], installed.folder) as process:
        assert process.stdout is not None
        assert address in process.stdout.readline()
        (fact,) = installed.facts("check", "--live")
        live = {one["what"]: one["ok"] for one in fact["findings"][-2:]}
        assert live == {"public address": True, "channel sms": True}
        monkeypatch.setenv("ALERTCAST_SECRET_KEY", "the secret of another installation")
        (fact,) = installed.facts("check", "--live")
        address_of = next(one for one in fact["findings"] if one["what"] == "public address")
        assert (address_of["ok"], "not this installation" in address_of["detail"]) == (False, True)
        second = installed.run("serve")
        assert second.exit_code == 1
        assert "in use" in second.stderr
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
        assert "what is under way is finished first" in process.stdout.read()
    assert simulator.ledger.messages() == []


def test_serve_without_its_secret_or_database_says_what_to_do(
    installed: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ALERTCAST_SECRET_KEY")
    result = installed.run("serve", "--port", "0")
    assert result.exit_code == 2
    assert "ALERTCAST_SECRET_KEY is not set: `alertcast init`" in result.stderr
    (installed.folder / "alertcast.sqlite3").unlink()
    result = installed.run("serve", "--port", "0")
    assert result.exit_code == 1
    assert "run `alertcast db upgrade`" in result.stderr


def test_the_simulator_runs_alone_and_shows_its_ledger(terminal: Terminal) -> None:
    with started(["simulator", "--port", "0"], terminal.folder) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[4]
        message = {"To": "+8615400000001", "From": SERVICE_NUMBER, "Body": "寒冷橙色预警"}
        address = f"{url}/2010-04-01/Accounts/{SID}/Messages.json"
        assert requests.post(address, message, auth=(SID, TOKEN), timeout=5).status_code == 201
        (book,) = terminal.facts("simulator", "ledger", "--url", url)
        assert [one["body"] for one in book["messages"]] == ["寒冷橙色预警"]
        assert "1 messages, 0 calls" in terminal.ok("simulator", "ledger", "--url", url)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
        assert f'account_sid = "{SID}"' in process.stdout.read()


def test_a_running_simulator_publishes_and_fails_as_it_is_told(terminal: Terminal) -> None:
    with started(["simulator", "--port", "0"], terminal.folder) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[4]
        simulator, at = ("simulator",), ("--url", url)
        first = terminal.ok(
            *simulator, "warn", "--headline", "怀集县气象台发布寒冷橙色预警信号", *at
        )
        rise = ("--headline", "怀集县气象台发布寒冷红色预警信号", "--kind", "Update")
        terminal.ok(*simulator, "warn", *rise, "--replaces", first.strip(), *at)
        listed = requests.get(f"{url}/api/map/alarm", timeout=5).json()["data"]
        assert [one["headline"] for one in listed] == ["怀集县气象台发布寒冷红色预警信号"]
        refused = terminal.run(*simulator, "warn", "--level", "pink", *at)
        assert (refused.exit_code, "headline: is needed" in refused.stderr) == (1, True)
        terminal.ok(*simulator, "fault", "feed_throttled", "--kind", "cma", *at)
        assert requests.get(f"{url}/api/map/alarm", timeout=5).status_code == 429
        assert requests.get(f"{url}/rest/findAlarm", timeout=5).status_code == 200
        terminal.ok(*simulator, "fault", "none", *at)
        assert requests.get(f"{url}/api/map/alarm", timeout=5).status_code == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0


def test_no_simulator_there_is_exit_code_1(terminal: Terminal) -> None:
    result = terminal.run("simulator", "ledger", "--url", f"http://127.0.0.1:{free_port()}")
    assert result.exit_code == 1
    assert "no simulator answers" in result.stderr


def test_a_simulator_listens_on_this_machine_only(terminal: Terminal) -> None:
    result = terminal.run("simulator", "--host", "0.0.0.0")
    assert result.exit_code == 1
    assert "this machine only" in result.stderr


def test_sqlite_belongs_to_one_process(installed: Terminal) -> None:
    for command in (("worker",), ("serve", "--no-worker", "--port", "0")):
        result = installed.run(*command)
        assert result.exit_code == 1
        assert "the database is SQLite, which one process has to itself" in result.stderr
