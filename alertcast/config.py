"""The one reader of configuration: every mistake is reported at once, before anything runs.

Sections of sources and channels are kept as they are here: `bootstrap` checks each with the model
that stands beside its class.
"""

import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar
from zoneinfo import ZoneInfo

from dotenv import dotenv_values
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from alertcast.core.gazetteer import Gazetteer
from alertcast.core.hazard import HazardTable
from alertcast.core.packed import PACKED_FROM
from alertcast.core.policy import duration
from alertcast.core.relay import Limits
from alertcast.core.role import Role, read_roles
from alertcast.core.rules import Rules
from alertcast.core.touch import Touch
from alertcast.core.wording import Texts
from alertcast.core.zone import known_zone

T = TypeVar("T")

LONGEST_BASE = 40
"""Most characters of the address that links begin with: with the token they fit one SMS part."""

ENV_CONFIG = "ALERTCAST_CONFIG"
"""Names another alertcast.toml than ./alertcast.toml and ./config/alertcast.toml."""

_PACKAGE = Path(__file__).parent


class ConfigError(Exception):
    """The configuration can not be used; `mistakes` lists everything that is wrong with it.

    `rest` is what was right in it, completed with what is shipped: not to be run, only so that the
    sections of sources and channels can be checked in the same go.
    """

    def __init__(self, mistakes: list[str], rest: "Config | None" = None) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes
        self.rest = rest


Duration = Annotated[timedelta, BeforeValidator(duration)]
"""A duration written as 30s, 5m or 2h."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _web_address(url: str) -> str:
    if not url.startswith(("http://", "https://")):
        msg = f"{url!r} does not begin with http:// or https://"
        raise ValueError(msg)
    return url.rstrip("/")


class Office(_Section):
    """Whose installation this is, in the words of its messages."""

    name: str
    short_name: str
    check_number: str
    timezone: str = "Asia/Shanghai"
    language: str = "zh"
    is_authority: bool = False

    _zone_exists = field_validator("timezone")(known_zone)

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which times are said and shown."""
        return ZoneInfo(self.timezone)


class DatabaseSection(_Section):
    """Where everything is kept."""

    url: str = "sqlite:///alertcast.sqlite3"


class Web(_Section):
    """Where the page is, and at which address providers reach us."""

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    public_base_url: str = "http://127.0.0.1:8080"
    threads: int = Field(default=8, ge=2, le=64)
    trusted_proxy: str | None = None
    tiles: str | None = None  # {z}/{x}/{y} in it; None: the map is the layer alone
    tiles_attribution: str = ""

    _is_address = field_validator("public_base_url")(_web_address)

    @field_validator("tiles")
    @classmethod
    def _names_a_tile(cls, url: str | None) -> str | None:
        if url is None:
            return None
        lacking = [one for one in ("{z}", "{x}", "{y}") if one not in _web_address(url)]
        if lacking:
            msg = f"{url!r} does not say where {' '.join(lacking)} stands"
            raise ValueError(msg)
        return url


class Dispatch(_Section):
    """How messages leave."""

    automatic: bool = True
    senders: int = Field(default=16, ge=1, le=128)
    batch: int = Field(default=200, ge=1, le=1000)
    receipts_most: int = Field(default=50_000, ge=1)
    lease: Duration = timedelta(seconds=30)  # real time
    grace: Duration = timedelta(seconds=30)  # real time, after the lease
    doubt: Duration = timedelta(minutes=5)  # real time, after the claim
    undo: Duration = timedelta(0)  # product time
    backlog: Duration = timedelta(hours=1)  # product time


class WatchSection(_Section):
    """When something that happens by itself is overdue."""

    every: Duration = timedelta(seconds=10)  # real time
    silent: Duration = timedelta(seconds=90)  # real time
    feed_silent: Duration = timedelta(minutes=10)  # real time
    step_late: Duration = timedelta(minutes=2)  # product time
    queue_late: Duration = timedelta(minutes=5)  # product time
    lease_late: Duration = timedelta(seconds=60)  # real time
    still: Duration = timedelta(minutes=15)  # product time


class HeartbeatSection(_Section):
    """Whom outside we tell, as long as all is well."""

    url: str | None = Field(default=None, pattern="^https?://")
    method: Literal["GET", "POST"] = "GET"
    every: Duration = Field(default=timedelta(seconds=60), ge=timedelta(seconds=1))  # real time
    timeout: Duration = Field(default=timedelta(seconds=10), ge=timedelta(seconds=1))  # real time


