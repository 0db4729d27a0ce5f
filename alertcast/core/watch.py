"""The watch (巡查): what stands still although something was to happen by itself."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

TICK, WATCH, RECEIPTS, BEAT = "tick", "watch", "receipts", "beat"
"""Pulses: of the clock that lets time pass, the watch, whoever applies receipts, the heartbeat."""

CALL_LIST = "call_list"
"""Pulse of whoever keeps the offline call lists."""

AHEAD = timedelta(seconds=10)
"""How far ahead of now a pulse may lie: more, and the clock was set back since it was felt."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that stands still, or that does not run any more."""

    what: str  # key of KINDS
    subject: str = ""  # id of a broadcast or an alert, name of a feed, channel or queue
    count: int = 1
    since: datetime | None = None  # the oldest of them; None: never since this installation began


KINDS: dict[str, bool] = {
    "undecided": True,  # alerts that nobody has decided on
    "step": True,  # callouts whose next step is overdue, and broadcasts that have not begun
    "queue": True,  # messages due, and not claimed by any sender
    "lease": True,  # leases that ran out and were not taken back
    "still": True,  # a running broadcast in which nothing happens and nothing will
    "feed": True,  # a source without a good answer
    "pull": True,  # a channel whose receipts and keys can not be fetched
    "tick": True,  # nobody lets time pass
    "worker": True,  # nobody claims messages of one kind
    "receipts": True,  # nobody applies receipts
    "watch": True,  # nobody watches
    "beat": False,  # the external heartbeat is not delivered
    "call_list": False,  # the offline call list could not be written
    "dissent": False,  # the sources of one warning contradict each other
    "no_news": False,  # a source that answers, and has brought nothing new for too long
    "stalled": False,  # a source that answers, and lacks what others brought long ago
    "no_leader": False,  # grids without a leader in the roster
    "no_duty": False,  # the table of shifts puts nobody at a desk
    "withdrawn": False,  # a warning has left the list of those in force without an official end
}
"""What may be found, and whether the external heartbeat is withheld for it."""


def is_well(findings: Iterable[Finding]) -> bool:
    """Say whether the external heartbeat may be sent."""
    return not any(KINDS[one.what] for one in findings)


def worker(kind: str, mode: str) -> str:
    """Return the pulse of whoever claims messages of a kind and mode."""
    return f"send {kind} {mode}"


def feed(source: str) -> str:
    """Return the pulse of a source that answers."""
    return f"feed {source}"


def pulled(channel: str) -> str:
    """Return the pulse of a channel whose receipts are fetched, and whose provider answers."""
    return f"pull {channel}"


def silent(
    pulses: Mapping[str, datetime], longest: Mapping[str, timedelta], real_now: datetime
) -> list[Finding]:
    """Return which of the pulses in `longest` were not felt for so long, or never.

    `pulses` holds the last of each in real time, whichever process it came from; one of the future
    proves nothing. Without any pulse at all nothing has been started yet, and nothing is missed.
    """
    return [
        _missed(what, pulses.get(what))
        for what, most in longest.items()
        if pulses and not _is_felt(pulses.get(what), most, real_now)
    ]


def is_ahead(at: datetime, real_now: datetime) -> bool:
    """Say whether a pulse lies in the future: the clock was set back since."""
    return at > real_now + AHEAD


def _is_felt(at: datetime | None, most: timedelta, real_now: datetime) -> bool:
    return at is not None and real_now - most <= at and not is_ahead(at, real_now)


def _missed(what: str, at: datetime | None) -> Finding:
    kind, _, subject = what.partition(" ")
    return Finding("worker" if kind == "send" else kind, subject, since=at)
