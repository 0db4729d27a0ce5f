"""Grids (网格): the leaf polygons somebody answers for, and which of them a warning touches."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from alertcast.core import match_reasons
from alertcast.core.alert import Area, Reason
from alertcast.core.cells import Cells, Ints, TreeCells, mended
from alertcast.core.codebook import KINDS, WIDENED, CodeBook
from alertcast.core.earth import gap_km
from alertcast.core.place import Code, Place, place_of
from alertcast.core.touch import HOW, USUAL, Touch


@dataclass(frozen=True, slots=True)
class Grid:
    """One leaf cell of a layer. Without geometry it inherits its town's place."""

    code: str
    name: str
    kind: str  # quarter 小区, community 社区, village 村
    town_code: str
    town: str
    county_code: str  # six digits, GB/T 2260
    county: str
    parent_code: str | None = None  # the community of a quarter
    property_management: bool | None = None  # quarters only: has a property company
    approximate: bool = False  # the cell was computed, not surveyed; said wherever it is shown
    aliases: tuple[str, ...] = ()  # older codes of the same place
    town_aliases: tuple[str, ...] = ()  # older codes of its town, and of towns merged into it
    county_aliases: tuple[str, ...] = ()  # older codes of its county
    geometry: BaseGeometry | None = None  # Polygon or MultiPolygon, WGS 84 (lon, lat)


