"""Recorded answers of a platform that is connected by configuration, read by its section."""

from collections.abc import Iterator
from pathlib import Path

import click
from pydantic import ValidationError

from alertcast.cli import output
from alertcast.config import Config, ConfigError, explained
from alertcast.sources.base import OF_EVERY_SOURCE
from alertcast.sources.mapped_read import read_answer
from alertcast.sources.mapping import MappedSettings
from alertcast.sources.parsed import Parsed, Unreadable
from alertcast.sources.read import bytes_of


def mapping_of(config: Config, name: str) -> MappedSettings:
    """Return how a source's answers are mapped; raises ConfigError, click.BadParameter."""
    section = config.main.sources.get(name, {})
    if section.get("type") != "json":
        msg = f'--source: there is no source {name!r} of type "json"'
        raise click.BadParameter(msg)
    rest = {key: value for key, value in section.items() if key not in OF_EVERY_SOURCE}
    try:
        found = MappedSettings.model_validate(rest)
    except ValidationError as error:
        raise ConfigError(explained(f"sources.{name}", error)) from None
    if faults := found.faults(config.hazards):
        raise ConfigError([f"sources.{name}.{one}" for one in faults])
    return found


def answers(
    files: tuple[Path, ...], config: Config, mapping: MappedSettings
) -> Iterator[tuple[Path, Parsed]]:
    """Yield every item of recorded answers; a file that can not be opened is a refused one."""
    for path in output.counted(files, "Reading"):
        try:
            body = bytes_of(path)
        except Unreadable as error:
            yield path, error.as_parsed()[0]
            continue
        for parsed in read_answer(body, mapping, config.hazards):
            yield path, parsed
