"""The places that a roster may name: every grid, community, town, county and city of a layer."""

from collections.abc import Iterable
from dataclasses import dataclass

from alertcast.core.grid import Grid
from alertcast.core.place import china_code
from alertcast.core.role import PlaceLevel


@dataclass(frozen=True, slots=True)
class KnownPlace:
    """A place by the code that posts are stored under."""

    code: str
    level: PlaceLevel


class KnownPlaces:
    """Places by every code that may name them; a city is the first four digits of its counties."""

    def __init__(self, grids: Iterable[Grid]) -> None:
        self._places: dict[str, KnownPlace] = {}
        aliases: dict[str, KnownPlace] = {}
        for grid in grids:
            place = KnownPlace(grid.code, PlaceLevel.GRID)
            self._places[_key(grid.code)] = place
            aliases.update({_key(alias): place for alias in grid.aliases})
            self._add(grid.town_code, PlaceLevel.TOWN)
            self._add(grid.county_code, PlaceLevel.COUNTY)
            self._add(f"{grid.county_code[:4]}00", PlaceLevel.CITY)
        for key, place in aliases.items():
            self._places.setdefault(key, place)

    def find(self, code: str) -> KnownPlace | None:
        """Return the place that `code` names (padded or not, current or older), or None."""
        return self._places.get(_key(code))

    def _add(self, code: str, level: PlaceLevel) -> None:
        self._places.setdefault(_key(code), KnownPlace(code, level))


def _key(code: str) -> str:
    return china_code(code) or code.strip().casefold()
