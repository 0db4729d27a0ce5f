"""What became of one item of an input: an alert with remarks, or the reasons why there is none."""

from dataclasses import dataclass

from alertcast.core.alert import Alert, Reason, ReasonKind
from alertcast.core.signature import UNSIGNED, Signature
from alertcast.core.witness import Body


@dataclass(frozen=True, slots=True)
class Parsed:
    """One item of a file or document, read as far as it could be."""

    alert: Alert | None  # None: refused; then `reasons` holds at least one error
    reasons: tuple[Reason, ...] = ()
    item: int = 0  # its place in the document, from 0
    identifier_hint: str | None = None  # of a refused alert, where one could be read
    body: Body = Body.CAP  # how much of the warning this feed gives
    signature: Signature = UNSIGNED

    @property
    def accepted(self) -> bool:
        """Say whether an alert could be read; it may still be one that must not be sent."""
        return self.alert is not None


class Unreadable(Exception):
    """A document that holds nothing to read; `reason` is for the person who has to mend it."""

    def __init__(self, code: str, message: str, where: str = "") -> None:
        super().__init__(message)
        self.reason = Reason(code, ReasonKind.ERROR, where, message)

    def as_parsed(self) -> list[Parsed]:
        """Return the one refused item that stands for the whole document."""
        return [Parsed(None, (self.reason,))]


class Findings:
    """Collects the reasons of one item while it is being read."""

    def __init__(self) -> None:
        self.reasons: list[Reason] = []

    @property
    def has_error(self) -> bool:
        """Say whether anything was found for which the item is refused."""
        return any(reason.kind is ReasonKind.ERROR for reason in self.reasons)

    def error(self, code: str, where: str, message: str) -> None:
        """Write down why the item is refused."""
        self.reasons.append(Reason(code, ReasonKind.ERROR, where, message))

    def repair(self, code: str, where: str, message: str) -> None:
        """Write down what was changed so that the item could be accepted."""
        self.reasons.append(Reason(code, ReasonKind.REPAIR, where, message))

    def note(self, code: str, where: str, message: str) -> None:
        """Write down what is worth knowing of an item that was accepted as it is."""
        self.reasons.append(Reason(code, ReasonKind.NOTE, where, message))
