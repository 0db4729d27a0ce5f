"""What the API says, key by key. A key that is here stays; new ones may be added."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from alertcast.core.broadcast import BroadcastState, Purpose
from alertcast.core.callout import CalloutState
from alertcast.core.task import TaskState

Mode = Literal["live", "drill"]
Level = Annotated[str | None, Field(description="As the levels are called in hazards.toml")]
Counts = Annotated[dict[str, int], Field(description="How many by state")]
Masked = Annotated[str, Field(description="Masked")]


class Facts(BaseModel):
    """Facts of the database, of which the API says some."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    @classmethod
    def of(cls, facts: Mapping[str, Any], **more: object) -> Self:
        """Return these facts; `more` replaces or adds some."""
        return cls.model_validate({**facts, **more})


class Grids(Facts):
    """How many grids there are, and how many in each state."""

    total: int
    by_state: Counts


class Broadcast(Facts):
    """One decision to tell people."""

    id: int
    purpose: Purpose
    mode: Mode
    state: BroadcastState
    title: str
    hazard: str | None
    created_at: AwareDatetime
    created_by: Annotated[str, Field(description="scheduler, a user, or token:NAME")]
    starts_at: AwareDatetime
    expires_at: AwareDatetime | None
    ended_at: AwareDatetime | None
    corrects_id: int | None
    grids: Grids


class BroadcastPage(Facts):
    """Some broadcasts, the newest first."""

    items: list[Broadcast]
    next: str | None


class Relay(Facts):
    """Households told (转告), as leaders said."""

    grids: int
    grids_said: int
    households_told: int
    households_not_told: int
    growers_told: int


class Progress(Broadcast):
    """How far a broadcast is."""

    people: Annotated[dict[str, int], Field(description="total, told, acknowledged; and by state")]
    tasks: Annotated[dict[str, Counts], Field(description="Messages by kind and state")]
    attempts: int
    acknowledged: int
    help_open: int
    relay: Relay
    corrected_by: int | None


class AnsweredBy(Facts):
    """Whose answer came first for a grid."""

    role: str
    at: AwareDatetime
    via: str
    value: Annotated[str, Field(description="1 understood, 2 needs help")]


class Callout(Facts):
    """One grid of a broadcast."""

    code: str
    name: str
    town_code: str
    town: str
    county: str
    level: Level
    state: CalloutState
    rung: Annotated[int, Field(description="-1 before the first")]
    rungs: int
    next_step_at: AwareDatetime | None
    opened_at: AwareDatetime
    ended_at: AwareDatetime | None
    matched_by: str
    respondents: int
    answered_by: AnsweredBy | None


class CalloutPage(Facts):
    """Some grids of a broadcast, by code."""

    items: list[Callout]
    next: str | None


class Answer(Facts):
    """The last thing a person answered."""

    value: Annotated[str, Field(description="1 understood, 2 needs help")]
    via: str
    at: AwareDatetime


class Told(Facts):
    """What became of one message to a person."""

    kind: str
    state: TaskState
    tries: int
    reason: str | None


class Respondent(Facts):
    """One person of a broadcast."""

    person_id: int
    name: Masked
    phone: Masked
    roles: list[str]
    places: list[str]
    counts: Annotated[bool, Field(description="An answer of this person answers for a grid")]
    state: str
    tasks: list[Told]
    answer: Answer | None


class RespondentPage(Facts):
    """Some people of a broadcast."""

    items: list[Respondent]
    next: str | None


class Grid(Facts):
    """One grid of the layer in use."""

    code: str
    name: str
    kind: str
    town_code: str
    town: str
    county_code: str
    county: str


class GridPage(Facts):
    """Some grids, by code."""

    items: list[Grid]
    next: str | None


class Watched(Facts):
    """Something that stands still, or does not run any more."""

    what: str
    subject: str
    count: int
    since: AwareDatetime | None


class Health(Facts):
    """Whether warnings are told, and what is red. 200 also where they are not: read `is_ready`."""

    is_ready: bool
    checks: dict[str, bool]
    at: datetime
    warnings: Annotated[int, Field(description="In force")]
    running: int
    approvals: Annotated[int, Field(description="Broadcasts that wait for a human")]
    held: Annotated[int, Field(description="Alerts that wait for a human")]
    help_open: Annotated[int, Field(description="People in need; whoever asks twice counts once")]
    unreached: Annotated[int, Field(description="Grids")]
    manual: Annotated[int, Field(description="Phones to dial by hand")]
    failing: Annotated[list[str], Field(description="Sources")]
    stopped: Annotated[list[str], Field(description="Channels")]
    watch: list[Watched]


class Stopped(Facts):
    """What stopping did."""

    id: int
    state: BroadcastState
    dropped: Annotated[int, Field(description="Messages that will not leave")]
    gone: Annotated[int, Field(description="Messages that had left already")]
