"""Grids are matched: the packed index beside a bare STRtree, a sorted one, and geopandas.

Every round asks each of them once, of a warning that nobody has prepared; figures are medians of
processor time, and what each of them found is compared.
"""

import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import TypeVar

import geopandas
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from alertcast.core.cells import Ints
from alertcast.core.earth import area_km2
from alertcast.core.hilbert import order_along_curve
from alertcast.core.packed import pack
from alertcast.core.packed_cells import PackedCells
from alertcast.store.index_files import open_index, write_index
from tests.benchmarks.figures import Figure
from tests.benchmarks.nation import Nation, nation, over

GRIDS = 1_000_000
POINTS = (10, 100, 1000, 10_000)
ROUNDS = 7
COLD_ROUNDS = 5
KEY = "0" * 32
GOALS = {0.001: 0.5, 0.01: 0.5, 0.3: 5.0}  # share of grids hit -> least speed in sorted STRtrees
FASTER = 25.0  # than sjoin
SHARE_FASTER, COLD_FASTER, COLD_LESS = 8.0, 15.0, 20.0

T = TypeVar("T")
Finds = Callable[[BaseGeometry], Ints]


@dataclass(frozen=True)
class Contenders:
    """The same layer, ready to be asked in every way."""

    layer: Nation
    packed: PackedCells
    tree: shapely.STRtree
    order: NDArray[np.intp]  # along the Hilbert curve
    sorted_tree: shapely.STRtree
    km2: NDArray[np.float64]

    def finders(self) -> dict[str, Finds]:
        """Return by name who finds the numbers of the grids that a warning touches."""
        return {
            "ours": self.packed.touching,
            "STRtree": lambda one: self._named(self.tree.query(one, predicate="intersects")),
            "sorted STRtree": lambda one: self._named(
                self.order[self.sorted_tree.query(one, predicate="intersects")]
            ),
            "sjoin": self._sjoin,
        }

    def shares(self, warning: BaseGeometry) -> tuple[Ints, NDArray[np.float64]]:
        """Return the numbers and the shares of the grids touched, as one would with a tree."""
        shapely.prepare(warning)
        spots = self.tree.query(warning, predicate="intersects")
        share = np.ones(len(spots))
        edge = np.flatnonzero(~shapely.contains_properly(warning, self.layer.shapes[spots]))
        shared = shapely.intersection(warning, self.layer.shapes[spots[edge]])
        share[edge] = area_km2(shared) / self.km2[spots[edge]]
        return self._named(spots), share

    def _sjoin(self, warning: BaseGeometry) -> Ints:
        grids = geopandas.GeoDataFrame(geometry=self.layer.shapes)  # its index is made anew
        found = geopandas.sjoin(geopandas.GeoDataFrame(geometry=[warning]), grids)
        return self._named(found["index_right"].to_numpy())

    def _named(self, spots: NDArray[np.intp]) -> Ints:
        named: Ints = self.layer.numbers[spots]
        return named


def warm(share: float, grids: int = GRIDS) -> Figure:
    """Find the grids that warnings of 10 to 10,000 points over a `share` of them touch."""
    ready = _contenders(grids)
    took: dict[str, dict[int, float]] = {name: {} for name in ready.finders()}
    hits, is_same = 0, True
    for points in POINTS:
        warning = over(ready.layer, share, points, seed=points)
        answers: dict[str, Ints] = {}
        for name, times in _rounds(ready.finders(), warning, answers).items():
            took[name][points] = median(times)
        found = {name: np.sort(one) for name, one in answers.items()}
        is_same = is_same and all(np.array_equal(one, found["ours"]) for one in found.values())
        hits = len(found["ours"])
    least = {peer: min(_faster(took, peer).values()) for peer in took if peer != "ours"}
    is_met = is_same and least["sjoin"] >= FASTER and least["sorted STRtree"] >= GOALS[share]
    return Figure(
        f"warm match, {grids} grids, {share:.1%} hit",
        f"the same hits; {FASTER:g}x sjoin, {GOALS[share]:g}x a sorted STRtree",
        _milliseconds(took["ours"]) | {"hits": hits, "the same hits": "yes" if is_same else "NO"},
        is_met,
        {
            f"{peer}, {points} points": f"{took[peer][points] * 1e3:.3g} ms, {ratio:.3g}x"
            for peer in least
            for points, ratio in _faster(took, peer).items()
        },
        round(least["sorted STRtree"], 2),
    )


def share_of_area(grids: int = GRIDS, share: float = 0.3) -> Figure:
    """Find the share of each grid under warnings of 10 to 10,000 points over a `share` of them."""
    ready = _contenders(grids)
    took: dict[str, dict[int, float]] = {"ours": {}, "STRtree": {}}
    furthest = 0.0
    for points in POINTS:
        warning = over(ready.layer, share, points, seed=points)
        answers: dict[str, object] = {}
        ways: dict[str, Callable[[BaseGeometry], object]] = {
            "ours": ready.packed.shared,
            "STRtree": ready.shares,
        }
        for name, times in _rounds(ways, warning, answers).items():
            took[name][points] = median(times)
        furthest = max(furthest, _furthest(ready, warning))
    least = min(_faster(took, "STRtree").values())
    return Figure(
        f"share of area, {grids} grids, {share:.0%} hit",
        f"{SHARE_FASTER:g}x STRtree, contains_properly, intersection of the rest",
        _milliseconds(took["ours"]) | {"furthest apart": furthest},
        least >= SHARE_FASTER and furthest < 1e-9,
        {
            f"STRtree, {points} points": f"{took['STRtree'][points] * 1e3:.4g} ms, {ratio:.3g}x"
            for points, ratio in _faster(took, "STRtree").items()
        },
        round(least, 2),
    )


