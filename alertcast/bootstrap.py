"""The one module that knows every concrete class: from a configuration to a running system."""

import os
import socket
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from pydantic import ValidationError

from alertcast.channels.base import Channel, ChannelError
from alertcast.channels.gateway import Gateway
from alertcast.channels.gateway_ask import AskableGateway
from alertcast.channels.manual import ManualChannel
from alertcast.channels.twilio_base import TwilioChannel
from alertcast.channels.twilio_sms import TwilioSms
from alertcast.channels.twilio_voice import TwilioVoice
from alertcast.config import LONGEST_BASE, Config, ConfigError, explained, load
from alertcast.core.jurisdiction import Jurisdiction
from alertcast.core.policy import duration
from alertcast.core.watch import RECEIPTS, worker
from alertcast.core.wording import TextError, Texts
from alertcast.dispatch import receive, send, watch
from alertcast.dispatch.world import World
from alertcast.engines.base import Engine, Step
from alertcast.engines.jobs import Crew, Hands
from alertcast.engines.local import LocalEngine
from alertcast.scheduler import Clock, Feed, Scheduler
from alertcast.sources.base import OF_EVERY_SOURCE, Source, SourceError
from alertcast.sources.caiyun import Caiyun
from alertcast.sources.cma_map import CmaMap
from alertcast.sources.feed import Feed as CapFeed
from alertcast.sources.folder import Folder
from alertcast.sources.inbound import Inbound
from alertcast.sources.mapped import MappedJson
from alertcast.sources.mapping import MappedSettings
from alertcast.sources.nmc import Nmc
from alertcast.sources.nws_api import NwsApi
from alertcast.sources.qweather import QWeather
from alertcast.sources.signed import rules_of
from alertcast.sources.swic import Swic
from alertcast.store.clock import SharedClock, SteadyClock
from alertcast.store.crypto import DataKeyError, Vault
from alertcast.store.db import Database
from alertcast.web import create_app
from alertcast.web.intake import LINGER, answering
from alertcast.web.server import listening

DATA_KEY = "ALERTCAST_DATA_KEY"
"""Environment variable with the key that phones, names and receipts are encrypted with."""

OLD_DATA_KEY = "ALERTCAST_DATA_KEY_OLD"
"""Environment variable with the key before, while it is being replaced."""

SECRET_KEY = "ALERTCAST_SECRET_KEY"  # noqa: S105  # the variable's name
"""Environment variable with the key that log-ins of the page are signed with."""


GATHER = 0.1
"""Real seconds in which receipts gather, to be applied together; they are on disk already."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What a channel may need besides its own section."""

    env: Mapping[str, str]
    public_base_url: str
    clock: Clock
    texts: Texts
    digest: Callable[[str], str]  # of a phone, keyed
    is_demo: bool
    folder: Path

    def of_provider(self) -> dict[str, Any]:
        """Return what every channel with a provider behind it is made with."""
        return {
            "env": self.env,
            "public_base_url": self.public_base_url,
            "clock": self.clock,
            "demo": self.is_demo,
        }


def _twilio_sms(name: str, settings: Any, tools: Tools) -> Channel:
    return TwilioSms(name, settings, **tools.of_provider())


def _twilio_voice(name: str, settings: Any, tools: Tools) -> Channel:
    more: dict[str, Any] = {"texts": tools.texts, "folder": tools.folder}
    return TwilioVoice(name, settings, **tools.of_provider(), **more)


def _gateway(name: str, settings: Any, tools: Tools) -> Channel:
    kind = Gateway if settings.look_up is None else AskableGateway
    return kind(name, settings, **tools.of_provider(), digest=tools.digest)


def _manual(name: str, settings: Any, _tools: Tools) -> Channel:
    return ManualChannel(name, settings)


CHANNELS: dict[str, tuple[type[Any], Callable[[str, Any, Tools], Channel]]] = {
    "twilio_sms": (TwilioSms, _twilio_sms),
    "twilio_voice": (TwilioVoice, _twilio_voice),
    "gateway": (Gateway, _gateway),
    "manual": (ManualChannel, _manual),
}
"""Every kind of channel by the `type` of its section: its class, and how one is made."""

SOURCES: dict[str, type[Any]] = {
    "folder": Folder,
    "feed": CapFeed,
    "nws": NwsApi,
    "swic": Swic,
    "cma_map": CmaMap,
    "nmc": Nmc,
    "qweather": QWeather,
    "caiyun": Caiyun,
    "inbound": Inbound,
    "json": MappedJson,
}
"""Every kind of source by the `type` of its section."""


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
        clock = SteadyClock(clock) if _is_sqlite(config) else SharedClock(lambda: database)
    vault = _vault(config, mistakes)
    digest = vault.index if vault else str
    address = config.main.web.public_base_url
    tools = Tools(config.env, address, clock, config.texts, digest, is_demo, config.folder)
    channels = _channels(config, tools, mistakes)
    feeds = _feeds(config, mistakes)
    bells = _bells(config, mistakes)
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


