"""Where the places of one layer are found in another: by code, by name, by what they were called.

A code may be given anew: 441204105 was 小湘镇 in 2023 and is 大湾镇 today. So a code alone does not
tell that two places are one; where its name is another, the place that names the code as an older
one of its own is meant.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from alertcast.core.codebook import plain
from alertcast.core.grid import Grid


@dataclass(frozen=True, slots=True)
class LayerPlace:
    """A grid, town, county or city of a layer."""

    code: str
    name: str
    aliases: tuple[str, ...]  # older codes of it


def places_of_layer(grids: Iterable[Grid]) -> Iterator[LayerPlace]:
    """Return every grid, town, county and city of a layer, each once, finer ones first."""
    listed = list(grids)
    yield from (LayerPlace(grid.code, grid.name, grid.aliases) for grid in listed)
    towns = {grid.town_code: (grid.town, grid.town_aliases) for grid in listed}
    counties = {grid.county_code: (grid.county, grid.county_aliases) for grid in listed}
    cities = {f"{code[:4]}00": ("", ()) for code in counties}
    for known in (towns, counties, cities):
        yield from (LayerPlace(code, *said) for code, said in known.items())


class Successors:
    """Finds the places of an earlier layer in a later one; an earlier version may be the later."""

    def __init__(self, before: Iterable[Grid], after: Iterable[Grid]) -> None:
        self._names = _by_code(places_of_layer(before))
        self._now = _by_code(places_of_layer(after))
        self._older: dict[str, LayerPlace] = {}
        for place in places_of_layer(after):
            for alias in place.aliases:
                self._older.setdefault(plain(alias), place)

    def find(self, code: str) -> str | None:
        """Return the code by which the place that `code` named is known now; None: it is not."""
        key = plain(code)
        same, older, was = self._now.get(key), self._older.get(key), self._names.get(key)
        if same is not None and (older is None or was is None or was.name == same.name):
            return same.code
        found = older or same
        return None if found is None else found.code


def _by_code(places: Iterable[LayerPlace]) -> dict[str, LayerPlace]:
    found: dict[str, LayerPlace] = {}
    for place in places:
        found.setdefault(plain(place.code), place)
    return found
