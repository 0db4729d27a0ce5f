"""What `alerts match --json` says of the grids an alert touches."""

from typing import TypedDict

from alertcast.core.grid import Matched


class GridLine(TypedDict):
    """One touched grid."""

    code: str
    name: str
    level: str | None
    share: float | None  # 0..1 of the grid's area, four places; null when matched by code
    matched_by: str
    counted_by: str | None  # share, area or part: why the touch is enough; null when by code


class GrazedLine(TypedDict):
    """One grid that is touched by less than counts."""

    code: str
    name: str
    share: float  # 0..1 of the grid's area, six places


def grid_lines(matched: Matched) -> list[GridLine]:
    """Return one entry per touched grid, in the order of the layer, ready for JSON."""
    return [
        GridLine(
            code=hit.grid.code,
            name=hit.grid.name,
            level=hit.level,
            share=None if hit.share is None else round(hit.share, 4),
            matched_by=hit.matched_by,
            counted_by=hit.counted_by,
        )
        for hit in matched.hits
    ]


def grazed_lines(matched: Matched) -> list[GrazedLine]:
    """Return one entry per grid that is touched by less than counts, ready for JSON."""
    return [
        GrazedLine(code=one.grid.code, name=one.grid.name, share=round(one.share, 6))
        for one in matched.near_misses
    ]
