"""What must hold of every input: whatever the bytes, an answer that can be kept, shown and matched.

Each target takes the bytes that a fuzzer made, and raises if anything does not hold.
"""

import json
import math
import os
import tomllib
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

from alertcast.core.alert import Alert, ReasonKind
from alertcast.core.gazetteer import Gazetteer
from alertcast.core.hazard import HazardTable
from alertcast.core.place import place_of
from alertcast.core.town_levels import TownReader
from alertcast.sources.cap_xml import entries_in, is_feed, read_xml
from alertcast.sources.lines import as_line
from alertcast.sources.parsed import Unreadable
from alertcast.sources.read import parse_bytes
from tests.sources.documents import ALERT, INFO, NAMESPACE, SQUARE, atom, cap, embedded, linked
from tests.sources.lists import cma, cma_item, nmc, nmc_item, v1, v1_item
from tests.sources.test_nws import RING, collection, feature

ROOT = Path(__file__).parents[2]
LARGEST_SEED = 40_000  # bytes; larger ones only slow the fuzzer down
COUNTY = "441224"
ELEMENTS = (*ALERT, *INFO, "references")
SHAPES = ("polygon", "circle", "geocode", "altitude")
OF_TEXTS = (
    "红色 橙色 黄色 升级为 降级为 扩展至 解除 其余乡镇 继续生效 除 外 等 全县 冷坑镇 马宁镇 中洲镇 "
    "怀集县 怀集县气象台 预警信号 变更 将 由 、 。 ， \x1f"
)
OF_DOCUMENTS = (
    "<!DOCTYPE <![CDATA[ &#x0; &lt; xmlns= EDXLDistribution feed entry rss item content "
    '"features" "properties" "geometry" "coordinates" "Polygon" null '
    "Actual Test Alert Update Cancel AllClear Public Extreme Z -00:00 +08:00 24:00:00"
)


@cache
def hazards() -> HazardTable:
    return HazardTable.from_mapping(
        tomllib.loads((ROOT / "config/hazards.toml").read_text("utf-8"))
    )


@cache
def towns() -> tuple[TownReader, frozenset[str]]:
    words = tomllib.loads((ROOT / "config/towns.toml").read_text("utf-8"))
    region = Gazetteer.from_mapping(words).region([COUNTY])
    assert region is not None
    return TownReader(region, hazards()), frozenset(region.towns)


def document(data: bytes) -> None:
    """Read any bytes as `alerts parse` does, and look at all that comes of them."""
    items = parse_bytes(data, hazards())
    assert items, "nothing was said of the document"
    for item in items:
        errors = [one for one in item.reasons if one.kind is ReasonKind.ERROR]
        assert item.accepted != bool(errors), "accepted with an error, or refused without one"
        json.dumps(as_line("f", item, hazards()), allow_nan=False)
        if item.alert is not None:
            _alert(item.alert)
    assert parse_bytes(data, hazards()) == items, "read twice, it said two things"
    _index(data)


def elements(data: bytes) -> None:
    """Read a well-formed alert whose elements hold any text, so that what is below XML is reached.

    The texts are parted by U+001F, in the order of ELEMENTS, then the shapes of one area.
    """
    allowed = (one for one in data.decode("utf-8", "ignore") if one in "\x1f\t\n" or one >= " ")
    written = escape("".join(one for one in allowed if one not in "\ufffe\uffff"))
    given = dict(zip((*ELEMENTS, *SHAPES), written.split("\x1f"), strict=False))
    shapes = "".join(f"<{name}>{given.pop(name, '')}</{name}>" for name in SHAPES)
    references = f"<references>{given.pop('references', '')}</references>"
    document(cap(f"<areaDesc/>{shapes}", extra=references, **given))


def text(data: bytes) -> None:
    """Read any text as the words of a county's warning: headline, description, instruction."""
    headline, _, rest = data.decode("utf-8", "ignore").partition("\x1f")
    description, _, instruction = rest.partition("\x1f")
    table = hazards()
    found = table.classify(headline=headline, event="", description=description)
    assert found.level is None or found.level in table.levels
    reader, codes = towns()
    read = reader.read([description, headline, instruction], hazard=found.hazard, level=found.level)
    assert set(read.towns) | set(read.silent) == codes, "a town was lost, or is elsewhere"
    assert all(level in table.levels for level in read.levels().values())
    if read.is_whole and read.doubt:
        assert set(read.levels().values()) <= {read.level}, "in doubt, and not alike everywhere"


TARGETS: Mapping[str, Callable[[bytes], None]] = {
    "documents": document,
    "elements": elements,
    "texts": text,
}


def seeds(target: str) -> Iterator[bytes]:
    """Yield inputs to begin with: our own, and every file of the corpora where they are."""
    if target == "texts":
        table = tomllib.loads((ROOT / "tests/core/china_texts.toml").read_text("utf-8"))
        for case in table["texts"]:
            words = (case["headline"], case["text"], case.get("instruction", ""))
            yield "\x1f".join(words).encode()
        return
    if target == "elements":
        reference = "office@example.org,A-0,2026-12-26T16:00:00+08:00"
        values = [*ALERT.values(), *INFO.values(), reference, SQUARE, "23,112 5.5", "SAME=006109"]
        yield "\x1f".join([*values, "300"]).encode()
        return
    yield cap()
    yield cap(namespace="http://www.incident.com/cap/1.0")
    yield atom(embedded(cap()), linked("http://example.org/a"))
    yield b"<EDXLDistribution>" + cap() + b"</EDXLDistribution>"
    yield b'<rss version="2.0"><channel><item>' + cap() + b"</item></channel></rss>"
    yield collection(feature({"type": "Polygon", "coordinates": [RING]}))
    yield from (cma(cma_item()), nmc(nmc_item()), v1(v1_item()))
    roots = [ROOT / "tests/fixtures"]
    if folder := os.environ.get("ALERTCAST_CORPORA"):
        roots.append(Path(folder))
    for root in roots:
        for file in sorted(root.rglob("*")):
            if file.is_file() and file.stat().st_size <= LARGEST_SEED:
                yield file.read_bytes()


def words(target: str) -> Iterator[str]:
    """Yield the words that inputs are made of."""
    for hazard in hazards().hazards.values():
        yield from hazard.words
    if target == "texts":
        yield from OF_TEXTS.split(" ")
        return
    yield NAMESPACE
    yield from OF_DOCUMENTS.split(" ")
    for name in (*ELEMENTS, *SHAPES, "alert", "info", "area", "valueName", "value"):
        yield from (f"<{name}>", f"</{name}>")


def _alert(alert: Alert) -> None:
    assert alert.sent.utcoffset() is not None
    assert alert.key
    assert isinstance(alert.is_end(), bool)
    alert.infos_in("zh")
    for info in alert.infos:
        for area in info.areas:
            points = [number for ring in area.polygons for point in ring for number in point]
            points += [n for one in area.circles for n in (one.lon, one.lat, one.radius_km)]
            assert all(map(math.isfinite, points))
            place = place_of(area)
            assert place.shape is None or place.shape.is_valid


def _index(data: bytes) -> None:
    """Read the bytes as a feed does that follows links."""
    try:
        root = read_xml(data)
    except Unreadable:
        return
    if is_feed(root):
        entries_in(root)
