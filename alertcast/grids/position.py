"""Whether a layer lies where it should: beside known outlines, and beside the layer in use."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray

from alertcast.core.alert import ReasonKind
from alertcast.core.earth import MEAN_RADIUS_KM
from alertcast.core.grid import Grid
from alertcast.grids.boundary import Outline, outlines_of
from alertcast.grids.datum import SHIFTED
from alertcast.grids.offset import Offset, datum_of, offset_between
from alertcast.grids.outside import outside_county
from alertcast.grids.problem import Problem

SAME_DRAWING = 0.8  # two polygons share this much of both once moved: they are one drawing (0..1)
COMPARED = 500  # grids of a county that are compared with the layer in use

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Reference:
    """What is known of where things are."""

    outlines: Mapping[str, Outline] = field(default_factory=dict)  # by county code
    in_use: Sequence[Grid] = ()  # the layer in use
    in_use_name: str = "the layer in use"
    is_offset_accepted: bool = False  # then an offset is a note


UNKNOWN = Reference()


@dataclass(frozen=True, slots=True)
class _Beside:
    """Where the grids of a county lie, seen from what."""

    offset: Offset
    source: str


def position(
    grids: Sequence[Grid], file: str, known: Reference, crs: str | None
) -> tuple[Problem, ...]:
    """Return an error for each county whose grids lie beside their place, with the remedy.

    `crs` is the coordinate system that was declared: a shifted datum was already converted. What
    can not be told is a note; so are an offset that is accepted, and a grid outside its county.
    """
    declared = next((name for name in ("GCJ-02", "BD-09") if _is(crs, name)), None)
    kind = ReasonKind.NOTE if known.is_offset_accepted else ReasonKind.ERROR
    drawn = outlines_of(grids, file)
    of_county: dict[str, list[Grid]] = defaultdict(list)
    for grid in grids:
        of_county[grid.county_code].append(grid)
    before = {grid.code: grid for grid in known.in_use if grid.geometry is not None}
    problems, untold, shifted = [], [], []
    for county, outline in drawn.items():
        found = _beside(outline, known.outlines.get(county), of_county[county], before, known)
        if found is None:
            untold.append(county)
        elif found.offset.is_shifted:
            message = _sentence(found, outline, declared)
            problems.append(Problem(file, f"county {county}", "shifted", message, kind))
            shifted.append(county)
    if untold:
        problems.append(_untold(file, untold, known))
    return (*problems, *outside_county(grids, file, known.outlines, shifted))


def _beside(
    outline: Outline,
    known: Outline | None,
    grids: Sequence[Grid],
    before: Mapping[str, Grid],
    reference: Reference,
) -> _Beside | None:
    if known is not None and len(known.lines):
        found = offset_between(outline.lines, known.lines)
        if found is not None and found.is_sure:
            return _Beside(found, f"the boundary of {known.source}")
    same = [(before[grid.code], grid) for grid in grids if grid.code in before and grid.geometry]
    moved = _moved(same[:COMPARED])
    return None if moved is None else _Beside(moved, f"the same grids in {reference.in_use_name}")


def _moved(pairs: Sequence[tuple[Grid, Grid]]) -> Offset | None:
    """Return how far the grids of one code lie from each other, if they are the same drawings."""
    if not pairs:
        return None
    old = np.array([one.geometry for one, _ in pairs], dtype=object)
    new = np.array([one.geometry for _, one in pairs], dtype=object)
    centres = [shapely.get_coordinates(shapely.centroid(shapes)) for shapes in (old, new)]
    step = np.median(centres[1] - centres[0], axis=0)
    back = shapely.transform(new, lambda points: points - step)
    if float(np.median(_common(old, back))) < SAME_DRAWING:
        return None
    narrow = np.array([np.cos(np.radians(centres[0][:, 1].mean())), 1.0])
    metres = np.radians(step * narrow) * MEAN_RADIUS_KM * 1e3
    far = float(np.hypot(*metres))
    return Offset(float(metres[0]), float(metres[1]), far, 0.0, 1.0, is_sure=True)


def _common(one: NDArray[np.object_], other: NDArray[np.object_]) -> Floats:
    shared = shapely.area(shapely.intersection(one, other))
    return np.asarray(shared / (shapely.area(one) + shapely.area(other) - shared), np.float64)


def _sentence(found: _Beside, outline: Outline, declared: str | None) -> str:
    offset = found.offset
    east = f"{abs(offset.east_m):.0f} m {'east' if offset.east_m > 0 else 'west'}"
    north = f"{abs(offset.north_m):.0f} m {'north' if offset.north_m > 0 else 'south'}"
    where = f"lies {offset.metres:.0f} m ({east}, {north}) from {found.source}"
    datum = datum_of(offset, outline.lines.reshape(-1, 2).mean(axis=0), declared)
    if datum is None:
        return (
            f"{where}, as no datum does that is known: check its coordinate system; "
            "--accept-offset imports it as it is"
        )
    if datum == "WGS 84":
        return f"{where}, as what is converted and was WGS 84 already: leave out --crs {declared}"
    return f"{where}, as a map in {datum} does: import it with --crs {datum}"


def _untold(file: str, counties: Sequence[str], known: Reference) -> Problem:
    listed = ", ".join(counties[:3]) + (", ..." if len(counties) > 3 else "")
    is_known = all(county in known.outlines for county in counties)
    why = (
        "the layer has too little of the county's edge"
        if is_known
        else "no boundary is known (--boundary FILE)"
    )
    message = f"nothing tells whether {listed} is where it should be: {why}"
    return Problem(file, "file", "position_untold", message, ReasonKind.NOTE)


def _is(crs: str | None, datum: str) -> bool:
    return crs is not None and SHIFTED.get(crs.casefold()) is SHIFTED[datum.casefold()]
