"""What a cell of a roster says: a day, a list of words, languages."""

import re
import unicodedata
from datetime import date, timedelta

from alertcast.grids.roster_columns import LANGUAGES, PREFERENCES

MOST_LANGUAGES = 64
"""Characters of all languages of a person together."""

MOST_SPECIALITIES, LONGEST_SPECIALITY = 10, 20

_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")
_BETWEEN = re.compile(r"[、,，;；/|]+")
_DAY = re.compile(r"(\d{4})(?:年|[-/.])(\d{1,2})(?:月|[-/.])(\d{1,2})日?(?:[ T]0{1,2}:00(?::00)?)?")
_SPREADSHEET = date(1899, 12, 30)
"""Day 0 of the dates that a spreadsheet keeps as numbers."""

_NUMBERED = range(20_000, 80_000)  # 1954 to 2119


def day(text: str) -> date | None:
    """Return the day that a cell names, in any usual way, or None.

    A spreadsheet that keeps it as a number counts from 1900.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    try:
        if found := _DAY.fullmatch(plain):
            return date(*map(int, found.groups()))
        if plain.isdecimal() and len(plain) == len("20260101"):
            return date(int(plain[:4]), int(plain[4:6]), int(plain[6:]))
    except ValueError:
        return None
    if re.fullmatch(r"\d{5}(\.0+)?", plain) and int(float(plain)) in _NUMBERED:
        return _SPREADSHEET + timedelta(days=int(float(plain)))
    return None


def words(text: str) -> tuple[str, ...]:
    """Return the words of a cell, once each, whatever stands between them."""
    plain = unicodedata.normalize("NFKC", text)
    return tuple(dict.fromkeys(one for raw in _BETWEEN.split(plain) if (one := raw.strip())))


def languages(text: str) -> str | None:
    """Return the languages of a cell as tags, "hak,yue,zh-CN"; None if one of them is none."""
    named = [LANGUAGES.get(one.casefold(), one) for one in words(text)]
    said = ",".join(dict.fromkeys(named))
    good = all(_TAG.fullmatch(one) for one in named) and len(said) <= MOST_LANGUAGES
    return said if good and named else None


def specialities(text: str) -> tuple[str, ...] | None:
    """Return the specialities of a cell; None if there are too many, or one is a sentence."""
    found = words(text)
    good = len(found) <= MOST_SPECIALITIES and all(len(o) <= LONGEST_SPECIALITY for o in found)
    return found if good else None


def preferences(text: str) -> tuple[str, str] | None:
    """Return the kind (voice, sms or "") and the number (landline, mobile or "") of a cell.

    None if it says anything else, or two things that are against each other.
    """
    said = [PREFERENCES.get(one.casefold()) for one in words(text)]
    kinds = [one for one in said if one in ("voice", "sms")]
    numbers = [one for one in said if one in ("landline", "mobile")]
    if None in said or len(kinds) > 1 or len(numbers) > 1:
        return None
    return next(iter(kinds), "") or "", next(iter(numbers), "") or ""
