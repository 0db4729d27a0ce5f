"""Words made fit for an approved template: no signs that carriers refuse, no more than they take.

Only the values of a template's slots are rewritten; free text goes out as it is. What can not be
said in the letters allowed is not sent at all: a dropped minus sign would be another temperature.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

_MINUS = "−–—－-"  # noqa: RUF001  what people and feeds really write
_TILDE = "~\uff5e\u301c"  # also full-width, and the wave dash
_RANGE = f"{_TILDE}{_MINUS}"
_PERCENT = "[%\uff05]"  # also full-width
_NUMBER = r"\d+(?:\.\d+)?"
_DEGREES = r"(?:℃|°\s*[Cc]|摄氏度|度)"

Rule = tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]

_RULES: tuple[Rule, ...] = (
    (re.compile(r"(?<!\d)(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)"), r"\1年\2月\3日"),
    (re.compile(r"(?<!\d)(0\d{2,3})-(\d{7,8})(?!\d)"), r"\1\2"),  # a telephone number
    (re.compile(r"(?<!\d)(\d{1,2})[:：]([0-5]\d)(?!\d)"), r"\1点\2分"),
    # a range of temperatures, then a single one below zero: the sign is a word, never dropped
    (
        re.compile(
            rf"(?<![\d.])([{_MINUS}]?)({_NUMBER})\s*{_DEGREES}?\s*[{_RANGE}]\s*"
            rf"([{_MINUS}]?)({_NUMBER})\s*{_DEGREES}"
        ),
        lambda m: f"{_below(m[1])}{m[2]}到{_below(m[3])}{m[4]}度",
    ),
    (
        re.compile(rf"(?<![\d.])[{_MINUS}]\s*({_NUMBER})\s*{_DEGREES}"),
        lambda m: f"零下{m[1]}度",
    ),
    (re.compile(rf"({_NUMBER})\s*[{_RANGE}]\s*({_NUMBER})\s*{_PERCENT}"), r"百分之\1到百分之\2"),
    (re.compile(rf"({_NUMBER})\s*{_PERCENT}"), r"百分之\1"),
    (re.compile(rf"(?<!\d)(\d{{1,3}})\s*[{_RANGE}]\s*(?=\d{{1,3}}(?!\d))"), r"\1到"),
    (re.compile(rf"(?<=[日时分月年度点])\s*[{_RANGE}]\s*(?=\d)"), "到"),
    (re.compile(rf"[{_TILDE}]"), "到"),
    (re.compile(r"°\s*[Cc]|℃"), "度"),
    (re.compile(r"(?<=米)\s*/\s*(?:秒|s)"), "每秒"),
    (re.compile(r"(?<=\d)\s*m/s"), "米每秒"),
    (re.compile("[【】\\[\\]\u3014\u3015]"), ""),
)
"""In this order; Chinese, since approved templates are."""


def _below(sign: str) -> str:
    return "零下" if sign else ""


class Unfit(ValueError):
    """A value can not be said in the letters, or the length, that a template takes.

    `reason` is a key of channels.reasons.REASONS.
    """

    def __init__(self, slot: str, reason: str, rule: str) -> None:
        super().__init__(f"slot {slot}: {rule}")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Limit:
    """How long a value may be, and whether a longer one may be cut."""

    most: int | None = None  # characters
    most_bytes: int | None = None  # bytes in UTF-8
    cut: bool = False  # cut at the last comma or enumeration mark that fits, and say 等

    def allows(self, text: str) -> bool:
        """Say whether `text` is short enough."""
        fits = self.most is None or len(text) <= self.most
        return fits and (self.most_bytes is None or len(text.encode()) <= self.most_bytes)


def plain(text: str, replace: Mapping[str, str] | None = None) -> str:
    """Return `text` in the signs that approved templates take.

    ℃ becomes 度, a range 到, 12:30 12点30分, 50% 百分之50, a minus before degrees 零下.
    `replace` is asked first, the longest key before its parts.
    """
    text = unicodedata.normalize("NFC", text)
    for sign in sorted(replace or {}, key=len, reverse=True):
        text = text.replace(sign, (replace or {})[sign])
    for pattern, instead in _RULES:
        text = pattern.sub(instead, text)
    return text


def fitted(slot: str, text: str, limit: Limit, forbidden: Iterable[str] = ()) -> str:
    """Return `text`, cut if `limit` says so.

    Raises
    ------
    Unfit
        A forbidden sign is left in it, it is empty, or it is too long and may not be cut.
    """
    text = text.strip()
    if not text:
        raise Unfit(slot, "slot_unfit", "is empty")
    left = sorted({sign for sign in forbidden if sign in text})
    if left:
        raise Unfit(slot, "slot_unfit", f"has {' '.join(left)}, which the template does not take")
    if limit.allows(text):
        return text
    if not limit.cut:
        raise Unfit(slot, "too_long", "is longer than the template takes")
    return _cut(slot, text, limit)


def _cut(slot: str, text: str, limit: Limit) -> str:
    ends = [match.start() for match in re.finditer(r"[、，；,;]", text)]
    for end in reversed(ends):
        shorter = f"{text[:end]}等"
        if limit.allows(shorter):
            return shorter
    raise Unfit(slot, "too_long", "can not be cut to what the template takes")