@dataclass(frozen=True, slots=True)
class Running:
    """Scheduler and workers at work."""

    engine: Engine
    scheduler: Scheduler

    def wake(self, steps: str = "") -> None:
        """Let the steps whose name begins with `steps` look for work now; "": everything."""
        if not steps:
            self.scheduler.hurry()
        self.engine.wake(steps)


@contextmanager
def running(
    app: App,
    *,
    every: timedelta = timedelta(seconds=1),
    kinds: Collection[str] | None = None,
    threads: int | None = None,
    is_scheduled: bool = True,
    gather: float = GATHER,
) -> Iterator[Running]:
    """Run scheduler and senders until the block ends; then let what is under way finish.

    `kinds`: what is sent here (none: nothing), else everything; `threads`: for each of them;
    `gather`: see GATHER. What is claimed, and not yet requested when the block ends, is given back
    at once.
    """
    pulse = watch.Pulse(app.world.db, f"{socket.gethostname()[:48]}:{os.getpid()}")
    queues = [
        (kind, mode)
        for kind, mode in sorted(app.world.kinds())
        if kind != "manual" and (kinds is None or kind in kinds)
    ]
    senders = threads or app.config.main.dispatch.senders
    crews = {queue: Crew(senders, "send {} {}".format(*queue)) for queue in queues}
    steps: dict[str, tuple[Step, int]] = {
        "send {} {}".format(*queue): (partial(_send, app, *queue, crew, pulse), 1)
        for queue, crew in crews.items()
    }
    steps["receive"] = (partial(_apply_receipts, app, pulse, gather), 1)
    if isinstance(app.clock, SharedClock):
        steps["look at the clock"] = (app.clock.look, 1)
    engine = _engine(app, steps, {kind for kind, _ in queues})
    scheduler = Scheduler(app.world, app.feeds, app.clock, engine.wake, every=every, pulse=pulse)
    pulse.begin([worker(*queue) for queue in queues] + (_scheduled(app) if is_scheduled else []))
    engine.start()
    if is_scheduled:
        scheduler.start()
    try:
        yield Running(engine, scheduler)
    finally:
        for crew in crews.values():
            crew.stop()
        engine.stop(app.config.main.engine.drain.total_seconds())
        if is_scheduled:
            scheduler.stop()
        for crew in crews.values():
            crew.join()


@contextmanager
def serving(
    app: App,
    *,
    secret_key: str,
    wake: Callable[[str], None],
    host: str,
    port: int,
    pages: Flask | None = None,
    linger: float = LINGER,
) -> Iterator[str]:
    """Serve the pages and callbacks until the block ends, which gives the address; port 0: any.

    Requests under way when the block ends are still answered. `pages`: made before, for this `app`;
    None: they are made here. `linger`: see LINGER. Raises OSError if the address is taken.
    """
    sources = [one.source for one in app.feeds.values()]
    pages = pages or create_app(
        app.world,
        app.clock,
        secret_key=secret_key,
        is_demo=app.world.is_demo,
        wake=wake,
        inbound_sources={one.name: one for one in sources if isinstance(one, Inbound)},
    )
    web = app.config.main.web
    with (
        answering(
            pages, threads=web.threads, trusted_proxy=web.trusted_proxy, linger=linger
        ) as answers,
        listening(answers, host, port) as address,
    ):
        yield address


def _mistakes(config: Config, clock: Clock) -> list[str]:
    try:
        build(config, clock=clock).close()
    except ConfigError as error:
        return error.mistakes
    return []


def _send(app: App, kind: str, mode: str, hands: Hands, pulse: watch.Pulse) -> int:
    started = send.send_due(app.world, kind, mode, app.clock(), hands)
    pulse.beat(worker(kind, mode))
    return started


def _apply_receipts(app: App, pulse: watch.Pulse, gather: float) -> int:
    time.sleep(gather)
    applied = receive.apply_kept(app.world, app.clock())
    pulse.beat(RECEIPTS)
    return applied


def _scheduled(app: App) -> list[str]:
    """Return the pulses of what a process with a scheduler does, its senders left out."""
    senders = {worker(*queue) for queue in app.world.kinds()}
    return [what for what in watch.expected(app.world) if what not in senders]


