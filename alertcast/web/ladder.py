"""叫应方案 in plain words: a policy as a ladder with times, and where each is used."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from alertcast.core.policy import Policy, Rung
from alertcast.core.rules import Rules
from alertcast.web.context import world
from alertcast.web.words import gettext, language


@dataclass(frozen=True, slots=True)
class Step:
    """One rung, and when it begins if nobody has answered until then."""

    number: int  # from 1
    begins: timedelta  # product time, from the start of the callout
    rung: Rung


@dataclass(frozen=True, slots=True)
class Use:
    """Which policy holds at each level, for one hazard or for all others."""

    hazard: str | None  # None: every hazard that has no line of its own
    policies: Mapping[str, str | None]  # by level, from the highest; None: nobody is told
    threshold: str  # people are told by themselves from this level up


def steps(policy: Policy) -> list[Step]:
    """Return the rungs of a policy with the times at which they begin."""
    found, begins = [], timedelta(0)
    for number, rung in enumerate(policy.rungs, 1):
        found.append(Step(number, begins, rung))
        begins += rung.within
    return found


def uses(rules: Rules) -> list[Use]:
    """Return which policy holds where: first for all, then for hazards with lines of their own."""
    named = sorted(rules.by_hazard.keys() | rules.thresholds.keys())
    return [_use(rules, hazard) for hazard in (None, *named)]


def policy_name(key: str) -> str:
    """Return what an officer calls a policy: by the level, or the purpose, for which it holds."""
    rules, levels = world().config.rules, world().level_names(language())
    if key in levels:
        return gettext("同{level}预警").format(level=levels[key])
    return gettext("内部通知") if key == rules.desk else key


def policy_title(key: str) -> str:
    """Return what a policy is headed by where its key stands beside it."""
    rules, levels = world().config.rules, world().level_names(language())
    if key in levels:
        return gettext("{level}预警方案").format(level=levels[key])
    return gettext("内部通知方案") if key == rules.desk else ""


def from_level(level: str) -> str:
    """Return the levels from one up, in words; "none": no level."""
    if level == "none":
        return gettext("哪一级都不")
    levels = world().level_names(language())
    if level == next(iter(levels)):
        return levels[level]
    return gettext("{level}及以上").format(level=levels.get(level, level))


def policy_line(policy: Policy, kinds: Mapping[str, str]) -> str:
    """Return in one line what is done at each rung, and for how long; `kinds`: their words."""
    said = gettext("{kinds}，等 {time}")
    return " → ".join(
        said.format(
            kinds=" + ".join(gettext(kinds[kind]) for kind in rung.kinds),
            time=lasting(rung.within),
        )
        for rung in policy.rungs
    )


def lasting(time: timedelta | float) -> str:
    """Return a duration in words; a number is of seconds."""
    seconds = round(time.total_seconds() if isinstance(time, timedelta) else time)
    if seconds and seconds % 3600 == 0:
        return gettext("{n} 小时").format(n=seconds // 3600)
    if seconds and seconds % 60 == 0:
        return gettext("{n} 分钟").format(n=seconds // 60)
    return gettext("{n} 秒").format(n=seconds)


def needed(rung: Rung) -> str:
    """Return how many must answer."""
    if rung.need == "all":
        return gettext("全部应答")
    if rung.need in ("any", "1"):
        return gettext("任何一人应答")
    return gettext("至少 {n} 人应答").format(n=rung.need)


def _use(rules: Rules, hazard: str | None) -> Use:
    named = {level: rules.policy_for(hazard, level) for level in rules.levels}
    policies = {level: policy.name if policy else None for level, policy in named.items()}
    return Use(hazard, policies, rules.thresholds.get(hazard or "", rules.threshold))
