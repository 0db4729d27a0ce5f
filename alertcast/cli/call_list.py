"""`alertcast broadcast call-list`: the offline list, while service and database are dead."""

import os
from datetime import UTC, datetime
from pathlib import Path

import click

from alertcast.bootstrap import DATA_KEY, OLD_DATA_KEY
from alertcast.cli import output
from alertcast.cli.failure import Refused
from alertcast.cli.installed import at_terminal
from alertcast.config import ConfigError, load
from alertcast.dispatch.call_list import FORMATS, NoList, fetch, font_of
from alertcast.store import sealed_files
from alertcast.store.crypto import Vault


@click.command(
    "call-list",
    epilog="\b\nExample:\n  alertcast broadcast call-list 7\n"
    "  alertcast broadcast call-list 7 --county 441224 --out list.pdf --by 王值班",
)
@click.argument("broadcast_id", metavar="ID", type=int)
@click.option("--county", metavar="CODE", help="Its list; without it, say which lists there are.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="FILE.pdf or FILE.csv to write."
)
@click.option("--by", "name", help="Who fetches it, for the watermark; else your log-in here.")
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the lists lie; else what call_list.folder says.",
)
@click.pass_obj
def command(
    config: str | None,
    broadcast_id: int,
    county: str | None,
    out: Path | None,
    name: str | None,
    folder: Path | None,
) -> None:
    """Fetch the offline call list of a broadcast: whom to ring by hand, and what to read out.

    It needs the data key and the folder of the lists, no database and no service; with --folder and
    the key in the environment, not even a configuration. Whoever fetches is on every page, and is
    recorded as soon as the service runs again.
    """
    folder, vault, font = _place(config, folder)
    if county is None:
        _list(folder, broadcast_id)
        return
    form = out.suffix.lower().removeprefix(".") if out else ""
    if out is None or form not in FORMATS:
        raise click.UsageError("--out needs a name that ends in .pdf or .csv")
    user, at = name or at_terminal(), datetime.now(UTC)
    try:
        found = fetch(folder, vault, broadcast_id, county, form, user, at, font)
    except NoList as error:
        raise Refused(str(error)) from None
    output.for_its_owner(out, found)
    try:
        facts = {"broadcast": broadcast_id, "county": county, "form": form}
        sealed_files.note_fetched(folder, user=user, at=at.isoformat(), **facts)
    except OSError as error:  # the list matters more: somebody is waiting to be called
        click.echo(f"It can not be recorded who has fetched it: {error.strerror}", err=True)
    click.echo(f"{out}: call list of broadcast {broadcast_id}, county {county}")


def _place(config: str | None, folder: Path | None) -> tuple[Path, Vault, Path | None]:
    """Return the folder, the vault and the font; a broken configuration is only in the way."""
    try:
        found = load(config)
    except ConfigError:
        key = os.environ.get(DATA_KEY)
        if folder is None or key is None:
            raise
        return folder, Vault.from_text(key, os.environ.get(OLD_DATA_KEY)), None
    secret = found.secret(DATA_KEY)
    if secret is None:
        raise ConfigError([f"environment: {DATA_KEY} is not set"])
    section, vault = found.main.call_list, Vault.from_text(secret, found.secret(OLD_DATA_KEY))
    return folder or found.folder / section.folder, vault, font_of(found.folder, section.font)


def _list(folder: Path, broadcast_id: int) -> None:
    found = [one for one in sealed_files.listed(folder) if one.broadcast_id == broadcast_id]
    if not found:
        raise Refused(f"broadcast {broadcast_id}: there is no call list in {folder}")
    rows = [(one.county_code, one.written_at.isoformat(timespec="seconds")) for one in found]
    output.table(("county", "written"), rows, title=f"Call lists of broadcast {broadcast_id}")
