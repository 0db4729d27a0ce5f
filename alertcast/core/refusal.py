"""Why something is refused: sentences for an officer, in Chinese, that a page may say in English.

As text a sentence is the Chinese one; what it is about stands beside it, so that it can be
translated where it is shown.
"""

from typing import ClassVar


class Sentence(str):
    """One sentence with its slots filled; `text` has them still open."""

    text: str
    slots: dict[str, object]


def sentence(text: str, **slots: object) -> Sentence:
    """Return `text` with `slots` in it; the catalogue of the pages has its English."""
    made = Sentence(text.format(**slots) if slots else text)
    made.text, made.slots = text, slots
    return made


class Refusal(Exception):
    """It is refused; `why` says why, a sentence for each reason."""

    between: ClassVar[str] = "；"  # two reasons, in Chinese

    def __init__(self, *why: Sentence) -> None:
        super().__init__(self.between.join(why))
        self.why = why
