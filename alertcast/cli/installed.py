"""The installation a command works on: opened, its database's version checked, closed again."""

import gc
import getpass
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import structlog

from alertcast.bootstrap import App, AtWork, build, installation
from alertcast.cli import log
from alertcast.cli.failure import Refused
from alertcast.config import Config
from alertcast.core.access import User, may
from alertcast.store import data_keys, users
from alertcast.store.db import TROUBLE, StoreError, Tx

logger = structlog.get_logger()


@contextmanager
def opened(
    path: str | None, *, any_version: bool = False, known: Config | None = None
) -> Iterator[App]:
    """Put the installation of the configuration at `path` together; nothing of it runs.

    `known`: its configuration, read before.

    From here on the log is as it says.
    Raises ConfigError, and StoreError unless the database is of this program's version.
    """
    app = installation(path) if known is None else build(known)
    _log_as(app)
    try:
        if not any_version:
            check_database(app)
        yield app
    finally:
        app.close()


def check_database(app: App) -> None:
    """Raise StoreError unless there is a database of this program's version; make none.

    Raises DataKeyError if its people were written with another data key.
    """
    database = app.world.db
    file = database.url.database
    if database.is_sqlite and file and file != ":memory:" and not Path(file).exists():
        raise StoreError(f"{file}: there is no database yet: run `alertcast db upgrade`")
    database.check_version()
    with database.read() as tx:
        data_keys.settle(tx, database.vault)


def needs_postgresql(app: App, command: str) -> None:
    """Raise Refused if the database is SQLite, which belongs to one process."""
    if app.world.db.is_sqlite:
        raise Refused(
            f"alertcast {command}: the database is SQLite, which one process has to itself: "
            "run `alertcast serve`, or set database.url to a PostgreSQL"
        )


def _log_as(app: App) -> None:
    context, wanted = click.get_current_context(silent=True), app.config.main.log
    verbose = context.find_root().params.get("verbose", 0) if context else 0
    level = "info" if verbose and wanted.level == "warning" else wanted.level
    log.configure(level, wanted.format)


def allowed(tx: Tx, name: str, action: str, areas: Collection[str]) -> User:
    """Return the user called `name`; raises Refused unless they may do `action` in all `areas`.

    No area at all means everywhere.
    """
    found = users.by_name(tx, name)
    if found is None:
        raise Refused(f"user {name}: there is none: `alertcast users add` makes one")
    user, _ = found
    if not all(may(user, action, area) for area in areas or {""}):
        raise Refused(f"user {name} ({user.role}) may not {action} there")
    return user


def at_terminal() -> str:
    """Return who acts, as the audit names a person at a terminal: cli:LOGIN."""
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):  # a container in which our number has no name
        return "cli"


@contextmanager
def uncollected() -> Iterator[None]:
    """Look for no cycles of values meanwhile; a large import makes none, and keeps all it makes.

    To look for them would take a fifth of its time.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def settled() -> None:
    """Look for no cycles any more among what is in memory now: it stays as long as the process.

    To look through it stops every thread, again and again, while a large warning is planned.
    """
    gc.unfreeze()  # what another configuration has made superfluous goes
    gc.collect()
    gc.freeze()


def reread(at_work: AtWork) -> None:
    """Let every process run by what lies on its disk (SIGHUP); what is wrong with it is logged."""
    try:
        found = at_work.want(f"signal:{at_work.name}")
    except (*TROUBLE, StoreError) as error:
        logger.error("configuration not reread", why=type(error).__name__)
        return
    except Exception:  # a signal ends nothing: the work goes on by the configuration that holds
        logger.exception("configuration not reread")
        return
    for mistake in found.mistakes:
        logger.error("configuration not reread", mistake=mistake)
