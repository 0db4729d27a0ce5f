"""`alertcast uploads`: a file that was sent to the page is worked on by a process of its own."""

import os
import sys
import time
from pathlib import Path

import pytest

from alertcast.bootstrap import Apart, installation
from alertcast.core.upload import UploadKind, UploadState
from alertcast.dispatch import uploads as step
from alertcast.store import uploads
from tests.cli.conftest import OFFICE, ROSTER

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="it is a script of a POSIX shell")


CONFIGURED = f'{OFFICE}\n[roster]\narea_code = "0758"\n'
"""Without it the number of the last line could not be dialled."""


@pytest.fixture
def sent(ready):
    ready.write("alertcast.toml", CONFIGURED)
    app = installation(None)
    yield app, send(app, f"{ROSTER}赵六,5522345,deputy,E01,yes\n")
    app.close()


def send(app, text):
    return step.take(
        app.world,
        UploadKind.ROSTER,
        "people.csv",
        "demo",
        text.encode(),
        options={},
        by="admin",
        now=app.clock(),
    )


def state(app, number):
    with app.world.db.read() as tx:
        return uploads.get(tx, number)


def wait_for(app, number, wanted):
    wait_until(lambda: state(app, number).state is wanted)


def wait_until(is_so):
    end = time.monotonic() + 300
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_process_of_its_own_looks_at_it_and_applies_it(ready, sent):
    app, number = sent
    ready.write("alertcast.toml", "[office")  # it goes by the configuration of whoever begins it
    Apart(lambda: app)(number)
    wait_for(app, number, UploadState.CHECKED)
    seen = state(app, number).seen
    became = step.confirm(
        app.world, number, seen=seen, skip_bad=False, allow_removals=False, by="admin"
    )
    assert became is step.Confirmed.BEGUN
    Apart(lambda: app)(number)
    wait_for(app, number, UploadState.APPLIED)
    assert state(app, number).done["n"] == 4
    ready.write("alertcast.toml", CONFIGURED)
    (fact,) = ready.facts("uploads", "list")
    assert (fact["state"], fact["file"], fact["by"]) == ("applied", "people.csv", "admin")


def test_the_command_does_what_that_process_does(ready, sent):
    app, number = sent
    before = os.nice(0)
    ready.ok("uploads", "work", number)
    assert os.nice(0) == before  # it binds no process but one of its own
    assert state(app, number).state is UploadState.CHECKED
    assert "people.csv" in ready.ok("uploads", "list")


def fake(folder, monkeypatch, *lines):
    """Let what is begun be a script, which may begin the real program."""
    program = folder / f"program{len(list(folder.glob('program*')))}"  # one may be at work still
    program.write_text("\n".join(["#!/bin/sh", *lines, ""]))
    program.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(program))


@POSIX
def test_a_file_that_needs_too_much_memory_is_refused(ready, sent, tmp_path, monkeypatch):
    app, number = sent
    step.throw_away(app.world, number, "admin", app.clock())
    wide = ",".join(f"{n:x}" for n in range(2_000_000))
    number = send(app, f"{ROSTER}赵六,13600136000,deputy,E01,{wide}\n")
    fake(tmp_path, monkeypatch, "ulimit -d 380000", f'exec {sys.executable} "$@"')
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")
    Apart(lambda: app)(number)
    wait_for(app, number, UploadState.FAILED)
    assert state(app, number).done == {"why": "memory"}


@POSIX
@pytest.mark.parametrize(
    ("line", "longest", "why"),
    [("kill -9 $$", 60.0, "crashed"), ("exit 1", 60.0, "ended"), ("exec sleep 60", 0.1, "time")],
    ids=["killed", "not begun", "too slow"],
)
def test_what_ends_in_the_middle_is_broken_at_once(sent, tmp_path, monkeypatch, line, longest, why):
    app, number = sent
    fake(tmp_path, monkeypatch, line)
    Apart(lambda: app, longest)(number)
    wait_for(app, number, UploadState.FAILED)
    assert state(app, number).done == {"why": why}
    assert step.look_again(app.world, number, {})


@POSIX
def test_the_end_of_one_of_two_breaks_nothing(sent, tmp_path, monkeypatch):
    app, number = sent
    begin = Apart(lambda: app)
    go_on = tmp_path / "go on"
    look = f"[ -e '{go_on}' ] && exit 1; sleep 0.05"
    fake(tmp_path, monkeypatch, f"for n in $(seq 6000); do {look}; done")
    begin(number)
    fake(tmp_path, monkeypatch, "exit 1")
    begin(number)
    wait_until(lambda: begin.working(number) == 1)
    assert state(app, number).state is UploadState.CHECKING
    go_on.touch()
    wait_for(app, number, UploadState.FAILED)


@POSIX
def test_a_process_that_is_killed_leaves_no_file_behind(sent, tmp_path, monkeypatch):
    app, number = sent
    said = tmp_path / "said"
    lines = ('echo 13800000077 > "$TMPDIR/x"', f'echo "$TMPDIR" > {said}', "kill -9 $$")
    fake(tmp_path, monkeypatch, *lines)
    Apart(lambda: app)(number)
    wait_for(app, number, UploadState.FAILED)
    assert not Path(said.read_text().strip()).exists()
