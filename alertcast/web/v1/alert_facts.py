"""What the API says of alerts: the message, who has it, what was decided on it and why."""

from typing import Annotated

from pydantic import AwareDatetime, Field

from alertcast.core.broadcast import BroadcastState, Purpose
from alertcast.web.v1.facts import Facts, Level, Mode


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
    is_expiry_assumed: Annotated[bool, Field(description="Its issuer does not say until when")]
    onset: Annotated[
        AwareDatetime | None, Field(description="When it is to begin, if that lay ahead when sent")
    ]
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
