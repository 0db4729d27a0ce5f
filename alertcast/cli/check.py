"""`alertcast check`: everything that is wrong with the configuration, at once."""

import secrets
from dataclasses import asdict, dataclass

import click
import requests
from urllib3.exceptions import HTTPError

from alertcast.bootstrap import SECRET_KEY, App
from alertcast.channels.abilities import Plays, Probes
from alertcast.channels.base import ChannelError
from alertcast.cli import output
from alertcast.cli.failure import MISCONFIGURED, REFUSED
from alertcast.cli.installed import check_database, opened
from alertcast.config import ConfigError
from alertcast.dispatch import drafts
from alertcast.store import grids, people, users
from alertcast.store.db import StoreError, Tx
from alertcast.web.health import proof

TIMEOUT = 10.0
"""Real seconds that our own public address has to answer."""

LONGEST = 10_000
"""Most bytes of its answer that are read."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    what: str
    ok: bool
    detail: str


@click.command(epilog="\b\nExample:\n  alertcast check\n  alertcast check --live --json")
@click.option("--live", is_flag=True, help="Also ask providers and our own public address.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_context
def command(ctx: click.Context, live: bool, as_json: bool) -> None:
    """Say everything that is wrong with the configuration, and what is still missing.

    --live asks each channel's account whether it would work, and proves that the public address
    reaches this very installation, running. Nothing is ever sent. Exit code 2: the configuration
    has mistakes; 1: the database, an account or the address will not do.
    """
    try:
        with opened(ctx.obj, any_version=True) as app:
            database = _database(app)
            findings = [database, _secret(app), *_configured(app), _texts(app), *_recordings(app)]
            if database.ok:
                with app.world.db.read() as tx:
                    findings += _brought_in(tx)
            if live:
                with output.busy("Asking"):
                    findings += [_address(app), *_accounts(app)]
    except ConfigError as error:
        if as_json:
            output.json_line({"ok": False, "mistakes": error.mistakes, "findings": []})
            ctx.exit(MISCONFIGURED)
        raise
    is_ok = all(finding.ok for finding in findings)
    if as_json:
        found = [asdict(finding) for finding in findings]
        output.json_line({"ok": is_ok, "mistakes": [], "findings": found})
    else:
        rows = ((f.what, "ok" if f.ok else "FAILED", f.detail) for f in findings)
        output.table(("what", "", "detail"), rows, title=f"Configuration in {app.config.folder}")
    ctx.exit(0 if is_ok else REFUSED)


def _database(app: App) -> Finding:
    try:
        check_database(app)
    except StoreError as error:
        return Finding("database", False, str(error))
    return Finding("database", True, str(app.world.db.url))


def _secret(app: App) -> Finding:
    is_there = app.config.secret(SECRET_KEY) is not None
    detail = "is set" if is_there else "is not set, so `alertcast serve` will not start"
    return Finding(SECRET_KEY, is_there, detail)


def _configured(app: App) -> list[Finding]:
    """Return what is configured: nothing is no mistake, but worth knowing."""
    sources, channels = ", ".join(app.feeds), ", ".join(one.name for one in app.world.channels)
    return [
        Finding("sources", True, sources or "none: warnings come in by hand only"),
        Finding("channels", True, channels or "none: everything goes to the officer's list"),
        *_jurisdictions(app),
    ]


def _jurisdictions(app: App) -> list[Finding]:
    """Return which sources are believed wherever their warnings are: allowed, but worth knowing."""
    sections = app.config.main.sources
    if not sections:
        return []
    without = [name for name in app.feeds if "jurisdiction" not in sections[name]]
    lacks = f"not declared, so warnings of any place are believed, by: {', '.join(without)}"
    return [Finding("jurisdiction", True, lacks if without else "declared by every source")]


def _texts(app: App) -> Finding:
    faults = drafts.mistakes(app.config)
    if not faults:
        return Finding("texts", True, f"{len(app.config.texts.by_id)}")
    first = f"{faults[0].text_id} ({faults[0].language}): {faults[0].message}"
    more = f"; {len(faults) - 1} more: `alertcast texts lint`" if len(faults) > 1 else ""
    return Finding("texts", False, f"{first}{more}")


def _recordings(app: App) -> list[Finding]:
    """Return what recorded voices lack: it is spoken instead, so nothing is wrong."""
    found = []
    for channel in app.world.channels:
        missing = channel.missing() if isinstance(channel, Plays) else {}
        for language, names in missing.items():
            lacks = f"{len(names)} missing: {', '.join(names)}" if names else "all are there"
            found.append(Finding(f"recordings {channel.name} {language}", True, lacks))
    return found


def _brought_in(tx: Tx) -> list[Finding]:
    found = []
    for what, row in (("grids", grids.active_layer(tx)), ("roster", people.active_roster(tx))):
        if row is None:
            found.append(Finding(what, True, f"none yet: `alertcast {what} import`"))
            continue
        remark = ", approximate" if row.get("is_approximate") else ""
        found.append(Finding(what, True, f"{row['name']}, version {row['version']}{remark}"))
    count = sum(not user.is_disabled for user in users.listed(tx))
    return [*found, Finding("users", True, f"{count}" if count else "none: `alertcast users add`")]


def _address(app: App) -> Finding:
    """Ask our public address something that only this installation can answer."""
    what, url = "public address", f"{app.config.main.web.public_base_url}/healthz"
    secret_key = app.config.secret(SECRET_KEY)
    if secret_key is None:
        return Finding(what, False, f"{url}: without {SECRET_KEY} nobody can tell whose it is")
    nonce = secrets.token_urlsafe(24)
    try:
        answer = requests.get(
            url, params={"nonce": nonce}, timeout=TIMEOUT, allow_redirects=False, stream=True
        )
        with answer:
            said = answer.raw.read(LONGEST, decode_content=True)
    except (requests.RequestException, HTTPError) as error:
        return Finding(what, False, f"{url}: {type(error).__name__}")
    if answer.status_code != requests.codes.ok:
        return Finding(what, False, f"{url}: HTTP {answer.status_code}")
    if proof(secret_key, nonce).encode() not in said:
        return Finding(what, False, f"{url}: something answers, but not this installation")
    return Finding(what, True, f"{url}: reaches this installation")


def _accounts(app: App) -> list[Finding]:
    found: list[Finding] = []
    for channel in app.world.channels:
        what = f"channel {channel.name}"
        if not isinstance(channel, Probes):
            found.append(Finding(what, True, "has no account to ask"))
            continue
        try:
            found.append(Finding(what, True, channel.probe()))
        except ChannelError as error:
            found.append(Finding(what, False, str(error)))
    return found
