"""How far a warning reaches, in the officer's words: nothing, all, or what it only grazes."""

from alertcast.core.grid import Matched

SAID = 3
"""How many grazed grids are named; all of them are in what `alerts explain` says."""


def touched(matched: Matched, told: int) -> str:
    """Return one sentence: how many grids are touched and told, and which are only grazed."""
    every = "全部" if matched.is_all else ""
    said = f"触及{every} {len(matched.hits)} 个网格，其中 {told} 个需要叫应。"
    return f"{said}{grazed(matched)}。" if matched.near_misses else said


def untouched(matched: Matched) -> str:
    """Return in brackets how nearly a message touched something; "" where that is not known."""
    if matched.near_misses:
        return f"（{grazed(matched)}）"
    far = matched.nearest_km
    return "" if far is None else f"（最近的网格在 {far:.0f} 公里外）"


def without_level(matched: Matched) -> str:
    """Return one sentence on the grids whose level a message does not say; "": it says them all."""
    named = [hit.grid.name for hit in matched.hits if hit.level is None]
    if not named:
        return ""
    more = " 等" if len(named) > SAID else ""
    return (
        f"有 {len(named)} 个网格等级未能识别（{'、'.join(named[:SAID])}{more}），"
        "没有下发，请值班员核对。"
    )


def whole(matched: Matched) -> str:
    """Return why a message over the whole layer is in doubt; "": it is not drawn over all of it."""
    is_drawn = any(hit.counted_by is not None for hit in matched.hits)
    if not (matched.is_all and is_drawn):
        return ""
    return f"预警图形覆盖了全部 {len(matched.hits)} 个网格，请核对范围是否有误。"


def grazed(matched: Matched) -> str:
    """Return which grids are touched by too little to count, as a clause; "": none is."""
    named = [f"{one.grid.name} {one.share:.1%}" for one in matched.near_misses[:SAID]]
    count = len(matched.near_misses)
    more = " 等" if count > len(named) else ""
    return f"另有 {count} 个网格只擦到边，不计入：{'、'.join(named)}{more}" if named else ""
