"""The tokens of one sentence, and what stands around the one that is read."""

from collections.abc import Iterator, Sequence

from alertcast.core.town_tokens import Token
from alertcast.core.town_words import Kind

PLACES = frozenset(
    {
        Kind.TOWN,
        Kind.COUNTY,
        Kind.WHOLE,
        Kind.REST,
        Kind.THESE,
        Kind.PART,
        Kind.UNKNOWN,
        Kind.FOREIGN,
        Kind.BY_TOWN,
    }
)
"""What names a place."""

SAYS_WHAT = frozenset(
    {Kind.LEVEL, Kind.HAZARD, Kind.CHANGE, Kind.KEEP, Kind.LIFT, Kind.SIGNAL, Kind.ISSUE}
)
"""What says of places what holds there."""

_IN_LISTS = PLACES | {Kind.JOIN, Kind.ETC, Kind.COUNT, Kind.FILL, Kind.TIME, Kind.OUT}
_OF_SIGNALS = frozenset(
    {Kind.HAZARD, Kind.LEVEL, Kind.SIGNAL, Kind.OPEN, Kind.CLOSE, Kind.ISSUE, Kind.MARK}
)
_FAR = 400  # tokens that are looked at around one, so that no text can choke the reading


class Row:
    """The tokens of a sentence; iterating moves along them."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._paired = _pairs(tokens)

    def __iter__(self) -> Iterator[Token]:
        for number, token in enumerate(self._tokens):
            self._at = number
            yield token

    @property
    def before(self) -> Token | None:
        """The token before this one."""
        return self._tokens[self._at - 1] if self._at else None

    @property
    def kind_before(self) -> Kind | None:
        """The kind of the token before this one."""
        return self._tokens[self._at - 1].kind if self._at else None

    @property
    def kind_after(self) -> Kind | None:
        """The kind of the token after this one."""
        after = self._tokens[self._at + 1 : self._at + 2]
        return after[0].kind if after else None

    @property
    def is_inside(self) -> bool:
        """Say whether 在 stands before this place: "预警信号在冷坑镇生效"."""
        return self._at > 0 and self._tokens[self._at - 1].text == "在"

    @property
    def is_paired(self) -> bool:
        """Say whether this bracket has its other half in the sentence."""
        return self._at in self._paired

    def listed_in_brackets(self) -> int:
        """Return how many towns are named in the brackets that follow at once: 等3个镇(...)."""
        names = 0
        for number, token in enumerate(self._on()):
            if number == 0 and token.kind is not Kind.OPEN:
                return 0
            if token.kind is Kind.CLOSE:
                return names
            names += token.kind is Kind.TOWN
        return 0

    def ends_exception(self) -> bool:
        """Say whether this place is what 除...外 was taken from."""
        for token in self._back():
            if token.kind is not Kind.FILL:
                return token.kind is Kind.OUT
        return False

    def is_joined(self) -> bool:
        """Say whether 和, 及 or 、 led here from what was read before, without a comma."""
        for token in self._back():
            if token.kind is Kind.JOIN:
                return True
            if token.kind not in (Kind.FILL, Kind.ISSUE, Kind.TIME):
                return False
        return False

    def meets(self, *kinds: Kind) -> bool:
        """Say whether one of `kinds` follows before the next comma."""
        for token in self._on():
            if token.kind in (Kind.COMMA, Kind.CLOSE):
                return False
            if token.kind in kinds:
                return True
        return False

    def runs_into(self, *kinds: Kind, over_comma: bool = False) -> bool:
        """Say whether one of `kinds` follows after nothing but places, hazards and levels.

        `over_comma`: a comma may stand at once after this token.
        """
        for number, token in enumerate(self._on()):
            if token.kind in kinds:
                return True
            is_first = over_comma and number == 0 and token.kind is Kind.COMMA
            if not is_first and token.kind not in _IN_LISTS | _OF_SIGNALS:
                return False
        return False

    def follows(self, kind: Kind) -> bool:
        """Say whether `kind` stands before this token, with nothing that counts in between."""
        for token in self._back():
            if token.kind not in (Kind.FILL, Kind.TIME, Kind.KEEP, Kind.COMMA):
                return token.kind is kind
        return False

    def after_list(self) -> Kind | None:
        """Return what follows the list of places that begins here."""
        for token in self._on():
            if token.kind not in _IN_LISTS and token.kind is not Kind.COMMA:
                return token.kind
            if token.kind is Kind.REST:
                return None
        return None

    def _on(self) -> Sequence[Token]:
        return self._tokens[self._at + 1 : self._at + 1 + _FAR]

    def _back(self) -> Iterator[Token]:
        return reversed(self._tokens[max(self._at - _FAR, 0) : self._at])


def _pairs(tokens: Sequence[Token]) -> frozenset[int]:
    """Return where brackets stand that have their other half in the same sentence."""
    opened: list[int] = []
    paired: set[int] = set()
    for number, token in enumerate(tokens):
        if token.kind is Kind.OPEN:
            opened.append(number)
        elif token.kind is Kind.CLOSE and opened:
            paired |= {opened.pop(), number}
    return frozenset(paired)
