"""`alertcast init`: write a configuration to start from, with fresh keys."""

import os
import secrets
from pathlib import Path

import click

from alertcast.bootstrap import DATA_KEY, SECRET_KEY
from alertcast.cli.failure import Refused
from alertcast.config import shipped
from alertcast.store.crypto import new_key

ENV = """\
# Secrets of this installation. Keep a copy of this file in a safe place: without {data}
# nobody can read the phones and names in the database again.
{data}={data_key}
{secret}={secret_key}
# TWILIO_AUTH_TOKEN=
"""


@click.command(epilog="\b\nExample:\n  alertcast init\n  alertcast init /etc/alertcast")
@click.argument("folder", default=".", type=click.Path(file_okay=False, path_type=Path))
def command(folder: Path) -> None:
    """Write the default configuration and fresh keys into FOLDER, to be edited there.

    Nothing is ever overwritten: if one of the files is there, none is written.
    """
    files = sorted(shipped("config").glob("*.toml"))
    names = [path.name for path in files] + ["alertcast.env"]
    there = [name for name in names if (folder / name).exists()]
    if there:
        raise Refused(f"{folder}: {', '.join(there)} is there already; nothing was written")
    folder.mkdir(parents=True, exist_ok=True)
    _write_secrets(folder / "alertcast.env")
    for path in files:
        with (folder / path.name).open("xb") as copy:
            copy.write(path.read_bytes())
    for name in names:
        click.echo(folder / name)
    click.echo("Next: edit alertcast.toml, then run `alertcast check` there.", err=True)


def _write_secrets(path: Path) -> None:
    text = ENV.format(
        data=DATA_KEY,
        data_key=new_key(),
        secret=SECRET_KEY,
        secret_key=secrets.token_urlsafe(32),
    )
    handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
