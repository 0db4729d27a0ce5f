"""What a warning says of the stations (驿站) that are confirmed open: the nearest to each grid."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from alertcast.core.broadcast import Broadcast
from alertcast.core.station import OpenStation, StationRules, distance, nearest
from alertcast.core.wording import Place, Texts
from alertcast.dispatch.world import World
from alertcast.store import grids as layers
from alertcast.store import station_nights
from alertcast.store.db import Tx


@dataclass(frozen=True, slots=True)
class Near:
    """The stations that are open now, and the nearest of them to some grids."""

    rules: StationRules
    found: dict[int, tuple[OpenStation, float]] = field(default_factory=dict)  # by grid, metres

    def said(self, broadcast: Broadcast, language: str, places: Iterable[Place]) -> str:
        """Return the sentence for a message about `places`, "" where no station is near any.

        For several grids the stations that are the nearest to most of them, without distances.
        """
        texts = Texts(broadcast.wording)
        ids = {place.grid_id for place in places if place.grid_id is not None}
        near = [self.found[one] for one in sorted(ids & self.found.keys())]
        if not near or "nearest.some" not in texts.by_id:  # frozen before there were any
            return ""
        often = Counter(station for station, _ in near)
        chosen = sorted(often, key=lambda one: (-often[one], one.code))[: self.rules.most]
        far = dict(near) if len(ids) == 1 else {}
        each = [_one(texts, language, station, far.get(station)) for station in chosen]
        comma = ", " if language.startswith("en") else "、"
        return texts.render("nearest.some", language, {"stations": comma.join(each)})


def tonight(world: World, tx: Tx, now: datetime, places: Iterable[Sequence[Place]]) -> Near:
    """Return what may be said of stations to whoever is told now about any of `places`."""
    rules, opened = world.config.rules.stations, station_nights.open_now(tx, now)
    ids = {one.grid_id for here in places for one in here if one.grid_id is not None}
    if not opened or not ids:
        return Near(rules)
    cells = layers.by_id(tx, sorted(ids))
    shapes = {n: cell.geometry for n, cell in cells.items() if cell.geometry is not None}
    return Near(rules, nearest(shapes, opened, rules.within))


def _one(texts: Texts, language: str, station: OpenStation, metres: float | None) -> str:
    comma = ", " if language.startswith("en") else "，"
    slots = {
        "name": station.name,
        "at": station.at,
        "far": f"{comma}{distance(metres, language)}" if metres else "",  # 0: in the grid itself
        "hours": f"{comma}{station.hours}" if station.hours else "",
        "beds": texts.find("nearest.beds", language) or "" if station.shelter else "",
    }
    return texts.render("nearest.one", language, slots)
