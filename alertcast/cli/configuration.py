"""`alertcast config`: which configuration each process runs by, and another one without a stop."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import click

from alertcast.bootstrap import App
from alertcast.cli import output
from alertcast.cli.failure import Refused
from alertcast.cli.installed import at_terminal, opened
from alertcast.core.written import Difference, differences, digest
from alertcast.dispatch import reload
from alertcast.dispatch.reload import OnDisk
from alertcast.store import configurations
from alertcast.store.configurations import Process

PATIENCE = 30.0
"""Real seconds to wait for processes to follow."""


@click.group()
def command() -> None:
    """See which configuration runs, what differs on disk, and let that hold at once."""


@command.command(
    epilog="\b\nExample:\n  alertcast config processes\n  alertcast config processes --json"
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each process.")
@click.pass_obj
def processes(config: str | None, as_json: bool) -> None:
    """List the processes at work: by which configuration, since when, and what their disk holds."""
    with opened(config) as app:
        _list(_at_work(app), as_json)


@command.command(epilog="\b\nExample:\n  alertcast config diff\n  alertcast config diff --json")
@click.option(
    "--json", "as_json", is_flag=True, help="One JSON object for each value that differs."
)
@click.pass_obj
def diff(config: str | None, as_json: bool) -> None:
    """Say what differs between the files here and what each process runs by; nothing is changed.

    The files are checked as at a start: with mistakes the exit code is 2. Secrets are shown as
    marks that only say whether two are the same; those of the environment are not compared.
    """
    with opened(config) as app:
        found = _differing(app)
        for name, differing in found.items():
            _show(name, differing, as_json)
        if not found and not as_json:
            click.echo("No process is at work.", err=True)


@command.command(
    "reload", epilog="\b\nExample:\n  alertcast config reload\n  alertcast config reload --yes"
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def reload_(config: str | None, yes: bool) -> None:
    """Let every process run by what lies on its disk, if that is what lies here; recorded.

    Files with a mistake change nothing: each is named, exit code 2. Exit code 1: a process has not
    followed after half a minute; `alertcast config processes` says which, and what its disk holds.
    """
    with opened(config) as app:
        found = _differing(app)
        if not found:
            raise Refused(
                "no process is at work: the next `alertcast serve` has these files anyway"
            )
        for name, differing in found.items():
            _show(name, differing, as_json=False)
        if not yes:
            click.confirm("Let every process run by these files?", abort=True, err=True)
        _let_them_follow(app)


def _let_them_follow(app: App) -> None:
    lines = reload.lines_of(app.config, app.world.db.vault)
    before = sorted({one.digest for one in _at_work(app)})
    changes = {one for found in _differing(app).values() for one in found}
    wanted = OnDisk(digest(lines), lines, tuple(changes))
    with app.world.db.write() as tx:
        reload.order(app.world, tx, wanted, ",".join(before), at_terminal(), app.clock())
        since = app.world.db.real_now(tx)
    end = time.monotonic() + PATIENCE
    while True:
        known = _at_work(app)
        late = [one.name for one in known if one.since < since]
        if not late or time.monotonic() > end:
            break
        time.sleep(0.5)
    _list(known, as_json=False)
    if late:
        raise Refused(f"not followed yet: {', '.join(late)}")


def _at_work(app: App) -> Sequence[Process]:
    with app.world.db.read() as tx:
        return configurations.processes(tx, app.world.db.real_now(tx))


def _differing(app: App) -> Mapping[str, list[Difference]]:
    """Return by process what the files here say differently."""
    here = reload.lines_of(app.config, app.world.db.vault)
    with app.world.db.read() as tx:
        return {
            one.name: differences(configurations.lines_of(tx, one.digest) or {}, here)
            for one in configurations.processes(tx, app.world.db.real_now(tx))
        }


def _show(name: str, found: Sequence[Difference], as_json: bool) -> None:
    if as_json:
        for one in found:
            output.json_line({"process": name, "kind": one.kind, **asdict(one)})
        return
    title = f"{name}: {len(found)} values differ" if found else f"{name}: nothing differs"
    when = {True: "at its next start", False: "at once"}
    rows = ((o.file, o.key, o.before, o.after, when[o.waits]) for o in found)
    output.table(("file", "key", "now", "on disk", "holds"), rows, title=title)


def _list(known: Sequence[Process], as_json: bool) -> None:
    if as_json:
        for one in known:
            fact: dict[str, Any] = asdict(one)
            output.json_line(fact)
        return
    rows = (
        (one.name, one.does, one.digest, one.since.isoformat(timespec="seconds"), _disk(one))
        for one in known
    )
    output.table(("process", "does", "runs by", "since", "its disk"), rows)


def _disk(one: Process) -> str:
    if one.mistakes:
        return f"{one.mistakes} mistakes: `alertcast check`"
    return "the same" if one.on_disk == one.digest else f"other: {one.on_disk}"
