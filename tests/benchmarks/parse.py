"""Warnings are read: a large collection of the NWS, and a feed of WMO with 500 items behind links.

Beside it, in the same run, the same bytes are only taken apart: by `json`; by lxml, whose tree has
nothing of Python's yet, and by lxml with what `json` does as well: every tag, attribute and text
taken out of it as a value.
"""

import gc
import json
import os
import tomllib
import tracemalloc
from collections.abc import Callable, Sequence
from pathlib import Path
from time import process_time

import defusedxml.ElementTree
import lxml.etree

from alertcast.core.hazard import HazardTable
from alertcast.sources.cap_xml import MAX_BYTES
from alertcast.sources.read import parse_bytes
from tests.benchmarks.figures import Figure
from tests.sources.test_nws import RING, collection, feature

ROOT = Path(__file__).parents[2]
GOAL = 4.0  # times as long as the plain reading
ROUNDS = 5
VALUES = "lxml with its values"
SWIC = ROOT / "tests/fixtures/china/swic_cn_cap_update.xml"
RECORDED = "corpora/nws-weathergov/northwest_alerts.active.json"
HAZARDS = HazardTable.from_mapping(tomllib.loads((ROOT / "config/hazards.toml").read_text("utf-8")))

Documents = Sequence[bytes]


def parse_nws(size: int = MAX_BYTES) -> Figure:
    """Read one collection of about `size` bytes: recorded alerts, each again under new ids."""
    made = _collection(size)
    number = len(json.loads(made)["features"])
    return _figure("NWS collection", [made], number, {"json": json.loads}, "json")


def parse_swic(items: int = 500) -> Figure:
    """Read the documents behind an index of so many items, each of them CAP in two languages."""
    plain: dict[str, Callable[[bytes], object]] = {
        "lxml": lxml.etree.fromstring,
        VALUES: _values,
        "defusedxml": lambda one: defusedxml.ElementTree.fromstring(one, forbid_dtd=True),
    }
    return _figure(f"SWIC, {items} items", _swic(items), items, plain, "lxml")


def _values(data: bytes) -> list[tuple[object, ...]]:
    """Return what a document holds as values of Python, and decide nothing about it."""
    root = lxml.etree.fromstring(data)
    return [(one.tag, dict(one.attrib), one.text, one.tail) for one in root.iter()]


def _figure(
    name: str,
    documents: Documents,
    number: int,
    plain: dict[str, Callable[[bytes], object]],
    peer: str,
) -> Figure:
    accepted = sum(one.accepted for raw in documents for one in parse_bytes(raw, HAZARDS))
    ours = _seconds(documents, lambda one: parse_bytes(one, HAZARDS))
    theirs = {key: _seconds(documents, read) for key, read in plain.items()}
    return Figure(
        f"parse, {name}, {sum(map(len, documents)) / 1e6:.1f} MB",
        f"within {GOAL:g}x of reading the same bytes with {peer} and looking at nothing",
        {
            "alerts": accepted,
            "alerts a processor second": round(accepted / ours),
            "processor seconds": round(ours, 3),
            "peak MB": _peak(documents, lambda one: parse_bytes(one, HAZARDS)),
        },
        ours <= GOAL * theirs[peer] and accepted == number,
        {f"{key} processor seconds": round(took, 3) for key, took in theirs.items()}
        | {f"{key} ratio": round(ours / took, 2) for key, took in theirs.items() if key != peer}
        | {f"{peer} peak MB": _peak(documents, plain[peer])},
        round(ours / theirs[peer], 2),
    )


def _seconds(documents: Documents, read: Callable[[bytes], object]) -> float:
    """Return the least processor time in which all documents were read, of a few rounds, s."""
    took = []
    for _ in range(ROUNDS):
        gc.collect()
        began = process_time()
        for one in documents:
            read(one)
        took.append(process_time() - began)
    return min(took)


def _peak(documents: Documents, read: Callable[[bytes], object]) -> float:
    """Return how much Python had allocated at most while it read, MB; lxml's own is not in it."""
    gc.collect()
    tracemalloc.start()
    for one in documents:
        read(one)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return round(peak / 1e6, 1)


def _collection(size: int) -> bytes:
    """Return recorded alerts, where `ALERTCAST_CORPORA` is set, else our own, again and again."""
    folder = os.environ.get("ALERTCAST_CORPORA")
    ring = {"type": "Polygon", "coordinates": [RING]}
    raw = Path(folder, RECORDED).read_bytes() if folder else collection(feature(ring), feature())
    recorded = [_live(one, 0) for one in json.loads(raw)["features"]]
    mean = sum(len(json.dumps(one)) + 2 for one in recorded) / len(recorded)
    number = max(1, int(0.99 * size / (mean + 8)))
    features = []
    for at in range(number):
        again = _live(recorded[at % len(recorded)], at)
        properties = {**again["properties"], "id": f"{again['properties']['id']}.{at}"}
        features.append({**again, "properties": properties})
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def _live(recorded: dict[str, object], at: int) -> dict[str, object]:
    """Return a recorded feature with real times and a headline of its own, as each alert has.

    The recordings count their times from when they are played.
    """
    said = recorded["properties"]
    assert isinstance(said, dict)
    sent = f"2026-12-{1 + at % 28:02}T{at // 28 % 24:02}:{at // 672 % 60:02}:00-08:00"
    times = {name: sent for name in ("sent", "effective", "onset") if said.get(name)}
    until = f"2027-01-{1 + at % 28:02}T{at // 28 % 24:02}:{at // 672 % 60:02}:00-08:00"
    times |= {name: until for name in ("expires", "ends", "eventEndingTime") if said.get(name)}
    headline = f"{said.get('headline') or said.get('event')} ({at})"
    return {**recorded, "properties": {**said, **times, "headline": headline}}


def _swic(items: int) -> list[bytes]:
    """Return as many documents, each with times and texts of its own: nothing can be kept read."""
    raw = SWIC.read_bytes()
    made = []
    for number in range(items):
        minute = b"%02d:%02d" % (number // 60 % 24, number % 60)
        text = raw.replace(b"20261226172236", b"20261226%06d" % number)
        text = text.replace(b"T17:20", b"T" + minute).replace(
            "26日17时".encode(), b"26" + "日".encode() + minute
        )
        place = chr(0x4E00 + number % 20_000)  # no two headlines are the same
        text = text.replace("怀集".encode(), f"{place}集".encode()).replace(
            b"Huaiji", b"H%d" % number
        )
        made.append(text.replace("受强冷空气".encode(), "受第%d股强冷空气".encode() % number))
    return made