class Engine(_Section):
    """Who runs the senders, and wakes them."""

    type: Literal["local", "procrastinate"] | None = None  # None: what fits the database
    drain: Duration = timedelta(seconds=20)  # real time


class CallListSection(_Section):
    """The list to ring by when all else is dead."""

    folder: str = "calllists"
    days: int = Field(default=7, ge=1, le=3660)
    font: str | None = None


class Match(_Section):
    """When a grid counts as touched, and where the index of a large layer is."""

    min_share: float = Field(default=0.02, ge=0, le=1)
    min_area: float | None = Field(default=None, ge=0)  # square metres
    folder: str = "indexes"
    packed_from: int = Field(default=PACKED_FROM, ge=1)

    @property
    def touch(self) -> Touch:
        """Return the rule that holds where a policy has none of its own."""
        return Touch(self.min_share, self.min_area)


class TownsSection(_Section):
    """What happens where it is not sure which towns a Chinese text names."""

    confirm: Duration = timedelta(minutes=3)  # product time


class Links(_Section):
    """How long the links in texts can be used, and the address they begin with."""

    valid: Duration = timedelta(hours=48)  # product time
    base_url: str | None = None  # None: web.public_base_url

    @field_validator("base_url")
    @classmethod
    def _is_short_address(cls, url: str | None) -> str | None:
        if url is not None and len(_web_address(url)) > LONGEST_BASE:
            msg = f"{url!r} has more than {LONGEST_BASE} characters, which every text would carry"
            raise ValueError(msg)
        return None if url is None else _web_address(url)


class RelaySection(_Section):
    """The largest plausible numbers that a leader may say of one grid."""

    most_households: int = Field(default=5000, ge=1)
    most_growers: int = Field(default=2000, ge=0)

    @property
    def limits(self) -> Limits:
        """Return them as numbers are checked against."""
        return Limits(self.most_households, self.most_growers)


class RosterSection(_Section):
    """How rosters are read, what a new one may change unasked, and what one lacks."""

    area_code: str = Field(default="", pattern=r"^(0\d{2,3})?$")
    most_removed: float = Field(default=0.1, ge=0, le=1)
    unreached_in: int = Field(default=3, ge=1, le=100)
    confirm_days: int = Field(default=365, ge=1, le=3660)


class Republish(_Section):
    """Our own feed of what is in force, for other systems."""

    enabled: bool = False
    sender: str = Field(default="", pattern=r"^[^\s,&<]*$")

    @model_validator(mode="after")
    def _names_itself(self) -> Self:
        if self.enabled and not self.sender:
            msg = "sender: whoever hands on warnings has to name himself, e.g. feed@example.org"
            raise ValueError(msg)
        return self


class Log(_Section):
    """What is written to standard error, and how."""

    level: Literal["warning", "info", "debug"] = "warning"
    format: Literal["logfmt", "json"] = "logfmt"


class Files(_Section):
    """Names of the other files, seen from the folder of alertcast.toml; the shipped ones else."""

    policy: str = "policy.toml"
    hazards: str = "hazards.toml"
    roles: str = "roles.toml"
    texts: str = "texts.toml"
    towns: str = "towns.toml"


