"""What a [channels.NAME] section of type gateway may say: a provider, mapped by configuration.

The tables within it are in `gateway_parts.py`; what only the whole shows to be wrong is found here.
"""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from alertcast.channels.base import ChannelSettings
from alertcast.channels.gateway_fill import placeholders
from alertcast.channels.gateway_parts import (
    AnswerPart,
    Exchange,
    InboundPart,
    LookUpPart,
    Meaning,
    PullPart,
    ReceiptsPart,
    Record,
    RequestPart,
    Signing,
    SlotPart,
    TemplatePart,
    Word,
    only,
    word,
)

OF_ONE = ("phone", "phone_national", "ref", "callback")
"""Placeholders that are different for each number."""

OF_TEXT = ("text", "template", "language", "slots", "slots_json", "slot_values", "slots.")
"""Placeholders for what is said; they are equal for all numbers of one request."""

OF_MANY = ("batch", "phones", "phones_national")
"""Placeholders for all numbers of one request."""


class GatewaySettings(ChannelSettings):
    """Keys of a [channels.NAME] section of type gateway."""

    kind: Literal["sms", "voice", "robot"]
    request: RequestPart
    answer: AnswerPart = AnswerPart()
    signing: Signing = Signing()
    codes: dict[str, Meaning] = Field(default_factory=dict)  # error codes; "*" is every other one
    words: dict[str, Annotated[Word, BeforeValidator(word)]] = Field(default_factory=dict)
    keys: dict[str, str] = Field(
        default_factory=dict
    )  # a key of the provider's menu to ours: 1 understood, 2 help
    receipts: ReceiptsPart | None = None
    inbound: InboundPart | None = None
    pull: PullPart | None = None
    look_up: LookUpPart | None = None  # by {ref} or {phone}
    status: LookUpPart | None = None  # by {id}
    templates: dict[str, TemplatePart] = Field(
        default_factory=dict
    )  # text id, or ID:LANGUAGE; given: no free text leaves
    slots: dict[str, SlotPart] = Field(default_factory=dict)
    forbidden: str = ""  # signs that no slot may hold
    replace: dict[str, str] = Field(default_factory=dict)  # words of a slot to what is said instead
    country: str = Field(default="86", pattern=r"^\d{1,3}$")  # of numbers without a country code
    id_is_shared: bool = False  # the provider's id is that of the request, not of each number
    connect_timeout: float = Field(default=5.0, gt=0)  # real seconds
    timeout: float = Field(default=10.0, gt=0)  # real seconds to wait for an answer
    connections: int = Field(default=16, ge=1)

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        mistakes = [
            *self._of_placeholders(),
            *self._of_batches(),
            *self._of_records(),
            *self._of_receipts(),
            *self._of_pull(),
        ]
        if mistakes:
            raise ValueError("; ".join(mistakes))
        return self

    @property
    def records(self) -> list[tuple[str, Record]]:
        """The tables that say where receipts are, with their names."""
        found = (
            ("receipts", self.receipts),
            ("pull", self.pull),
            ("look_up", self.look_up),
            ("status", self.status),
        )
        return [(name, one) for name, one in found if one is not None]

    def _of_placeholders(self) -> Iterable[str]:
        of_message = (*OF_ONE, *OF_TEXT)
        parts: list[tuple[str, Exchange | None, tuple[str, ...]]] = [
            ("request", self.request, (*of_message, *OF_MANY)),
            ("pull", self.pull, ("cursor", "limit")),
            ("pull.acknowledge", self.pull and self.pull.acknowledge, ("ids", "cursor")),
            ("look_up", self.look_up, ("ref", "phone", "phone_national", "date")),
            ("status", self.status, ("id",)),
        ]
        for where, part, known in parts:
            if part is not None:
                yield from _said(part.check, where, known)
        yield from _said(only, self.request.each, of_message, "request.each")
        used = set(placeholders([self.request.fields, self.request.each, self.request.url]))
        if self.templates and "text" in used:
            yield "request: {text} is free text, which a channel with templates never sends"
        if not self.templates and used & {"template", "slots", "slots_json", "slot_values"}:
            yield "templates: none is given, but the request names {template} or slots"
        if any(name.startswith("slots.") for name in used) and not self.templates:
            yield "templates: none is given, but the request names slots"

    def _of_batches(self) -> Iterable[str]:
        outer = set(placeholders([self.request.fields, self.request.url, self.request.headers]))
        many = outer & set(OF_MANY)
        if ("batch" in outer) != bool(self.request.each):
            yield "request.each and {batch} in request.fields belong together"
        if self.batch_size > 1 and not many:
            yield "batch_size: request.fields names neither {batch} nor {phones}"
        if many and outer & set(OF_ONE):
            named = ", ".join(f"{{{name}}}" for name in sorted(outer & set(OF_ONE)))
            yield f"request.fields: {named} differs for each number; put it into request.each"
        if not many and not outer & {"phone", "phone_national"} and self.kind != "robot":
            yield "request.fields: names no {phone}"
        if self.id_is_shared and any(one.id and not one.phone for _, one in self.records):
            yield "id_is_shared: a record with an id needs its phone too"

    def _of_records(self) -> Iterable[str]:
        for where, one in self.records:
            if not (one.ref or one.id) and where in ("receipts", "pull"):
                yield f"{where}: neither ref nor id says to which message a record belongs"
            if where in ("receipts", "pull") and not (one.state or one.key):
                yield f"{where}: neither state nor key says what became of it"
            if one.state and not self.words:
                yield f"words: none is given, but {where}.state names where they are"

    def _of_receipts(self) -> Iterable[str]:
        sent = set(placeholders([self.request.fields, self.request.each, self.request.url]))
        if "ref" not in sent and "callback" not in sent and not self._has_id:
            yield "answer.id: without it and without {ref} no receipt could find its message"
        if self.kind == "voice" and self.receipts is None and self.pull is None:
            yield "receipts or pull: a call without them would never end, nor its keys be heard"
        if self.kind == "voice" and not any(one.key for _, one in self.records):
            yield "receipts.key or pull.key: without it nobody could answer a call"
        if self.look_up is not None and not self.look_up.ref:
            yield "look_up.ref: without it another message to the number could be taken for ours"
        if self.status is not None and self.look_up is None:
            yield "status: is asked only by a channel that has look_up as well"
        if self.answer.is_last and self.kind == "voice":
            yield "answer.is_last: a call that was taken has told nobody yet"
        if self.inbound is not None and self.receipts is None:
            yield "inbound: is proved as receipts are; receipts.proof must be given"

    def _of_pull(self) -> Iterable[str]:
        pull = self.pull
        if pull is None:
            return
        if pull.acknowledge and _uses(pull.acknowledge, "ids") and not pull.mark:
            yield "pull.mark: acknowledge names {ids}, but not where they are in a record"
        if _uses(pull, "cursor") and not pull.cursor:
            yield "pull.cursor: the request names {cursor}"

    @property
    def _has_id(self) -> bool:
        each = self.answer.each
        return bool(self.answer.id or (each and each.id) or self.answer.is_last)


def _uses(part: Exchange, name: str) -> bool:
    return name in placeholders([part.url, part.fields, part.headers])


def _said(check: Any, *arguments: Any) -> list[str]:
    try:
        check(*arguments)
    except ValueError as error:
        return [str(error)]
    return []


def text_key(template: str, language: str, known: Mapping[str, TemplatePart]) -> str | None:
    """Return the key in `known` of the approved template for a text, or None.

    `warning.sms.cold.red` is looked for first, then `warning.sms.cold`, then `warning.sms`. A
    template speaks one language: Chinese, or that after the colon of its key.
    """
    tag = language.split("-")[0].lower()
    tail = "" if tag in ("zh", "yue") else f":{tag}"
    parts = template.split(".")
    for length in range(len(parts), 0, -1):
        key = ".".join(parts[:length]) + tail
        if key in known:
            return key
    return None
