"""The correction (更正): what was wrong with a message, said in one of the approved ways."""

from dataclasses import dataclass
from enum import StrEnum

from alertcast.core.broadcast import Purpose


class Fault(StrEnum):
    """What was wrong; each has its approved sentence in texts.toml (correction.why)."""

    AREA = "area"  # people were told whom it does not concern
    LEVEL = "level"  # the level was not the official one
    MISTAKE = "mistake"  # it should not have been sent
    SYSTEM = "system"  # a fault of this system sent it


def faults_of(purpose: Purpose) -> tuple[Fault, ...]:
    """Return what may have been wrong with a message; one of our own words has no level."""
    has_level = purpose not in (Purpose.DESK, Purpose.TEST)
    return tuple(one for one in Fault if has_level or one is not Fault.LEVEL)


@dataclass(frozen=True, slots=True)
class Told:
    """A phone that a broadcast told, or may have told, and how."""

    person_id: int
    phone_index: str
    language: str
    kinds: tuple[str, ...]  # of sms, voice, robot and manual (an officer spoke to the person)

    @property
    def repeats(self) -> tuple[str, ...]:
        """The kinds that carry a correction to this phone; none if only an officer spoke to it.

        Whoever was called gets a text as well: it is there at once, and can be read again.
        """
        kinds = {kind for kind in self.kinds if kind != "manual"}
        return tuple(sorted(kinds | {"sms"})) if kinds else ()

    @property
    def is_by_hand(self) -> bool:
        """Say whether an officer told this person aloud, and has to do so again."""
        return "manual" in self.kinds
