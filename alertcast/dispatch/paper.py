"""What is drawn on paper in Chinese needs: a font, and text broken into lines.

The font is the one for simplified Chinese that every PDF reader brings along (STSong-Light); a
TrueType file may be embedded instead, for readers that do not and for rare characters.
"""

from functools import lru_cache
from pathlib import Path

from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont, stringWidth
from reportlab.pdfbase.ttfonts import TTFError, TTFont


class FontError(ValueError):
    """The configured font is no TrueType file."""


def font_named(path: Path | None) -> str:
    """Return the name of the font to draw with; raises FontError if `path` is no TrueType file."""
    if path is None:
        name = "STSong-Light"
        registerFont(UnicodeCIDFont(name))
        return name
    try:
        registerFont(TTFont(str(path), str(path)))
    except (TTFError, OSError) as error:
        raise FontError(str(error)) from None
    return str(path)


def wrapped(text: str, width: float, font: str, size: float) -> list[str]:
    """Return `text` in lines no wider than `width` points; English is broken between words."""
    found: list[str] = []
    for paragraph in text.split("\n"):
        found += _lines(paragraph, width, font, size)
    return found


def _lines(text: str, width: float, font: str, size: float) -> list[str]:
    found: list[str] = []
    start, used, space = 0, 0.0, -1  # of this line: where it begins, its width, its last space
    for at, char in enumerate(text):
        wide = _width(char, font, size)
        if used + wide > width and at > start:
            end = space + 1 if space > start and char.isascii() and char != " " else at
            found.append(text[start:end])
            start = end
            used = sum(_width(one, font, size) for one in text[start:at])
        if char == " ":
            space = at
        used += wide
    return [*found, text[start:]]


@lru_cache(maxsize=8192)
def _width(char: str, font: str, size: float) -> float:
    return float(stringWidth(char, font, size))
