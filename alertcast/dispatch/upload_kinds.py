"""The kinds of files that a page takes, and when each may be applied.

The process that serves knows this much of them, and loads nothing that reads them: that is a
`Reader` of `upload_work`.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, ClassVar

from alertcast.core.layer_changes import LayerRefusal
from alertcast.core.upload import UploadKind
from alertcast.dispatch.world import World
from alertcast.store import grids, people, stations
from alertcast.store.db import Tx

Found = Mapping[str, Any]
"""What was found in a file, as it is kept for the page."""


class CanNotTake(StrEnum):
    """Why a file is not taken at all."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    OTHER_FORMAT = "other_format"
    UNPACKS_TOO_LARGE = "unpacks_too_large"  # or it is no archive at all
    TOO_MANY = "too_many"  # files wait, or another one is being looked at
    NO_LAYER = "no_layer"  # whose places a roster could name
    NO_ROSTER = "no_roster"  # that could have stations
    NO_NAME = "no_name"


class FileKind(ABC):
    """A kind of file; what is said here is true of tables of people and of stations."""

    suffixes: ClassVar[tuple[str, ...]] = (".csv", ".xlsx")
    is_named: ClassVar[bool] = True  # whoever sends it says what it is to be called

    @abstractmethod
    def lacks(self, tx: Tx) -> CanNotTake | None:
        """Return what has to be there before such a file can be read, and is not."""

    @abstractmethod
    def against(self, world: World, tx: Tx) -> dict[str, Any]:
        """Return what such a file is compared with now; it is in what is found, by these names."""

    @abstractmethod
    def removes_many(self, world: World, found: Found) -> bool:
        """Say whether more goes than by mistake: whoever confirms has to say that it is meant."""

    def refuses(self, world: World, found: Found, *, skip_bad: bool, allow_removals: bool) -> bool:
        """Say whether what was found may not be applied as it was confirmed."""
        return bool(
            found["is_empty"]
            or (found["has_errors"] and not skip_bad)
            or (self.removes_many(world, found) and not allow_removals)
        )


class _Roster(FileKind):
    def lacks(self, tx: Tx) -> CanNotTake | None:
        return CanNotTake.NO_LAYER if grids.active_layer(tx) is None else None

    def against(self, world: World, tx: Tx) -> dict[str, Any]:
        return {"roster_id": _id(people.active_roster(tx)), "layer_id": _id(grids.active_layer(tx))}

    def removes_many(self, world: World, found: Found) -> bool:
        most = world.config.main.roster.most_removed
        persons, posts = found["removed"], found["posts_removed"]
        return bool(persons > most * found["before_people"] or posts > most * found["before_posts"])


class _Stations(FileKind):
    is_named = False

    def lacks(self, tx: Tx) -> CanNotTake | None:
        is_there = people.active_roster(tx) is not None and grids.active_layer(tx) is not None
        return None if is_there else CanNotTake.NO_ROSTER

    def against(self, world: World, tx: Tx) -> dict[str, Any]:
        roster, vault = people.active_roster(tx), world.db.vault
        held = {} if roster is None else stations.of_roster(tx, vault, roster["id"])
        ids = {"roster_id": _id(roster), "layer_id": _id(grids.active_layer(tx))}
        return ids | {"stations": stations.mark(vault, held)}

    def removes_many(self, world: World, found: Found) -> bool:
        most = world.config.main.roster.most_removed
        return bool(found["removed"] > most * found["before"])


class _Layer(FileKind):
    suffixes = (
        ".zip",  # a Shapefile is several files, and comes in a ZIP
        ".geojson",
        ".json",
        ".gpkg",
        ".kml",
        ".kmz",
        ".parquet",
        ".geoparquet",
    )

    def lacks(self, tx: Tx) -> CanNotTake | None:
        return None

    def against(self, world: World, tx: Tx) -> dict[str, Any]:
        return {"layer_id": _id(grids.active_layer(tx))}

    def removes_many(self, world: World, found: Found) -> bool:
        return bool(found["refusal"] == LayerRefusal.REMOVALS)

    def refuses(self, world: World, found: Found, *, skip_bad: bool, allow_removals: bool) -> bool:
        is_meant = self.removes_many(world, found) and allow_removals
        return found["refusal"] is not None and not is_meant


KINDS: Mapping[UploadKind, FileKind] = {
    UploadKind.ROSTER: _Roster(),
    UploadKind.STATIONS: _Stations(),
    UploadKind.LAYER: _Layer(),
}
"""Each kind of file, in the order in which the page shows them."""


def _id(row: Mapping[Any, Any] | None) -> int | None:
    return None if row is None else int(row["id"])
