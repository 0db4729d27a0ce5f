"""An official warning as its issuer wrote it, in the words of CAP 1.2 (OASIS, section 3.2).

Nothing here is interpreted away: an alert keeps all its `info` blocks (languages, audiences,
levels) and each area keeps its own geometry and codes. Times are aware, in the offset that was
published; coordinates are WGS 84 (lon, lat).
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from alertcast.core.lifting import is_lifted, is_lifted_in_english, says_lifted
from alertcast.core.national_id import NationalId
from alertcast.core.vtec import events

STATUSES = ("Actual", "Exercise", "System", "Test", "Draft")
"""CAP 1.2 status; only Actual may be sent, Exercise only in drills."""

MSG_TYPES = ("Alert", "Update", "Cancel", "Ack", "Error")
"""CAP 1.2 msgType; Ack and Error are between systems and are never sent."""

SCOPES = ("Public", "Restricted", "Private")
"""CAP 1.2 scope."""

URGENCIES = ("Immediate", "Expected", "Future", "Past", "Unknown")
"""CAP 1.2 urgency, the most urgent first."""

CERTAINTIES = ("Observed", "Likely", "Possible", "Unlikely", "Unknown")
"""CAP 1.2 certainty, the most certain first."""

RESPONSES = (
    "Shelter",
    "Evacuate",
    "Prepare",
    "Execute",
    "Avoid",
    "Monitor",
    "Assess",
    "AllClear",
    "None",
)
"""CAP 1.2 responseType."""

SEVERITIES = ("Extreme", "Severe", "Moderate", "Minor", "Unknown")
"""CAP 1.2 severity, the worst first."""

AHEAD = timedelta(minutes=30)
"""How far an onset lies ahead of the time sent to be worth a word: many just repeat that."""

ATTRIBUTION = "attribution"
"""Name of the parameters in which readers keep what a publisher wants to be shown."""


class ReasonKind(StrEnum):
    """How much a finding about an input matters."""

    ERROR = "error"  # the input was refused
    REPAIR = "repair"  # the input was accepted after a change that is named
    NOTE = "note"  # the input was accepted as it is; this is worth knowing


@dataclass(frozen=True, slots=True)
class Reason:
    """One finding about one place in an input, for the person who has to mend it."""

    code: str  # a short fixed word, e.g. "no_offset"
    kind: ReasonKind
    where: str  # element path, feature or row, e.g. "info[0]/area[1]/polygon[0]"
    message: str  # one sentence naming the thing and the rule; English, Chinese for an officer


@dataclass(frozen=True, slots=True)
class Circle:
    """A CAP circle; radius 0 is a point."""

    lon: float  # degrees, WGS 84
    lat: float  # degrees, WGS 84
    radius_km: float  # kilometres, as CAP writes it


@dataclass(frozen=True, slots=True)
class Area:
    """One CAP area: the union of its polygons and circles; its geocodes name the same place."""

    desc: str
    level: str | None = None  # the colour that holds here; None: the level of its info
    polygons: tuple[tuple[tuple[float, float], ...], ...] = ()  # closed rings of (lon, lat), WGS 84
    circles: tuple[Circle, ...] = ()
    geocodes: tuple[tuple[str, str], ...] = ()  # (valueName, value) as published
    altitude: float | None = None  # feet above mean sea level
    ceiling: float | None = None  # feet above mean sea level
    sentence: str | None = None  # the sentence of the text that `level` was read from


@dataclass(frozen=True, slots=True)
class Info:
    """One CAP info: what is said, in one language, about its own areas."""

    language: str  # BCP 47, "en-US" where the message names none
    category: tuple[str, ...]
    event: str
    urgency: str  # Immediate, Expected, Future, Past, Unknown
    severity: str  # Extreme, Severe, Moderate, Minor, Unknown
    certainty: str  # Observed, Likely, Possible, Unlikely, Unknown
    hazard: str | None = None  # key of config/hazards.toml, e.g. "cold"; None: not known to us
    level: str | None = None  # red, orange, yellow, blue, white; None: no colour in this message
    response_types: tuple[str, ...] = ()
    audience: str | None = None
    event_codes: tuple[tuple[str, str], ...] = ()
    effective: datetime | None = None
    onset: datetime | None = None
    expires: datetime | None = None
    sender_name: str | None = None  # never a forecaster's personal name
    headline: str | None = None
    description: str | None = None
    instruction: str | None = None
    web: str | None = None
    contact: str | None = None
    parameters: tuple[tuple[str, str], ...] = ()
    areas: tuple[Area, ...] = ()

    def says_lifted(self) -> bool:
        """Say whether the headline lifts a signal (解除): wholly, or in some places only."""
        return says_lifted(self.headline or "")

    def is_lift(self) -> bool:
        """Say whether the headline lifts a signal and the text keeps none of it in force."""
        return is_lifted(self.headline or "", self.description or "")


@dataclass(frozen=True, slots=True)
class Reference:
    """An earlier message that this one updates, ends or answers."""

    sender: str
    identifier: str
    sent: datetime | None


@dataclass(frozen=True, slots=True)
class Alert:
    """One message from one authority, never altered."""

    identifier: str
    sender: str
    sent: datetime
    status: str  # Actual, Exercise, System, Test, Draft
    msg_type: str  # Alert, Update, Cancel, Ack, Error
    scope: str = "Public"
    source: str | None = None
    restriction: str | None = None
    addresses: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    note: str | None = None
    references: tuple[Reference, ...] = ()
    incidents: tuple[str, ...] = ()
    infos: tuple[Info, ...] = ()

    @property
    def key(self) -> str:
        """Identity across feeds: the national identifier, else sender, identifier and time sent."""
        if (national := NationalId.read(self.identifier)) is not None:
            return national.text
        return f"{self.sender},{self.identifier},{self.sent.astimezone(UTC).isoformat()}"

    @property
    def runs_out(self) -> datetime | None:
        """The last `expires` of its infos; None: its issuer does not say until when it holds."""
        return max((one.expires for one in self.infos if one.expires is not None), default=None)

    @property
    def begins(self) -> datetime | None:
        """The first `onset` of its infos, where that lay ahead when it was sent; else None."""
        found = [one.onset for one in self.infos if one.onset is not None]
        return min(found) if found and min(found) >= self.sent + AHEAD else None

    def infos_in(self, language: str) -> tuple[Info, ...]:
        """Return the infos to act on: those in `language`, else in the first info's language.

        A language matches exactly, then by its primary subtag (BCP 47): "zh" finds "zh-CN". All
        infos of that language are returned, since one message may carry one info per level.
        """
        if not self.infos:
            return ()
        wanted = [language.lower(), language.lower().split("-")[0]]
        tags = [info.language.lower().replace("_", "-") for info in self.infos]
        for want in wanted:
            found = [i for i, tag in zip(self.infos, tags, strict=True) if _speaks(tag, want)]
            if found:
                return tuple(found)
        first = tags[0].split("-")[0]
        return tuple(i for i, tag in zip(self.infos, tags, strict=True) if _speaks(tag, first))

    def warns_in(self, language: str) -> tuple[Info, ...]:
        """Return those of `infos_in` that warn: an update may give all clear in some of its areas.

        All of them where every one gives all clear.
        """
        said = self.infos_in(language)
        return tuple(info for info in said if not self._is_cleared(info)) or said

    def cleared_in(self, language: str) -> tuple[Info, ...]:
        """Return those of `infos_in` by which an update gives all clear, while others warn."""
        said = self.infos_in(language)
        cleared = tuple(info for info in said if self._is_cleared(info))
        return cleared if len(cleared) < len(said) else ()

    def is_end(self) -> bool:
        """Say whether the message is an end: Cancel, all clear, a lift, or the end of its event."""
        if self.msg_type == "Cancel":
            return True
        said = self.infos_in("zh")
        if self.msg_type in ("Alert", "Update") and said and all(map(self._is_lift, said)):
            return True
        named = [event for info in self.infos for event in events(info.parameters)]
        if named and all(event.is_over for event in named):
            return True
        return (
            self.msg_type == "Update"
            and bool(self.infos)
            and all("AllClear" in info.response_types for info in self.infos)
        )

    def may_be_end(self) -> bool:
        """Say whether the message is an end, or its headlines lift a signal and its texts keep one.

        Which of them is then read town by town, or by an officer.
        """
        said = self.infos_in("zh") if self.msg_type in ("Alert", "Update") else ()
        return self.is_end() or (bool(said) and all(info.says_lifted() for info in said))

    def is_lifted_by(self, title: str) -> bool:
        """Say whether `title`, an index's name of this message, makes an end of a warning."""
        return (is_lifted_in_english(title) or is_lifted(title)) and not self.is_end()

    def _is_cleared(self, said: Info) -> bool:
        return self.msg_type == "Update" and "AllClear" in said.response_types

    def _is_lift(self, said: Info) -> bool:
        if said.is_lift():
            return True
        is_english = _speaks(said.language.lower(), "en")
        is_china = NationalId.read(self.identifier) is not None
        return is_english and is_china and is_lifted_in_english(said.headline or "")


def _speaks(tag: str, want: str) -> bool:
    return tag == want or tag.startswith(want + "-")
