"""One published warning, and what a writer of a format may know of the request."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from alertcast.core.alert import Alert, Info
from alertcast.core.cap_message import message

CAP_TYPE = "application/cap+xml"
JSON_TYPE = "application/json;charset=UTF-8"

Item = Mapping[str, object]
"""One warning in the words of a list in JSON."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One published warning."""

    alert: Alert
    document: bytes  # its CAP document
    title: str  # what an index calls it
    at: datetime  # when it was published, aware
    shown: Item | None = None  # in the words of one list, where somebody chose them

    @classmethod
    def of(cls, alert: Alert) -> "Entry":
        """Return an alert as an authority would publish it."""
        title = next((info.headline for info in alert.infos if info.headline), alert.identifier)
        return cls(alert, message(alert), title, alert.sent)

    @property
    def info(self) -> Info:
        """What is said of it; an end without words has none, and says its title."""
        said = self.alert.infos_in("zh")
        return said[0] if said else _titled(self.title)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request to a publisher."""

    root: str  # the simulator's address, without a slash at its end
    args: Mapping[str, str] = field(default_factory=dict)  # of the address, or of a body in JSON
    sign: Callable[[bytes], bytes] = bytes  # puts the simulator's signature into a document


Write = Callable[[Sequence[Entry], Asked], bytes | None]
"""Writes all entries, the oldest first, as one answer; None: nothing is at that address."""


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of publisher."""

    name: str
    rule: str  # where it is, below the simulator's address
    content_type: str
    write: Write
    method: str = "GET"
    needs_key: bool = False


def in_force(entries: Sequence[Entry]) -> list[Entry]:
    """Return what a list of warnings in force holds: no ends, and nothing that was replaced."""
    over = {ref.identifier for one in entries for ref in one.alert.references}
    return [
        one
        for one in entries
        if one.alert.msg_type != "Cancel" and one.alert.identifier not in over
    ]


def _titled(title: str) -> Info:
    return Info("zh-CN", ("Met",), "", "Unknown", "Unknown", "Unknown", headline=title)
