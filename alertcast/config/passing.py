"""The configuration of a process is passed on to one that it begins, whatever lies on the disk."""

import json
from datetime import date, datetime, time
from pathlib import Path

from alertcast.config.load import Config, from_mapping
from alertcast.core.written import MAIN


def passed_on(config: Config) -> str:
    """Return all that a configuration says; it holds secrets."""
    said = {"folder": str(config.folder), "env": dict(config.env), "written": config.written}
    return json.dumps(said, default=_as_text)  # in ASCII: an environment may hold any bytes


def taken_over(text: str) -> Config:
    """Return the configuration that was passed on as `text`; no file of it is read.

    Raises
    ------
    ConfigError
        With every mistake.
    """
    said = json.loads(text)
    written = said["written"]
    return from_mapping(written[MAIN], folder=Path(said["folder"]), env=said["env"], parts=written)


def _as_text(value: date | datetime | time) -> str:
    return value.isoformat()  # the values of TOML that JSON does not have; read alike
