"""How a publisher's JSON is mapped to a warning: paths and words of one section, all checked."""

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from alertcast.core.hazard import HazardTable
from alertcast.core.zone import known_zone
from alertcast.sources.fetch import check_url
from alertcast.sources.fields import time_in
from alertcast.sources.listing import ListSettings

State = Literal["alert", "update", "cancel", "exercise", "test"]
"""What a publisher's word says of a warning."""

_WRITTEN = ("iso", "unix", "unix_ms")


def check_path(path: str) -> str:
    """Return a dotted path, else raise ValueError."""
    if path and not all(path.split(".")):
        msg = f"{path!r} is no path: names or numbers with one dot between, e.g. data.list"
        raise ValueError(msg)
    return path


Path = Annotated[str, AfterValidator(check_path)]
"""Where something is; see core/dotted.py."""


class Part(BaseModel):
    """A table within the section of a mapped source."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Paths(Part):
    """Where each thing is within one item."""

    id: Path
    headline: Path
    time: Path
    text: Path | None = None
    instruction: Path | None = None
    issuer: Path | None = None
    expires: Path | None = None
    hazard: Path | None = None
    level: Path | None = None
    state: Path | None = None
    replaces: Path | None = None
    area: Path | None = None
    codes: Path | None = None
    polygon: Path | None = None


class Times(Part):
    """How times are written."""

    format: str = "iso"
    zone: str = "Asia/Shanghai"

    _zone_exists = field_validator("zone")(known_zone)

    @field_validator("format")
    @classmethod
    def _names_a_moment(cls, form: str) -> str:
        if form in _WRITTEN:
            return form
        told = datetime(2026, 11, 23, 17, 45, tzinfo=UTC)
        try:
            read = datetime.strptime(told.strftime(form), form).replace(tzinfo=UTC)
        except ValueError as error:
            msg = f"{form!r} is neither iso, unix, unix_ms nor a format like %Y%m%d%H%M: {error}"
            raise ValueError(msg) from None
        if read != told:
            msg = f"{form!r} does not tell year, month, day, hour and minute"
            raise ValueError(msg)
        return form

    def read(self, text: str) -> datetime | None:
        """Return the time that a text is, aware; None: it is none."""
        zone: tzinfo = ZoneInfo(self.zone)
        if self.format == "iso":
            return time_in(text, zone)
        try:
            if self.format in _WRITTEN:
                seconds = float(text) / (1000 if self.format == "unix_ms" else 1)
                found = datetime.fromtimestamp(seconds, UTC)
            else:
                found = datetime.strptime(text, self.format)  # noqa: DTZ007  # see the next line
                found = found if found.tzinfo else found.replace(tzinfo=zone)
        except (ValueError, OverflowError, OSError):
            return None
        return found if found.year >= 1970 else None


class Ok(Part):
    """What an answer has to say to count as one."""

    path: Path
    values: Annotated[tuple[str, ...], Field(min_length=1)]


class Paging(Part):
    """How the next page is asked for: by its address, by a mark, or by its number."""

    next: Path | None = None
    cursor: Path | None = None
    parameter: str | None = None
    first: int = 1
    total: Path | None = None
    most: Annotated[int, Field(ge=1, le=100)] = 20

    @model_validator(mode="after")
    def _is_one_way(self) -> Self:
        if (self.next is None) == (self.parameter is None):
            msg = "either next, or parameter: it carries the number, or what stands at cursor"
            raise ValueError(msg)
        if self.next is not None and self.cursor is not None:
            msg = "cursor: next says already where the next page is"
            raise ValueError(msg)
        return self


class MappedSettings(ListSettings):
    """The section of a source of type json."""

    url: Annotated[str, AfterValidator(check_url)]
    sender: Annotated[str, Field(pattern=r"^[^\s,&<]+$")]
    fields: Paths
    method: Literal["GET", "POST"] = "GET"
    params: dict[str, str] = Field(default_factory=dict)
    body: dict[str, Any] = Field(default_factory=dict)
    paging: Paging | None = None
    token_env: str | None = None
    header: str = "Authorization"
    value: str = "Bearer {token}"
    items: Path = ""
    in_force: bool = False
    ok: Ok | None = None
    times: Times = Times()
    states: dict[str, State] = Field(default_factory=dict)
    hazards: dict[str, str] = Field(default_factory=dict)
    levels: dict[str, str] = Field(default_factory=dict)
    attributions: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _belongs_together(self) -> Self:
        for words, path in (("states", "state"), ("hazards", "hazard"), ("levels", "level")):
            if bool(getattr(self, words)) != (getattr(self.fields, path) is not None):
                msg = f"{words} and fields.{path} belong together: the words, and where they stand"
                raise ValueError(msg)
        if "update" in self.states.values() and self.fields.replaces is None:
            msg = "states: an update needs fields.replaces, which names what it replaces"
            raise ValueError(msg)
        if self.body and self.method == "GET":
            msg = 'body: goes with method = "POST" only'
            raise ValueError(msg)
        if self.method == "POST" and self.paging is not None and self.paging.next is not None:
            msg = "paging.next: an address is asked for with GET; use parameter"
            raise ValueError(msg)
        if "{token}" not in self.value:
            msg = "value: {token} has to stand in it"
            raise ValueError(msg)
        return self

    def faults(self, hazards: HazardTable) -> list[str]:
        """Return which words mean what hazards.toml does not know, each with its key."""
        return [
            *_unknown("hazards", self.hazards, sorted(hazards.hazards)),
            *_unknown("levels", self.levels, list(hazards.levels)),
        ]


def _unknown(key: str, words: Mapping[str, str], known: list[str]) -> list[str]:
    return [
        f"{key}.{word}: {meaning!r} is not in hazards.toml: {', '.join(known)}"
        for word, meaning in words.items()
        if meaning not in known
    ]
