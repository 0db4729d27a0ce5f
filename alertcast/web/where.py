"""Where an officer wants to tell people: towns, grids by search or code, a drawing, or a file."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from flask import request

from alertcast.core.access import lies_in
from alertcast.core.drawn import DrawnError, read_drawn
from alertcast.core.grid import Grid
from alertcast.store.db import Tx
from alertcast.store.report_areas import areas_of
from alertcast.web.context import me, world
from alertcast.web.words import gettext, refused

FOUND = 50
"""Most grids that a search shows."""


@dataclass(frozen=True, slots=True)
class Where:
    """What was chosen, in the fewest codes, and what could not be."""

    codes: tuple[str, ...] = ()  # counties and towns that were meant whole, and single grids
    unknown: tuple[str, ...] = ()  # codes that the layer does not have
    wrong: str = ""  # what is wrong with the drawing or the file, in the officer's words

    @property
    def is_fine(self) -> bool:
        """Say whether all that was asked for is in `codes`."""
        return bool(self.codes) and not self.unknown and not self.wrong


def where(tx: Tx, layer_id: int, among: Collection[str] | None = None) -> Where:
    """Return what the form of this request chooses in a layer.

    A drawing takes the grids it touches enough; `among` narrows it to grids of these codes.
    """
    form = request.form
    named = [*form.getlist("place"), *form.getlist("grid")]
    named += re.findall(r"[\w-]+", form.get("codes", ""))
    known = areas_of(tx, layer_id, named)
    unknown = tuple(dict.fromkeys(code for code in named if code not in known))
    grids = world().index(tx, layer_id).grids
    codes, wrong = list(dict.fromkeys(code for code in named if code in known)), ""
    try:
        for text in filter(None, (form.get("drawn", "").strip(), _uploaded())):
            touched = world().index(tx, layer_id).touched(read_drawn(text))
            inside = [one for one in touched if among is None or one.code in among]
            if not inside:
                wrong = gettext("画出的范围没有碰到网格。")
            codes += [one.code for one in inside]
    except DrawnError as error:
        wrong = gettext("画出的范围或文件不能用：") + refused(error)
    return Where(tuple(fewest(codes, grids)), unknown, wrong)


def fewest(codes: Iterable[str], grids: Iterable[Grid]) -> list[str]:
    """Return the same grids in fewer codes: a town stands for all of its grids."""
    wanted = set(codes)
    towns: dict[str, list[Grid]] = {}
    for grid in grids:
        towns.setdefault(grid.town_code, []).append(grid)
    found: dict[str, None] = {}
    for town, members in towns.items():
        if members[0].county_code in wanted:
            found[members[0].county_code] = None
        elif town in wanted or all(one.code in wanted for one in members):
            found[town] = None
        else:
            found |= dict.fromkeys(one.code for one in members if one.code in wanted)
    return list(found)


def search(words: str, grids: Iterable[Grid]) -> tuple[list[Grid], int]:
    """Return the first grids of the user's area whose name or code has all words, and how many."""
    parts = words.casefold().split()
    if not parts:
        return [], 0
    found = [
        grid
        for grid in grids
        if lies_in(grid.town_code, me().area) and all(part in _said(grid) for part in parts)
    ]
    return found[:FOUND], len(found)


def single(codes: Collection[str], grids: Sequence[Grid]) -> list[Grid]:
    """Return the grids that were chosen one by one."""
    return [grid for grid in grids if grid.code in codes]


def _said(grid: Grid) -> str:
    parts = (grid.county, grid.town, grid.name, grid.code, *grid.aliases)
    return " ".join(parts).casefold()


def _uploaded() -> str:
    file = request.files.get("file")
    return file.read().decode("utf-8", errors="replace").strip() if file else ""
