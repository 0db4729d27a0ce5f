"""The edges of polygons: where those of neighbours do not meet, and which run round a whole county.

In a sound layer every edge is drawn twice, once from each side. What is drawn otherwise is little,
so that overlaps and gaps are looked for there alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

_MIX = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F], dtype=np.uint64)  # odd, without pattern

Shapes = NDArray[np.object_]
Spots = NDArray[np.intp]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Edges:
    """Edges of shapes, each with the inside of its shape on the left."""

    lines: Floats  # (n, 2, 2): from, to; lon, lat
    owner: Spots  # which shape each belongs to

    def those(self, which: Bools) -> "Edges":
        """Return some of them."""
        return Edges(self.lines[which], self.owner[which])


def edges_of(shapes: Shapes) -> Edges:
    """Return every edge of polygons and multipolygons."""
    parts, owner = shapely.orient_polygons(shapes), np.arange(len(shapes))
    if (shapely.get_type_id(parts) != shapely.GeometryType.POLYGON).any():
        parts, owner = shapely.get_parts(parts, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    is_edge = ring[1:] == ring[:-1]
    lines = np.stack([points[:-1][is_edge], points[1:][is_edge]], axis=1)
    return Edges(lines, owner[part[ring[:-1][is_edge]]])


def is_met(edges: Edges, group: Spots | None = None) -> Bools:
    """Say which edges are drawn twice, once in each direction; within a `group` of shapes only."""
    one, other = _key(edges.lines[:, 0]), _key(edges.lines[:, 1])
    edge = one ^ other
    if group is not None:
        edge ^= group[edges.owner].astype(np.uint64) * _MIX[0]
    order = np.argsort(edge)
    first = np.flatnonzero(np.diff(edge[order], prepend=~edge[order][:1]) != 0)
    count = np.diff(first, append=len(edge))
    forward = np.add.reduceat((one < other)[order].astype(np.intp), first) if len(first) else first
    found = np.empty(len(edge), dtype=bool)
    found[order] = np.repeat((count == 2) & (forward == 1), count)
    return found


def loose_shapes(shapes: Shapes, open_edges: Edges, tree: shapely.STRtree) -> Bools:
    """Return which shapes have an open edge, or overlap one whose edges all meet others."""
    is_loose = np.zeros(len(shapes), dtype=bool)
    is_loose[open_edges.owner] = True
    # two sound layers over each other: no edge tells, but the middle of one lies in the other
    spots, found = tree.query(shapely.point_on_surface(shapes), predicate="intersects")
    is_loose[found[spots != found]] = True
    is_loose[spots[spots != found]] = True
    return is_loose


def uncovered(open_edges: Edges, tree: shapely.STRtree) -> Shapes:
    """Return what open edges enclose and no shape of the tree covers."""
    noded = shapely.union_all(_chained(open_edges.lines))
    faces = shapely.get_parts(shapely.polygonize([noded]))
    covered = tree.query(shapely.point_on_surface(faces), predicate="intersects")[0]
    return np.delete(faces, np.unique(covered))


def _chained(lines: Floats) -> Shapes:
    """Return edges as lines, those joined that follow each other: so they are noded faster."""
    goes_on = np.zeros(len(lines), dtype=bool)
    goes_on[1:] = (lines[1:, 0] == lines[:-1, 1]).all(axis=1)
    last = np.ones(len(lines), dtype=bool)
    last[:-1] = ~goes_on[1:]
    number = np.cumsum(~goes_on)
    points = np.concatenate([lines[:, 0], lines[last, 1]])
    line = np.concatenate([number, number[last]]) - 1
    order = np.argsort(line, kind="stable")
    return np.asarray(shapely.linestrings(points[order], indices=line[order]), dtype=object)


def outlines(shapes: Shapes, groups: Mapping[str, Spots], beyond: float) -> dict[str, Floats]:
    """Return the edges, (n, 2, 2), that run round each group of shapes.

    An edge is inside if a shape of its own group lies `beyond` so many degrees on its other side.
    """
    group = np.empty(len(shapes), dtype=np.intp)
    for number, spots in enumerate(groups.values()):
        group[spots] = number
    every = edges_of(shapes)
    found = every.those(~is_met(every, group))
    step = found.lines[:, 1] - found.lines[:, 0]
    length = np.hypot(*step.T)
    is_long = length > 0
    found, step, length = found.those(is_long), step[is_long], length[is_long]
    right = np.column_stack([step[:, 1], -step[:, 0]]) / length[:, None]
    outside = found.lines.mean(axis=1) + right * beyond
    at, shape = shapely.STRtree(shapes).query(shapely.points(outside), predicate="intersects")
    is_inside = np.zeros(len(found.lines), dtype=bool)
    is_inside[at[group[shape] == group[found.owner[at]]]] = True
    around = found.those(~is_inside)
    return {name: around.lines[group[around.owner] == number] for number, name in enumerate(groups)}


def _key(points: Floats) -> NDArray[np.uint64]:
    """Return a number for each point that no other point has, but once in 10^19 times."""
    mixed: NDArray[np.uint64] = (points + 0.0).view(np.uint64) * _MIX  # + 0.0: -0.0 is 0.0
    mixed ^= mixed >> np.uint64(29)
    return np.asarray(mixed[:, 0] * _MIX[1] + (mixed[:, 1] ^ (mixed[:, 1] << np.uint64(7))))
