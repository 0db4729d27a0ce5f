"""Phone numbers as people type them, made E.164 or refused with a rule."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers

from alertcast.core.phone import dialled

_DEMO = re.compile(r"(?:\+86|0086|86)?(154\d{8})")
_MOBILE = re.compile(r"(?:\+86|0086|86)?(1\d{10})")
_CHINA = phonenumbers.PhoneMetadata.metadata_for_region("CN")
_MOBILES_IN_USE = re.compile(str(_CHINA.mobile.national_number_pattern))  # type: ignore[union-attr]
_LOCAL = re.compile(r"[2-8]\d{6,7}")  # a fixed line of mainland China without its area code
_SEPARATORS = re.compile(r"[/、,，;；|\n]")
_EXTENSION = re.compile(r"转|ext|#|x\d", re.IGNORECASE)
_SPREADSHEET = re.compile(r"(\d+)\.0")
_ROUNDED = re.compile(r"(\d)\.?(\d*)e\+?(\d{1,2})", re.IGNORECASE)
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−－", "-"))  # noqa: RUF001  what people really type


class PhoneError(ValueError):
    """A text is not a phone number that can be called; the message shows it masked."""

    def __init__(self, rule: str, text: str, sentence: str) -> None:
        super().__init__(f"phone {masked(text)!r} {sentence}")
        self.rule = rule


@dataclass(frozen=True, slots=True)
class Phone:
    """A number that can be called."""

    number: str  # E.164
    added: str = ""  # what was missing before it: "0", or an area code


def normalise(text: str, region: str = "CN") -> str:
    """Return `text` as E.164, or raise PhoneError; see `read_phone`."""
    return read_phone(text, region).number


@lru_cache(maxsize=65_536)
def read_phone(text: str, region: str = "CN", area_code: str = "") -> Phone:
    """Return the number that `text` means, or raise PhoneError.

    Full-width digits, spaces, dashes, invisible characters, +86, 0086, a spreadsheet's ".0" and
    E notation with all its digits are understood; so is a fixed line whose leading zero is missing,
    and, with an `area_code` ("0758"), one without its area code. The demo range +86 154 is not
    allocated, so phone libraries call it invalid; it is accepted here by name (and is sent only to
    loopback). `region` holds where no country is given.
    """
    plain = _plain(text)
    if not plain:
        raise PhoneError("phone_missing", text, "is missing")
    plain = _whole(plain, text)
    for rule, pattern, sentence in (
        ("several_phones", _SEPARATORS, "is more than one number; give each a row"),
        ("phone_extension", _EXTENSION, "has an extension, which cannot be dialled"),
    ):
        if pattern.search(plain):
            raise PhoneError(rule, text, sentence)
    if re.search(r"[^\d+() .-]", plain):
        raise PhoneError("not_a_phone", text, "has characters that no phone number has")
    digits = re.sub(r"[() .-]", "", plain)
    return _of_china(digits, text, area_code) if region == "CN" else _valid(digits, text, region)


def area_code_among(texts: Iterable[str]) -> str:
    """Return the area code, "0758", that all fixed lines have which name one; "": none or several.

    Nothing is looked at unless some number lacks its own.
    """
    others = [one for one in map(_digits, texts) if not _MOBILE.fullmatch(one)]
    if not any(map(_LOCAL.fullmatch, others)):
        return ""
    codes = {code for one in others if (code := _area_code(one))}
    return codes.pop() if len(codes) == 1 else ""


def masked(text: str) -> str:
    """Return a text that may hold a phone with all but its first three and last two hidden."""
    plain = _plain(text)
    if len(plain) < 8:
        return "*" * len(plain)
    return f"{plain[:3]}{'*' * (len(plain) - 5)}{plain[-2:]}"


def _plain(text: str) -> str:
    if text.isascii() and text.isdigit():
        return text
    folded = unicodedata.normalize("NFKC", text).translate(_DASHES)
    seen = "".join(mark for mark in folded if unicodedata.category(mark) not in ("Cf", "Cc"))
    seen = " ".join(seen.split())
    spreadsheet = _SPREADSHEET.fullmatch(seen)
    return spreadsheet[1] if spreadsheet else seen


def _digits(text: str) -> str:
    return re.sub(r"[() .-]", "", _plain(text))


def _area_code(digits: str) -> str:
    try:
        number = phonenumbers.parse(read_phone(digits).number)
    except (PhoneError, phonenumbers.NumberParseException):
        return ""
    length = phonenumbers.length_of_geographical_area_code(number)
    return f"0{str(number.national_number)[:length]}" if length else ""


def _whole(plain: str, text: str) -> str:
    """Return a number in E notation as its digits; raises PhoneError where some are lost."""
    rounded = _ROUNDED.fullmatch(plain)
    if rounded is None:
        return plain
    first, rest, exponent = rounded.groups()
    if len(rest) != int(exponent):
        sentence = "was rounded by a spreadsheet: make the column text and type it again"
        raise PhoneError("phone_rounded", text, sentence)
    return first + rest


def _of_china(digits: str, text: str, area_code: str) -> Phone:
    demo = _DEMO.fullmatch(digits)
    if demo:
        return Phone(f"+86{demo[1]}")
    mobile = _MOBILE.fullmatch(digits)
    if mobile and _MOBILES_IN_USE.fullmatch(mobile[1]):
        return Phone(f"+86{mobile[1]}")
    if mobile:
        return _valid(f"+86{mobile[1]}", text, "CN")
    if _LOCAL.fullmatch(digits):
        if not area_code:
            raise PhoneError("no_area_code", text, "is a fixed line without its area code")
        return Phone(_valid(area_code + digits, text, "CN").number, area_code)
    found = _valid(digits, text, "CN")
    return Phone(found.number, "0") if dialled(found.number) == f"0{digits}" else found


def _valid(digits: str, text: str, region: str) -> Phone:
    try:
        number = phonenumbers.parse(digits, region)
    except phonenumbers.NumberParseException as error:
        raise PhoneError("not_a_phone", text, "is not a phone number") from error
    if not phonenumbers.is_valid_number(number):
        raise PhoneError("phone_invalid", text, f"is not a number in use (region {region})")
    return Phone(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
