"""How far a layer lies beside a known outline: found by laying the one upon the other.

Chinese maps are shifted by some 600 m (GCJ-02) or 1,300 m (BD-09), and no file says so. A layer
drawn on one of them and read as WGS 84 would call the wrong people all along its edges. Only the
outline of a whole county is long and crooked enough to tell a shift from careless drawing.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from alertcast.core.earth import MEAN_RADIUS_KM
from alertcast.grids.datum import from_wgs84

NEAR_M = 1_500.0  # an edge farther from the known outline is not compared with it, metres
FITS_M = 250.0  # an edge this near to it, once moved, is the same: outlines are generalised, metres
FITS_SHARE = 0.3  # of the known outline that the layer must have for a measure to tell (0..1)
SURELY = 0.6  # with this much of it in its place the layer is not tried elsewhere (0..1)
BOTH_WAYS = 0.15  # least share of what is known of the worse known direction (0..0.5)
SHIFT_M = 150.0  # a smaller offset may be another's generalisation, metres
BETTER = 0.5  # of the distance before may be left once it is moved, else it is no shift (0..1)
LIKE = 0.35  # an offset is that of a datum if it differs from it by less than this share (0..1)
LEAST = 100  # points of an outline that are compared
MOST = 1_000  # points of an outline that are compared
APART_M = 20.0  # points are no nearer to each other, metres

_ROUNDS = 20
_STILL_M = 0.1  # a smaller step, metres, changes nothing
_WORST = 1e6  # condition of a system that can still be solved

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Offset:
    """Where a layer lies, seen from an outline, and how sure that is."""

    east_m: float
    north_m: float
    before_m: float  # half of what is compared lies farther from the known outline than this
    after_m: float  # the same once it is moved
    share: float  # 0..1 of the known outline that the layer has, once it is moved
    is_sure: bool  # enough of the outline, in all directions, was compared

    @property
    def metres(self) -> float:
        """How far."""
        return float(np.hypot(self.east_m, self.north_m))

    @property
    def is_shifted(self) -> bool:
        """Whether the layer surely lies beside the outline as a whole."""
        is_better = self.after_m <= BETTER * self.before_m
        return self.is_sure and is_better and self.metres >= SHIFT_M


def offset_between(layer: Floats, known: Floats) -> Offset | None:
    """Return how far an outline lies beside the known one; None where they are hardly comparable.

    Both are edges (n, 2, 2) in WGS 84 degrees with the inside on their left. The layer may hold
    other edges as well, and lack parts of its outline.
    """
    middle = known.reshape(-1, 2).mean(axis=0)
    scale = np.radians(MEAN_RADIUS_KM * 1e3) * np.array([np.cos(np.radians(middle[1])), 1.0])
    points, outward = _points((known - middle) * scale)
    if len(points) < LEAST or not len(layer):
        return None
    target = _Target((layer - middle) * scale)
    found = _measured(target, points, outward, np.zeros(2))
    if found.share < SURELY or found.metres >= SHIFT_M:
        others = (
            _measured(target, points, outward, sign * shift_m(middle, datum))
            for datum in ("GCJ-02", "BD-09")
            for sign in (1, -1)
        )
        found = max((found, *others), key=lambda one: one.share)
    return found if found.share > 0 else None


def _measured(target: "_Target", points: Floats, outward: Floats, start: Floats) -> Offset:
    """Lay the known outline upon the layer, and say how far it had to be moved."""
    move = target.fit(points, outward, start)
    seen = target.see(points + move, outward)
    follows = seen.far <= FITS_M
    if not follows.any():
        return Offset(0.0, 0.0, NEAR_M, NEAR_M, 0.0, is_sure=False)
    normals = seen.normals[follows]
    least = np.linalg.eigvalsh(normals.T @ normals / len(normals))[0]
    return Offset(
        float(move[0]),
        float(move[1]),
        float(np.median(target.see(points[follows], outward[follows]).far)),
        float(np.median(seen.far[follows])),
        float(follows.mean()),
        bool(follows.mean() >= FITS_SHARE and least >= BOTH_WAYS),
    )


def datum_of(offset: Offset, at: Floats, declared: str | None) -> str | None:
    """Return which datum an offset at a place (lon, lat) is that of: GCJ-02, BD-09 or WGS 84.

    `declared` is the datum that the layer was converted from, if it was; None: it is none of them.
    """
    seen = np.array([offset.east_m, offset.north_m])
    if declared is not None:
        seen = seen + shift_m(at, declared)
    room = LIKE * float(np.hypot(*shift_m(at, "GCJ-02")))
    shifts = {"WGS 84": np.zeros(2)} | {name: shift_m(at, name) for name in ("GCJ-02", "BD-09")}
    return next((name for name, shift in shifts.items() if np.hypot(*(seen - shift)) < room), None)


def shift_m(at: Floats, datum: str) -> Floats:
    """Return how far east and north a map of a datum draws the place (lon, lat), metres."""
    moved = (from_wgs84(at[None, :], datum) - at)[0]
    narrow = np.array([np.cos(np.radians(at[1])), 1.0])
    return np.asarray(np.radians(moved * narrow) * MEAN_RADIUS_KM * 1e3, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What points see of an outline."""

    across: Floats  # how far outside of the nearest edge each lies, metres
    normals: Floats  # (n, 2) which way is out there
    far: Floats  # how far from an edge that looks the same way, else NEAR_M


