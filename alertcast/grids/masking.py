"""What may be shown of a cell that somebody has to mend: no whole name, no whole number."""

import re

from alertcast.grids.phones import masked

_PERSONAL = re.compile(
    r"(?<!\d)(?:\+?86|0086)?(?:1[3-9]\d{9}|0\d{2,3}-?\d{7,8}|\d{17}[\dXx])(?!\d)"
)
"""A mobile, a fixed line, an identity card: wherever in a table it was put by mistake."""

_NAME = re.compile(r"[^\W\d_]+")


def shown(field: str, value: str) -> str:
    """Return the value of a field of ours as a report may show it."""
    if field in ("phone", "other_phone"):
        return masked(value)
    if field in ("name", "keeper"):
        return value[:1] + "*" * (len(value) - 1)
    if field in ("desk", "leader"):  # several people of a duty shift in one cell
        return _NAME.sub(lambda found: found[0][:1] + "*" * (len(found[0]) - 1), masked_in(value))
    return masked_in(value)


def masked_in(text: str) -> str:
    """Return a text with every number in it masked."""
    return _PERSONAL.sub(lambda found: masked(found[0]), text)
