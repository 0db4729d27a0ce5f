"""The names of the demo: which community or village lies in which town, and how it is called.

The 2023 list of the National Bureau of Statistics is joined to the present towns on county and
town name. The digits cannot be trusted for that: 高要区 was renumbered in between, so that the
2023 code of 大湾镇 is today the code of 新桥镇.
"""

import csv
import json
import re
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

HERE = Path(__file__).parent
COMMUNITY = "community"
VILLAGE = "village"
KINDS = {"社区居委会": COMMUNITY, "村委会": VILLAGE}  # 其他: one broken row, left out

_OFFICE = re.compile(r"(社区|类似)*(居民委员会|居委会)$")
_VILLAGE_OFFICE = re.compile(r"(村民委员会|村委会)$")
_PREFIXES = ("街道社区管理中心", "广东省")  # of the bodies that run a community


@dataclass(frozen=True)
class Town:
    """One of the 99 towns and streets (2026 list), with its approximate cell."""

    code: str  # nine digits
    name: str
    county_code: str
    county: str
    seat: tuple[float, float]  # lon, lat; degrees, WGS 84
    cell: BaseGeometry  # WGS 84 (lon, lat)

    @property
    def is_urban(self) -> bool:
        """Say whether this is a street (街道): in this city every county seat is one."""
        return self.name.endswith("街道")


@dataclass(frozen=True)
class Unit:
    """A community or village of the 2023 list, in its present town."""

    code: str  # twelve digits, as published in 2023
    name: str
    kind: str
    town: Town
    old_town: str  # the town's name in 2023; differs where the town was merged since

    @property
    def is_moved(self) -> bool:
        """Say whether its town was merged into another one since 2023."""
        return self.old_town != self.town.name

    @property
    def is_prison(self) -> bool:
        """Say whether the list carries a prison's administration here: it has no quarters."""
        return "监狱" in self.name


def read_towns(path: Path) -> list[Town]:
    """Read the 99 approximate town cells, in the order of their codes."""
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    towns = [_town(feature) for feature in features]
    return sorted(towns, key=lambda town: town.code)


def _town(feature: dict[str, Any]) -> Town:
    properties = feature["properties"]
    return Town(
        code=properties["code"],
        name=properties["name"],
        county_code=str(properties["adcode"]),
        county=properties["county"],
        seat=(properties["lon"], properties["lat"]),
        cell=shape(feature["geometry"]),
    )


def read_merged() -> list[dict[str, str]]:
    """Read the committed table: town of 2023, and the present town it became part of."""
    with (HERE / "merged_towns.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_units(path: Path, towns: list[Town]) -> list[Unit]:
    """Read communities and villages, in the order of their codes; an unknown town is an error."""
    by_name = {(town.county, town.name): town for town in towns}
    merged = {(row["county"], row["old_town"]): row["town"] for row in read_merged()}
    units = []
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            if row["kind"] not in KINDS:
                continue
            county = row["county"]
            old_town = row["town_name_2023"].removeprefix(county)
            town = by_name[county, merged.get((county, old_town), old_town)]
            kind = KINDS[row["kind"]]
            name = _readable(row["name"], kind, old_town)
            units.append(Unit(row["code12"], name, kind, town, old_town))
    return _told_apart(sorted(units, key=lambda unit: unit.code))


def _readable(name: str, kind: str, town: str) -> str:
    """Turn "金渡镇沙头社区居民委员会" into "沙头社区", "马宁村委会" into "马宁村"."""
    if kind == VILLAGE:
        name = _VILLAGE_OFFICE.sub("", name)
        return name if name.endswith("村") else name + "村"
    name = _OFFICE.sub("", name)
    for prefix in (*_PREFIXES, town.removeprefix("广东省")):
        name = name.removeprefix(prefix) or prefix.removesuffix("镇")  # 回龙镇社区: the town's own
    return name + "社区"


def _told_apart(units: list[Unit]) -> list[Unit]:
    """Put the old town before a name that the merger made ambiguous: 新圩某某村."""
    seen = Counter((unit.town.code, unit.name) for unit in units)

    def distinct(unit: Unit) -> Unit:
        if unit.is_moved and seen[unit.town.code, unit.name] > 1:
            return replace(unit, name=unit.old_town.removesuffix("镇") + unit.name)
        return unit

    return [distinct(unit) for unit in units]


def gazetteer(towns: list[Town]) -> list[dict[str, str]]:
    """List the names under which a text may speak of a town, old names of merged towns included."""
    aliases = [(town, alias) for town in towns for alias in _own_names(town)]
    by_name = {(town.county, town.name): town for town in towns}
    for row in read_merged():
        town = by_name[row["county"], row["town"]]
        aliases += [(town, alias) for alias in _OLD_NAMES.get(row["old_town"], ())]
    return [
        {
            "county_code": town.county_code,
            "county": town.county,
            "town_code": town.code,
            "town": town.name,
            "alias": alias,
        }
        for town, alias in aliases
    ]


def _own_names(town: Town) -> list[str]:
    names = [town.name, *_OTHER_NAMES.get((town.county, town.name), ())]
    short = re.sub(r"(街道|镇|壮族瑶族乡)$", "", town.name)
    return list(dict.fromkeys([*names, short]))


_OTHER_NAMES = {
    ("怀集县", "幸福街道"): ("闸岗",),  # GeoNames knows the seat by this name
    ("怀集县", "下帅壮族瑶族乡"): ("下帅乡",),
}
_OLD_NAMES = {
    "螺岗镇": ("螺岗镇", "螺岗"),
    "汶朗镇": ("汶朗镇", "汶朗"),
    "江川镇": ("江川镇", "江川"),
    "新圩镇": ("新圩镇", "新圩"),
    "武垄镇": ("武垄镇", "武垄"),
    "罗源镇": ("罗源镇", "罗源"),
    "肇庆高新技术产业开发区": ("肇庆高新区", "高新区"),
}
