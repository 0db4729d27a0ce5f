"""In which order warnings that came at one moment are decided on.

The first one makes the message, and what the others say of the same is listed in it: so the
highest goes first, and of equal ones that of the smallest unit, county before city before province.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from alertcast.core.national_id import NationalId
from alertcast.core.plan import rank


@dataclass(frozen=True, slots=True)
class Waiting:
    """An alert that nobody has decided on."""

    id: int
    identifier: str
    sent: datetime
    refers: frozenset[str]  # identifiers of the alerts that it refers to
    levels: frozenset[str | None]  # all that its infos and areas say
    events: frozenset[str] = frozenset()  # that it names (VTEC)


def in_turn(waiting: Iterable[Waiting], levels: Sequence[str]) -> list[int]:
    """Return the ids in the order of decision; `levels` runs from the highest to the lowest.

    What refers to another, or is about the same event, stays behind it: both have the place of the
    higher of them.
    """
    chains = _chains(sorted(waiting, key=lambda one: (one.sent, one.id)))
    chains.sort(key=lambda chain: min(_place(one, levels) for one in chain))  # then the oldest
    return [one.id for chain in chains for one in chain]


def _place(one: Waiting, levels: Sequence[str]) -> tuple[int, int]:
    highest = min((rank(level, levels) for level in one.levels), default=len(levels))
    return highest, unit(one.identifier)


def unit(identifier: str) -> int:
    """Return 0 for a warning of a county, 1 of a city, 2 of a province, 3 of who knows whom."""
    national = NationalId.read(identifier)
    if national is None:
        return 3
    code = national.admin_code
    return 0 if code[4:] != "00" else 1 if code[2:4] != "00" else 2


def _chains(ordered: Sequence[Waiting]) -> list[list[Waiting]]:
    """Return the alerts in groups of those that have to do with one another, each as `ordered`."""
    first: dict[str, int] = {}  # an identifier or event -> the oldest alert of that name
    for one in ordered:
        for name in (_name(one.identifier), *one.events):
            first.setdefault(name, one.id)
    chains = {one.id: [one] for one in ordered}
    for one in ordered:
        names = {_name(one.identifier), *map(_name, one.refers), *one.events}
        for other in {first[name] for name in names & first.keys()}:
            ours, theirs = chains[one.id], chains[other]
            if ours is not theirs:
                theirs += ours
                chains |= dict.fromkeys((each.id for each in ours), theirs)
    age = {one.id: n for n, one in enumerate(ordered)}
    found = {id(chain): chain for chain in chains.values()}.values()
    return [sorted(chain, key=lambda one: age[one.id]) for chain in found]


def _name(identifier: str) -> str:
    national = NationalId.read(identifier)
    return national.text if national else identifier
