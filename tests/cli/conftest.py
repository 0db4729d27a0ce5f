"""An installation in a folder of its own, and the command line run in it."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog
from click.testing import CliRunner, Result

from alertcast.cli import main
from tests.databases import DATA_KEY

OFFICE = """\
[office]
name = "试验县三防办"
short_name = "试验三防"
check_number = "0758-0000000"

[sources.inbox]
type = "folder"
path = "inbox"
"""

WHOLE_LAYER = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {
                "code": code,
                "name": name,
                "kind": "village",
                "town_code": "441224101",
                "town": "冷坑镇",
                "county_code": "441224",
                "county": "怀集县",
            },
            "geometry": {
                "type": "Polygon",
                "coordinates": [
                    [
                        [west, 24.0],
                        [west + 0.1, 24.0],
                        [west + 0.1, 24.1],
                        [west, 24.1],
                        [west, 24.0],
                    ]
                ],
            },
        }
        for code, name, west in (("E01", "东村", 112.0), ("E02", "西村", 111.9))
    ],
}

ROSTER = """\
name,phone,role,place,drills
张三,13800138000,first_secretary,E01,yes
李四,13900139000,branch_leader,E02,yes
王五,13700137000,town_desk,441224101,yes
"""


AT_ANY_HOUR = ("--night-why", "试验")
"""For a drill that begins now, at whatever hour tests run."""


@dataclass(frozen=True)
class Terminal:
    """Somebody at a terminal in `folder`."""

    folder: Path

    def run(self, *arguments: object, stdin: str | None = None) -> Result:
        """Run a command; what it printed and its exit code."""
        result = CliRunner().invoke(main, [str(one) for one in arguments], input=stdin)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    def ok(self, *arguments: object, stdin: str | None = None) -> str:
        """Run a command that must go well; return its output."""
        result = self.run(*arguments, stdin=stdin)
        assert result.exit_code == 0, result.output
        return result.stdout

    def facts(self, *arguments: object) -> list[Any]:
        """Run a command with --json; return what it printed, an object a line."""
        return lines(self.run(*arguments, "--json"))

    def write(self, name: str, text: str | dict[str, Any]) -> Path:
        """Write a file into the folder."""
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text if isinstance(text, str) else json.dumps(text), "utf-8")
        return path


def lines(result: Result) -> list[Any]:
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture(autouse=True)
def _plain_log() -> Iterator[None]:
    yield
    structlog.reset_defaults()


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal in an empty folder, with no configuration."""
    monkeypatch.chdir(tmp_path)
    for name in ("ALERTCAST_CONFIG", "ALERTCAST_DATA_KEY", "ALERTCAST_SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_COLOR", "1")
    return Terminal(tmp_path)


Make = Callable[[Terminal], None]


@pytest.fixture
def once(terminal: Terminal, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Make], None]:
    """What fills the folder of the terminal by commands, or with a copy of what they once made."""

    def made(make: Make) -> None:
        kept = tmp_path_factory.getbasetemp() / make.__name__
        if kept.exists():
            shutil.copytree(kept, terminal.folder, dirs_exist_ok=True)
        else:
            make(terminal)
            shutil.copytree(terminal.folder, kept)

    return made


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """The keys that all installations of the tests have."""
    monkeypatch.setenv("ALERTCAST_DATA_KEY", DATA_KEY)
    monkeypatch.setenv("ALERTCAST_SECRET_KEY", "a secret of these tests, long enough")


@pytest.fixture
def installed(terminal: Terminal, keys: None, once: Callable[[Make], None]) -> Terminal:
    """A terminal in a folder with a configuration, keys and an empty database."""
    once(install)
    return terminal


@pytest.fixture
def ready(terminal: Terminal, keys: None, once: Callable[[Make], None]) -> Terminal:
    """An installation with two grids, three people and an officer."""
    once(get_ready)
    return terminal


def install(terminal: Terminal) -> None:
    terminal.write("alertcast.toml", OFFICE)
    terminal.folder.joinpath("inbox").mkdir()
    terminal.ok("db", "upgrade")


def get_ready(terminal: Terminal) -> None:
    install(terminal)
    terminal.ok("grids", "import", terminal.write("grids.geojson", WHOLE_LAYER), "--name", "demo")
    terminal.ok("roster", "import", terminal.write("roster.csv", ROSTER), "--name", "demo")
    terminal.ok(
        "users", "add", "li", "--role", "officer", "--password-stdin", stdin="correct horse\n"
    )
