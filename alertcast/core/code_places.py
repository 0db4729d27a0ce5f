"""Areas that are only named by codes, given the shapes that an imported layer has for the codes.

Whoever publishes by EMMA_ID, NUTS, UGC or a scheme of his own leaves the shapes to the recipient
(CAP 1.2 section 3.2.4, geocode). A scheme is matched whatever its case.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import shapely
from shapely.geometry.base import BaseGeometry

from alertcast.core.alert import Area, Reason, ReasonKind
from alertcast.core.place import CHINA, CHINA_SCHEMES, Code, china_code, codes_of, place_of

Areas = Sequence[tuple[Area, str | None]]
"""Areas, each with the level that holds there."""

Key = tuple[str, str]
"""Scheme and code in comparable form."""


@dataclass(frozen=True, slots=True)
class CodePlace:
    """One place of a code scheme."""

    code: str
    name: str  # "" where the layer has none
    geometry: BaseGeometry  # Polygon or MultiPolygon, WGS 84 (lon, lat), valid


def scheme_key(scheme: str) -> str:
    """Return a scheme's name in comparable form; all names of China's own are one."""
    plain = scheme.strip().casefold()
    return CHINA.casefold() if plain in CHINA_SCHEMES else plain


def key_of(code: Code) -> Key:
    """Return what a code is looked up by."""
    return scheme_key(code.scheme), code.value.strip().casefold()


def code_key(scheme: str, code: str) -> Key:
    """Return what the place of a code is kept under; China's codes without their padding."""
    key = scheme_key(scheme)
    plain = china_code(code.strip()) if key == CHINA.casefold() else None
    return key, plain or code.strip().casefold()


def without_shape(areas: Areas) -> dict[int, tuple[Code, ...]]:
    """Return the codes of each area, by its position, that has no usable shape of its own."""
    return {
        number: codes_of(area, "", [])
        for number, (area, _) in enumerate(areas)
        if area.geocodes and (not (area.polygons or area.circles) or place_of(area).shape is None)
    }


def with_shapes(
    areas: Areas,
    coded: Mapping[int, Sequence[Code]],
    shapes: Mapping[Key, BaseGeometry],
    is_ours: Callable[[Code], bool],
) -> tuple[list[tuple[Area, str | None]], list[Reason]]:
    """Return the areas, those without a shape given that of their codes, and how it was done.

    `coded` is `without_shape(areas)`, `shapes` what the layers know of those codes.
    What our own grids name exactly (`is_ours`) stays a code. A code that the layer lacks stays
    beside the shapes of its neighbours if its scheme is otherwise known: its place is a part of
    the area that would be lost in silence. Holes of a shape are filled: nobody in one is left out.
    """
    made: list[tuple[Area, str | None]] = []
    reasons: list[Reason] = []
    for number, (area, level) in enumerate(areas):
        codes = coded.get(number, ())
        known = [one for one in codes if key_of(one) in shapes and not is_ours(one)]
        if not known:
            made.append((area, level))
            continue
        found = [shapes[key_of(one)] for one in known]
        drawn = replace(area, polygons=_rings(found), circles=(), geocodes=())
        made.append((drawn, level))
        said = ", ".join(f"{one.scheme} {one.value}" for one in known[:5])
        more = f" and {len(known) - 5} more" if len(known) > 5 else ""
        message = f"{said}{more}: taken as the shape in the imported code layer"
        reasons.append(Reason("code_shape", ReasonKind.NOTE, f"area[{number}]", message))
        bare = replace(area, polygons=(), circles=())
        made += [(replace(bare, geocodes=left), level) for left in _left(codes, known, is_ours)]
    return made, reasons


def _left(
    codes: Iterable[Code], known: Sequence[Code], is_ours: Callable[[Code], bool]
) -> Iterable[tuple[tuple[str, str], ...]]:
    """Yield the codes still to be matched: ours, then those that the layer should have."""
    schemes = {scheme_key(one.scheme) for one in known}
    others = [one for one in codes if one not in known]
    ours = [one for one in others if is_ours(one)]
    missing = [one for one in others if one not in ours and scheme_key(one.scheme) in schemes]
    for part in (ours, missing):
        if part:
            yield tuple((_published(one), one.value) for one in part)


def _published(code: Code) -> str:
    return "adcode" if code.scheme == CHINA else code.scheme


def _rings(shapes: Iterable[BaseGeometry]) -> tuple[tuple[tuple[float, float], ...], ...]:
    parts = [part for shape in shapes for part in shapely.get_parts(shape).tolist()]
    return tuple(tuple((x, y) for x, y in part.exterior.coords) for part in parts)
