"""An installation put together from its configuration; nothing runs yet."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from alertcast.bootstrap.bells import bells_of, is_sqlite
from alertcast.bootstrap.channels import Tools, channels_of
from alertcast.bootstrap.sources import feeds_of
from alertcast.channels.gateway import Gateway
from alertcast.channels.twilio_base import TwilioChannel
from alertcast.config import Config, ConfigError, as_held, load
from alertcast.dispatch.world import World
from alertcast.scheduler import Clock, Feed
from alertcast.sources.mapped import MappedJson
from alertcast.sources.signed import rules_of
from alertcast.store.clock import SharedClock, SteadyClock
from alertcast.store.crypto import DataKeyError, Vault
from alertcast.store.db import Database

DATA_KEY = "ALERTCAST_DATA_KEY"
"""Environment variable with the key that phones, names and receipts are encrypted with."""

OLD_DATA_KEY = "ALERTCAST_DATA_KEY_OLD"
"""Environment variable with the key before, while it is being replaced."""

SECRET_KEY = "ALERTCAST_SECRET_KEY"  # noqa: S105  # the variable's name
"""Environment variable with the key that log-ins of the page are signed with."""


@dataclass(frozen=True, slots=True)
class App:
    """An installation, put together but not running."""

    config: Config
    world: World
    feeds: Mapping[str, Feed]
    clock: Clock  # product time

    def close(self) -> None:
        """Close the database and the connections of channels; nothing may run any more."""
        self.hang_up()
        self.world.db.close()

    def hang_up(self) -> None:
        """Close the connections of channels; nothing may use them any more."""
        for channel in self.world.channels:
            if isinstance(channel, TwilioChannel | Gateway):
                channel.close()


def utc_now() -> datetime:
    """Return the machine's time, aware, in UTC."""
    return datetime.now(UTC)


def installation(
    path: str | os.PathLike[str] | None = None,
    env: Mapping[str, str] | None = None,
    *,
    clock: Clock = utc_now,
) -> App:
    """Return the installation configured at `path`, else where `config.load` looks for it.

    Raises
    ------
    ConfigError
        With every mistake of every file and section, and every secret that is missing.
    """
    try:
        config = load(path, env)
    except ConfigError as error:
        raise ConfigError(checked(error)) from None
    return build(config, clock=clock)


def checked(error: ConfigError, before: App | None = None) -> list[str]:
    """Return the mistakes in files, and those of the sections that can be checked all the same."""
    if error.rest is None:
        return error.mistakes
    try:
        made = build(error.rest, before=before)
    except ConfigError as more:
        return error.mistakes + more.mistakes
    if before is None:
        made.close()
    else:
        made.hang_up()
    return error.mistakes


def build(
    config: Config, *, clock: Clock = utc_now, is_demo: bool = False, before: App | None = None
) -> App:
    """Return the installation that `config` describes; the database is not touched.

    Unless another clock is given, machines that share a PostgreSQL go by its clock; it, or this
    machine's, is not followed back at once.

    `before`: one at work that this one is to follow, checked as any; it shares database and clock
    with it, and keeps what can not be changed while a process runs (see core.written.WAITS).

    Raises
    ------
    ConfigError
        With every mistake of every section, and every secret that is missing.
    """
    mistakes: list[str] = []
    if before is not None:
        config, clock, is_demo = as_held(config, before.config), before.clock, before.world.is_demo
    elif clock is utc_now:
        clock = SteadyClock(clock) if is_sqlite(config) else SharedClock(lambda: database)
    vault = _vault(config, mistakes)
    digest = vault.index if vault else str
    address = config.main.web.public_base_url
    tools = Tools(config.env, address, clock, config.texts, digest, is_demo, config.folder)
    channels = channels_of(config, tools, mistakes)
    feeds = feeds_of(config, mistakes)
    bells = bells_of(config, mistakes)
    if mistakes or vault is None:
        raise ConfigError(mistakes)
    database = before.world.db if before else _database(config, vault, bells)
    carried = before.world.carried_into(config) if before else {}
    signed = {name: rules_of(feed.source) for name, feed in feeds.items()}
    sources = [feed.source for feed in feeds.values()]
    mapped = {one.name: one.settings for one in sources if isinstance(one, MappedJson)}
    world = World(config, database, tuple(channels), is_demo, signed, mapped, **carried)
    return App(config, world, feeds, clock)


def _vault(config: Config, mistakes: list[str]) -> Vault | None:
    text = config.secret(DATA_KEY)
    if text is None:
        mistakes.append(f"environment: {DATA_KEY} is not set: `alertcast init` makes one")
        return None
    old = config.secret(OLD_DATA_KEY)
    try:
        return Vault.from_text(text, old)
    except DataKeyError as error:
        named = DATA_KEY if old is None else f"{DATA_KEY}, {OLD_DATA_KEY}"
        mistakes.append(f"environment: {named}: {error}")
        return None


def _database(config: Config, vault: Vault, bells: Any) -> Database:
    ring = bells.Doorbell().ring if bells else None
    return Database(_url(config), vault, ring=ring, patience=config.main.dispatch.lease)


def _url(config: Config) -> str:
    url, prefix = config.main.database.url, "sqlite:///"
    if url.startswith(prefix):
        return f"{prefix}{(config.folder / url.removeprefix(prefix)).as_posix()}"
    return url
