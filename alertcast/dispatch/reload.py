"""Another configuration while it runs: what differs on disk, and the wish that processes follow.

Nothing is replaced here: each process begins anew with what it read whole (bootstrap/at_work.py).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from alertcast.config import HELD, Config
from alertcast.core.written import Difference, differences, lines
from alertcast.dispatch.world import World
from alertcast.store import audit, configurations
from alertcast.store.configurations import Reload
from alertcast.store.crypto import Vault
from alertcast.store.db import Tx

WITHIN = timedelta(minutes=10)
"""Real time in which a process follows a wish, once its disk holds what was wanted."""

MASK = "••••"


@dataclass(frozen=True, slots=True)
class OnDisk:
    """What the files of a process say at this moment, checked as at its start."""

    digest: str  # of what they say; "" if there are mistakes
    lines: Mapping[str, str]
    differs: tuple[Difference, ...]  # from what runs
    mistakes: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    queues: frozenset[tuple[str, str]] = frozenset()  # each (kind, mode) that some channel carries


class Files(Protocol):
    """The configuration of a process at work, as its pages see it."""

    @property
    def name(self) -> str:
        """Return the name of the process."""

    def on_disk(self) -> OnDisk:
        """Read and check the files; nothing is changed."""


def lines_of(config: Config, vault: Vault) -> dict[str, str]:
    """Return what a configuration says, its secrets masked."""
    return lines(config.written, lambda secret: vault.mark(secret.encode()))


def compared(before: Config, after: Config, vault: Vault) -> tuple[Difference, ...]:
    """Return what differs between two configurations, by variables of the environment as well."""
    written = differences(lines_of(before, vault), lines_of(after, vault))
    return (*written, *_of_environment(before.env, after.env))


def order(world: World, tx: Tx, wanted: OnDisk, before: str, user: str, now: datetime) -> int:
    """Let every process run by what lies on its disk, if it is this; recorded.

    `before`: digest of what the one who wants it runs by, "" if it is not known. Raises ValueError
    for files with mistakes.
    """
    if wanted.mistakes:
        msg = "files with mistakes can not be followed"
        raise ValueError(msg)
    numbers = {
        "changed": len(wanted.differs),
        "waiting": sum(one.waits for one in wanted.differs),
    }
    known = {"digest_before": before, "digest": wanted.digest, **numbers}
    audit.record(tx, user, "reload_configuration", "configuration", now, **known)
    return configurations.order(tx, wanted.digest, user, world.db.real_now(tx))


def to_follow(tx: Tx, done: int, real_now: datetime) -> Reload | None:
    """Return the wish that a process has still to follow; it did those up to the number `done`."""
    found = configurations.newest_order(tx)
    if found is None or found.id <= done or real_now - found.at > WITHIN:
        return None
    return found


def lost_channels(world: World, wanted: OnDisk) -> list[str]:
    """Return the channels that would be gone."""
    return [one.name for one in world.channels if one.name not in wanted.channels]


def lost_kinds(world: World, wanted: OnDisk) -> list[tuple[str, str]]:
    """Return each (kind, mode) that no channel would carry any more: an officer dials instead."""
    return sorted(world.kinds() - wanted.queues)


def _of_environment(before: Mapping[str, str], after: Mapping[str, str]) -> Iterable[Difference]:
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            old, new = (MASK if name in env else None for env in (before, after))
            yield Difference("alertcast.env", name, old, new, name in HELD)