def _engine(app: App, steps: Mapping[str, tuple[Step, int]], kinds: Collection[str]) -> Engine:
    threads = LocalEngine(steps)
    bells = _bells(app.config, [])
    if bells is None:
        return threads
    engine: Engine = bells.ProcrastinateEngine(threads, kinds, app.world.db.address)
    return engine


def _bells(config: Config, mistakes: list[str]) -> Any:
    """Return the module of the engine of many machines where that is the one to use, else None.

    It is imported only then: what it is made with need not be installed for SQLite.
    """
    is_sqlite = _is_sqlite(config)
    chosen = config.main.engine.type or ("local" if is_sqlite else "procrastinate")
    if chosen == "local":
        return None
    if is_sqlite:
        mistakes.append("engine.type: procrastinate needs a PostgreSQL database, not SQLite")
        return None
    try:
        return import_module("alertcast.engines.procrastinate")
    except ImportError as error:
        mistakes.append(f"engine.type: {error}: run `pip install 'alertcast[postgresql]'`")
        return None


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


def _channels(config: Config, tools: Tools, mistakes: list[str]) -> list[Channel]:
    found: list[Channel] = []
    for name, section in config.main.channels.items():
        where = f"channels.{name}"
        kind = CHANNELS.get(str(section.get("type")))
        if kind is None:
            mistakes.append(
                f"{where}.type: {section.get('type')!r} is not one of {_names(CHANNELS)}"
            )
            continue
        try:
            settings = kind[0].Settings.model_validate(section)
            found.append(kind[1](name, settings, tools))
            if settings.links:
                mistakes += [f"{where}.links: {why}" for why in _no_links(config, found[-1])]
        except ValidationError as error:
            mistakes += explained(where, error)
        except (ChannelError, TextError) as error:
            mistakes.append(f"{where}: {error}")
    return found


def _no_links(config: Config, channel: Channel) -> list[str]:
    """Return why a channel's texts can not carry links."""
    base = config.main.links.base_url or config.main.web.public_base_url
    found = [] if channel.kind == "sms" else ["only text messages carry links"]
    is_here = urlsplit(base).hostname in ("127.0.0.1", "localhost", "::1")
    if not (base.startswith("https://") or is_here):
        found.append(f"{base!r} does not begin with https://: anybody on the way could answer")
    if len(base) > LONGEST_BASE:
        found.append(f"{base!r} is longer than {LONGEST_BASE} characters: set links.base_url")
    return found


def _feeds(config: Config, mistakes: list[str]) -> dict[str, Feed]:
    found: dict[str, Feed] = {}
    for name, section in config.main.sources.items():
        where = f"sources.{name}"
        rest = {key: value for key, value in section.items() if key not in OF_EVERY_SOURCE}
        kind = SOURCES.get(str(section.get("type")))
        if kind is None:
            mistakes.append(
                f"{where}.type: {section.get('type')!r} is not one of {_names(SOURCES)}"
            )
            continue
        try:
            every = duration(section.get("every", "60s"))
        except ValueError as error:
            mistakes.append(f"{where}.every: {error}")
            continue
        if "jurisdiction" in section:
            try:
                Jurisdiction.read(section["jurisdiction"])
            except ValueError as error:
                mistakes.append(f"{where}.jurisdiction: {error}")
                continue
        try:
            settings = kind.Settings.model_validate(_from_folder(config, rest))
            if isinstance(settings, MappedSettings):
                mistakes += [f"{where}.{fault}" for fault in settings.faults(config.hazards)]
            found[name] = Feed(_source(kind, name, settings, config.env), every)
        except ValidationError as error:
            mistakes += explained(where, error)
        except SourceError as error:
            mistakes.append(f"{where}: {error}")
    return found


def _source(kind: type[Any], name: str, settings: Any, env: Mapping[str, str]) -> Source:
    has_secret = kind in (QWeather, Caiyun, Inbound, MappedJson)
    made: Source = kind(name, settings, env) if has_secret else kind(name, settings)
    return made


def _from_folder(config: Config, section: dict[str, Any]) -> dict[str, Any]:
    if "path" in section:
        section = section | {"path": config.folder / str(section["path"])}
    if isinstance(section.get("certificates"), list):
        files = [config.folder / str(one) for one in section["certificates"]]
        section = section | {"certificates": files}
    return section


def _is_sqlite(config: Config) -> bool:
    return config.main.database.url.startswith("sqlite")


def _url(config: Config) -> str:
    url, prefix = config.main.database.url, "sqlite:///"
    if url.startswith(prefix):
        return f"{prefix}{(config.folder / url.removeprefix(prefix)).as_posix()}"
    return url


def _names(registry: Mapping[str, object]) -> str:
    return ", ".join(sorted(registry))
