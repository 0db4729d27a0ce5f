"""The towns that warnings name, by every name they are called: the gazetteer of the reader.

Its towns are those of the imported grids, and those of config/towns.toml, which adds older names,
names for several towns together, and towns of counties that have no grids here.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from alertcast.core.folding import fold

SUFFIX = r"(?:街道办事处|街道办|街道|街办|镇|民族乡|(?:[\u4e00-\u9fff]{1,3}族){1,3}乡|乡)"
"""What follows the bare name of a town."""

_NAME_AND_SUFFIX = re.compile(rf"(.{{2,}}?)({SUFFIX})$")
_COUNTY = re.compile(r"(.{2,}?)(?:[县市区]|(?:[\u4e00-\u9fff]{1,3}族){1,3}自治县)$")


class TownsError(ValueError):
    """The list of towns can not be used; `mistakes` lists everything that is wrong with it."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


class InTown(Protocol):
    """What tells of a town: a grid."""

    @property
    def town_code(self) -> str: ...  # noqa: D102
    @property
    def town(self) -> str: ...  # noqa: D102
    @property
    def county_code(self) -> str: ...  # noqa: D102
    @property
    def county(self) -> str: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Town:
    """One town or street office (镇、乡、街道)."""

    code: str  # nine digits, or as the layer has it
    name: str
    county_code: str  # six digits
    county: str


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """All towns that are known, and the further names of towns."""

    towns: tuple[Town, ...] = ()
    aliases: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    """County code -> further name -> the names of the towns that it stands for today."""
    wider: Mapping[str, str] = field(default_factory=dict)
    """Code of a city or province -> its name."""
    in_layer: frozenset[str] | None = None
    """Codes of the towns that have grids; None: no layer is known."""

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any]) -> "Gazetteer":
        """Return the gazetteer written as the parsed config/towns.toml.

        Raises
        ------
        TownsError
            With every mistake at once.
        """
        mistakes = [f"unknown key {key!r}" for key in sorted(set(mapping) - {"wider", "counties"})]
        towns: list[Town] = []
        aliases: dict[str, Mapping[str, tuple[str, ...]]] = {}
        for code, part in mapping.get("counties", {}).items():
            where = f"counties.{code}"
            if not re.fullmatch(r"\d{6}", code) or not isinstance(part.get("name"), str):
                mistakes.append(f"{where}: needs a code of six digits and a name")
                continue
            listed = part.get("towns", {})
            towns += [Town(town, name, code, part["name"]) for town, name in listed.items()]
            aliases[code] = {old: tuple(now) for old, now in part.get("aliases", {}).items()}
            unknown = {name for now in aliases[code].values() for name in now} - {*listed.values()}
            mistakes += [f"{where}.aliases: no town is called {one}" for one in sorted(unknown)]
        if mistakes:
            raise TownsError(mistakes)
        return cls(tuple(towns), aliases, dict(mapping.get("wider", {})))

    def of_layer(self, grids: Iterable[InTown]) -> "Gazetteer":
        """Return it with the towns of a layer, whose codes and names win over those of the list.

        A town of the list is one of the layer if they share a county and a bare name: codes were
        given anew between lists. One whose code the layer gives to another gets a spare code.
        """
        own = {
            grid.town_code: Town(grid.town_code, grid.town, grid.county_code, grid.county)
            for grid in grids
        }
        bare = {(town.county_code, bare_name(town.name)): town for town in own.values()}
        others: list[Town] = []
        taken = {*own, *(town.code for town in self.towns)}
        aliases: dict[str, dict[str, tuple[str, ...]]] = {
            county: dict(names) for county, names in self.aliases.items()
        }
        for town in self.towns:
            same = bare.get((town.county_code, bare_name(town.name)))
            if same is None:
                code = town.code if town.code not in own else _spare(town.county_code, taken)
                taken.add(code)
                others.append(replace(town, code=code))
            elif same.name != town.name:
                aliases.setdefault(town.county_code, {})[town.name] = (same.name,)
        towns = (*own.values(), *others)
        return replace(self, towns=towns, aliases=aliases, in_layer=frozenset(own))

    def region(self, codes: Sequence[str]) -> "Region | None":
        """Return the names that count in a text for these counties or cities; None: not known."""
        own = [town for town in self.towns if town.county_code.startswith(tuple(codes))]
        if not own:
            return None
        names: dict[str, set[str]] = {}
        for town in own:
            names.setdefault(fold(town.name).text, set()).add(town.code)
        by_name: dict[tuple[str, str], set[str]] = {}
        for town in own:
            by_name.setdefault((town.county_code, bare_name(town.name)), set()).add(town.code)
        for county in sorted({town.county_code for town in own}):
            for old, now in self.aliases.get(county, {}).items():
                for name in now:
                    found = by_name.get((county, bare_name(name)), set())
                    names.setdefault(fold(old).text, set()).update(found)
        return Region(
            towns={town.code: town.name for town in sorted(own, key=lambda town: town.code)},
            names={name: frozenset(found) for name, found in names.items() if found},
            counties=_counties(own),
            others=_counties(town for town in self.towns if town not in own),
            foreign=frozenset(fold(town.name).text for town in self.towns if town not in own),
            wider=frozenset(fold(name).text for name in self.wider.values()),
        )


@dataclass(frozen=True, slots=True)
class Region:
    """What one text may name: the towns of its issuer's place, and what lies elsewhere."""

    towns: Mapping[str, str]  # code -> name, of the issuer's place
    names: Mapping[str, frozenset[str]]  # name -> codes, of the issuer's place
    counties: Mapping[str, frozenset[str]]  # county of the issuer's place -> codes of its towns
    others: Mapping[str, frozenset[str]]  # county elsewhere -> codes of its towns
    foreign: frozenset[str]  # names of towns elsewhere
    wider: frozenset[str]  # cities and provinces

    def find(self, name: str) -> frozenset[str]:
        """Return the codes of the towns of this place that a full or bare name may mean."""
        if name in self.names:
            return self.names[name]
        bare = bare_name(name)
        found = [codes for known, codes in self.names.items() if bare_name(known) == bare]
        return frozenset().union(*found)


def bare_name(name: str) -> str:
    """Return the name of a town without 镇, 乡, 街道."""
    match = _NAME_AND_SUFFIX.fullmatch(name)
    return match[1] if match else name


def bare_county(name: str) -> str:
    """Return the name of a county without 县, 市, 区."""
    match = _COUNTY.fullmatch(name)
    return match[1] if match else name


def _spare(county: str, taken: Collection[str]) -> str:
    """Return a code of a county that no town has."""
    codes = (f"{county}{number:03d}" for number in range(999, 0, -1))
    return next(code for code in codes if code not in taken)


def _counties(towns: Iterable[Town]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for town in towns:
        found.setdefault(fold(town.county).text, set()).add(town.code)
    return {county: frozenset(codes) for county, codes in found.items()}
