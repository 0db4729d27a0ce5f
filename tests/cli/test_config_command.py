"""`alertcast config`: files that were edited hold in processes that run, or change nothing."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

import requests

from tests.cli.conftest import OFFICE, Terminal
from tests.cli.test_serve_command import started

RENAMED = OFFICE.replace("试验三防", "新名三防")


@contextmanager
def serving(installed: Terminal) -> Iterator[tuple[str, int]]:
    """Run the whole of it in a process; yield its address and number."""
    with started(["serve", "--port", "0"], installed.folder) as process:
        assert process.stdout is not None
        yield process.stdout.readline().split()[3], process.pid
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0


def until(address: str, said: str) -> None:
    end = time.monotonic() + 30
    while said not in requests.get(f"{address}/login", timeout=10).text:
        assert time.monotonic() < end, f"{said} is not said"
        time.sleep(0.2)


def test_what_differs_is_shown_and_holds_in_a_process_that_runs(installed: Terminal) -> None:
    installed.write("alertcast.toml", OFFICE)
    with serving(installed) as (address, number):
        (before,) = installed.facts("config", "processes")
        assert before["name"].endswith(f":{number}")
        assert (before["does"], before["mistakes"]) == ("serve", 0)
        assert before["on_disk"] == before["digest"]
        assert installed.facts("config", "diff") == []
        installed.write(
            "alertcast.toml", f'{RENAMED}[web]\nthreads = 9\n[roster]\narea_code = "01"'
        )
        refused = installed.run("config", "reload", "--yes")
        assert refused.exit_code == 2
        assert "mistake: alertcast.toml: roster.area_code: " in refused.stderr
        installed.write("alertcast.toml", f"{RENAMED}[web]\nthreads = 9\n")
        found = installed.facts("config", "diff")
        assert [(one["key"], one["before"], one["after"], one["waits"]) for one in found] == [
            ("office.short_name", "试验三防", "新名三防", False),
            ("web.threads", None, "9", True),
        ]
        assert installed.run("config", "reload", stdin="n\n").exit_code == 1
        assert "试验三防" in requests.get(f"{address}/login", timeout=10).text
        assert "新名三防" in installed.ok("config", "reload", "--yes")
        assert "新名三防" in requests.get(f"{address}/login", timeout=10).text
        (after,) = installed.facts("config", "processes")
        assert after["digest"] not in (before["digest"], after["on_disk"])  # threads wait
        (row,) = installed.facts("audit", "list", "--action", "reload_configuration")
        assert row["user"].startswith("cli")
        assert (row["detail"]["digest_before"], row["detail"]["digest"]) == (
            before["digest"],
            after["on_disk"],
        )
    assert installed.facts("config", "processes") == []
    assert installed.run("config", "reload", "--yes").exit_code == 1


def test_a_hangup_rereads_the_files(installed: Terminal) -> None:
    installed.write("alertcast.toml", OFFICE)
    with serving(installed) as (address, number):
        installed.write("alertcast.toml", RENAMED)
        os.kill(number, signal.SIGHUP)
        until(address, "新名三防")
        (row,) = installed.facts("audit", "list", "--action", "reload_configuration")
        assert row["user"] == f"signal:{installed.facts('config', 'processes')[0]['name']}"
