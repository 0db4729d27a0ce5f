"""A downgrade (降级): where a level fell, and whether, when and how people hear of it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from alertcast.core.episode import Standing
from alertcast.core.opening import Block
from alertcast.core.plan import rank
from alertcast.core.policy import KINDS, duration

NIGHT = Block(time(22), time(7))
"""Local hours in which nobody is woken by good news, where the office says nothing else."""


@dataclass(frozen=True, slots=True)
class DowngradeRules:
    """Section [downgrade] of config/policy.toml."""

    kinds: tuple[str, ...] = ()  # how those who were told hear of it; none: a downgrade is quiet
    wait: timedelta = timedelta(minutes=30)  # product time for which others may join it
    quiet: Block | None = NIGHT  # local hours in which nothing of it begins; None: there are none

    def after_quiet(self, local: datetime) -> datetime:
        """Return the local time `local`, or the end of the quiet hours that cover it."""
        is_quiet = self.quiet is not None and self.quiet.covers(local)
        return self.quiet.end_after(local) if self.quiet and is_quiet else local


def fell(
    before: Mapping[str, str | None], after: Mapping[str, str | None], levels: Sequence[str]
) -> set[str]:
    """Return the codes of the grids in which a lower level holds after a message than before it.

    Where nothing holds any more it is over, which is another thing.
    """
    return {
        code
        for code in before.keys() & after.keys()
        if rank(after[code], levels) > rank(before[code], levels)
    }


def lower(
    codes: Collection[str],
    holds: Mapping[str, str | None],
    said: Mapping[str, str | None],
    standings: Mapping[str, Standing],
    levels: Sequence[str],
) -> dict[str, str]:
    """Return those of the grids `codes` whose people know a higher level, and what holds there now.

    `holds` is what is in force, by grid code, `said` what one message says. Where another warning
    is higher than the message it is no news that the message is low; a level that nobody knows is
    not taken to be lower.
    """
    found = {}
    for code in codes:
        level, known = holds.get(code), standings.get(code)
        if level not in levels or known is None or not known.was_told:
            continue
        if said.get(code) == level and rank(level, levels) > rank(known.told_level, levels):
            found[code] = str(level)
    return found


def read_downgrade(part: Mapping[str, Any], mistakes: list[str]) -> DowngradeRules:
    """Return the rules written as `part`; every mistake is added to `mistakes`."""
    plain = DowngradeRules()
    keys = DowngradeRules.__slots__
    mistakes += [f"downgrade: unknown key {key!r}" for key in sorted(set(part) - set(keys))]
    kinds = part.get("kinds", ())
    if not isinstance(kinds, list | tuple):
        mistakes.append(f"downgrade.kinds: {kinds!r} is not a list")
        kinds = ()
    mistakes += [f"downgrade: unknown kind {kind!r}" for kind in kinds if kind not in KINDS]
    wait = plain.wait
    try:
        wait = duration(part.get("wait", "30m"))
    except ValueError as error:
        mistakes.append(f"downgrade.wait: {error}")
    return DowngradeRules(tuple(kinds), wait, _quiet(part, mistakes))


def _quiet(part: Mapping[str, Any], mistakes: list[str]) -> Block | None:
    given = part.get("quiet")
    if given is None:
        return NIGHT
    if given == {}:
        return None
    try:
        if set(given) != {"from", "to"}:
            raise ValueError
        start, end = time.fromisoformat(given["from"]), time.fromisoformat(given["to"])
        if start == end:
            raise ValueError
    except (ValueError, TypeError):
        mistakes.append(
            f'downgrade.quiet: {given!r} is not written as {{ from = "22:00", to = "07:00" }}'
        )
        return NIGHT
    return Block(start, end)
