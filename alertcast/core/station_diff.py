"""What another list of stations (驿站) changes: which are added, changed and removed."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

from alertcast.core.roster import Station

FIELDS = tuple(one.name for one in fields(Station) if one.name != "code")
"""What is compared of a station."""


@dataclass(frozen=True, slots=True)
class StationChange:
    """One station that is not as it was."""

    what: str  # removed, changed, added
    station: Station  # as it would be; of one that is removed, as it was
    fields: tuple[str, ...] = ()  # which differ; of a change only


@dataclass(frozen=True, slots=True)
class StationDifference:
    """All that another list of stations changes."""

    changes: tuple[StationChange, ...]  # removed, changed, added, each in the order of its list
    before: int  # stations there were

    def count(self, what: str) -> int:
        """Return how many stations are added, changed or removed."""
        return sum(one.what == what for one in self.changes)

    def removes_more_than(self, share: float) -> bool:
        """Say whether more than this share (0..1) of the stations is removed."""
        return self.count("removed") > share * self.before


def compare_stations(
    before: Mapping[str, Station], after: Mapping[str, Station]
) -> StationDifference:
    """Return what makes of the stations `before` those `after`; both by their codes."""
    gone = [StationChange("removed", one) for code, one in before.items() if code not in after]
    kept = [(before[code], one) for code, one in after.items() if code in before]
    changed = [StationChange("changed", one, _fields(old, one)) for old, one in kept if old != one]
    added = [StationChange("added", one) for code, one in after.items() if code not in before]
    return StationDifference((*gone, *changed, *added), len(before))


def _fields(old: Station, new: Station) -> tuple[str, ...]:
    return tuple(name for name in FIELDS if getattr(old, name) != getattr(new, name))
