"""What the API says, key by key. A key that is here stays; new ones may be added."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from alertcast.core.broadcast import BroadcastState, Purpose
from alertcast.core.callout import CalloutState
from alertcast.core.task import AttemptState, TaskState

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


class Info(Facts):
    """What an alert says about some areas, unaltered."""

    language: str
    hazard: str | None
    level: Level
    event: str
    issuer: str
    headline: str | None
    description: str | None
    instruction: str | None
    areas: list[str]


class Alert(Facts):
    """One official alert, and what was decided on it."""

    alert_id: int
    identifier: str
    sender: str
    sent: AwareDatetime
    status: str
    msg_type: str
    standing: Annotated[str, Field(description="in_force, superseded, ended or expired")]
    expires: AwareDatetime | None
    decision: str | None
    why: Annotated[str | None, Field(description="Why it was, or was not, told; in Chinese")]
    decided_at: AwareDatetime | None
    infos: list[Info]


class AlertPage(Facts):
    """Some alerts, the newest first."""

    items: list[Alert]
    next: Annotated[str | None, Field(description="Cursor for `after`; null: there are no more")]


class Witness(Facts):
    """One source that has an alert."""

    source: str
    since: AwareDatetime
    receipts: int
    signature: str
    signer: str


class Place(Facts):
    """One area, its level, and the sentence that the level was read from."""

    desc: str
    level: Level
    sentence: str | None


class PolicyRule(Facts):
    """What the policies say of one level of this hazard."""

    level: Level
    grids: int
    is_told: bool
    policy: str | None


class Sent(Facts):
    """A broadcast that relays an alert, or asks whether it is to be relayed."""

    id: int
    purpose: Purpose
    mode: Mode
    state: BroadcastState
    created_by: str
    created_at: AwareDatetime


class Explained(Facts):
    """Why an alert was, or was not, told."""

    alert: Alert
    received_at: AwareDatetime
    witnesses: list[Witness]
    places: list[Place]
    remarks: list[str]
    rules: list[PolicyRule]
    broadcasts: list[Sent]


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


class Message(Facts):
    """One message to one phone."""

    id: int
    broadcast_id: int
    mode: Mode
    purpose: str
    kind: str
    level: Level
    person_id: int
    name: Masked
    phone: Masked
    state: TaskState
    reason: str | None
    tries: int
    created_at: AwareDatetime | None
    due_at: AwareDatetime


class MessagePage(Facts):
    """Some messages, the newest first."""

    items: list[Message]
    next: str | None


class Receipt(Facts):
    """One word of a provider about an attempt."""

    at: AwareDatetime
    word: Annotated[str, Field(description="The provider's own")]
    state: str | None
    reason: str | None
    code: str | None
    effect: Annotated[str | None, Field(description="What it changed; null: not applied yet")]


class Attempt(Facts):
    """One request to a provider, and everything that was heard of it."""

    n: int
    channel: str
    at: AwareDatetime
    state: AttemptState
    reason: str | None
    code: str | None
    key: Annotated[str | None, Field(description="Pressed by the person")]
    settled_at: AwareDatetime | None
    heard: list[Receipt]


class Story(Message):
    """One message from the beginning."""

    places: list[str]
    template: str
    language: str
    text: Annotated[str, Field(description="As it left, phones and links hidden; empty before")]
    calls: int
    expires_at: AwareDatetime | None
    told_by: Annotated[int | None, Field(description="Another message that tells this as well")]
    attempts: list[Attempt]


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
    help_open: int
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
