"""Long lists in pieces: a cursor says where the last one ended, and stays right as rows come."""

import base64
import re
from collections.abc import Callable, Sequence
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from alertcast.web.v1.problems import Refused

Item = TypeVar("Item")

MOST = 500
"""Items of one piece."""


CODE = r"^[0-9A-Za-z_.\u4e00-\u9fff-]{1,32}$"
"""What a code of a place may be made of, said so that every dialect of patterns reads it alike."""

Code = Annotated[str, Field(pattern=CODE)]


class Piece(BaseModel):
    """Which piece of a list is asked for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    limit: Annotated[int, Field(ge=1, le=MOST, description="Most items of the answer")] = 100
    after: Annotated[
        str | None, Field(max_length=200, description="`next` of the piece before")
    ] = None

    @property
    def after_id(self) -> int | None:
        """Return the id where the piece before ended."""
        text = self.after_text
        if text is not None and not re.fullmatch(r"[0-9]{1,18}", text):
            raise Refused(400, "invalid_cursor")
        return None if text is None else int(text)

    @property
    def after_text(self) -> str | None:
        """Return the key where the piece before ended."""
        if self.after is None:
            return None
        try:
            text = base64.b64decode(self.after.encode(), altchars=b"-_", validate=True).decode()
        except ValueError:
            text = ""
        if not re.fullmatch(CODE, text):
            raise Refused(400, "invalid_cursor")
        return text

    def of(
        self, found: Sequence[Item], key: Callable[[Item], object]
    ) -> tuple[Sequence[Item], str | None]:
        """Return a piece of what was found, of which there may be more, and the next cursor."""
        if len(found) <= self.limit:
            return found, None
        piece = found[: self.limit]
        return piece, base64.urlsafe_b64encode(str(key(piece[-1])).encode()).decode()
