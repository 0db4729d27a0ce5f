"""The roster (责任人名册): people and the posts they hold. Party membership is not stored."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can be told. The phone is E.164."""

    code: str  # the roster's own identifier of the person
    name: str
    phone: str
    languages: str = "zh-CN"  # BCP 47 tags, the preferred first: "hak,yue,zh-CN"
    drills: bool = False  # enrolled for drills; a drill reaches nobody else
    other_phone: str | None = None  # E.164; used where the first number does not reach the person
    specialities: tuple[str, ...] = ()  # what the person can do: doctor, electrician, boat
    prefers: str = ""  # voice or sms: told by it too on rungs that use the other alone


@dataclass(frozen=True, slots=True)
class Post:
    """A person's role in a place (岗位)."""

    person_code: str
    role: str  # key of config/roles.toml, e.g. "first_secretary"
    place: str  # a grid, town, county or city code
    team: str | None = None  # name of the work team, for team members
    valid_from: date | None = None  # local day on which it begins; None: it has
    valid_to: date | None = None  # the last local day; None: no end is known


@dataclass(frozen=True, slots=True)
class Station:
    """A service station (驿站). Only one confirmed open tonight may enter a text."""

    code: str
    name: str
    grid_code: str
    keeper: str
    phone: str  # E.164
    hours: str
    shelter: bool  # can shelter people overnight
    lon: float | None = None  # degrees, WGS 84
    lat: float | None = None  # degrees, WGS 84
