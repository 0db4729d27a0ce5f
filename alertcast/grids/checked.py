"""A layer read from a file and looked at as a whole: what an import decides on."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from alertcast.core.grid import Grid
from alertcast.grids.features import Asked
from alertcast.grids.parents import IN_COLUMNS, Parents
from alertcast.grids.position import UNKNOWN, Reference, position
from alertcast.grids.problem import Problem, has_errors
from alertcast.grids.read import read_layer
from alertcast.grids.survey import survey


@dataclass(frozen=True, slots=True)
class Checked:
    """The grids of a file, and all that is to be said of them.

    With an error in `report` nothing is imported, unless bad features are to be skipped. A grid
    whose polygon can not be where it is drawn is then kept without it: it is told with its town.
    What is refused is imported in no case.
    """

    grids: tuple[Grid, ...]
    report: tuple[Problem, ...]
    is_refused: bool  # it lies beside its place as a whole


def checked_layer(
    path: Path,
    asked: Asked,
    *,
    columns: Mapping[str, str] | None = None,
    parents: Parents = IN_COLUMNS,
    known: Reference = UNKNOWN,
    skip_bad: bool = False,
) -> Checked:
    """Read a layer and look at all of it; nothing is raised."""
    read = read_layer(path, asked, columns=columns, parents=parents)
    found = survey(read.grids, path.name)
    grids = read.grids
    if skip_bad and found.misplaced:
        grids = tuple(
            replace(grid, geometry=None) if grid.code in found.misplaced else grid for grid in grids
        )
    placed = position(grids, path.name, known, asked.crs)
    return Checked(grids, (*read.report, *found.report, *placed), has_errors(placed))
