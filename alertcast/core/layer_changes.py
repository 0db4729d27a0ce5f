"""What a new layer changes against the one in use: for the person who decides to import it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import shapely
from numpy.typing import NDArray

from alertcast.core.earth import area_km2
from alertcast.core.grid import Grid
from alertcast.core.layer_places import Successors

SAME_SHAPE = 0.99  # of both polygons is shared: what differs is how it was drawn (0..1)
SAME_DRAWING = 0.8  # of both polygons is shared: a grid without code is that one anew (0..1)
MOST_VANISHED = 0.1  # of the grids in use may be found no longer, unless somebody says so (0..1)


class LayerRefusal(StrEnum):
    """Why a layer is not brought in."""

    SHIFTED = "shifted"  # it lies beside its place as a whole
    ERRORS = "errors"  # no grid is good, or some are bad and are not to be left out
    REMOVALS = "removals"  # more grids would be found no longer than by mistake


class ChangeKind(StrEnum):
    """What happened to a grid or town."""

    ADDED = "added"
    REMOVED = "removed"  # neither a code nor an alias names it now
    RENUMBERED = "renumbered"  # it has another code, which names the old one as an alias
    LIKELY_RENUMBERED = "likely_renumbered"  # one of another code has its polygon, and no alias
    RENAMED = "renamed"
    PARENT = "parent"  # another town, county or community
    REDRAWN = "redrawn"  # another polygon, or none, or the first
    KIND = "kind"
    TOWN_GONE = "town_gone"  # no grid is in a town of that code now
    ALIAS_LOST = "alias_lost"  # an older code names nothing now


@dataclass(frozen=True, slots=True)
class Change:
    """One change; `code` is that of the layer in use where it is known there, else the new one."""

    kind: ChangeKind
    code: str
    name: str
    what: str  # one English sentence


@dataclass(frozen=True, slots=True)
class Changes:
    """All that a new layer changes."""

    changes: tuple[Change, ...]
    before: int  # grids in use
    after: int  # grids of the new layer
    vanished: int  # grids in use that no code and no alias names now

    @property
    def counts(self) -> dict[str, int]:
        """How many changes there are of each kind."""
        met = Counter(change.kind.value for change in self.changes)
        return {kind.value: met[kind.value] for kind in ChangeKind}

    @property
    def loses_many(self) -> bool:
        """Whether more grids vanish than by a mistake should: the wrong file, a wrong column."""
        return self.vanished > MOST_VANISHED * self.before


def changes(before: Sequence[Grid], after: Sequence[Grid]) -> Changes:
    """Return what `after` changes against `before`, in the order of `before`, then of `after`."""
    now = {grid.code: grid for grid in after}
    successors = Successors(before, after)
    heirs = {grid.code: successors.find(grid.code) for grid in before}
    kept = [(grid, now[heir]) for grid in before if (heir := heirs[grid.code]) in now]
    known = {other.code for _, other in kept}
    fresh = [grid for grid in after if grid.code not in known]
    gone = [grid for grid in before if heirs[grid.code] not in now]
    likely = _same_drawings(gone, fresh)
    found = [
        *(change for pair in kept for change in _of_grid(*pair)),
        *_redrawn(kept),
        *(_gone(grid, likely.get(grid.code)) for grid in gone),
        *_added(fresh, likely),
        *_towns(before, after, successors),
        *_aliases(before, after),
    ]
    return Changes(tuple(found), len(before), len(after), len(gone))


def with_older_codes(before: Sequence[Grid], after: Sequence[Grid]) -> tuple[Grid, ...]:
    """Return the new layer with the codes of the layer in use kept as aliases where they are gone.

    A grid keeps the aliases that it had, and takes the code of the one that it is likely to be: the
    grid without code now whose polygon it has. A town takes the code of one all of whose grids
    lie in it now, or that is called the same in the same county.
    """
    codes = {grid.code for grid in after}
    successors = Successors(before, after)
    older: dict[str, list[str]] = defaultdict(list)
    gone: list[Grid] = []
    for grid in before:
        heir = successors.find(grid.code)
        if heir is None or heir not in codes:
            gone.append(grid)
            continue
        older[heir] += [*grid.aliases, *([grid.code] if grid.code != heir else [])]
    fresh = [grid for grid in after if grid.code not in older]
    for code, drawn in _same_drawings(gone, fresh).items():
        older[drawn.code].append(code)
    grids = [
        replace(grid, aliases=_joined(grid.aliases, older[grid.code], codes)) for grid in after
    ]
    return _with_older_towns(before, grids)


def _of_grid(old: Grid, new: Grid) -> Iterator[Change]:
    def say(kind: ChangeKind, what: str) -> Change:
        return Change(kind, old.code, old.name, what)

    if new.code != old.code:
        yield say(ChangeKind.RENUMBERED, f"is {new.code} {new.name} now, and found by {old.code}")
    elif new.name != old.name:
        yield say(ChangeKind.RENAMED, f"is called {new.name} now")
    if new.kind != old.kind:
        yield say(ChangeKind.KIND, f"was a {old.kind}, is a {new.kind}")
    for what, was, is_now in (
        ("in town", (old.town_code, old.town), (new.town_code, new.town)),
        ("in county", (old.county_code, old.county), (new.county_code, new.county)),
        ("of community", (old.parent_code,), (new.parent_code,)),
    ):
        if was != is_now:
            parts = (" ".join(word or "none" for word in words) for words in (was, is_now))
            yield say(ChangeKind.PARENT, f"was {what} {next(parts)}, is {what} {next(parts)}")


def _redrawn(kept: Sequence[tuple[Grid, Grid]]) -> Iterator[Change]:
    for old, new in kept:
        if (old.geometry is None) != (new.geometry is None):
            what = "has no polygon now" if new.geometry is None else "has a polygon now"
            yield Change(ChangeKind.REDRAWN, old.code, old.name, what)
    both = [(old, new) for old, new in kept if old.geometry and new.geometry]
    if not both:
        return
    shapes = [np.array([pair[at].geometry for pair in both], dtype=object) for at in (0, 1)]
    differ = np.flatnonzero(~shapely.equals_exact(*shapes))
    was, is_now = (side[differ] for side in shapes)
    common = _common(was, is_now)
    areas = area_km2(was), area_km2(is_now)
    for at in np.flatnonzero(common < SAME_SHAPE):
        old = both[differ[at]][0]
        what = (
            f"area {areas[0][at]:.4f} -> {areas[1][at]:.4f} km2, "
            f"{common[at]:.0%} of both together is shared"
        )
        yield Change(ChangeKind.REDRAWN, old.code, old.name, what)


def _gone(grid: Grid, heir: Grid | None) -> Change:
    if heir is None:
        what = "nothing names it now: warnings and people of it find no grid"
        return Change(ChangeKind.REMOVED, grid.code, grid.name, what)
    what = (
        f"{heir.code} {heir.name} has its polygon, and does not name {grid.code} as an alias: "
        "--keep-codes adds it"
    )
    return Change(ChangeKind.LIKELY_RENUMBERED, grid.code, grid.name, what)


def _added(fresh: Iterable[Grid], likely: Mapping[str, Grid]) -> Iterator[Change]:
    heirs = {heir.code for heir in likely.values()}
    for grid in fresh:
        if grid.code not in heirs:
            what = f"is new, in {grid.town_code} {grid.town}"
            yield Change(ChangeKind.ADDED, grid.code, grid.name, what)


def _towns(
    before: Sequence[Grid], after: Sequence[Grid], successors: Successors
) -> Iterator[Change]:
    now = {grid.town_code for grid in after} | {
        alias for grid in after for alias in grid.town_aliases
    }
    heirs = _heirs_of_towns(before, after, successors)
    for code, town in {grid.town_code: grid.town for grid in before}.items():
        if code in now:
            continue
        heir = heirs.get(code)
        where = f"its grids lie in {heir} now" if heir else "its grids lie in no one town now"
        what = f"has no grid now, and no town names it as an alias; {where}"
        yield Change(ChangeKind.TOWN_GONE, code, town, what)


def _aliases(before: Sequence[Grid], after: Sequence[Grid]) -> Iterator[Change]:
    now = {code for grid in after for code in (grid.code, *grid.aliases)}
    for grid in before:
        for alias in grid.aliases:
            if alias not in now:
                what = f"the older code {alias} names nothing now: --keep-codes keeps it"
                yield Change(ChangeKind.ALIAS_LOST, grid.code, grid.name, what)


def _same_drawings(gone: Sequence[Grid], fresh: Sequence[Grid]) -> dict[str, Grid]:
    """Return which new grid has the polygon of each that is gone."""
    old = [grid for grid in gone if grid.geometry is not None]
    new = [grid for grid in fresh if grid.geometry is not None]
    if not old or not new:
        return {}
    was, is_now = (np.array([one.geometry for one in side], dtype=object) for side in (old, new))
    at, near = shapely.STRtree(is_now).query(was, predicate="intersects")
    common = _common(was[at], is_now[near])
    return {old[at[n]].code: new[near[n]] for n in np.flatnonzero(common >= SAME_DRAWING)}


def _heirs_of_towns(
    before: Sequence[Grid], after: Sequence[Grid], successors: Successors
) -> dict[str, str]:
    """Return in which one town of today all grids of an earlier town lie, as far as they are known.

    A town of the same name in the same county is the same town.
    """
    now = {grid.code: grid for grid in after}
    named = {(grid.county_code, grid.town): grid.town_code for grid in after}
    met: dict[str, set[str]] = defaultdict(set)
    found: dict[str, str] = {}
    for grid in before:
        heir = now.get(successors.find(grid.code) or "")
        if heir is not None:
            met[grid.town_code].add(heir.town_code)
        if (grid.county_code, grid.town) in named:
            found[grid.town_code] = named[grid.county_code, grid.town]
    return {code: next(iter(towns)) for code, towns in met.items() if len(towns) == 1} | found


def _heirs_of_counties(
    before: Sequence[Grid], after: Sequence[Grid], successors: Successors
) -> dict[str, str]:
    """Return which county of today each earlier one is: of the same code, or with all its grids.

    Where its grids do not tell, the one that alone has its name in the same city: many a city has a
    鼓楼区.
    """
    now = {grid.code: grid for grid in after}
    named = _counties_by_name(after)
    found = {grid.county_code: grid.county_code for grid in after}
    met: dict[str, set[str]] = defaultdict(set)
    for grid in before:
        heir = now.get(successors.find(grid.code) or "")
        if heir is not None:
            met[grid.county_code].add(heir.county_code)
    for (city, name), codes in _counties_by_name(before).items():
        for code in codes - found.keys():
            likely = met[code]
            if len(likely) != 1 and len(codes) == 1:
                alike = named.get((city, name), set())
                likely = alike & likely if likely else alike
            if len(likely) == 1:
                found[code] = min(likely)
    return found


def _counties_by_name(cells: Sequence[Grid]) -> dict[tuple[str, str], set[str]]:
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for grid in cells:
        found[grid.county_code[:4], grid.county].add(grid.county_code)
    return found


def _with_older_towns(before: Sequence[Grid], after: Sequence[Grid]) -> tuple[Grid, ...]:
    towns = {grid.town_code for grid in after}
    counties = {grid.county_code for grid in after}
    older: dict[str, list[str]] = defaultdict(list)
    successors = Successors(before, after)
    heirs = _heirs_of_towns(before, after, successors)
    for grid in before:
        heir = heirs.get(grid.town_code)
        if heir is not None:
            older[heir] += [*grid.town_aliases, grid.town_code]
    wider: dict[str, list[str]] = defaultdict(list)
    heirs_of_counties = _heirs_of_counties(before, after, successors)
    for grid in before:
        county = heirs_of_counties.get(grid.county_code)
        if county is not None:
            wider[county] += [*grid.county_aliases, grid.county_code]
    return tuple(
        replace(
            grid,
            town_aliases=_joined(grid.town_aliases, older[grid.town_code], towns),
            county_aliases=_joined(grid.county_aliases, wider[grid.county_code], counties),
        )
        for grid in after
    )


def _joined(named: Sequence[str], older: Iterable[str], current: set[str]) -> tuple[str, ...]:
    """Return aliases with older codes added, each once, none of them a code of today."""
    return tuple(dict.fromkeys((*named, *(code for code in older if code not in current))))


def _common(one: NDArray[np.object_], other: NDArray[np.object_]) -> NDArray[np.float64]:
    shared = shapely.area(shapely.intersection(one, other))
    whole = shapely.area(one) + shapely.area(other) - shared
    share = np.divide(shared, whole, out=np.zeros(len(one)), where=whole > 0)
    return np.asarray(share, dtype=np.float64)
