"""China's identifier of a warning, `ZZZZZZDDDUUUXX_YYYYMMDDhhmmss[_N]`, the same in every feed.

Source: the rule of the national release system (突发事件预警信息, 取值规则). It joins what several
feeds say of one warning, and tells whom a warning may concern before its text is read.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import lru_cache

BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")
"""The time of China, and of every Chinese feed that names no offset; without summer time."""

_FORM = re.compile(
    r"(?:[A-Z][A-Z_.:-]{0,38}[_.:-])?(([1-9]\d{5}|0{6})(\d{3})(\d{3})(\d{2})_(\d{14})(?:_(\d))?)",
    re.ASCII | re.IGNORECASE,
)
_LONGEST = 100  # characters of an identifier, with what a feed puts before it
_COUNTRY = ("000000", "100000")


@dataclass(frozen=True, slots=True)
class NationalId:
    """One identifier, without what a feed puts before it."""

    text: str  # e.g. "44122441600000_20261226172236": the warning's identity in every feed
    admin_code: str  # GB/T 2260, six digits, of the office that entered it, e.g. "441224"
    agency: str  # GB/T 4657, e.g. "416": the weather service
    unit: str  # of the agency, "000" as a rule
    extension: str  # "00" as a rule
    stamp: datetime | None  # when it was entered, minutes after it was sent; None: no such time
    serial: int | None = None

    @classmethod
    def read(cls, text: str) -> "NationalId | None":
        """Return the identifier that `text` is, or None if it is none; never raises.

        Some feeds put letters before it: "ALERT_CN_44122441600000_20261226172236".
        """
        return _read(text) if len(text) <= _LONGEST else None

    @property
    def issuer(self) -> str:
        """The office that entered it: all digits before the time."""
        return self.text.partition("_")[0]

    def concerns(self, region: Iterable[str]) -> bool:
        """Say whether the office's place lies in one of the places of `region`, or holds it.

        `region` holds the first digits of administrative codes: for "4412" those of Zhaoqing, its
        counties, Guangdong and the whole country concern us.
        """
        place = "" if self.admin_code in _COUNTRY else re.sub(r"(?:00)+$", "", self.admin_code)
        return any(place.startswith(one) or one.startswith(place) for one in region)


@lru_cache(4096)  # it is asked of one identifier again and again
def _read(text: str) -> NationalId | None:
    match = _FORM.fullmatch(text.strip())
    if match is None:
        return None
    plain, code, agency, unit, extension, stamp, serial = match.groups()
    number = int(serial) if serial else None
    return NationalId(plain, code, agency, unit, extension, _stamp(stamp), number)


def _stamp(digits: str) -> datetime | None:
    try:
        parts = (digits[:4], *(digits[at : at + 2] for at in range(4, 14, 2)))
        year, month, day, hour, minute, second = (int(part) for part in parts)
        return datetime(year, month, day, hour, minute, second, tzinfo=BEIJING)
    except ValueError:
        return None
