"""The places that a roster may name: every grid, community, town, county and city of a layer."""

from collections.abc import Iterable
from dataclasses import dataclass

from alertcast.core.codebook import plain
from alertcast.core.grid import Grid
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
            self._places[plain(grid.code)] = place
            aliases.update({plain(alias): place for alias in grid.aliases})
            for code, older, level in (
                (grid.town_code, grid.town_aliases, PlaceLevel.TOWN),
                (grid.county_code, grid.county_aliases, PlaceLevel.COUNTY),
            ):
                self._add(code, level)
                aliases.update({plain(alias): KnownPlace(code, level) for alias in older})
            self._add(f"{grid.county_code[:4]}00", PlaceLevel.CITY)
        for key, place in aliases.items():
            self._places.setdefault(key, place)

    def find(self, code: str) -> KnownPlace | None:
        """Return the place that `code` names (padded or not, current or older), or None."""
        return self._places.get(plain(code))

    def _add(self, code: str, level: PlaceLevel) -> None:
        self._places.setdefault(plain(code), KnownPlace(code, level))
