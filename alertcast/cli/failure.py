"""What an error means to the person at the terminal: its lines, and the exit code."""

import click

from alertcast.config import ConfigError
from alertcast.dispatch.start import CanNotStart
from alertcast.store.crypto import DataKeyError
from alertcast.store.db import StoreError

REFUSED = 1
"""Exit code: something was refused, or failed."""

MISCONFIGURED = 2
"""Exit code: the command or the configuration is wrong."""


class Refused(click.ClickException):
    """What was asked for is refused; the message says why."""

    exit_code = REFUSED


def told(error: Exception) -> int:
    """Write what `error` says on standard error; return the exit code.

    Of an error that nobody foresaw only the first line is shown: a database's further lines hold
    the values of its rows.
    """
    if isinstance(error, ConfigError):
        for mistake in error.mistakes:
            click.echo(f"mistake: {mistake}", err=True)
        return MISCONFIGURED
    first = (str(error).splitlines() or [""])[0]
    if isinstance(error, (CanNotStart, StoreError, DataKeyError)):
        click.echo(f"Error: {first}", err=True)
    else:
        click.echo(f"Error: {type(error).__name__}: {first} (-vv shows where)", err=True)
    return REFUSED
