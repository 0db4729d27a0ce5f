"""A process that was told to stop ends in its time, whatever hangs in it."""

import signal
import subprocess
import sys

import pytest

HANGS = """
from datetime import timedelta
from threading import Event

from alertcast.cli import stopping

stopping.AFTER = 0.1
wait = stopping.until_told_to_stop(timedelta(0))
{}
Event().wait()
"""

AFTERWARDS = HANGS.format('print("up", flush=True)\nwait()')
BEFORE = HANGS.format("""
stopping.LOOK = 0.01
def look():
    print("up", flush=True)
    Event().wait()
wait(look)
""")


@pytest.mark.parametrize(
    ("number", "program"),
    [(signal.SIGTERM, AFTERWARDS), (signal.SIGINT, AFTERWARDS), (signal.SIGTERM, BEFORE)],
    ids=["SIGTERM", "SIGINT", "while another configuration takes over"],
)
def test_what_hangs_is_ended_and_that_is_no_failure(number: signal.Signals, program: str) -> None:
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, stdout=-1, stderr=-1, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        process.send_signal(number)
        _, said = process.communicate(timeout=240)
    assert process.returncode == 0
    assert "Stopped: what was still leaving is settled when its lease is over." in said
