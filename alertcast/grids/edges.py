"""Where the edges of a layer's polygons do not meet: all that can overlap, and all round its gaps.

In a sound layer every edge is drawn twice, once from each side. What is drawn otherwise is little,
so that overlaps and gaps are looked for there alone.
"""

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
    """The edges that are not drawn exactly twice, from both sides."""

    is_loose: Bools  # polygons that have such an edge, or that lie on another polygon's middle
    lines: Floats  # (n, 2, 2) the edges themselves: from, to; lon, lat


def loose_edges(shapes: Shapes, parts: Shapes, owner: Spots, tree: shapely.STRtree) -> Edges:
    """Return the loose edges of shapes; `parts` are their polygons, `owner` whose part each is.

    `tree` is that of the shapes.
    """
    rings, part = shapely.get_rings(shapely.orient_polygons(parts), return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    is_edge = ring[1:] == ring[:-1]
    start, end = points[:-1][is_edge], points[1:][is_edge]
    is_open = ~_is_met(start, end)
    is_loose = np.zeros(len(shapes), dtype=bool)
    is_loose[owner[part[ring[:-1][is_edge][is_open]]]] = True
    # two sound layers over each other: no edge tells, but the middle of one lies in the other
    spots, found = tree.query(shapely.point_on_surface(shapes), predicate="intersects")
    is_loose[found[spots != found]] = True
    is_loose[spots[spots != found]] = True
    return Edges(is_loose, np.stack([start[is_open], end[is_open]], axis=1))


def uncovered(edges: Edges, tree: shapely.STRtree) -> Shapes:
    """Return what the loose edges enclose and no polygon of the tree covers."""
    noded = shapely.union_all(shapely.linestrings(edges.lines))
    faces = shapely.get_parts(shapely.polygonize([noded]))
    covered = tree.query(shapely.point_on_surface(faces), predicate="intersects")[0]
    return np.delete(faces, np.unique(covered))


def _is_met(start: Floats, end: Floats) -> Bools:
    """Say which edges are drawn twice, once in each direction."""
    one, other = _key(start), _key(end)
    edge = one ^ other
    order = np.argsort(edge)
    first = np.flatnonzero(np.diff(edge[order], prepend=~edge[order][:1]) != 0)
    count = np.diff(first, append=len(edge))
    forward = np.add.reduceat((one < other)[order].astype(np.intp), first) if len(first) else first
    is_met = np.empty(len(edge), dtype=bool)
    is_met[order] = np.repeat((count == 2) & (forward == 1), count)
    return is_met


def _key(points: Floats) -> NDArray[np.uint64]:
    """Return a number for each point that no other point has, but once in 10^19 times."""
    mixed: NDArray[np.uint64] = (points + 0.0).view(np.uint64) * _MIX  # + 0.0: -0.0 is 0.0
    mixed ^= mixed >> np.uint64(29)
    return np.asarray(mixed[:, 0] * _MIX[1] + (mixed[:, 1] ^ (mixed[:, 1] << np.uint64(7))))
