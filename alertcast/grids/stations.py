"""Read the list of service stations (驿站): keeper, phone, hours, beds for the night."""

from dataclasses import dataclass

from alertcast.core.role import PlaceLevel
from alertcast.core.roster import Station
from alertcast.grids.masking import shown
from alertcast.grids.phone_cells import PhoneCells
from alertcast.grids.places import KnownPlaces
from alertcast.grids.problem import Problem
from alertcast.grids.roster_columns import EXAMPLE
from alertcast.grids.sheet import File
from alertcast.grids.station_columns import COLUMNS, HEADERS
from alertcast.grids.table import Columns, Row, read_table, yes_or_no

Fault = tuple[str, str, str]
"""A rule that a row breaks, one sentence, and the field whose cell it is about; "": the row."""


@dataclass(frozen=True, slots=True)
class StationsRead:
    """The good rows, and every problem of the others (see RosterRead)."""

    stations: tuple[Station, ...]
    problems: tuple[Problem, ...]
    headers: tuple[Columns, ...] = ()  # of the tables that were read


def read_stations(file: File, *, places: KnownPlaces, area_code: str = "") -> StationsRead:
    """Read a list of stations; nothing is raised, every mistake is in `problems`.

    lon and lat are WGS 84 degrees, both or neither. Fixed lines without area code are completed as
    those of a roster are.
    """
    required = frozenset(one.field for one in COLUMNS if one.is_required)
    table = read_table(file, HEADERS, required)
    phones = PhoneCells.of(table.rows, ("phone",), area_code)
    problems = list(table.problems)
    stations: list[Station] = []
    seen: dict[str, Row] = {}
    for row in table.rows:
        if row.get("name").casefold().startswith((EXAMPLE, "example")):
            message = "the example of the template: delete this row"
            problems.append(row.problem("example_row", message, "name"))
            continue
        phone, of_phone = phones.read(row, "phone")
        station, faults = _station(row, places, phone)
        code = row.get("code")
        first = seen.setdefault(code, row)
        if code and first is not row:
            message = f"station {shown('code', code)} is also on {first.where}"
            faults.append(("duplicate", message, "code"))
        problems += [*(row.problem(*fault) for fault in faults), *of_phone]
        if station is not None and not faults:
            stations.append(station)
    return StationsRead(tuple(stations), tuple(problems), table.headers)


def _station(
    row: Row, places: KnownPlaces, phone: str | None
) -> tuple[Station | None, list[Fault]]:
    faults = [
        (f"{field}_missing", f"the {field} is missing", field)
        for field in ("code", "name", "keeper", "hours")
        if not row.get(field)
    ]
    place = places.find(row.get("grid"))
    if place is None or place.level is not PlaceLevel.GRID:
        message = f"grid {shown('grid', row.get('grid'))!r} is not in the layer"
        faults.append(("unknown_grid", message, "grid"))
    shelter = yes_or_no(row.get("shelter"))
    if shelter is None:
        message = f"shelter {shown('shelter', row.get('shelter'))!r} is neither yes nor no"
        faults.append(("bad_shelter", message, "shelter"))
    spot = _spot(row, faults)
    if place is None or shelter is None or phone is None or faults:
        return None, faults
    code, name, keeper, hours = (row.get(f) for f in ("code", "name", "keeper", "hours"))
    return Station(code, name, place.code, keeper, phone, hours, shelter, *spot), faults


def _spot(row: Row, faults: list[Fault]) -> tuple[float | None, float | None]:
    if not row.get("lon") and not row.get("lat"):
        return None, None
    try:
        lon, lat = float(row.get("lon")), float(row.get("lat"))
    except ValueError:
        message = "lon and lat must both be degrees, or both be empty"
        faults.append(("bad_position", message, "lon"))
        return None, None
    if not (abs(lon) <= 180 and abs(lat) <= 90):
        message = f"lon {lon}, lat {lat} is outside the world"
        faults.append(("outside_world", message, "lon"))
    return lon, lat
