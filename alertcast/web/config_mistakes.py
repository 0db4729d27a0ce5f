"""A mistake in the configuration as an officer reads it: which file, where in it, what is wrong.

The checks speak English, for whoever edits the files; their words stand behind ours.
"""

import re
from dataclasses import dataclass

from alertcast.web.words import gettext, mark

RULES = (
    (r"unknown key|Extra inputs are not permitted", mark("没有这个设置")),
    (r"unknown role", mark("没有这个岗位")),
    (r"unknown kind", mark("没有这种方式")),
    (r"there is no policy", mark("没有这个叫应方案")),
    (r"there is no such hazard", mark("没有这个灾种")),
    (r"is not a level", mark("不是预警等级")),
    (r"is not a duration", mark("时间的写法不对，例如 100s、5m、2h")),
    (r"Field required|is not set|has no ", mark("缺少必须写的内容")),
    (r"\(at line \d+|\(at end of document\)|codec can't decode", mark("文件的写法不对，读不出来")),
    (r"Input should be|is not a|not true or false", mark("值不对")),
)
"""What the words of a check say, the first that is found."""

PLACE = re.compile(r"[\w.\[\]() -]{1,80}")
"""Where in a file a mistake is, as checks write it."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake, its parts told apart."""

    file: str
    place: str  # "" where the file as a whole is meant
    rule: str
    detail: str  # in the words of the check


def read(line: str) -> Mistake:
    """Return the parts of a line of `alertcast check`: `file: place: what is wrong`."""
    first, _, rest = line.partition(": ")
    if first == "environment":
        return Mistake(gettext("环境变量"), "", _rule(rest), rest)
    file, places = (first, []) if re.fullmatch(r"\S+\.(toml|env)", first) else ("", [first])
    parts = rest.split(": ")
    while len(parts) > 1 and PLACE.fullmatch(parts[0]):
        places.append(parts.pop(0))
    return Mistake(file or "alertcast.toml", ": ".join(places), _rule(rest), ": ".join(parts))


def _rule(words: str) -> str:
    found = [rule for pattern, rule in RULES if re.search(pattern, words)]
    return gettext(found[0]) if found else gettext("不合规则")