@dataclass(frozen=True, slots=True)
class Hit:
    """One grid that a warning touches, the level that holds there, and how it was found."""

    grid: Grid
    level: str | None
    share: float | None  # 0..1 of its area at this level or higher; None: not matched by shape
    matched_by: str  # polygon, circle, town shape (has no polygon), or how codebook.Named says it
    counted_by: str | None = None  # one of touch.HOW: why the touch of its shape is enough


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A grid that a warning touches by less than the least share: not told, but written down."""

    grid: Grid
    share: float  # 0..1 of the grid's area inside the warning


@dataclass(frozen=True, slots=True)
class Matched:
    """Which grids one message touches, and everything an officer should know about how."""

    hits: tuple[Hit, ...]  # in the order of the index, each grid once
    reasons: tuple[Reason, ...]
    near_misses: tuple[NearMiss, ...] = ()
    nearest_km: float | None = None  # when shapes hit nothing: distance to the nearest grid
    is_all: bool = False  # every grid of the layer is hit, and it has more than one


class GridIndex:
    """The grids of one layer, ready to be matched; built once, used for many alerts."""

    def __init__(self, grids: Sequence[Grid], cells: Cells | None = None) -> None:
        """Take the grids, whose polygons are not looked at if their `cells` are given."""
        self.grids = tuple(grids)
        self._codes = CodeBook(_names(grid) for grid in self.grids)
        self._cells = cells or TreeCells(*mended([grid.geometry for grid in self.grids]))
        shaped = set(self._cells.numbers.tolist())
        towns = {self.grids[n].town_code for n in shaped}
        self._flat = [n for n in range(len(self.grids)) if n not in shaped]
        self._placeless = {n for n in self._flat if self.grids[n].town_code not in towns}

    def names(self, code: Code) -> bool:
        """Say whether a code names grids of this layer exactly, not only a wider place."""
        return any(not named.is_widened for named in self._codes.find(code))

    def match(
        self,
        areas: Sequence[tuple[Area, str | None]],
        *,
        levels: Sequence[str] = (),
        touch: Touch = USUAL,
        touch_at: Mapping[str | None, Touch] = MappingProxyType({}),
    ) -> Matched:
        """Return the grids that the areas of one message touch, with the level that holds in each.

        `areas` pairs each area with its level; `levels` runs from the highest to the lowest, and
        None is below them all. An area's polygons and circles are used if any is usable, else its
        geocodes. Whether a touch of its polygon counts is said by `touch`, or by `touch_at` for the
        levels that have a rule of their own.

        Which level: the highest at which enough of the grid lies at that level or above. Among
        codes the finer wins over the wider, even if lower ("these three towns red, the rest of
        the county orange"); a shape ranks with town codes: it wins over wider codes, and between
        a shape and a town or finer code the higher level wins. No level never wins over a level.

        A grid without polygon is told if a shape hits any grid of its town; if no grid of its
        town has a polygon, by the area's geocodes.
        """
        places = [
            (place_of(area, f"area[{number}]"), level) for number, (area, level) in enumerate(areas)
        ]
        ladder = _ladder(levels, (level for _, level in places))
        reasons = [reason for place, _ in places for reason in place.reasons]
        rules = {level: touch_at.get(level, touch) for level in ladder}
        shaped, near = self._by_shape(places, ladder, rules)
        coded = self._by_code(places, ladder, reasons)
        hits = {
            number: _decide(shaped.get(number), coded.get(number), ladder)
            for number in sorted(shaped.keys() | coded.keys())
        }
        reasons += self._unplaced(places, hits)
        matched = Matched(
            tuple(hits.values()),
            tuple(reasons),
            tuple(NearMiss(self.grids[n], s) for n, s in sorted(near.items()) if n not in hits),
            None if hits else self._nearest_km(places),
            is_all=len(hits) == len(self.grids) > 1,
        )
        return replace(matched, reasons=(*reasons, *self._extent(places, matched)))

    def touched(self, shape: BaseGeometry, touch: Touch = USUAL) -> list[Grid]:
        """Return the grids that a drawn shape touches enough, WGS 84 (lon, lat).

        A grid without polygon is among them if another one of its town is.
        """
        shared = self._cells.shared(shape)
        found = set(shared.numbers[touch.counted(shared) >= 0].tolist())
        towns = {self.grids[n].town_code for n in found}
        found |= {n for n in self._flat if self.grids[n].town_code in towns}
        return [self.grids[n] for n in sorted(found)]

    def _by_shape(
        self,
        places: list[tuple[Place, str | None]],
        ladder: dict[str | None, int],
        rules: Mapping[str | None, Touch],
    ) -> tuple[dict[int, Hit], dict[int, float]]:
        hits: dict[int, Hit] = {}
        near: dict[int, float] = {}
        drawn: list[Place] = []
        for level in ladder:
            found = [place for place, its in places if its == level and place.shape is not None]
            if not found:
                continue
            drawn += found
            shared = self._cells.shared(shapely.union_all([place.shape for place in drawn]))
            counted = rules[level].counted(shared)
            is_enough = counted >= 0
            near = dict(
                zip(
                    shared.numbers[~is_enough].tolist(),
                    shared.share[~is_enough].tolist(),
                    strict=True,
                )
            )
            numbers = shared.numbers[is_enough]
            for number, share, how, is_polygon in zip(
                numbers.tolist(),
                shared.share[is_enough].tolist(),
                counted[is_enough].tolist(),
                self._in_polygons(numbers, drawn).tolist(),
                strict=True,
            ):
                if number not in hits:
                    by = "polygon" if is_polygon else "circle"
                    hits[number] = Hit(self.grids[number], level, share, by, HOW[how])
        self._inherit(hits, ladder)
        return hits, near

    def _in_polygons(self, numbers: Ints, drawn: Sequence[Place]) -> NDArray[np.bool_]:
        """Say of each grid touched whether a polygon touches it; else only circles do."""
        polygons = [place.polygons for place in drawn if place.polygons is not None]
        if len(polygons) == len(drawn) and all(place.circles is None for place in drawn):
            return np.ones(len(numbers), dtype=np.bool_)
        return np.isin(numbers, self._cells.touching(shapely.union_all(polygons)))

    def _inherit(self, hits: dict[int, Hit], ladder: dict[str | None, int]) -> None:
        towns: dict[str, Hit] = {}
        for hit in hits.values():
            best = towns.setdefault(hit.grid.town_code, hit)
            if ladder[hit.level] < ladder[best.level]:
                towns[hit.grid.town_code] = hit
        for number in self._flat:
            grid = self.grids[number]
            if grid.town_code in towns:
                hits[number] = Hit(grid, towns[grid.town_code].level, None, "town shape")

    def _by_code(
        self,
        places: list[tuple[Place, str | None]],
        ladder: dict[str | None, int],
        reasons: list[Reason],
    ) -> dict[int, Hit]:
        best: dict[int, tuple[tuple[bool, int, bool, int], Hit]] = {}
        for number, (place, level) in enumerate(places):
            found = [(code, self._codes.find(code)) for code in place.codes]
            if place.shape is None:
                reasons += match_reasons.of_codes(self._codes, found, f"area[{number}]")
            for names in (names for _, named in found for names in named):
                kind = KINDS.index(names.kind)
                rank = (level is None, kind, names.is_widened, ladder[level])
                for grid in names.grids:
                    is_told = place.shape is None or grid in self._placeless
                    if is_told and (grid not in best or rank < best[grid][0]):
                        best[grid] = rank, Hit(self.grids[grid], level, None, names.matched_by)
        return {number: hit for number, (_, hit) in best.items()}

    def _unplaced(
        self, places: list[tuple[Place, str | None]], hits: Collection[int]
    ) -> Iterable[Reason]:
        left = sorted(self._placeless.difference(hits))
        if left and any(place.shape is not None for place, _ in places):
            yield match_reasons.of_unplaced([self.grids[n].code for n in left])

    def _extent(self, places: list[tuple[Place, str | None]], matched: Matched) -> Iterable[Reason]:
        """Yield that nothing is touched, or everything: one of them may be a mistake."""
        drawn = [place for place, _ in places if place.shape is not None]
        if not matched.hits and drawn and self.grids:
            near, far = len(matched.near_misses), matched.nearest_km
            yield match_reasons.of_nothing(self._codes, drawn, near, far)
        if matched.is_all:
            ways = {hit.matched_by for hit in matched.hits}
            yield match_reasons.of_everything(len(self.grids), ways)

    def _nearest_km(self, places: list[tuple[Place, str | None]]) -> float | None:
        shapes = [place.shape for place, _ in places if place.shape is not None]
        if not shapes:
            return None
        warning = shapely.union_all(shapes)
        nearest = self._cells.nearest(warning)
        return None if nearest is None else gap_km(nearest, warning)


def _decide(shaped: Hit | None, coded: Hit | None, ladder: dict[str | None, int]) -> Hit:
    if shaped is None or coded is None:
        return next(hit for hit in (shaped, coded) if hit is not None)
    if shaped.level is None or coded.level is None:
        return coded if shaped.level is None and coded.level is not None else shaped
    is_wide = KINDS.index(coded.matched_by.removesuffix(WIDENED)) > KINDS.index("town code")
    return shaped if is_wide or ladder[shaped.level] <= ladder[coded.level] else coded


def _ladder(levels: Sequence[str], used: Iterable[str | None]) -> dict[str | None, int]:
    known = [*levels, *sorted({level for level in used if level is not None} - set(levels))]
    return {level: rank for rank, level in enumerate([*known, None])}


def _names(grid: Grid) -> Iterable[tuple[str, str]]:
    for code in (grid.code, *grid.aliases):
        yield "grid code", code
    if grid.parent_code is not None:
        yield "community code", grid.parent_code
    for code in (grid.town_code, *grid.town_aliases):
        yield "town code", code
    for code in (grid.county_code, *grid.county_aliases):
        yield "county code", code
    yield "city code", grid.county_code[:4]
    yield "province code", grid.county_code[:2]