class Main(_Section):
    """All of alertcast.toml."""

    office: Office
    database: DatabaseSection = DatabaseSection()
    web: Web = Web()
    dispatch: Dispatch = Dispatch()
    engine: Engine = Engine()
    match: Match = Match()
    towns: TownsSection = TownsSection()
    watch: WatchSection = WatchSection()
    heartbeat: HeartbeatSection = HeartbeatSection()
    links: Links = Links()
    relay: RelaySection = RelaySection()
    roster: RosterSection = RosterSection()
    republish: Republish = Republish()
    log: Log = Log()
    call_list: CallListSection = CallListSection()
    files: Files = Files()
    sources: dict[str, dict[str, Any]] = {}
    channels: dict[str, dict[str, Any]] = {}


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that was configured, read and checked."""

    folder: Path  # of alertcast.toml
    main: Main
    hazards: HazardTable
    rules: Rules
    texts: Texts
    roles: Mapping[str, Role]
    env: Mapping[str, str]  # the environment, and alertcast.env where it has more
    gazetteer: Gazetteer  # the towns that Chinese warnings may name

    def secret(self, name: str) -> str | None:
        """Return a secret from the environment."""
        return self.env.get(name) or None


def shipped(name: str) -> Path:
    """Return the path of a file that comes with alertcast, e.g. "config/policy.toml"."""
    installed = _PACKAGE / "shipped" / name
    return installed if installed.exists() else _PACKAGE.parent / name


def load(
    path: str | os.PathLike[str] | None = None, env: Mapping[str, str] | None = None
) -> Config:
    """Read the configuration at `path`, else ALERTCAST_CONFIG, else here, else the shipped one.

    Raises
    ------
    ConfigError
        With every mistake in every file.
    """
    env = dict(os.environ if env is None else env)
    found = _find(path, env)
    kept = {k: v for k, v in dotenv_values(found.with_name("alertcast.env")).items() if v}
    env = kept | env
    folder = Path.cwd() if found == shipped("config/alertcast.toml") else found.parent
    return from_mapping(_toml(found), folder=folder, env=env, name=found.name)


def from_mapping(
    section: Mapping[str, Any], *, folder: Path, env: Mapping[str, str], name: str = "configuration"
) -> Config:
    """Return the configuration written as `section`; other files are looked for in `folder`.

    Raises
    ------
    ConfigError
        With every mistake in every file.
    """
    mistakes: list[str] = []
    good = dict(section)
    main = None
    try:
        main = Main.model_validate(section)
    except ValidationError as error:
        mistakes += explained(name, error)
        good = {key: good[key] for key in good.keys() - _first_keys(error)}
    files = main.files if main else Files()
    parts = {key: _other(folder, getattr(files, key), mistakes) for key in Files.model_fields}
    hazards = _read(HazardTable.from_mapping, parts["hazards"], files.hazards, mistakes)
    roles = _read(read_roles, parts["roles"], files.roles, mistakes)
    texts = _read(Texts.from_mapping, parts["texts"], files.texts, mistakes)
    gazetteer = _read(Gazetteer.from_mapping, parts["towns"], files.towns, mistakes)
    rules = None
    if hazards is not None and parts["roles"] is not None:
        reader = partial(
            Rules.from_mapping,
            roles=frozenset(parts["roles"]),
            levels=hazards.ordered,
            hazards=frozenset(hazards.hazards),
        )
        rules = _read(reader, parts["policy"], files.policy, mistakes)
    if main is None or hazards is None or rules is None or texts is None or roles is None:
        raise ConfigError(mistakes, _rest(good, folder, texts, env))
    if gazetteer is None:
        raise ConfigError(mistakes, _rest(good, folder, texts, env))
    return Config(folder, main, hazards, rules, texts, roles, env, gazetteer)


def explained(where: str, error: ValidationError) -> list[str]:
    """Return a line for each mistake that a model found, naming the key and the rule."""
    return [
        f"{where}: {'.'.join(str(part) for part in found['loc']) or '(all)'}: {found['msg']}"
        for found in error.errors(include_url=False, include_context=False)
    ]


def _first_keys(error: ValidationError) -> set[object]:
    return {found["loc"][0] if found["loc"] else "" for found in error.errors()}


def _rest(
    good: Mapping[str, Any], folder: Path, texts: Texts | None, env: Mapping[str, str]
) -> Config | None:
    """Return the shipped configuration with the `good` sections and `texts` in it.

    None where the shipped one is itself the one with mistakes.
    """
    whole = shipped("config/alertcast.toml")
    if folder == whole.parent:
        return None
    try:
        section = {**_toml(whole), **good, "files": {}}
        config = from_mapping(section, folder=whole.parent, env=env)
    except ConfigError:
        return None
    return replace(config, folder=folder, texts=texts or config.texts)


def _read(
    reader: Callable[[Mapping[str, Any]], T],
    section: Mapping[str, Any] | None,
    name: str,
    mistakes: list[str],
) -> T | None:
    if section is None:
        return None
    try:
        return reader(section)
    except ValueError as error:
        mistakes += [f"{name}: {found}" for found in getattr(error, "mistakes", [str(error)])]
        return None


def _find(path: str | os.PathLike[str] | None, env: Mapping[str, str]) -> Path:
    named = path or env.get(ENV_CONFIG)
    if named:
        found = Path(named)
        if not found.is_file():
            raise ConfigError([f"{found}: there is no such file"])
        return found.resolve()
    for here in (Path("alertcast.toml"), Path("config/alertcast.toml")):
        if here.is_file():
            return here.resolve()
    return shipped("config/alertcast.toml")


def _other(folder: Path, name: str, mistakes: list[str]) -> Mapping[str, Any] | None:
    path = folder / name
    if not path.is_file():
        path = shipped(f"config/{name}")
    try:
        return _toml(path)
    except ConfigError as error:
        mistakes += error.mistakes
        return None


def _toml(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError([f"{path.name}: {error}"]) from None
