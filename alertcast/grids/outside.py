"""Grids that lie in another county than theirs, by the outlines that are known."""

from collections.abc import Collection, Iterator, Mapping, Sequence

import numpy as np
import shapely

from alertcast.core.alert import ReasonKind
from alertcast.core.earth import gap_km
from alertcast.core.grid import Grid
from alertcast.grids.boundary import Outline
from alertcast.grids.problem import Problem

COUNTY_KM = 0.3  # nearer to its county it may be the outline that is careless, kilometres


def outside_county(
    grids: Sequence[Grid], file: str, known: Mapping[str, Outline], but: Collection[str] = ()
) -> Iterator[Problem]:
    """Yield a note for each grid whose middle lies outside the known outline of its county.

    More than COUNTY_KM, and not in the counties `but`, which lie beside their place as a whole. It
    says in which other county it is, if that is known. A grid without polygon lies nowhere.
    """
    trees = {code: shapely.STRtree(one.shapes) for code, one in known.items() if len(one.shapes)}
    members: dict[str, list[Grid]] = {}
    for grid in grids:
        if grid.geometry is not None and grid.county_code in trees.keys() - set(but):
            members.setdefault(grid.county_code, []).append(grid)
    for county, those in members.items():
        middles = shapely.point_on_surface(np.array([one.geometry for one in those], dtype=object))
        inside, _ = trees[county].query(middles, predicate="intersects")
        for at in np.setdiff1d(np.arange(len(those)), inside):
            grid, middle = those[at], middles[at]
            nearest = known[county].shapes[trees[county].nearest(middle)]
            km = gap_km(middle, nearest)
            if km > COUNTY_KM:
                others = (code for code in sorted(trees) if code != county)
                holds = (c for c in others if len(trees[c].query(middle, predicate="intersects")))
                found = next(holds, None)
                there = f", in county {found}" if found else ""
                message = (
                    f"lies {km:.1f} km outside its county {county} {grid.county}{there} "
                    f"(the boundary of {known[county].source})"
                )
                yield Problem(
                    file,
                    f"grid {grid.code}",
                    "outside_county",
                    message,
                    ReasonKind.NOTE,
                    spot=grid.geometry,
                )
