"""The parent town and county of each grid, where a layer does not say them in columns.

The digits of a code are those of its town only as long as no town was merged or numbered anew: see
docs/decisions/0005. So they are taken for it only when asked, and never against the list of towns.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache

from alertcast.core.gazetteer import Gazetteer, Region, Town, bare_name


class TownsFrom(StrEnum):
    """Where the parents of grids are taken from."""

    COLUMNS = "columns"  # town_code, town, county_code and county are columns
    DIGITS = "digits"  # of the grid's code: 6 of the county, 3 of the town, 3 of the community
    NAMES = "names"  # of town and county, looked up in the list of towns


NEEDED = {
    TownsFrom.COLUMNS: ("code", "name", "kind", "town_code", "town", "county_code", "county"),
    TownsFrom.DIGITS: ("code", "name", "kind"),
    TownsFrom.NAMES: ("code", "name", "kind", "town"),
}
"""Properties that every feature must have, by where parents are taken from."""


@dataclass(frozen=True, slots=True)
class Parents:
    """How the parents of grids are found, and the list of towns."""

    way: TownsFrom = TownsFrom.COLUMNS
    towns: Gazetteer = field(default_factory=Gazetteer)


IN_COLUMNS = Parents()

_TOWN, _COMMUNITY, _QUARTER = 9, 12, 15  # digits of codes (GB/T 10114; three more for a quarter)

Texts = dict[str, list[str]]
Faults = dict[int, list[tuple[str, str]]]  # feature -> rule, message


def fill_parents(texts: Texts, way: TownsFrom, towns: Gazetteer) -> Faults:
    """Write the columns of town and county into `texts`; return what can not be told."""
    faults: Faults = {}
    if way is TownsFrom.COLUMNS:
        return faults
    known = {town.code: town for town in towns.towns}
    region = cache(lambda county: towns.region([county]))
    named: dict[str, str] = {}
    codes = set(texts["code"])
    for number, code in enumerate(texts["code"]):
        town, county = texts["town"][number], texts["county"][number]
        if way is TownsFrom.DIGITS:
            found, fault = _by_digits(code, town, county, known, named)
            is_quarter = len(code) == _QUARTER and code[:_COMMUNITY] in codes
            if is_quarter and not texts["parent"][number]:
                texts["parent"][number] = code[:_COMMUNITY]
        else:
            county_code = texts["county_code"][number]
            found, fault = _by_name(town, county, county_code, towns, known, region)
        if fault is not None:
            faults[number] = [fault]
        if found is not None:
            texts["town_code"][number], texts["town"][number] = found.code, found.name
            texts["county_code"][number], texts["county"][number] = found.county_code, found.county
    return faults


def _by_digits(
    code: str, town: str, county: str, known: dict[str, Town], named: dict[str, str]
) -> tuple[Town | None, tuple[str, str] | None]:
    """Return the town that a code's digits name, unless list or layer call it otherwise."""
    if not (code.isascii() and code.isdigit() and len(code) in (_COMMUNITY, _QUARTER)):
        message = f"code {code!r} is not of 12 or 15 digits: they name no town"
        return None, ("no_digits", message)
    listed = known.get(code[:_TOWN])
    if listed is not None:
        if town and bare_name(town) != bare_name(listed.name):
            message = (
                f"its digits are those of {listed.name}, but its town is {town}: "
                "towns were numbered anew since; use --towns names"
            )
            return None, ("town_differs", message)
        return listed, None
    is_county_known = any(one.county_code == code[:6] for one in known.values())
    if is_county_known or not town or not county:
        why = "towns were merged or numbered anew since" if is_county_known else "none is named"
        message = f"no town {code[:_TOWN]} is known today, and {why}; use --towns names"
        return None, ("unknown_town", message)
    if named.setdefault(code[:_TOWN], town) != town:
        message = f"the digits {code[:_TOWN]} are those of {named[code[:_TOWN]]} and of {town}"
        return None, ("town_differs", message)
    return Town(code[:_TOWN], town, code[:6], county), None


def _by_name(
    town: str,
    county: str,
    county_code: str,
    towns: Gazetteer,
    known: dict[str, Town],
    region: Callable[[str], Region | None],
) -> tuple[Town | None, tuple[str, str] | None]:
    """Return the town that is called so today; a town that was merged is the one it lies in now."""
    counties = {
        one.county_code
        for one in towns.towns
        if (not county_code or one.county_code == county_code)
        and (not county or one.county == county)
    }
    regions = [found for code in sorted(counties) if (found := region(code)) is not None]
    codes = {code for one in regions for code in one.find(town)} if town else set()
    where = county or county_code or "any county"
    if len(codes) != 1:
        rule = "ambiguous_town" if codes else "unknown_town"
        message = f"{len(codes) or 'no'} towns called {town!r} are known in {where}"
        return None, (rule, message)
    return known[codes.pop()], None
