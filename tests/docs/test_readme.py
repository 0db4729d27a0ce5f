"""The READMEs are followed as they are written: three people, three messages in the ledger."""

import shlex
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from click.testing import CliRunner

from alertcast.bootstrap import installation, running, serving
from alertcast.cli import main
from alertcast.demo.stage import PASSWORD, USER
from alertcast.simulator.server import DEMO_ACCOUNTS, Simulator
from tests.docs.pages import ROOT, blocks

READMES = [ROOT / "README.md", ROOT / "README.zh-CN.md"]
CARRIER, PAGE = "http://127.0.0.1:8090", "http://127.0.0.1:8080"
PATIENCE = 30.0  # real seconds until the messages must have come


@pytest.fixture(autouse=True)
def _plain_log() -> Iterator[None]:
    yield
    structlog.reset_defaults()


def files(readme: Path) -> dict[str, str]:
    """Return the files that a reader is told to write, and what to add to those there are."""
    return {block.mark: block.text for block in blocks(readme) if ": " in block.mark}


def steps(readme: Path) -> list[str]:
    """Return the commands of the walk in order; not those that go on until they are stopped."""
    text = [b.text for b in blocks(readme) if b.language == "sh" and "alertcast init" in b.text]
    text += [b.text for b in blocks(readme) if b.language == "sh" and "db upgrade" in b.text]
    return [line for part in text for line in part.splitlines() if line.startswith("alertcast ")]


def test_the_walk_says_the_same_in_both_languages() -> None:
    english, chinese = READMES
    assert files(english) == files(chinese)
    assert steps(english) == steps(chinese)


def test_both_have_one_block_to_run_and_one_to_test_in_a_fresh_clone() -> None:
    for readme in READMES:
        fresh = [block.text for block in blocks(readme) if block.mark == "fresh"]
        assert [text.count("\n") for text in fresh] == [1, 1]
        run, test = fresh
        assert run.endswith("&& .venv/bin/alertcast demo --once\n")
        assert test.endswith("&& .venv/bin/pip install -e '.[test]' && .venv/bin/pytest\n")


def test_the_log_in_of_the_demo_is_the_one_that_is_told() -> None:
    for page in (*READMES, *ROOT.joinpath("docs").glob("operators-guide*.md")):
        text = page.read_text("utf-8")
        assert f"`{USER}`" in text and f"`{PASSWORD}`" in text, page.name


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def run(line: str) -> None:
    stdin = "correct horse\ncorrect horse\n" if "users add" in line else None
    result = CliRunner().invoke(main, shlex.split(line)[1:], input=stdin)
    assert result.exit_code == 0, f"{line}\n{result.output}"


def is_told(simulator: Simulator) -> bool:
    book = simulator.ledger
    return len(book.messages()) >= 3 and len(book.calls()) >= 3


def test_following_the_readme_brings_three_messages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ALERTCAST_CONFIG", "ALERTCAST_DATA_KEY", "ALERTCAST_SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    init, *rest = steps(READMES[0])
    run(init)
    office = tmp_path / init.split()[-1]
    monkeypatch.chdir(office)
    office.joinpath("inbox").mkdir()
    with Simulator(DEMO_ACCOUNTS) as simulator:
        port = free_port()
        for mark, text in files(READMES[0]).items():
            what, _, name = mark.partition(": ")
            before = office.joinpath(name).read_text("utf-8") if what == "add to" else ""
            whole = (before + text).replace(CARRIER, simulator.base_url)
            whole = whole.replace(PAGE, f"http://127.0.0.1:{port}")
            office.joinpath(name).write_text(whole, "utf-8")
        for line in rest:
            run(line)
        app = installation()
        office.joinpath("warning.xml").rename(office / "inbox/warning.xml")
        with (
            running(app) as at_work,
            serving(app, secret_key="of this test", wake=at_work.wake, host="127.0.0.1", port=port),
        ):
            deadline = time.monotonic() + PATIENCE
            while not is_told(simulator) and time.monotonic() < deadline:
                time.sleep(0.05)
        app.close()
        told = sorted(one.to for one in simulator.ledger.messages())
        called = sorted(one.to for one in simulator.ledger.calls())
    assert told == called == ["+8615400000011", "+8615400000012", "+8615400000013"]
    assert all("怀城街道东门小区" in str(one.body) for one in simulator.ledger.messages())
