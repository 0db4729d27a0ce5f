"""The sections of alertcast.toml: what each may say, and what holds where it says nothing."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)

from alertcast.core.access import ROLES
from alertcast.core.opening import Block, read_block
from alertcast.core.packed import PACKED_FROM
from alertcast.core.policy import duration
from alertcast.core.relay import Limits as RelayLimits
from alertcast.core.session import Limits
from alertcast.core.touch import Touch
from alertcast.core.zone import known_zone

LONGEST_BASE = 40
"""Most characters of the address that links begin with: with the token they fit one SMS part."""

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


class LoginSection(_Section):
    """How long a log-in lasts, and who needs more for it than a password."""

    idle: Duration = timedelta(hours=14)  # real time; a night shift and its hand-over
    longest: Duration = timedelta(hours=36)  # real time
    second_factor: tuple[str, ...] = ()  # roles that must have one

    @field_validator("second_factor")
    @classmethod
    def _are_roles(cls, roles: tuple[str, ...]) -> tuple[str, ...]:
        unknown = [one for one in roles if one not in ROLES]
        if unknown:
            msg = f"{', '.join(unknown)}: the roles of users are {', '.join(ROLES)}"
            raise ValueError(msg)
        return roles

    @property
    def limits(self) -> Limits:
        """Return them as sessions are checked against."""
        return Limits(self.idle, self.longest)


class OidcSection(_Section):
    """The office's own provider of log-ins (OpenID Connect), and who of its people is who here."""

    issuer: str | None = None
    client_id: str = ""
    name: str = "统一身份认证"
    scope: str = "openid profile"
    claim: str = "preferred_username"
    users: dict[str, str] = {}

    @field_validator("issuer")
    @classmethod
    def _is_safe(cls, issuer: str | None) -> str | None:
        if issuer is None:
            return None
        is_here = urlsplit(issuer).hostname in ("127.0.0.1", "localhost", "::1")
        if not issuer.startswith("https://") and not is_here:
            msg = f"{issuer!r} does not begin with https://: anybody on the way could log in"
            raise ValueError(msg)
        return issuer

    @model_validator(mode="after")
    def _has_a_client(self) -> Self:
        if self.issuer is not None and not self.client_id:
            msg = "client_id: the provider has to know who asks"
            raise ValueError(msg)
        if "openid" not in self.scope.split():
            msg = f"scope: {self.scope!r} has no openid in it, so nobody would be named"
            raise ValueError(msg)
        return self

    def user_name(self, claims: Mapping[str, Any]) -> str | None:
        """Return which user the claims of a provider name; None: none."""
        said = claims.get(self.claim)
        if not isinstance(said, str) or not said:
            return None
        if self.claim == "email" and claims.get("email_verified") is not True:
            return None
        return self.users.get(said) if self.users else said


class Dispatch(_Section):
    """How messages leave."""

    automatic: bool = True
    senders: int = Field(default=16, ge=1, le=128)
    batch: int = Field(default=200, ge=1, le=1000)
    receipts_most: int = Field(default=50_000, ge=1)
    lease: Duration = timedelta(seconds=30)  # real time
    grace: Duration = timedelta(seconds=30)  # real time, after the lease
    doubt: Duration = timedelta(minutes=5)  # real time, after the claim
    no_receipt: Duration = timedelta(minutes=15)  # product time, after the claim
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
    def limits(self) -> RelayLimits:
        """Return them as numbers are checked against."""
        return RelayLimits(self.most_households, self.most_growers)


class RosterSection(_Section):
    """How rosters are read, what a new one may change unasked, and what one lacks."""

    area_code: str = Field(default="", pattern=r"^(0\d{2,3})?$")
    most_removed: float = Field(default=0.1, ge=0, le=1)
    unreached_in: int = Field(default=3, ge=1, le=100)
    confirm_days: int = Field(default=365, ge=1, le=3660)


class DutySection(_Section):
    """What the table of duty shifts changes."""

    others_after: Duration = timedelta(seconds=60)  # product time
    ahead: int = Field(default=14, ge=1, le=366)  # days


class RetentionSection(_Section):
    """After how many days what is not the record of a warning goes; 0: it is kept for ever."""

    people: int = Field(default=90, ge=0)
    stations: int = Field(default=90, ge=0)
    documents: int = Field(default=0, ge=0)
    receipt_words: int = Field(default=0, ge=0)
    links: int = Field(default=30, ge=0)
    link_guesses: int = Field(default=180, ge=0)
    heard: int = Field(default=30, ge=0)
    api_keys: int = Field(default=180, ge=0)


class DrillsSection(_Section):
    """When a drill that was scheduled may begin."""

    night: str = "20:00-09:00"  # local; nobody is called for practice
    late: Duration = timedelta(hours=1)  # product time

    _is_block = field_validator("night")(lambda text: read_block(text) and text)

    @property
    def block(self) -> Block:
        """Return the hours in which no drill begins, and in which what has not left runs out."""
        return read_block(self.night)


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
    login: LoginSection = LoginSection()
    oidc: OidcSection = OidcSection()
    dispatch: Dispatch = Dispatch()
    engine: Engine = Engine()
    match: Match = Match()
    towns: TownsSection = TownsSection()
    watch: WatchSection = WatchSection()
    heartbeat: HeartbeatSection = HeartbeatSection()
    links: Links = Links()
    relay: RelaySection = RelaySection()
    roster: RosterSection = RosterSection()
    duty: DutySection = DutySection()
    retention: RetentionSection = RetentionSection()
    drills: DrillsSection = DrillsSection()
    republish: Republish = Republish()
    log: Log = Log()
    call_list: CallListSection = CallListSection()
    files: Files = Files()
    sources: dict[str, dict[str, Any]] = {}
    channels: dict[str, dict[str, Any]] = {}
