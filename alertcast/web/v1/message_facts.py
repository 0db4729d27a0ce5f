"""What the API says of messages: each, its attempts, and their receipts."""

from typing import Annotated

from pydantic import AwareDatetime, Field

from alertcast.core.task import AttemptState, TaskState
from alertcast.web.v1.facts import Facts, Level, Masked, Mode


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
