"""The command line: one file per family of commands, loaded only when it is asked for.

Exit codes: 0 all went well; 1 something was refused or failed; 2 the command or the configuration
is wrong. Facts go to standard output, everything else to standard error.
"""

import sys
from importlib import import_module
from io import TextIOWrapper
from typing import Any

import click

FAMILIES: dict[str, tuple[str, str]] = {
    "demo": ("alertcast.cli.demo", "Play the night in Huaiji on this machine."),
    "drill": ("alertcast.cli.drill", "Schedule drills; prove that nothing is lost or doubled."),
    "init": ("alertcast.cli.init", "Write a configuration to start from."),
    "check": ("alertcast.cli.check", "Say everything that is wrong with the configuration."),
    "config": ("alertcast.cli.configuration", "See what differs on disk; let it hold at once."),
    "doctor": ("alertcast.cli.doctor", "Say what is stuck, and what to do."),
    "db": ("alertcast.cli.db", "Keep the database up to date."),
    "backup": ("alertcast.cli.backup", "Write a backup of the database, while it runs."),
    "restore": ("alertcast.cli.restore", "Fill the database from a backup."),
    "grids": ("alertcast.cli.grids", "Bring in layers of grids."),
    "roster": ("alertcast.cli.roster", "Bring in the people who answer for grids."),
    "uploads": ("alertcast.cli.uploads", "See the files that were sent to the page."),
    "stations": ("alertcast.cli.stations", "Keep stations, and say which are open tonight."),
    "statistics": ("alertcast.cli.statistics", "Say how fast people were called and answered."),
    "duty": ("alertcast.cli.duty", "Say who is on duty when."),
    "users": ("alertcast.cli.users", "Say who may log in, and what they may do."),
    "tokens": ("alertcast.cli.tokens", "Say which other systems may use the API."),
    "audit": ("alertcast.cli.audit", "See who did what, and prove that nothing was changed."),
    "retention": ("alertcast.cli.retention", "Remove what is kept for too long."),
    "serve": ("alertcast.cli.serve", "Run it all: page, schedule and senders."),
    "worker": ("alertcast.cli.worker", "Send what is due, on one machine of several."),
    "poll": ("alertcast.cli.poll", "Ask the sources once, now."),
    "alerts": ("alertcast.cli.alerts", "Read warnings, find their grids, say why one was sent."),
    "broadcast": ("alertcast.cli.broadcast", "Start, approve, stop and list broadcasts."),
    "response": ("alertcast.cli.response", "Write down a response level (应急响应)."),
    "texts": ("alertcast.cli.texts", "Check the words of messages, and look at them."),
    "status": ("alertcast.cli.status", "Say who was told and who answered."),
    "simulator": ("alertcast.cli.simulator", "Run a carrier on this machine that reaches nobody."),
}
"""Each family of commands: the module whose `command` it is, and its line in the help."""

EPILOG = "\b\nExample:\n  alertcast demo\n  alertcast alerts match warning.xml --json"


class Families(click.Group):
    """Commands whose modules are imported when they are run, not when they are listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all families, in the order a newcomer needs them."""
        return list(FAMILIES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the family called `cmd_name` and return its command; None: there is none."""
        if cmd_name not in FAMILIES:
            return None
        command: click.Command = import_module(FAMILIES[cmd_name][0]).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of families without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in FAMILIES.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; an error becomes one line each on standard error, and an exit code."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except Exception as error:  # the last place where something can be done: tell the person
            from alertcast.cli.failure import told

            if ctx.params["verbose"] > 1:
                raise
            ctx.exit(told(error))


@click.group(cls=Families, epilog=EPILOG)
@click.option("--config", type=click.Path(), help="The alertcast.toml to use.")
@click.option("-v", "--verbose", count=True, help="Say what is done; -vv: show where it failed.")
@click.version_option(package_name="alertcast")
@click.pass_context
def main(ctx: click.Context, config: str | None, verbose: int) -> None:
    """Tell the people who answer for a neighbourhood about an official weather warning.

    Without --config, ALERTCAST_CONFIG names the configuration, else it is ./alertcast.toml or
    ./config/alertcast.toml, else the one that comes with alertcast.
    """
    ctx.obj = config
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # an old console may lack a Chinese character
    from alertcast.cli import log

    log.configure("info" if verbose else "warning", "logfmt")  # until a configuration says more