def cold(grids: int = GRIDS) -> Figure:
    """Start a process that maps the index and answers once, and one that reads GeoParquet."""
    with TemporaryDirectory(prefix="alertcast-cold-") as name:
        warning, parquet = f"{name}/warning.wkb", f"{name}/grids.parquet"
        _write_both(grids, Path(name), warning, parquet)
        runs: dict[str, list[_Cold]] = {"ours": [], "theirs": []}
        for _ in range(COLD_ROUNDS):
            runs["ours"].append(_cold("cold_index", name, KEY, warning))
            runs["theirs"].append(_cold("peer_geoparquet", parquet, warning))
    took, peer = (median(one.seconds for one in runs[who]) for who in ("ours", "theirs"))
    memory, peers_memory = (median(one.mb for one in runs[who]) for who in ("ours", "theirs"))
    is_same = len({one.hits for one in runs["ours"] + runs["theirs"]}) == 1
    is_met = peer >= COLD_FASTER * took and peers_memory >= COLD_LESS * memory and is_same
    return Figure(
        f"cold start, {grids} grids",
        f"{COLD_FASTER:g}x faster and {COLD_LESS:g}x less memory than GeoParquet, geopandas",
        {
            "ms": round(took * 1e3, 1),
            "peak MB": round(memory, 1),
            "hits": runs["ours"][0].hits,
            "the same hits": "yes" if is_same else "NO",
            "times less memory": round(peers_memory / memory, 1),
        },
        is_met,
        {"ms": round(peer * 1e3, 1), "peak MB": round(peers_memory, 1)},
        round(peer / took, 1),
    )


@dataclass(frozen=True)
class _Cold:
    seconds: float  # from before the process is started until it has ended
    hits: int
    mb: float  # of memory it had at most, mapped files included


def _write_both(grids: int, folder: Path, warning: str, parquet: str) -> None:
    """Write a layer in both forms; it is out of memory when the processes are started."""
    layer = nation(grids)
    write_index(folder, KEY, pack([_with_gaps(layer)]))
    geopandas.GeoDataFrame(geometry=layer.shapes, crs="EPSG:4326").to_parquet(parquet)
    Path(warning).write_bytes(shapely.to_wkb(over(layer, 0.01, 10, seed=10)))


def _cold(module: str, *arguments: str) -> _Cold:
    command = [sys.executable, "-m", f"tests.benchmarks.{module}", *arguments]
    began = perf_counter()
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    seconds = perf_counter() - began
    hits, kb = done.stdout.split()
    return _Cold(seconds, int(hits), int(kb) * 1024 / 1e6)


@cache
def _contenders(grids: int) -> Contenders:
    layer = nation(grids)
    with TemporaryDirectory(prefix="alertcast-index-") as folder:
        write_index(Path(folder), KEY, pack([_with_gaps(layer)]))
        packed = open_index(Path(folder), KEY)  # what is mapped stays when its name is gone
    if packed is None:
        msg = "the index that was just written is not there"
        raise RuntimeError(msg)
    order = order_along_curve(shapely.bounds(layer.shapes))
    return Contenders(
        layer,
        PackedCells(packed),
        shapely.STRtree(layer.shapes),
        order,
        shapely.STRtree(layer.shapes[order]),
        area_km2(layer.shapes),
    )


def _with_gaps(layer: Nation) -> list[BaseGeometry | None]:
    """Return the polygons by number, as a layer has them: some grids may have none."""
    shapes: list[BaseGeometry | None] = [None] * (int(layer.numbers[-1]) + 1)
    for number, shape in zip(layer.numbers.tolist(), layer.shapes.tolist(), strict=True):
        shapes[number] = shape
    return shapes


def _rounds(
    ways: Mapping[str, Callable[[BaseGeometry], T]], warning: BaseGeometry, answers: dict[str, T]
) -> dict[str, list[float]]:
    """Ask each in turn, round by round, a warning as it comes; return the seconds each took."""
    took: dict[str, list[float]] = {name: [] for name in ways}
    raw = shapely.to_wkb(warning)
    for _ in range(ROUNDS):
        for name, ask in ways.items():
            fresh = shapely.from_wkb(raw)
            began = process_time()
            answers[name] = ask(fresh)
            took[name].append(process_time() - began)
    return took


def _faster(took: Mapping[str, Mapping[int, float]], peer: str) -> dict[int, float]:
    return {points: took[peer][points] / one for points, one in took["ours"].items()}


def _milliseconds(took: Mapping[int, float]) -> dict[str, float | int | str | None]:
    return {f"ms, {points} points": round(one * 1e3, 3) for points, one in took.items()}


def _furthest(ready: Contenders, warning: BaseGeometry) -> float:
    """Return how far the shares of both ways are apart at most; more than 1: not the same grids."""
    ours, (numbers, shares) = ready.packed.shared(warning), ready.shares(warning)
    one, other = np.argsort(ours.numbers), np.argsort(numbers)
    if not np.array_equal(ours.numbers[one], numbers[other]):
        return 2.0
    return float(np.abs(ours.share[one] - shares[other]).max())
