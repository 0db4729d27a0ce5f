"""Every `alertcast ...` that a page shows is a command with these options; every link leads on."""

import re
import shlex
from collections.abc import Sequence
from pathlib import Path

import click
import pytest

from alertcast.cli import main
from tests.docs.pages import PAGES, blocks, code_spans, links, name_of

SHELLS = {"sh", "powershell", "console"}
PLACEHOLDER = re.compile(r"\.\.\.|…")


def commands(page: Path) -> list[str]:
    """Return what is to be typed: lines of shell blocks, and code in the text."""
    shells = [block.text for block in blocks(page) if block.language in SHELLS]
    lines = [line for text in shells for line in text.splitlines()]
    parts = [part for line in [*lines, *code_spans(page)] for part in re.split(r"&&|;|\|", line)]
    found = (re.match(r"\s*(?:\.venv[/\\](?:bin|Scripts)[/\\])?(alertcast\s.+)", p) for p in parts)
    return [match[1].strip() for match in found if match]


SHOWN = [(name_of(page), command) for page in PAGES for command in commands(page)]


def test_commands_are_found() -> None:
    assert ("README.md", "alertcast demo --once") in SHOWN
    assert len({command for _, command in SHOWN}) > 20


@pytest.mark.parametrize(("page", "line"), SHOWN, ids=lambda text: text)
def test_the_command_and_its_options_exist(page: str, line: str) -> None:
    understood(shlex.split(PLACEHOLDER.sub("", line), posix=True)[1:], f"{page}: {line}")


def understood(words: Sequence[str], where: str) -> None:
    """Fail unless these words after `alertcast` are a command with options that it has."""
    command: click.Command = main
    with click.Context(main, info_name="alertcast") as context:
        while True:
            parser = command.make_parser(context)
            _, words, _ = parser.parse_args(list(words))
            if not isinstance(command, click.Group) or not words:
                return
            name, *words = words
            found = command.get_command(context, name)
            assert found is not None, f"{where}: no command {name}"
            command = found


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_inside_the_project_leads_somewhere(page: Path) -> None:
    for link in links(page):
        if not re.match(r"[a-z]+:", link) and not link.startswith("#"):
            target = page.parent / link.partition("#")[0]
            assert target.exists(), link
