"""The synthetic roster and stations of the demo, after the city's "1+2+N".

1: a first secretary (“邻里先锋”第一书记) for every community and for some of the villages.
2: a branch leader and a deputy for every quarter, community and village.
N: work teams of fifteen. Beside them the duty desks and the heads who are told from the side.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from random import Random

from names import languages, people_names, phones
from places import COMMUNITY, VILLAGE, Town
from shapely.geometry.base import BaseGeometry

CITY = ("441200", "肇庆市")
FIRST_SECRETARIES = 894
TEAMS = 1_800
TEAM_SIZE = 15
SHARED_DEPUTIES = 20  # people who are deputies of several neighbouring grids
STATIONS = 280
SHELTERS = 0.4  # share of the stations where people can stay overnight


@dataclass(frozen=True)
class Grid:
    """One leaf cell, with the columns of grids.geojson that people need."""

    code: str
    name: str
    kind: str  # quarter, community, village
    town: Town
    parent: str | None
    property_management: bool | None
    area: BaseGeometry  # WGS 84 (lon, lat)


@dataclass(frozen=True)
class Person:
    """Somebody who does not exist."""

    person: str
    name: str
    phone: str  # E.164
    language: str  # BCP 47


@dataclass(frozen=True)
class Post(Person):
    """One row of roster.csv."""

    role: str
    place: str  # code of a grid, town, county or the city
    team: str = ""


@dataclass(frozen=True)
class Station:
    """One row of stations.csv."""

    code: str
    name: str
    grid: str
    keeper: str
    phone: str  # E.164
    hours: str
    shelter: str  # yes, no
    lon: float  # degrees, WGS 84
    lat: float


class Population:
    """Hands out people: every call a new one, with a phone nobody else has."""

    def __init__(self, seed: int) -> None:
        self._names = people_names(Random(f"{seed} names"))
        self._languages = languages(Random(f"{seed} languages"))
        self._phones = phones()
        self._count = 0

    def person(self, name: str | None = None, language: str | None = None) -> Person:
        """Return a new person; a desk gives its own name and speaks the standard language."""
        self._count += 1
        return Person(
            f"P{self._count:05d}",
            name or next(self._names),
            next(self._phones),
            language or next(self._languages),
        )


def roster(grids: list[Grid], towns: list[Town], population: Population, seed: int) -> list[Post]:
    """Return every post: desks and heads, then each grid's own people, then the work teams."""
    return [
        *_desks(towns, population),
        *_first_secretaries(grids, population, Random(f"{seed} first secretaries")),
        *_leaders(grids, population, Random(f"{seed} leaders")),
        *_teams(grids, towns, population),
    ]


def _post(person: Person, role: str, place: str, team: str = "") -> Post:
    return Post(**asdict(person), role=role, place=place, team=team)


def _desk(population: Population, place: str) -> Person:
    return population.person(f"{place}值班室", "zh-CN")


def _desks(towns: list[Town], population: Population) -> Iterator[Post]:
    code, name = CITY
    yield _post(_desk(population, name), "city_desk", code)
    for code, name in sorted({town.county_code: town.county for town in towns}.items()):
        yield _post(_desk(population, name), "county_desk", code)
        yield _post(population.person(), "sanfang_head", code)
    for town in towns:
        yield _post(_desk(population, town.name), "town_desk", town.code)
        yield _post(population.person(), "town_leader", town.code)


def _first_secretaries(grids: list[Grid], population: Population, rng: Random) -> Iterator[Post]:
    """One for each community and for as many villages as are left; the other villages have none."""
    communities = [grid for grid in grids if grid.kind == COMMUNITY]
    villages = [grid for grid in grids if grid.kind == VILLAGE]
    chosen = {grid.code for grid in communities}
    chosen |= {grid.code for grid in rng.sample(villages, FIRST_SECRETARIES - len(communities))}
    for grid in grids:
        if grid.code in chosen:
            yield _post(population.person(), "first_secretary", grid.code)


def _leaders(grids: list[Grid], population: Population, rng: Random) -> Iterator[Post]:
    """Give each grid a branch leader and a deputy; a few deputies stand for two or three grids."""
    together = _neighbourhoods(grids, rng)
    deputies: dict[str, Person] = {}
    for grid in grids:
        yield _post(population.person(), "branch_leader", grid.code)
        first = together.get(grid.code, grid.code)
        if first not in deputies:
            deputies[first] = population.person()
        yield _post(deputies[first], "deputy", grid.code)


def _neighbourhoods(grids: list[Grid], rng: Random) -> dict[str, str]:
    """Choose grids that share a deputy with neighbours: code of each -> code of the first."""
    together: dict[str, str] = {}
    shared = 0
    for grid in rng.sample(grids, len(grids)):
        free = [
            other
            for other in grids
            if other.town == grid.town and other.kind == grid.kind and other.code not in together
            if other.area.touches(grid.area)
        ]
        if grid.code in together or not free:
            continue
        members = [grid, *free[: 1 + shared % 2]]
        together |= {member.code: grid.code for member in members}
        shared += 1
        if shared == SHARED_DEPUTIES:
            return together
    raise ValueError(f"only {shared} grids have free neighbours")


def _teams(grids: list[Grid], towns: list[Town], population: Population) -> Iterator[Post]:
    """Give a team to each community, village and town, and the spare ones to where quarters are."""
    places = defaultdict(list)
    for grid in grids:
        if grid.kind in (COMMUNITY, VILLAGE):
            places[grid.town.code].append(grid.code)
    for town in towns:
        places[town.code].append(town.code)
    spare = TEAMS - sum(map(len, places.values()))
    quartered = list(dict.fromkeys((grid.town.code, grid.parent) for grid in grids if grid.parent))
    for town_code, community in quartered[:spare]:
        places[town_code].append(community)
    for town in towns:
        for number, place in enumerate(sorted(places[town.code], key=_grids_first), 1):
            team = f"{town.county}{town.name}第{number}工作队"
            for _ in range(TEAM_SIZE):
                yield _post(population.person(), "team_member", place, team)


def _grids_first(place: str) -> tuple[bool, str]:
    return len(place) == 9, place


def stations(grids: list[Grid], population: Population, seed: int) -> list[Station]:
    """Return the service stations: one in each town at least, each at a point of its grid."""
    rng = Random(f"{seed} stations")
    units = [grid for grid in grids if grid.kind in (COMMUNITY, VILLAGE)]
    first = {grid.town.code: grid for grid in reversed(units)}
    chosen = {grid.code for grid in first.values()}
    rest = [grid for grid in units if grid.code not in chosen]
    chosen |= {grid.code for grid in rng.sample(rest, STATIONS - len(chosen))}
    return [
        _station(number, grid, population.person(), rng.random() < SHELTERS)
        for number, grid in enumerate(_those(units, chosen), 1)
    ]


def _those(grids: Iterable[Grid], codes: set[str]) -> Iterator[Grid]:
    return (grid for grid in grids if grid.code in codes)


def _station(number: int, grid: Grid, keeper: Person, shelter: bool) -> Station:
    point = grid.area.representative_point()
    return Station(
        code=f"S{number:03d}",
        name=f"{grid.town.name}{grid.name}驿站",
        grid=grid.code,
        keeper=keeper.name,
        phone=keeper.phone,
        hours="00:00-24:00" if shelter else "08:00-22:00",
        shelter="yes" if shelter else "no",
        lon=round(point.x, 5),
        lat=round(point.y, 5),
    )
