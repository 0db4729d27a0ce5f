"""Service stations (驿站) at night: who asks the keepers, how long their word holds, which is near.

A station enters a text only while somebody's word that it is open holds. The word is for one night.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any

import numpy as np
import shapely

from alertcast.core.earth import metres_between
from alertcast.core.policy import duration

_DEGREE = 111_000.0  # metres of a degree of latitude, a little less than there are anywhere


class Said(StrEnum):
    """What is known of a station for a night."""

    ASKED = "asked"  # its keeper was asked, and has not answered
    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class StationRules:
    """Section [stations] of config/policy.toml."""

    levels: tuple[str, ...] = ()  # keepers are asked when a warning calls at one of them
    hazards: tuple[str, ...] = ()  # or families of hazards; none: whatever the hazard
    kinds: tuple[str, ...] = ("voice",)
    calls: int = 3
    every: float = 120.0  # product seconds from one call to the next
    again: timedelta = timedelta(hours=2)  # product time after which one without answer is asked
    until: time = time(8)  # local time at which a night ends, and all that was said of it
    within: float = 10_000.0  # metres; what is farther from a grid is not named to it
    most: int = 2  # stations that one message names

    def asks(self, hazard: str | None, family: str | None) -> bool:
        """Say whether warnings of a hazard, or of its family, let keepers be asked."""
        return bool(self.levels) and (not self.hazards or bool({hazard, family} & {*self.hazards}))


@dataclass(frozen=True, slots=True)
class OpenStation:
    """A station that is confirmed open for this night."""

    code: str
    name: str
    grid_code: str
    at: str  # town and grid, as people call it
    hours: str
    shelter: bool
    lon: float
    lat: float


def night_end(local: datetime, until: time) -> datetime:
    """Return when the night ends that a word said at `local` is about: the next local `until`."""
    end = local.replace(hour=until.hour, minute=until.minute, second=0, microsecond=0)
    return end if local < end else end + timedelta(days=1)


def nearest(
    shapes: Mapping[int, shapely.Geometry], stations: Sequence[OpenStation], within: float
) -> dict[int, tuple[OpenStation, float]]:
    """Return for each grid (id -> polygon, WGS 84) the nearest station and how far it is.

    In metres from the grid's edge, 0 within it; a grid with none `within` so many metres is left
    out. Of two as far the first in the list.
    """
    if not shapes or not stations:
        return {}
    ids = list(shapes)
    drawn = np.array([shapes[one] for one in ids], dtype=object)
    at = shapely.points([(one.lon, one.lat) for one in stations])
    tree = shapely.STRtree(at)
    west, south, east, north = shapely.bounds(drawn).T
    narrow = np.cos(np.radians(np.minimum(np.maximum(np.abs(south), np.abs(north)), 89.0)))
    up, across = within / _DEGREE, within / (_DEGREE * narrow)
    boxes = shapely.box(west - across, south - up, east + across, north + up)
    grid, station = tree.query(boxes)
    lon_lat = np.array([(one.lon, one.lat) for one in stations])
    far = metres_between(drawn[grid], lon_lat[station, 0], lon_lat[station, 1])
    best: dict[int, tuple[OpenStation, float]] = {}
    for g, s, metres in sorted(zip(grid.tolist(), station.tolist(), far.tolist(), strict=True)):
        known = best.get(ids[g])
        if metres <= within and (known is None or metres < known[1]):
            best[ids[g]] = stations[s], metres
    return best


def distance(metres: float, language: str) -> str:
    """Return a distance as it is said in a message, no finer than it is of use."""
    if metres < 1000:
        rounded = f"{max(50, round(metres / 50) * 50)}"
        return f"about {rounded} m away" if language.startswith("en") else f"约{rounded}米"
    rounded = f"{metres / 1000:.1f}".removesuffix(".0")
    return f"about {rounded} km away" if language.startswith("en") else f"约{rounded}公里"


def read_stations(
    part: Mapping[str, Any], levels: Collection[str], hazards: Collection[str], mistakes: list[str]
) -> StationRules:
    """Return the rules written as `part`; every mistake is added to `mistakes`.

    `hazards` are the hazards and families that exist.
    """
    plain = StationRules()
    keys = StationRules.__slots__
    mistakes += [f"stations: unknown key {key!r}" for key in sorted(set(part) - set(keys))]
    return StationRules(
        levels=_words(part, "levels", (), levels, mistakes),
        hazards=_words(part, "hazards", (), hazards, mistakes),
        kinds=_words(part, "kinds", plain.kinds, ("sms", "voice"), mistakes),
        calls=_whole(part, "calls", plain.calls, mistakes),
        every=_time(part, "every", timedelta(seconds=plain.every), mistakes).total_seconds(),
        again=_time(part, "again", plain.again, mistakes),
        until=_clock(part, plain.until, mistakes),
        within=float(_whole(part, "within", int(plain.within), mistakes)),
        most=_whole(part, "most", plain.most, mistakes),
    )


def _words(
    part: Mapping[str, Any],
    key: str,
    plain: tuple[str, ...],
    known: Collection[str],
    mistakes: list[str],
) -> tuple[str, ...]:
    given = part.get(key, plain)
    if not isinstance(given, list | tuple):
        mistakes.append(f"stations.{key}: {given!r} is not a list")
        return plain
    mistakes += [f"stations.{key}: there is no {one!r}" for one in given if one not in known]
    return tuple(str(one) for one in given)


def _whole(part: Mapping[str, Any], key: str, plain: int, mistakes: list[str]) -> int:
    given = part.get(key, plain)
    if not isinstance(given, int) or isinstance(given, bool) or given < 1:
        mistakes.append(f"stations.{key}: {given!r} is not a whole number of 1 or more")
        return plain
    return given


def _time(part: Mapping[str, Any], key: str, plain: timedelta, mistakes: list[str]) -> timedelta:
    try:
        return duration(part[key]) if key in part else plain
    except ValueError as error:
        mistakes.append(f"stations.{key}: {error}")
        return plain


def _clock(part: Mapping[str, Any], plain: time, mistakes: list[str]) -> time:
    try:
        return time.fromisoformat(part["until"]) if "until" in part else plain
    except (ValueError, TypeError):
        mistakes.append(f"stations.until: {part['until']!r} is not a time such as 08:00")
        return plain
