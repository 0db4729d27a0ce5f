"""How a kind of file that was sent to a page is read, shown and written: each is a file beside."""

from abc import ABC, abstractmethod
from datetime import datetime
from typing import Any, Generic, TypeVar

from alertcast.core.upload import Upload
from alertcast.dispatch.world import World
from alertcast.grids.roster import Watched
from alertcast.store.db import Tx

F = TypeVar("F")


class Reader(ABC, Generic[F]):
    """One kind of file; what is found in it is an F."""

    @abstractmethod
    def look(self, world: World, one: Upload, raw: bytes, watched: Watched) -> F:
        """Read a file, compare it with what is in use; `watched` hands on its rows."""

    @abstractmethod
    def report(self, found: F) -> dict[str, Any]:
        """Return what was found as the page shows it, nobody named in full.

        With what it was compared with (see FileKind.against).
        """

    def ahead(self, world: World, found: F, now: datetime) -> dict[str, Any]:
        """Return what is told beside it, of the time once it is applied."""
        return {}

    def copy(self, raw: bytes, found: F) -> bytes | None:
        """Return the file with its bad cells marked, if it has any."""
        return None

    @abstractmethod
    def write(
        self, world: World, tx: Tx, one: Upload, found: F, *, by: str, now: datetime
    ) -> dict[str, Any]:
        """Put it in use; return its id, version and what else the page says of it.

        Raises ChangedMeanwhile.
        """

    def after(self, world: World, done: dict[str, Any], now: datetime) -> None:
        """Do what is to be done once it is in use; killed before, the scheduler does it."""
