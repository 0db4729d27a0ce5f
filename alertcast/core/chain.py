"""The chain of what was done: each entry is sealed by a hash over the one before and all it says.

Whoever changes, removes or slips in an entry later would have to write anew every seal after it,
and no anchor that was kept elsewhere would fit any more. The rule is simple enough to be checked by
somebody who trusts none of this: SHA-256, in hex, of the hash before (the first has "0" * 64), a
line feed, and the JSON array [n, id, at, user, action, subject, detail] without spaces, in UTF-8,
the keys of `detail` sorted, `at` in UTC as 2026-12-26T09:20:00.000000Z.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

START = "0" * 64
"""What stands before the first entry."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What somebody did."""

    id: int
    at: datetime  # aware
    user: str
    action: str
    subject: str
    detail: Mapping[str, Any]  # as it comes back from JSON


@dataclass(frozen=True, slots=True)
class Anchor:
    """A place in the chain, to be kept where nobody who can write the database can write."""

    n: int  # of the entry in the chain, from 1; 0: the chain is empty
    hash: str


class ChainBroken(ValueError):
    """The chain does not hold: the first entry that is not as it was sealed, and why."""

    def __init__(self, n: int, entry_id: int | None, why: str) -> None:
        super().__init__(why)
        self.n, self.entry_id = n, entry_id


def sealed(before: str, n: int, entry: Entry) -> str:
    """Return the hash that seals `entry` as the `n`-th of a chain whose last hash is `before`."""
    at = entry.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    said = [n, entry.id, at, entry.user, entry.action, entry.subject, entry.detail]
    content = json.dumps(said, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return sha256(f"{before}\n{content}".encode()).hexdigest()


def check(links: Iterable[tuple[Anchor, Entry | None]], anchors: Iterable[Anchor] = ()) -> Anchor:
    """Return the end of a chain of which every link holds; raises ChainBroken at the first not.

    `links` are in their order, each with the entry that it seals, or None where that is gone.
    `anchors` were kept elsewhere: each of them must be in the chain.
    """
    kept: dict[int, str] = {}
    for one in anchors:
        if kept.setdefault(one.n, one.hash) != one.hash:
            raise ChainBroken(one.n, None, f"two anchors contradict each other at n={one.n}")
    end = Anchor(0, START)
    for link, entry in links:
        _check_one(end, link, entry, kept.pop(link.n, None))
        end = link
    beyond = min((n for n in kept if n > 0), default=None)
    if beyond is not None:
        why = f"the chain ends at n={end.n}; an anchor knows n={beyond}: its end was cut off"
        raise ChainBroken(end.n + 1, None, why)
    return end


def _check_one(end: Anchor, link: Anchor, entry: Entry | None, anchored: str | None) -> None:
    if link.n != end.n + 1:
        raise ChainBroken(end.n + 1, None, f"there is no n={end.n + 1}: it was removed")
    if entry is None:
        raise ChainBroken(link.n, None, f"the row that n={link.n} seals was removed")
    if sealed(end.hash, link.n, entry) != link.hash:
        why = f"row {entry.id} (n={link.n}) does not say what was sealed, or its seal was changed"
        raise ChainBroken(link.n, entry.id, why)
    if anchored not in (None, link.hash):
        why = f"row {entry.id} (n={link.n}) is not the one an anchor knows: the chain was rewritten"
        raise ChainBroken(link.n, entry.id, why)
