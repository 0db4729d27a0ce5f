"""What several feeds say of one warning: whose words are kept, and where they disagree."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from alertcast.core.alert import Alert, Info, Reason
from alertcast.core.hazard import HazardTable
from alertcast.core.place import CHINA, codes_of


class Body(StrEnum):
    """How much of a warning a feed gives."""

    CAP = "cap"  # the whole message
    JSON = "json"  # headline and text
    TITLE = "title"  # a headline alone

    def is_fuller_than(self, other: "Body") -> bool:
        """Say whether these words are to be kept instead of the `other`'s."""
        order = list(Body)
        return order.index(self) < order.index(other)


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing in which a witness does not say what is kept."""

    what: str  # status, end, hazard, level, area, towns
    kept: str
    said: str


VITAL = frozenset({"status", "end"})
"""Where a witness differs in one of these its words never replace those that are kept."""


def differences(
    kept: Alert, said: Alert, hazards: HazardTable, language: str
) -> tuple[Difference, ...]:
    """Return where `said` contradicts `kept`; what either leaves open is no contradiction."""
    one, other = kept.infos_in(language), said.infos_in(language)
    pairs = {
        "status": (kept.status, said.status),
        "end": (_end(kept), _end(said)),
        "hazard": (_hazards(one), _hazards(other)),
        "level": (_level(one, hazards), _level(other, hazards)),
    }
    found = [Difference(what, a, b) for what, (a, b) in pairs.items() if a and b and a != b]
    here, there = _places(one), _places(other)
    if here and there and not (_covers(here, there) and _covers(there, here)):
        found.append(Difference("area", " ".join(sorted(here)), " ".join(sorted(there))))
    elif (drawn := _drawn(one)) and (other_drawn := _drawn(other)) and drawn != other_drawn:
        found.append(Difference("area", _described(one), _described(other)))
    return tuple(found)


def _end(alert: Alert) -> str:
    return "end" if alert.is_end() else "warning"


def _hazards(infos: Iterable[Info]) -> str:
    return " ".join(sorted({info.hazard for info in infos if info.hazard}))


def _level(infos: Iterable[Info], hazards: HazardTable) -> str:
    return hazards.highest(info.level for info in infos) or ""


def _places(infos: Iterable[Info]) -> set[str]:
    """Return the administrative codes; a town stands for its county, as not all feeds name it."""
    unread: list[Reason] = []
    codes = [code for info in infos for area in info.areas for code in codes_of(area, "", unread)]
    return {code.value[:6] for code in codes if code.scheme == CHINA}


def _drawn(infos: Iterable[Info]) -> frozenset[object]:
    """Return every polygon and circle."""
    areas = [area for info in infos for area in info.areas]
    return frozenset(shape for area in areas for shape in (*area.polygons, *area.circles))


def _described(infos: Iterable[Info]) -> str:
    """Return the names of the areas, each with how many corners its polygons have."""
    areas = [area for info in infos for area in info.areas]
    return " ".join(f"{area.desc} ({sum(map(len, area.polygons))})" for area in areas)


def _covers(one: set[str], other: set[str]) -> bool:
    return all(any(a.startswith(b) or b.startswith(a) for b in one) for a in other)
