"""The tables within a section of type gateway: one request, one answer, one receipt, mapped.

Nothing here is known of any provider. Whatever can be seen to be wrong without asking one is a
mistake of the table, named by its key.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from alertcast.channels.base import Outcome
from alertcast.channels.events import State
from alertcast.channels.gateway_fill import unknown
from alertcast.channels.reasons import REASONS
from alertcast.core.policy import duration

Duration = Annotated[timedelta, BeforeValidator(duration)]

SIGNED = ("secret", "unix", "unix_ms", "signature")
"""Placeholders that every request may use; `signature` in its address and headers only."""


class Part(BaseModel):
    """A table within a gateway's section."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Signing(Part):
    """How our requests prove that they are ours."""

    type: Literal["none", "header", "basic", "hmac"] = "none"
    secret_env: str | None = None  # environment variable with the secret
    user: str = ""  # basic: the name that goes with the secret
    header: str | None = None  # header and hmac: which one; hmac may use the address instead
    value: str = ""  # what stands in it, e.g. "Bearer {secret}" or "{signature}"
    content: str = "{body}"  # hmac: what is signed
    digest: Literal["hex", "base64"] = "hex"  # hmac: how the signature is written

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.type != "none" and not self.secret_env:
            raise ValueError("secret_env must name the environment variable with the secret")
        if self.type == "header" and not (self.header and self.value):
            raise ValueError("header and value must be given")
        if self.type == "basic" and not self.user:
            raise ValueError("user must be given")
        if bool(self.header) != bool(self.value):
            raise ValueError("header and value belong together")
        only(self.value, SIGNED, "value")
        only(self.content, ("secret", "unix", "unix_ms", "body"), "content")
        return self


