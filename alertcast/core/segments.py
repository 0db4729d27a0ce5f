"""How much a text is: SMS parts, and the seconds it takes to say.

GSM 03.38 and 03.40: 160 septets in one part, 153 in each of several; with any letter outside its
alphabet the whole text goes as UCS-2: 70 and 67 code units.
"""

from dataclasses import dataclass

_GSM7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM7_TWICE = frozenset("^{}\\[~]|€\f")


CHINESE_PER_SECOND = 4.5
"""Syllables that a synthetic voice says in a second."""

LATIN_PER_SECOND = 15.0
"""Letters and digits that a synthetic voice says in a second."""


@dataclass(frozen=True, slots=True)
class Segments:
    """What a text takes as an SMS."""

    encoding: str  # GSM-7 or UCS-2
    units: int  # septets, or UTF-16 code units
    count: int  # parts, each of which is paid for


def segments(text: str) -> Segments:
    """Return what `text` takes as an SMS."""
    if all(char in _GSM7 or char in _GSM7_TWICE for char in text):
        units = sum(2 if char in _GSM7_TWICE else 1 for char in text)
        encoding, single, several = "GSM-7", 160, 153
    else:
        units = len(text.encode("utf-16-be", "surrogatepass")) // 2
        encoding, single, several = "UCS-2", 70, 67
    return Segments(encoding, units, 1 if units <= single else -(-units // several))


def spoken_seconds(text: str) -> float:
    """Return about how many seconds `text` takes a synthetic voice to say."""
    chinese = sum("\u4e00" <= letter <= "\u9fff" for letter in text)
    return chinese / CHINESE_PER_SECOND + (len(text) - chinese) / LATIN_PER_SECOND
