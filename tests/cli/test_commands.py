"""The command line as a whole: every command helps with an example, and none costs a start."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec

import click
import pytest
from click.testing import CliRunner

from alertcast.cli import FAMILIES, main


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    ctx = click.Context(group)
    for name in group.list_commands(ctx):
        if not path and find_spec(FAMILIES[name][0]) is None:
            continue
        command = group.get_command(ctx, name)
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        if not isinstance(command, click.Group) or command.invoke_without_command:
            yield (*path, name)


ALL = list(commands(main))


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_every_command_has_help_with_an_example_of_itself(path):
    result = CliRunner().invoke(main, [*path, "--help"])
    assert result.exit_code == 0
    _, _, example = result.output.partition("Example:")
    assert f"  alertcast {' '.join(path)}" in example
    said = result.output.splitlines()[2].strip()
    assert said.endswith(".") or len(said) > 60


def test_the_commands_of_the_product_are_there():
    assert {
        ("alerts", "parse"),
        ("alerts", "match"),
        ("check",),
        ("db", "upgrade"),
        ("backup",),
        ("doctor",),
        ("restore",),
        ("poll",),
        ("grids", "import"),
        ("roster", "import"),
        ("broadcast", "start"),
        ("broadcast", "approve"),
        ("broadcast", "cancel"),
        ("broadcast", "list"),
        ("status",),
        ("users", "add"),
        ("users", "list"),
        ("users", "disable"),
        ("users", "password"),
        ("init",),
        ("serve",),
        ("simulator",),
        ("simulator", "ledger"),
        ("simulator", "warn"),
        ("simulator", "fault"),
    } <= set(ALL)


def test_help_lists_every_family_and_imports_none():
    program = (
        "import sys\nfrom click.testing import CliRunner\n"
        "from alertcast.cli import FAMILIES, main\n"
        "said = CliRunner().invoke(main, ['--help']).output\n"
        "assert all(name in said for name in FAMILIES), said\n"
        "loaded = [name for name in sys.modules if name.startswith('alertcast.')]\n"
        "assert loaded == ['alertcast.cli'], loaded\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.parametrize("arguments", [["fly"], ["alerts", "parse"], ["db", "upgrade", "--now"]])
def test_a_wrong_command_is_exit_code_2(arguments):
    assert CliRunner().invoke(main, arguments).exit_code == 2


def test_a_database_that_can_not_be_opened_is_one_line_and_exit_code_1(installed):
    config = installed.folder / "alertcast.toml"
    config.write_text(
        '[office]\nname = "a"\nshort_name = "b"\ncheck_number = "c"\n'
        '[database]\nurl = "sqlite:///inbox"\n',
        "utf-8",
    )
    result = installed.run("users", "list")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: sqlite:///")
    assert "the database can not be reached (unable to open database file)" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_an_error_that_nobody_foresaw_is_one_line_and_exit_code_1(installed):
    with sqlite3.connect(installed.folder / "alertcast.sqlite3") as database:
        database.execute("DROP TABLE user")
    database.close()
    result = installed.run("users", "list")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: OperationalError: ")
    assert len(result.stderr.splitlines()) == 1
