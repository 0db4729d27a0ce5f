"""`alertcast grids`: bring in layers of grids, look at them, choose one; places by code."""

import click

from alertcast.cli import grids_codes, grids_diff, grids_import, grids_report


@click.group()
def command() -> None:
    """Bring in layers of grids, look at them, choose one."""


command.add_command(grids_import.import_)
command.add_command(grids_diff.diff)
command.add_command(grids_report.check)
command.add_command(grids_diff.list_)
command.add_command(grids_diff.use)
command.add_command(grids_codes.import_codes)
command.add_command(grids_codes.codes)
