"""Doubt goes to a human, with a clock: who is called to confirm, and what if nobody answers.

Two sorts of doubt differ in what silence means. Whether a warning is to be believed at all: then
only the highest levels go out unanswered. Which towns an official warning means: then everybody
hears it, since the worst of it is a neighbour who is told too much.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from alertcast.core.plan import rank
from alertcast.core.policy import duration

NONE = "none"
"""In place of a level: no level at all."""


class Doubt(StrEnum):
    """Why a warning is not told before a human has looked."""

    TOWNS = "towns"  # which towns its text means, or where one of its areas is
    PEOPLE = "people"  # it reaches more people than max_people
    ALONE = "alone"  # one source brought it, and nobody has signed it
    WHOLE = "whole"  # its shape touches every grid of the layer
    STATUS = "status"  # one source calls it an exercise or a test, another the real thing


@dataclass(frozen=True, slots=True)
class ConfirmRules:
    """Section [confirm] of config/policy.toml."""

    roles: tuple[str, ...] = ("county_desk", "sanfang_head")  # all called at once
    calls: int = 6
    every: float = 60.0  # product seconds from one call to the next
    wait: timedelta = timedelta(minutes=3)  # product time for an answer
    unanswered: str = "red"  # goes out from this level up when nobody has answered in time
    unanswered_towns: str = "white"  # the same, where only its towns are in doubt
    alone: str = "red"  # up to this level one unsigned source is enough
    whole_layer: bool = False  # a shape that touches every grid of the layer is in doubt

    def goes_out(self, level: str | None, doubts: Collection[Doubt], levels: Sequence[str]) -> bool:
        """Say whether a level goes out when nobody has answered; `levels` from the highest."""
        least = self.unanswered_towns if set(doubts) == {Doubt.TOWNS} else self.unanswered
        return least != NONE and rank(level, levels) <= rank(least, levels)

    def needs_another(self, level: str | None, levels: Sequence[str]) -> bool:
        """Say whether a level is too high for one unsigned source."""
        return self.alone == NONE or rank(level, levels) < rank(self.alone, levels)


def read_confirm(
    part: Mapping[str, Any], roles: Collection[str], levels: Sequence[str], mistakes: list[str]
) -> ConfirmRules:
    """Return the rules written as `part`; every mistake is added to `mistakes`."""
    plain = ConfirmRules()
    keys = ConfirmRules.__slots__
    mistakes += [f"confirm: unknown key {key!r}" for key in sorted(set(part) - set(keys))]
    called = part.get("roles", plain.roles)
    if not isinstance(called, list | tuple) or not called:
        mistakes.append("confirm.roles: names no role, so nobody would be called")
        called = plain.roles
    unknown = [one for one in called if one not in roles] if "roles" in part else []
    mistakes += [f"confirm.roles: unknown role {one!r}" for one in unknown]
    calls = part.get("calls", plain.calls)
    if not isinstance(calls, int) or isinstance(calls, bool) or calls < 1:
        mistakes.append(f"confirm.calls: {calls!r} is not a whole number of 1 or more")
        calls = plain.calls
    whole_layer = part.get("whole_layer", plain.whole_layer)
    if not isinstance(whole_layer, bool):
        mistakes.append(f"confirm.whole_layer: {whole_layer!r} is not true or false")
    named = {}
    for key in ("unanswered", "unanswered_towns", "alone"):
        named[key] = part.get(key, getattr(plain, key))
        if key in part and part[key] not in (*levels, NONE):
            known = ", ".join((*levels, NONE))
            mistakes.append(f"confirm.{key}: {part[key]!r} is not a level ({known})")
    return ConfirmRules(
        roles=tuple(str(one) for one in called),
        calls=calls,
        every=_time("every", part, timedelta(seconds=plain.every), mistakes).total_seconds(),
        wait=_time("wait", part, plain.wait, mistakes),
        whole_layer=whole_layer is True,
        **named,
    )


def _time(key: str, part: Mapping[str, Any], plain: timedelta, mistakes: list[str]) -> timedelta:
    try:
        return duration(part[key]) if key in part else plain
    except ValueError as error:
        mistakes.append(f"confirm.{key}: {error}")
        return plain
