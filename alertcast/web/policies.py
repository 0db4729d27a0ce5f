"""What pages call a policy (叫应方案), and what it does, in one line."""

from alertcast.core.policy import Policy
from alertcast.web.context import world
from alertcast.web.words import gettext, language


def policy_name(key: str) -> str:
    """Return what an officer calls a policy: by the level, or the purpose, for which it holds."""
    rules, levels = world().config.rules, world().level_names(language())
    if key in levels:
        return gettext("同{level}预警").format(level=levels[key])
    return gettext("内部通知") if key == rules.desk else key


def policy_line(policy: Policy, kinds: dict[str, str]) -> str:
    """Return what is done at each rung, and how long an answer is waited for; `kinds`: words."""
    said = gettext("{kinds}，等 {n} 分钟")
    return " → ".join(
        said.format(
            kinds=" + ".join(gettext(kinds[kind]) for kind in rung.kinds),
            n=f"{rung.within.total_seconds() / 60:g}",
        )
        for rung in policy.rungs
    )