class _Target:
    """A known outline in metres, to which points are laid."""

    def __init__(self, lines: Floats) -> None:
        lines, self._outward, _ = _directed(lines)
        self._start = lines[:, 0]
        self._lines = shapely.linestrings(lines)
        self._tree = shapely.STRtree(self._lines)

    def see(self, points: Floats, outward: Floats) -> _Seen:
        """Return what points see that look outward so."""
        spots, nearest = self._tree.query_nearest(shapely.points(points), all_matches=False)
        far = shapely.distance(shapely.points(points[spots]), self._lines[nearest])
        normals = self._outward[nearest]
        is_same = (normals * outward[spots]).sum(axis=1) > 0
        across = ((points[spots] - self._start[nearest]) * normals).sum(axis=1)
        return _Seen(across, normals, np.where(is_same, np.minimum(far, NEAR_M), NEAR_M))

    def fit(self, points: Floats, outward: Floats, start: Floats) -> Floats:
        """Return the move, metres, that lays points upon the outline.

        Edge by edge the distance across it is made least, with little heed of what lies far off.
        """
        move = start.copy()
        for _ in range(_ROUNDS):
            seen = self.see(points + move, outward)
            scale = max(2.0 * float(np.median(seen.far)), 20.0)
            weight = np.where(seen.far < NEAR_M, 1 / (1 + (seen.far / scale) ** 2), 0.0)
            weighed = (seen.normals * weight[:, None]).T
            matrix = weighed @ seen.normals
            if not np.linalg.cond(matrix) < _WORST:
                break  # all edges look one way: how far to move along them is not known
            step = np.linalg.solve(matrix, weighed @ -seen.across)
            move += step
            if np.hypot(*step) < _STILL_M:
                break
        return move


def _directed(lines: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the edges that have a length, which way is out there, and their lengths."""
    step = lines[:, 1] - lines[:, 0]
    length = np.hypot(*step.T)
    lines, step, length = lines[length > 0], step[length > 0], length[length > 0]
    return lines, np.column_stack([step[:, 1], -step[:, 0]]) / length[:, None], length


def _points(lines: Floats) -> tuple[Floats, Floats]:
    """Return points at equal distances along edges, metres, and which way is out there."""
    lines, outward, length = _directed(lines)
    ends = np.cumsum(length)
    total = float(ends[-1]) if len(ends) else 0.0
    number = min(MOST, int(total / APART_M))
    at = (np.arange(number) + 0.5) * total / max(number, 1)
    edge = np.searchsorted(ends, at)
    along = (1 - (ends[edge] - at) / length[edge])[:, None]
    return lines[edge, 0] + (lines[edge, 1] - lines[edge, 0]) * along, outward[edge]
