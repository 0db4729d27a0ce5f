"""What only a whole layer shows: slivers, overlaps, gaps, doubles, grids in the wrong place.

Nothing here is asked of one grid after the other: of 100,000 grids only those are looked at closely
whose edges do not meet those of their neighbours.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from alertcast.core.alert import ReasonKind
from alertcast.core.earth import area_km2, gap_km, perimeter_km
from alertcast.core.grid import Grid
from alertcast.grids.edges import Edges, edges_of, is_met, loose_shapes, uncovered
from alertcast.grids.problem import Problem

SLIVER_M2 = 50.0  # a grid, or a part of one, smaller than this is a sliver, square metres
SLIVER_M = 3.0  # so is one that is narrower on average (twice its area by its edge), metres
SEAM_M2 = 1_000.0  # a smaller overlap or gap is a seam: counted, not listed, square metres
SEAM_SHARE = 0.01  # so is an overlap of less than this share of the smaller grid (0..1)
ROUNDING_M2 = 1.0  # what is smaller still comes from rounding, and is nothing, square metres
SAME_SHARE = 0.99  # two grids that share this much of both are one polygon twice (0..1)
PARENT_KM = 0.05  # a quarter farther from its community lies outside of it, kilometres
TOWN_KM = 1.0  # a grid farther from all others of its town lies outside of it, kilometres
FAR_KM = 20.0  # a grid is far away only beyond this from the middle of its county, kilometres
FAR_TIMES = 4.0  # and beyond this many times the distance within which three quarters lie
FAR_LEAST = 5  # grids of a county from which on its middle means something

_M_PER_DEGREE = 111_000.0  # metres, roughly

Floats = NDArray[np.float64]
Spots = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Survey:
    """What was found, and the grids whose polygon can not be where it is drawn."""

    report: tuple[Problem, ...]
    misplaced: frozenset[str]  # codes


def survey(grids: Sequence[Grid], file: str) -> Survey:
    """Look at a layer as a whole; `file` is what the report calls it. The grids' shapes are valid.

    A grid in the wrong place is an error; everything else is a note, since nobody is lost by it:
    where two grids overlap both are told, and who lives in a gap has no grid at all.
    """
    sheet = _Sheet(grids, file)
    far = list(sheet.far_away())
    report = [
        *sheet.without_polygon(),
        *sheet.slivers(),
        *sheet.overlaps(),
        *sheet.gaps(),
        *sheet.outside_parent(),
        *sheet.outside_town(),
        *(problem for _, problem in far),
    ]
    return Survey(tuple(report), frozenset(code for code, _ in far))


class _Sheet:
    """The grids with a polygon, side by side."""

    def __init__(self, grids: Sequence[Grid], file: str) -> None:
        self.file = file
        self.bare = [grid for grid in grids if grid.geometry is None]
        self.grids = [grid for grid in grids if grid.geometry is not None]
        self.shapes = np.array([grid.geometry for grid in self.grids], dtype=object)
        self.tree = shapely.STRtree(self.shapes)

    @cached_property
    def open_edges(self) -> Edges:
        """The edges that do not meet a neighbour's."""
        every = edges_of(self.shapes)
        return every.those(~is_met(every))

    def without_polygon(self) -> Iterator[Problem]:
        towns = {grid.town_code for grid in self.grids}
        for grid in self.bare:
            message = "has no polygon; it is told with its town"
            if grid.town_code not in towns:
                message = (
                    f"has no polygon, nor has any grid of {grid.town}: "
                    "only a warning that names a code finds it"
                )
            yield self._note("no_polygon", f"grid {grid.code}", message)

    def slivers(self) -> Iterator[Problem]:
        parts, owner = self.shapes, np.arange(len(self.shapes))
        if (shapely.get_num_geometries(parts) > 1).any():
            parts, owner = shapely.get_parts(parts, return_index=True)
        thin = np.flatnonzero(_may_be_sliver(parts))
        areas = area_km2(parts[thin]) * 1e6
        widths = _widths(parts[thin], areas)
        for at in np.flatnonzero((areas < SLIVER_M2) | (widths < SLIVER_M)):
            spot = owner[thin[at]]
            what = "is" if shapely.get_num_geometries(self.shapes[spot]) == 1 else "has a part of"
            message = f"{what} {areas[at]:.0f} m2, {widths[at]:.1f} m wide on average"
            where = f"grid {self.grids[spot].code}"
            yield self._note("sliver", where, message, parts[thin[at]])

    def overlaps(self) -> Iterator[Problem]:
        loose = np.flatnonzero(loose_shapes(self.shapes, self.open_edges, self.tree))
        at, other = self.tree.query(self.shapes[loose], predicate="intersects")
        found = np.sort(np.column_stack([loose[at], other]))  # of a pair only one may be loose
        one, other = np.unique(found[found[:, 0] != found[:, 1]], axis=0).T
        is_told = ~self._are_kin(one, other)
        one, other = one[is_told], other[is_told]
        shared = shapely.intersection(self.shapes[one], self.shapes[other])
        areas = area_km2(shared) * 1e6
        sizes = np.zeros(len(self.shapes))
        involved = np.unique([one, other])
        sizes[involved] = area_km2(self.shapes[involved]) * 1e6
        smaller = np.minimum(sizes[one], sizes[other])
        larger = np.maximum(sizes[one], sizes[other])
        is_listed = areas >= np.maximum(SEAM_M2, SEAM_SHARE * smaller)
        is_listed |= areas >= SAME_SHARE * larger
        for spot in np.flatnonzero(is_listed):
            a, b = self.grids[one[spot]], self.grids[other[spot]]
            where, size = f"grids {a.code} and {b.code}", _size(areas[spot])
            if areas[spot] >= SAME_SHARE * larger[spot]:
                message = f"have the same polygon, {size}; a warning there tells both"
                yield self._note("same_shape", where, message, shared[spot])
            else:
                message = f"overlap by {size}, {areas[spot] / smaller[spot]:.1%} of the smaller"
                yield self._note("overlap", where, message, shared[spot])
        seams = int(np.count_nonzero((areas >= ROUNDING_M2) & ~is_listed))
        if seams:
            message = f"{seams} pairs of grids overlap by less than {SEAM_M2:.0f} m2 or 1 %"
            yield self._note("seams", "file", message)

    def gaps(self) -> Iterator[Problem]:
        holes = uncovered(self.open_edges, self.tree)
        areas = area_km2(holes) * 1e6
        widths = _widths(holes, areas)
        is_listed = (areas >= SEAM_M2) & (widths >= SLIVER_M)
        for spot in np.flatnonzero(is_listed):
            beside = self.tree.query(holes[spot], predicate="intersects")
            codes = sorted(self.grids[at].code for at in beside)
            between = ", ".join(codes[:3]) + (", ..." if len(codes) > 3 else "")
            message = f"{_size(areas[spot])} lie in no grid: who lives there is told by nobody"
            yield self._note("gap", f"between {between}", message, holes[spot])
        seams = int(np.count_nonzero((areas >= ROUNDING_M2) & ~is_listed))
        if seams:
            message = f"{seams} gaps are smaller than {SEAM_M2:.0f} m2 or narrower than 3 m"
            yield self._note("seams", "file", message)

    def outside_parent(self) -> Iterator[Problem]:
        spots = {grid.code: spot for spot, grid in enumerate(self.grids)}
        pairs = [
            (spot, spots[grid.parent_code])
            for spot, grid in enumerate(self.grids)
            if grid.parent_code in spots
        ]
        if not pairs:
            return
        inner, outer = np.array(pairs).T
        hulls = shapely.convex_hull(self.shapes[outer])
        apart = np.flatnonzero(~shapely.intersects(hulls, self.shapes[inner]))
        for at in apart:
            grid, parent = self.grids[inner[at]], self.grids[outer[at]]
            km = gap_km(self.shapes[inner[at]], self.shapes[outer[at]])
            if km > PARENT_KM:
                message = f"lies {km:.2f} km outside its parent {parent.code} {parent.name}"
                yield self._note("outside_parent", f"grid {grid.code}", message, grid.geometry)

    def outside_town(self) -> Iterator[Problem]:
        towns = np.array([grid.town_code for grid in self.grids], dtype=object)
        one, other = self.tree.query(self.shapes)  # whose boxes touch
        is_alone = np.ones(len(self.grids), dtype=bool)
        is_alone[one[(towns[one] == towns[other]) & (one != other)]] = False
        members: dict[str, list[int]] = defaultdict(list)
        for spot, town in enumerate(towns):
            members[town].append(spot)
        for town in dict.fromkeys(towns[is_alone]):
            spots = np.array(members[town])
            if len(spots) < 2:
                continue
            alone = spots[is_alone[spots]]
            near = shapely.STRtree(self.shapes[spots]).query_nearest(
                self.shapes[alone], exclusive=True, all_matches=False
            )
            for at, nearest in near.T:
                grid = self.grids[alone[at]]
                km = gap_km(self.shapes[spots[nearest]], grid.geometry)
                if km > TOWN_KM:
                    message = f"lies {km:.1f} km from every other grid of {grid.town}"
                    yield self._note("outside_town", f"grid {grid.code}", message, grid.geometry)

    def far_away(self) -> Iterator[tuple[str, Problem]]:
        """Yield the code of each grid that can not be where it is drawn, and what is wrong."""
        west, south, east, north = shapely.bounds(self.shapes).T
        centres = np.column_stack([west + east, south + north]) / 2
        counties: dict[str, list[int]] = defaultdict(list)
        for spot, grid in enumerate(self.grids):
            counties[grid.county_code].append(spot)
        for spots in counties.values():
            if len(spots) < FAR_LEAST:
                continue
            middle = np.median(centres[spots], axis=0)
            step = (centres[spots] - middle) * [np.cos(np.radians(middle[1])), 1.0]
            km = np.hypot(*step.T) * _M_PER_DEGREE / 1e3
            limit = max(FAR_KM, FAR_TIMES * float(np.quantile(km, 0.75)))
            for at in np.flatnonzero(km > limit):
                grid = self.grids[spots[at]]
                message = (
                    f"lies {km[at]:.0f} km from the middle of {grid.county}, within "
                    f"{np.quantile(km, 0.75):.0f} km of which three quarters of its grids lie"
                )
                yield (
                    grid.code,
                    Problem(
                        self.file,
                        f"grid {grid.code}",
                        "far_away",
                        message,
                        ReasonKind.ERROR,
                        spot=grid.geometry,
                    ),
                )

    def _are_kin(self, one: Spots, other: Spots) -> NDArray[np.bool_]:
        """Say which pairs are a community and a quarter of it, which may lie in it."""
        codes = np.array([grid.code for grid in self.grids], dtype=object)
        parents = np.array([grid.parent_code for grid in self.grids], dtype=object)
        return np.asarray((parents[one] == codes[other]) | (parents[other] == codes[one]), np.bool_)

    def _note(
        self, rule: str, where: str, message: str, spot: BaseGeometry | None = None
    ) -> Problem:
        return Problem(self.file, where, rule, message, ReasonKind.NOTE, spot=spot)


def _may_be_sliver(parts: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Return which polygons to measure: all whose degrees allow of a sliver, with room to spare."""
    south, north = shapely.bounds(parts)[:, [1, 3]].T
    narrow = np.cos(np.radians(np.maximum(np.abs(south), np.abs(north))))
    area = shapely.area(parts) * narrow * _M_PER_DEGREE**2
    width = 2 * area / (shapely.length(parts) * _M_PER_DEGREE)
    return np.asarray((area < 2 * SLIVER_M2) | (width < 2 * SLIVER_M))


def _widths(polygons: NDArray[np.object_], square_metres: Floats) -> Floats:
    """Return how wide polygons are on average, metres."""
    return 2 * square_metres / (perimeter_km(polygons) * 1e3)


def _size(square_metres: float) -> str:
    if square_metres < 1e5:
        return f"{square_metres:.0f} m2"
    return f"{square_metres / 1e6:.2f} km2"
