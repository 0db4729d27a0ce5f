"""`alertcast uploads`: a file that was sent to the page is worked on by a process of its own."""

import sys
import time
from pathlib import Path

import pytest

from alertcast.bootstrap import apart, installation
from alertcast.core.upload import UploadKind, UploadState
from alertcast.dispatch import uploads as step
from alertcast.store import uploads
from tests.cli.conftest import ROSTER


@pytest.fixture
def sent(ready):
    app = installation(None)
    taken = step.take(
        app.world,
        UploadKind.ROSTER,
        "people.csv",
        "demo",
        f"{ROSTER}赵六,13600136000,deputy,E01,yes\n".encode(),
        options={},
        by="admin",
        now=app.clock(),
    )
    yield app, taken
    app.close()


def state(app, number):
    with app.world.db.read() as tx:
        return uploads.get(tx, number)


def wait_for(app, number, wanted):
    end = time.monotonic() + 300
    while state(app, number).state is not wanted:
        assert time.monotonic() < end, state(app, number)
        time.sleep(0.2)


def test_a_process_of_its_own_looks_at_it_and_applies_it(ready, sent):
    app, number = sent
    apart(None)(number)
    wait_for(app, number, UploadState.CHECKED)
    seen = state(app, number).seen
    became = step.confirm(
        app.world, number, seen=seen, skip_bad=False, allow_removals=False, by="admin"
    )
    assert became is step.Confirmed.BEGUN
    apart(None)(number)
    wait_for(app, number, UploadState.APPLIED)
    (fact,) = ready.facts("uploads", "list")
    assert (fact["state"], fact["file"], fact["by"]) == ("applied", "people.csv", "admin")


def test_the_command_does_what_that_process_does(ready, sent):
    app, number = sent
    ready.ok("uploads", "work", number)
    assert state(app, number).state is UploadState.CHECKED
    assert "people.csv" in ready.ok("uploads", "list")


@pytest.mark.skipif(sys.platform == "win32", reason="it is a script of a POSIX shell")
def test_a_process_that_is_killed_leaves_no_file_behind(tmp_path, monkeypatch):
    said, program = tmp_path / "said", tmp_path / "program"
    program.write_text(
        f'#!/bin/sh\necho 13800000077 > "$TMPDIR/x"\necho "$TMPDIR" > {said}\nkill -9 $$\n'
    )
    program.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(program))
    apart(None)(1)
    end = time.monotonic() + 60
    while not (said.exists() and said.read_text() and not Path(said.read_text().strip()).exists()):
        assert time.monotonic() < end
        time.sleep(0.05)
