"""What the carrier took, refused and did: the record against which a drill is counted.

Append-only and safe from many threads. Bodies and numbers are kept in full: this is a simulator,
its people do not exist. With a file, every entry is also written as one line of JSON, at once.
"""

import json
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TextIO

from alertcast.simulator.timeline import real_time


@dataclass(frozen=True, slots=True)
class Press:
    """Keys that a person pressed at a menu; "" when the menu ran out."""

    digits: str
    at: datetime  # product time


@dataclass(frozen=True, slots=True)
class Note:
    """Something that went wrong at the product's side, as Twilio's debugger would show it."""

    code: int  # 11200: no usable answer; 12100: bad XML; 12200: unknown verb
    message: str
    at: datetime  # product time


@dataclass(frozen=True, slots=True)
class Accepted:
    """One message or call that the carrier took: it costs money and reaches a person."""

    kind: str  # message, call, call_in (a person called the product)
    sid: str
    account: str
    to: str  # E.164
    from_: str | None  # None: a messaging service chooses
    body: str | None  # the text of a message; a call's words are in `spoken`
    status_callback: str | None  # as given, with fragment
    created: datetime  # product time
    real: datetime  # the machine's time
    spoken: tuple[str, ...] = ()  # what a call said, one entry a document
    pressed: tuple[Press, ...] = ()
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """One create that the carrier did not take."""

    kind: str  # message, call
    to: str | None
    code: int  # Twilio's error code; 0: the connection was cut
    at: datetime  # product time


@dataclass(frozen=True, slots=True)
class Inbound:
    """A text that a person sent to the product."""

    sid: str
    from_: str  # E.164
    to: str
    body: str
    at: datetime  # product time
    answer: int | None  # the product's HTTP status; None: it could not be reached


@dataclass(frozen=True, slots=True)
class Visit:
    """A link of a text that was opened, by its reader or by the telephone alone."""

    from_: str  # E.164
    url: str
    what: str  # preview, opened, pressed
    at: datetime  # product time
    answer: int | None  # the product's HTTP status; None: it could not be reached


@dataclass(slots=True)
class _Book:
    accepted: dict[str, Accepted] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)
    inbound: list[Inbound] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)


class Ledger:
    """The carrier's book. With `path`, entries are appended to that file as JSON lines too."""

    def __init__(self, path: Path | None = None) -> None:
        self._lock = threading.Lock()
        self._book = _Book()
        self._file: TextIO | None = path.open("a", encoding="utf-8") if path else None

    def accept(self, entry: Accepted) -> None:
        """Write down a message or call that was taken."""
        with self._lock:
            self._book.accepted[entry.sid] = entry
            self._write("accepted", entry)

    def refuse(self, kind: str, to: str | None, code: int, at: datetime) -> None:
        """Write down a create that was not taken; `at` is product time."""
        with self._lock:
            entry = Refused(kind, to, code, at)
            self._book.refused.append(entry)
            self._write("refused", entry)

    def receive(self, entry: Inbound) -> None:
        """Write down a text that a person sent."""
        with self._lock:
            self._book.inbound.append(entry)
            self._write("inbound", entry)

    def visit(self, entry: Visit) -> None:
        """Write down that a link was opened."""
        with self._lock:
            self._book.visits.append(entry)
            self._write("visit", entry)

    def say(self, sid: str, text: str) -> None:
        """Write down the words of one voice document of call `sid`."""
        with self._lock:
            entry = self._book.accepted[sid]
            self._book.accepted[sid] = replace(entry, spoken=(*entry.spoken, text))
            self._write_line({"event": "spoken", "sid": sid, "text": text})

    def press(self, sid: str, digits: str, at: datetime) -> None:
        """Write down what was pressed in call `sid` at `at` (product time)."""
        with self._lock:
            entry = self._book.accepted[sid]
            pressed = (*entry.pressed, Press(digits, at))
            self._book.accepted[sid] = replace(entry, pressed=pressed)
            self._write_line({"event": "pressed", "sid": sid, "digits": digits, "at": at})

    def note(self, sid: str, code: int, message: str, at: datetime) -> None:
        """Write down a mistake of the product at message or call `sid`."""
        with self._lock:
            entry = self._book.accepted[sid]
            notes = (*entry.notes, Note(code, message, at))
            self._book.accepted[sid] = replace(entry, notes=notes)
            line = {"event": "note", "sid": sid, "code": code, "message": message, "at": at}
            self._write_line(line)

    def messages(self) -> list[Accepted]:
        """Return the messages taken so far, in order."""
        return self._of("message")

    def calls(self) -> list[Accepted]:
        """Return the calls taken so far, in order."""
        return self._of("call")

    def calls_in(self) -> list[Accepted]:
        """Return the calls that people have made to the product, in order."""
        return self._of("call_in")

    def refused(self) -> list[Refused]:
        """Return the creates refused so far, in order."""
        with self._lock:
            return list(self._book.refused)

    def inbound(self) -> list[Inbound]:
        """Return the texts that people have sent, in order."""
        with self._lock:
            return list(self._book.inbound)

    def visits(self) -> list[Visit]:
        """Return the links that were opened, in order."""
        with self._lock:
            return list(self._book.visits)

    def as_json(self) -> dict[str, list[dict[str, object]]]:
        """Return everything; times are ISO 8601 with offset, absent is null."""
        return {
            "messages": _plain(self.messages()),
            "calls": _plain(self.calls()),
            "calls_in": _plain(self.calls_in()),
            "refused": _plain(self.refused()),
            "inbound": _plain(self.inbound()),
            "visits": _plain(self.visits()),
        }

    def close(self) -> None:
        """Close the file, if there is one."""
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None

    def _of(self, kind: str) -> list[Accepted]:
        with self._lock:
            return [entry for entry in self._book.accepted.values() if entry.kind == kind]

    def _write(self, event: str, entry: Accepted | Refused | Inbound | Visit) -> None:
        if self._file is not None:
            self._write_line({"event": event, **_renamed(asdict(entry))})

    def _write_line(self, line: dict[str, object]) -> None:
        if self._file is not None:
            stamped = {"real": real_time(), **line}
            self._file.write(json.dumps(stamped, ensure_ascii=False, default=str) + "\n")
            self._file.flush()


def _plain(entries: Sequence[Accepted | Refused | Inbound | Visit]) -> list[dict[str, object]]:
    text = json.dumps([_renamed(asdict(entry)) for entry in entries], default=_iso)
    rows: list[dict[str, object]] = json.loads(text)
    return rows


def _renamed(entry: dict[str, object]) -> dict[str, object]:
    return {name.rstrip("_"): value for name, value in entry.items()}


def _iso(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in the ledger")
