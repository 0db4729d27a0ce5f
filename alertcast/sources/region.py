"""The places whose warnings a source is asked for, by administrative code (GB/T 2260)."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field


def check_prefix(text: str) -> str:
    """Return `text` if it is the beginning of an administrative code, else raise ValueError."""
    if not re.fullmatch(r"[1-8][0-9]([0-9]{2}([0-9]{2})?)?", text):
        msg = f"{text[:20]!r} is not 2, 4 or 6 digits of an administrative code, e.g. 4412"
        raise ValueError(msg)
    return text


Region = Annotated[tuple[Annotated[str, AfterValidator(check_prefix)], ...], Field(min_length=1)]
"""At least one beginning of a code: province, city or county; its province and country are in."""