class Exchange(Part):
    """One HTTP request; its answer is JSON."""

    method: Literal["GET", "POST"] = "POST"
    url: str  # http or https, with placeholders
    headers: dict[str, str] = {}
    encoding: Literal["json", "form", "query"] = "json"  # how `fields` are written
    fields: dict[str, Any] = {}

    @field_validator("url")
    @classmethod
    def _is_address(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or "{" in parts.netloc:
            raise ValueError(f"{url!r} is not an http or https address")
        if parts.username or parts.fragment:
            raise ValueError(f"{url!r} may have no user and no fragment")
        return url

    @model_validator(mode="after")
    def _is_sendable(self) -> Self:
        if self.method == "GET" and self.encoding != "query" and self.fields:
            raise ValueError('fields of a GET need encoding = "query"')
        return self

    def check(self, where: str, known: Iterable[str]) -> None:
        """Raise ValueError for a placeholder that means nothing in the table `where`."""
        known = (*known, *SIGNED)
        only(self.url, known, f"{where}.url")
        only(list(self.headers.values()), known, f"{where}.headers")
        only(self.fields, {*known} - {"signature"}, f"{where}.fields")


class RequestPart(Exchange):
    """How messages are handed over."""

    each: dict[str, Any] = {}  # what {batch} is a list of, one for each number


class Test(Part):
    """A question about an answer: whether the value at `path` is one of `values`."""

    __test__ = False  # not a test of pytest's

    path: str
    values: Annotated[
        tuple[str, ...], BeforeValidator(lambda found: _words_of(found)), Field(min_length=1)
    ]


class EachAnswer(Part):
    """Where the answer for one number of several is."""

    list: str  # path of the list in the answer; "": the answer itself
    ref: str | None = None  # our reference in an entry; or
    phone: str | None = None  # the number; neither: entries are in the order of the numbers
    ok: Test | None = None
    id: str | None = None
    code: str | None = None
    message: str | None = None


class AnswerPart(Part):
    """How the answer to a request is read."""

    ok: Test | None = None  # left out: HTTP 2xx is success
    id: str | None = None  # path of the provider's id
    code: str | None = None  # path of its error code
    message: str | None = None  # path of its words
    each: EachAnswer | None = None  # it answers for each number; left out: for the whole request
    is_last: bool = False  # no receipt ever comes: what is taken counts as delivered


class Meaning(Part):
    """What an error code means."""

    outcome: Outcome = Outcome.REFUSED
    reason: str = "not_delivered"  # key of REASONS
    wait: float | None = Field(default=None, ge=0)  # real seconds until a throttled one goes again

    @field_validator("reason")
    @classmethod
    def _is_known(cls, reason: str) -> str:
        return _reason(reason)


class Word(Part):
    """What a word of a receipt means."""

    state: State
    reason: str | None = None  # key of REASONS; left out: that of its code, or of the state

    @field_validator("reason")
    @classmethod
    def _is_known(cls, reason: str | None) -> str | None:
        return None if reason is None else _reason(reason)

    @field_validator("state")
    @classmethod
    def _says_something(cls, state: State) -> State:
        if state is State.UNREADABLE:
            raise ValueError("unreadable is what a word that is not listed is")
        return state


class Record(Part):
    """Where a receipt says what; paths like "data.0.status", dots between the steps."""

    list: str | None = None  # path of the list of records; "": the whole body; left out: one record
    ref: str | None = None  # our reference
    id: str | None = None  # the provider's id
    phone: str | None = None  # the number
    state: str | None = None  # the word, see [channels.NAME.words]
    code: str | None = None  # the error code, see [channels.NAME.codes]
    key: str | None = None  # the keys pressed in the call


class Proof(Part):
    """How a callback proves that it comes from the provider."""

    type: Literal["header", "hmac", "address"]
    secret_env: str  # environment variable with the secret
    secondary_env: str | None = None  # a second one, while one replaces the other
    header: str | None = None  # header: that holds the secret; hmac: that holds the signature
    content: str = "{body}"  # hmac: what is signed
    digest: Literal["hex", "base64"] = "hex"

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.type != "address" and not self.header:
            raise ValueError("header must be given")
        only(self.content, ("secret", "body"), "content")
        return self


class ReceiptsPart(Record):
    """Receipts that the provider pushes to PUBLIC_BASE_URL/callbacks/NAME/status."""

    proof: Proof
    answer: str = '{"code":0}'  # what the provider wants to hear
    answer_type: str = "application/json"


class InboundPart(Part):
    """Texts of people that the provider pushes to PUBLIC_BASE_URL/callbacks/NAME/inbound."""

    list: str | None = None
    id: str | None = None
    phone: str
    text: str


class PullPart(Exchange, Record):
    """Receipts that are fetched."""

    every: Duration = timedelta(seconds=30)  # real time
    limit: int = Field(default=100, ge=1)  # {limit}: records in a page; a full page has a next one
    mark: str | None = None  # path in a record of what {ids} of `acknowledge` names
    cursor: str | None = None  # path of where the next page begins; {cursor} in the request
    ok: Test | None = None
    acknowledge: Exchange | None = None  # left out: what was fetched is gone at the provider


class LookUpPart(Exchange, Record):
    """The question what became of a request whose answer was lost."""

    ok: Test | None = None  # left out: HTTP 2xx
    absent: Test | None = None  # an answer that proves it has nothing, besides an empty list
    absent_status: int | None = None  # an HTTP status that proves the same, e.g. 404
    lag: Duration = timedelta(0)  # product time; how far its list may be behind


class TemplatePart(Part):
    """An approved template."""

    id: str  # the provider's
    slots: tuple[str, ...] = ()  # names of our slots, in the order of its variables


class SlotPart(Part):
    """What a slot of approved templates takes."""

    name: str | None = None  # what the provider calls it; left out: as we do
    most: int | None = Field(default=None, ge=1)  # characters
    most_bytes: int | None = Field(default=None, ge=1)  # bytes in UTF-8
    cut: bool = False  # a longer one is cut at its last comma that fits, and ends in 等


def only(template: Any, known: Iterable[str], where: str) -> None:
    """Raise ValueError unless every placeholder in `template` is among `known`."""
    if strange := unknown(template, known):
        names = ", ".join(f"{{{name}}}" for name in strange)
        raise ValueError(f"{where}: {names} means nothing here")


def _reason(reason: str) -> str:
    if reason not in REASONS:
        raise ValueError(f"{reason!r} is not one of {', '.join(sorted(REASONS))}")
    return reason


def word(found: Any) -> Any:
    """Return the table of a word that was written as its state alone."""
    return {"state": found} if isinstance(found, str) else found


def _words_of(found: Any) -> Any:
    values = found if isinstance(found, list | tuple) else [found]
    return tuple(value if isinstance(value, str) else str(value).lower() for value in values)
