"""A file that was sent to a page to be brought in: looked at first, then applied or thrown away."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

LARGEST = 32 * 1024 * 1024
"""Bytes of a file that a page takes; a larger one is imported by the command."""

KEPT = timedelta(hours=1)
"""Real time for which a file is kept that nobody applies."""

SILENT = timedelta(minutes=2)
"""Real time without a sign of life after which whoever worked on a file is taken for dead."""

MEMORY = 2 * 1024 * 1024 * 1024
"""Bytes of memory that whoever works on a file may have."""

MOST = 5
"""Files that are kept at one time."""


class UploadKind(StrEnum):
    """What is in a file."""

    ROSTER = "roster"
    STATIONS = "stations"
    LAYER = "layer"


class Broken(StrEnum):
    """Why nothing came of the work on a file."""

    MEMORY = "memory"  # it needs more than it may have
    TIME = "time"  # it took too long
    CRASHED = "crashed"  # its process ended in the middle of it, perhaps for want of memory
    ENDED = "ended"  # it could not begin, or came to an error; the log says more


class UploadState(StrEnum):
    """Where a file stands."""

    CHECKING = "checking"  # it is being looked at, or is about to be
    CHECKED = "checked"  # what it holds and would change can be seen
    APPLYING = "applying"  # it was confirmed, and is being written
    APPLIED = "applied"  # it is in use; its content is gone
    FAILED = "failed"  # it could not be looked at; nothing of it was written


@dataclass(frozen=True, slots=True)
class Upload:
    """A file without its content. Times are real."""

    id: int
    kind: UploadKind
    file: str  # its name
    name: str  # of the roster or the layer that it is to be; "": stations have none
    options: Mapping[str, Any]  # how it is to be read
    sha256: str
    state: UploadState
    progress: int  # percent of what is being done
    by: str  # who sent it
    sent_at: datetime
    worked_at: datetime  # the last sign of life
    seen: str  # names the file, the options and what it was compared with; "": not compared yet
    confirmed: Mapping[str, Any]  # by whom, and what was said to be meant
    done: Mapping[str, Any]  # what was applied: id, version; of what failed: why (Broken)

    def is_silent(self, real_now: datetime) -> bool:
        """Say whether whoever should be working on it is dead: it is to be begun again."""
        is_working = self.state in (UploadState.CHECKING, UploadState.APPLYING)
        return is_working and real_now - self.worked_at > SILENT
