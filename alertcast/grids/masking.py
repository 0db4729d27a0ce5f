"""What may be shown of a cell that somebody has to mend: no whole name, no whole number."""

import re

from alertcast.grids.phones import masked

_NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: " "}
"""Full-width digits and marks, and what they are otherwise: as many characters."""

_GAP = "[\\s().\u00ad\u200b-\u200f\u2010-\u2015\u202a-\u202e\u2060\u2212\ufeff-]{0,3}"
"""What people put between the digits of a number: spaces, dashes, brackets, nothing to be seen."""


def _digits(least: int, most: int) -> str:
    return rf"(?:{_GAP}\d){{{least},{most}}}"


_PERSONAL = re.compile(
    rf"(?<!\d)(?:(?:\+{_GAP}|0{_GAP}0{_GAP})?8{_GAP}6{_GAP})?"
    rf"(?:1{_GAP}[3-9]{_digits(9, 9)}|0{_digits(9, 11)}|[1-9]{_digits(16, 16)}{_GAP}[\dXx]"
    r"|1\.[3-9]\d{3,8}[eE]\+?10)(?!\d)"
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
    """Return a text with every number in it masked, however it is written."""
    hidden, at = [], 0
    for found in _PERSONAL.finditer(text.translate(_NARROW)):
        hidden += [text[at : found.start()], masked(found[0])]
        at = found.end()
    return "".join([*hidden, text[at:]])
