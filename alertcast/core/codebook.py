"""Which grids a geocode names: a grid, its community, town, county, city or province."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from alertcast.core.place import CHINA, Code, china_code

KINDS = (
    "grid code",
    "community code",
    "town code",
    "county code",
    "city code",
    "province code",
)
"""What a code can name, from the finest to the widest."""

WIDENED = ", widened"
"""What is added to a kind where the code itself names nothing, but its town or county does."""

_WIDENED_TO = (9, 6)  # digits tried for a code we do not know: its town, then its county


@dataclass(frozen=True, slots=True)
class Named:
    """The grids that a code names."""

    grids: tuple[int, ...]  # positions in the index
    kind: str  # one of KINDS
    is_widened: bool = False  # the code is not known; these are the grids of its town or county

    @property
    def matched_by(self) -> str:
        """Return how a grid that is found by it was matched."""
        return f"{self.kind}{WIDENED}" if self.is_widened else self.kind


class CodeBook:
    """Grids by every code that may name them."""

    def __init__(self, names: Iterable[Iterable[tuple[str, str]]]) -> None:
        """Make the book; `names` gives (kind, code) pairs for each grid, in the index's order."""
        self._grids: dict[str, dict[str, list[int]]] = {kind: {} for kind in KINDS}
        for number, pairs in enumerate(names):
            for kind, code in pairs:
                named = self._grids[kind].setdefault(plain(code), [])
                if number not in named[-1:]:
                    named.append(number)

    def find(self, code: Code) -> tuple[Named, ...]:
        """Return the grids that `code` names; nothing if it names none here.

        A community may be a grid itself and hold quarters that are grids: both are returned. An
        unknown village or town of a county we know is widened to its town or county, never
        further: a new county must not warn a whole city.
        """
        if code.scheme != CHINA:
            return self._exact(f"{code.scheme}:{code.value}")
        exact = self._exact(code.value)
        if exact:
            return exact
        for digits in _WIDENED_TO:
            wider = self._exact(code.value[:digits]) if digits < len(code.value) else ()
            if wider:
                return tuple(replace(named, is_widened=True) for named in wider)
        return ()

    def is_elsewhere(self, code: Code) -> bool:
        """Say whether `code` lies in a city that has no grid here, so that nothing is missed."""
        return code.scheme == CHINA and code.value[:4] not in self._grids["city code"]

    def _exact(self, code: str) -> tuple[Named, ...]:
        key = code.casefold()
        found = [Named(tuple(g[key]), kind) for kind, g in self._grids.items() if key in g]
        if found and found[0].kind == "grid code":
            return tuple(named for named in found if named.kind in ("grid code", "community code"))
        return tuple(found[:1])


@lru_cache(maxsize=4096)  # thousands of grids share the codes of a few towns
def plain(code: str) -> str:
    """Return a code in comparable form: an administrative one without its padding."""
    return china_code(code) or code.strip().casefold()
