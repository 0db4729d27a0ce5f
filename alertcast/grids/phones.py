"""Phone numbers as people type them, made E.164 or refused with a rule."""

import re
import unicodedata
from functools import lru_cache

import phonenumbers

_DEMO = re.compile(r"(?:\+86|0086|86)?(154\d{8})")
_MOBILE = re.compile(r"(?:\+86|0086|86)?(1\d{10})")
_SEPARATORS = re.compile(r"[/、,，;；|\n]")
_EXTENSION = re.compile(r"转|ext|#|x\d", re.IGNORECASE)
_SPREADSHEET = re.compile(r"(\d+)\.0")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−－", "-"))  # noqa: RUF001  what people really type


class PhoneError(ValueError):
    """A text is not a phone number that can be called; the message shows it masked."""

    def __init__(self, rule: str, text: str, sentence: str) -> None:
        super().__init__(f"phone {masked(text)!r} {sentence}")
        self.rule = rule


@lru_cache(maxsize=65_536)
def normalise(text: str, region: str = "CN") -> str:
    """Return `text` as E.164, or raise PhoneError.

    Full-width digits, spaces, dashes, invisible characters, +86, 0086 and a spreadsheet's ".0" are
    understood. The demo range +86 154 is not allocated, so phone libraries call it invalid; it is
    accepted here by name (and is sent only to loopback). `region` holds where no country is given.
    """
    plain = _plain(text)
    if not plain:
        raise PhoneError("phone_missing", text, "is missing")
    for rule, pattern, sentence in (
        ("several_phones", _SEPARATORS, "is more than one number; give each a row"),
        ("phone_extension", _EXTENSION, "has an extension, which cannot be dialled"),
    ):
        if pattern.search(plain):
            raise PhoneError(rule, text, sentence)
    if re.search(r"[^\d+() .-]", plain):
        raise PhoneError("not_a_phone", text, "has characters that no phone number has")
    digits = re.sub(r"[() .-]", "", plain)
    demo = _DEMO.fullmatch(digits)
    if demo and region == "CN":
        return f"+86{demo[1]}"
    return _valid(digits, text, region)


def masked(text: str) -> str:
    """Return a text that may hold a phone with all but its first three and last two hidden."""
    plain = _plain(text)
    if len(plain) < 8:
        return "*" * len(plain)
    return f"{plain[:3]}{'*' * (len(plain) - 5)}{plain[-2:]}"


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).translate(_DASHES)
    seen = "".join(mark for mark in folded if unicodedata.category(mark) not in ("Cf", "Cc"))
    seen = " ".join(seen.split())
    spreadsheet = _SPREADSHEET.fullmatch(seen)
    return spreadsheet[1] if spreadsheet else seen


def _valid(digits: str, text: str, region: str) -> str:
    mobile = _MOBILE.fullmatch(digits) if region == "CN" else None
    dialled = f"+86{mobile[1]}" if mobile else digits
    try:
        number = phonenumbers.parse(dialled, region)
    except phonenumbers.NumberParseException as error:
        raise PhoneError("not_a_phone", text, "is not a phone number") from error
    if not phonenumbers.is_valid_number(number):
        raise PhoneError("phone_invalid", text, f"is not a number in use (region {region})")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
