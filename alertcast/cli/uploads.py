"""`alertcast uploads`: files that were sent to the page to be brought in."""

import os
import sys
from contextlib import suppress
from pathlib import Path

import click

from alertcast.cli import output
from alertcast.cli.installed import opened
from alertcast.config import taken_over
from alertcast.core.upload import MEMORY
from alertcast.dispatch import upload_work
from alertcast.store import uploads

if sys.platform != "win32":
    import resource

KINDLY = 10
"""How much less of the processor a file gets than what sends warnings (nice)."""


@click.group()
def command() -> None:
    """See the files that were sent to the page to be brought in."""


@command.command(
    "list",
    epilog="\b\nExample:\n  alertcast uploads list\n\n"
    "Fields: id, kind, file, name, state, progress, by, sent_at.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_obj
def list_(config: str | None, as_json: bool) -> None:
    """List the files that are here: until they are applied or thrown away, or for an hour."""
    with opened(config) as app, app.world.db.read() as tx:
        found = uploads.listed(tx)
    names = ("id", "kind", "file", "name", "state", "progress", "by", "sent_at")
    rows = [{name: getattr(one, name) for name in names} for one in found]
    if as_json:
        for row in rows:
            output.json_line(row)
        return
    output.table(names, (tuple(row.values()) for row in rows))


@command.command(epilog="\b\nExample:\n  alertcast uploads work 7")
@click.argument("upload_id", metavar="ID", type=int)
@click.option("--given", is_flag=True, hidden=True, help="Standard input is the configuration.")
@click.pass_obj
def work(config: str | None, upload_id: int, given: bool) -> None:
    """Look at a file, or apply one that was confirmed, as the page lets it be done.

    `alertcast serve` begins this by itself, as a process of its own, by the configuration that it
    has itself.
    """
    known = None
    if given:
        _stand_back()
        known = taken_over(sys.stdin.buffer.read().decode())
    with opened(config, known=known) as app:
        upload_work.work(app.world, upload_id, app.clock)


def _stand_back() -> None:
    """Let what sends warnings go first, and have memory enough."""
    with suppress(OSError, AttributeError):  # another system than Linux
        os.nice(KINDLY)
        Path("/proc/self/oom_score_adj").write_text("900")
    if sys.platform != "win32":
        _, most = resource.getrlimit(resource.RLIMIT_DATA)
        bound = MEMORY if most == resource.RLIM_INFINITY else min(MEMORY, most)
        resource.setrlimit(resource.RLIMIT_DATA, (bound, most))
