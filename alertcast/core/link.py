"""The token of an acknowledgement link: short enough for an SMS, long enough not to be guessed.

Twelve letters of Crockford's alphabet are 60 bits. A county's red night has some 50,000 links that
live at once (16 bits), so a guess hits one of them with 2**-44: a thousand guesses a second for two
days find one with one chance in 100,000, and what it opens is a warning that is public. 128 bits
would cost 14 characters more, a fifth of an SMS part, in every text.
"""

import re

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base 32: no i, l, o or u, so that a token read aloud or typed is not mistaken."""

LENGTH = 12
"""Letters of a token; each carries 5 bits."""

_LOOKS_LIKE = str.maketrans("ilo", "110")
_WHOLE = re.compile(rf"([{ALPHABET}]{{{LENGTH}}})(?![0-9a-z])")

_IN_TEXT = re.compile(rf"/a/[{ALPHABET}]{{{LENGTH}}}")


def readable(typed: str) -> str | None:
    """Return the token that stands at the beginning of `typed`, or None.

    Letters that look alike are taken for each other. What follows the token is left out: telephones
    take a full stop or a Chinese word after an address for a part of it.
    """
    found = _WHOLE.match(typed[:64].lower().translate(_LOOKS_LIKE))
    return found[1] if found else None


def hidden(text: str) -> str:
    """Return `text` without the tokens of links in it: whoever has one could answer by it."""
    return _IN_TEXT.sub("/a/…", text)
