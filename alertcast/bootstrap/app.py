"""An installation put together from its configuration; nothing runs yet."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from alertcast.bootstrap.bells import bells_of, is_sqlite
from alertcast.bootstrap.channels import Tools, channels_of
from alertcast.bootstrap.sources import feeds_of
from alertcast.channels.gateway import Gateway
from alertcast.channels.twilio_base import TwilioChannel
from alertcast.config import Config, ConfigError, load
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
        for channel in self.world.channels:
            if isinstance(channel, TwilioChannel | Gateway):
                channel.close()
        self.world.db.close()


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
        more = [] if error.rest is None else _mistakes(error.rest, clock)
        raise ConfigError(error.mistakes + more) from None
    return build(config, clock=clock)


def build(config: Config, *, clock: Clock = utc_now, is_demo: bool = False) -> App:
    """Return the installation that `config` describes; the database is not touched.

    Unless another clock is given, machines that share a PostgreSQL go by its clock; it, or this
    machine's, is not followed back at once.

    Raises
    ------
    ConfigError
        With every mistake of every section, and every secret that is missing.
    """
    mistakes: list[str] = []
    if clock is utc_now:
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
    database = Database(
        _url(config),
        vault,
        ring=bells.Doorbell().ring if bells else None,
        patience=config.main.dispatch.lease,
    )
    signed = {name: rules_of(feed.source) for name, feed in feeds.items()}
    sources = [feed.source for feed in feeds.values()]
    mapped = {one.name: one.settings for one in sources if isinstance(one, MappedJson)}
    world = World(config, database, tuple(channels), is_demo, signed, mapped)
    return App(config, world, feeds, clock)


def _mistakes(config: Config, clock: Clock) -> list[str]:
    try:
        build(config, clock=clock).close()
    except ConfigError as error:
        return error.mistakes
    return []


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


def _url(config: Config) -> str:
    url, prefix = config.main.database.url, "sqlite:///"
    if url.startswith(prefix):
        return f"{prefix}{(config.folder / url.removeprefix(prefix)).as_posix()}"
    return url
