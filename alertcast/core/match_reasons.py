"""What an officer should know about how a message was matched: widened, unknown, nothing, all."""

from collections.abc import Collection, Iterable, Sequence

from alertcast.core.alert import Reason, ReasonKind
from alertcast.core.codebook import CodeBook, Named
from alertcast.core.place import CHINA, Code, Place

NOTHING, EVERYTHING = "touches_nothing", "touches_everything"
"""Reasons that a message touches no grid of the layer at all, or every one."""

OF_CODES = frozenset({"widened", "elsewhere", "unknown_code"})
"""Codes of the reasons that are about a geocode which names nothing of the layer by itself."""

_NARROW = ("grid code", "community code", "town code", "county code")
_WHERE = "layer"


def of_codes(
    book: CodeBook, found: list[tuple[Code, tuple[Named, ...]]], where: str
) -> Iterable[Reason]:
    """Yield what is to be said of the codes of one area, each with the grids that it names."""
    is_any_read = any(named for _, named in found)
    for code, named in found:
        if named and named[0].is_widened:
            message = f"{code.value} is not in the layer; matched at its {named[0].kind}"
            yield Reason("widened", ReasonKind.REPAIR, where, message)
        elif not named and book.is_elsewhere(code):
            message = f"{code.value} lies in a city that has no grid in the layer"
            yield Reason("elsewhere", ReasonKind.NOTE, where, message)
        elif not named and not (code.scheme != CHINA and is_any_read):
            message = f"{code.scheme} {code.value} names no grid of the layer; somebody must look"
            yield Reason("unknown_code", ReasonKind.ERROR, where, message)


def of_unplaced(codes: Sequence[str]) -> Reason:
    """Return what is to be said of grids that no shape can find: their whole town has none."""
    named = f"{', '.join(codes[:5])}{', ...' if len(codes) > 5 else ''}"
    message = (
        f"{len(codes)} grids have no polygon in their whole town, so a shape "
        f"cannot find them: {named}"
    )
    return Reason("grids_without_polygon", ReasonKind.NOTE, _WHERE, message)


def of_nothing(
    book: CodeBook, places: Iterable[Place], near_misses: int, nearest_km: float | None
) -> Reason:
    """Return what is to be said of shapes that touch no grid.

    If a code beside them names grids of the layer (its county, or finer), one of the two is wrong.
    """
    far = "" if nearest_km is None else f"; the nearest is {nearest_km:.1f} km away"
    if near_misses:
        far = f" enough; {near_misses} are touched by less than counts"
    here = [
        code.value
        for place in places
        for code in place.codes
        if any(one.kind in _NARROW and not one.is_widened for one in book.find(code))
    ]
    if here:
        message = f"its shape touches no grid of the layer{far}, though {here[0]} names some"
        return Reason(NOTHING, ReasonKind.ERROR, _WHERE, message)
    return Reason(NOTHING, ReasonKind.NOTE, _WHERE, f"touches no grid of the layer{far}")


def of_everything(grids: int, ways: Collection[str]) -> Reason:
    """Return what is to be said of a message that touches every grid, and by which ways."""
    message = f"touches every one of the {grids} grids of the layer ({', '.join(sorted(ways))})"
    return Reason(EVERYTHING, ReasonKind.NOTE, _WHERE, message)
