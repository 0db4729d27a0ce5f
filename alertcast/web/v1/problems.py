"""What the API answers where it can not do what was asked: problem details (RFC 9457)."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from flask import Flask, Response
from pydantic import BaseModel, ConfigDict, Field
from werkzeug.exceptions import HTTPException

CONTENT_TYPE = "application/problem+json"

TITLES = {
    400: "The request can not be read",
    401: "A valid token is needed",
    403: "The token does not allow this, or not in this place",
    404: "There is nothing here",
    405: "This address does not know the method",
    409: "What was asked is not possible now",
    413: "The request is too large",
    415: "The body has to be application/json",
    422: "The request says something that can not be done",
    429: "Too many requests",
    500: "Something went wrong here",
    503: "The database can not be reached",
}
"""What each status means; the detail says more."""

MEANINGS = {
    "invalid_body": "what the body says can not be used; `errors` names each place",
    "invalid_query": "an unknown or unusable parameter; `errors` names each",
    "invalid_cursor": "`after` is not a cursor that this list gave",
    "invalid_key": "the Idempotency-Key is missing, or is not 1 to 64 of A-Z a-z 0-9 _ -",
    "key_used": "the Idempotency-Key was used before for another request",
    "unknown_places": "codes of places that the layer in use does not have; `errors` names each",
    "can_not_start": "nothing was started; `detail` says why, in the words of the desk",
    "sent_before": "grids were sent the same a moment ago; to send it anyway, set `again`",
    "is_over": "the broadcast is over, there is nothing to stop",
}
"""Each type of problem that says more than its status; the others are about:blank."""


class Fault(BaseModel):
    """One thing that is wrong with a request."""

    pointer: Annotated[str, Field(description="JSON pointer, or the name of a parameter")]
    detail: str


class Problem(BaseModel):
    """Problem details (RFC 9457)."""

    model_config = ConfigDict(json_schema_extra={"description": "Problem details (RFC 9457)."})

    type: Annotated[str, Field(description="about:blank, or urn:alertcast:problem:WORD")]
    title: str
    status: int
    detail: str | None = None
    errors: list[Fault] = []


class Refused(Exception):
    """The request is not done; it becomes the answer."""

    def __init__(
        self,
        status: int,
        word: str = "",
        detail: str | None = None,
        *,
        errors: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(word or TITLES[status])
        self.status, self.word, self.detail = status, word, detail
        self.errors, self.headers = list(errors), dict(headers or {})
        if word:
            _ = MEANINGS[word]


def install(app: Flask) -> None:
    """Let `app` answer so."""
    app.register_error_handler(Refused, answer)


def answer(refused: Refused) -> Response:
    """Return the answer that says why a request is not done."""
    problem = Problem(
        type=f"urn:alertcast:problem:{refused.word}" if refused.word else "about:blank",
        title=TITLES[refused.status],
        status=refused.status,
        detail=refused.detail,
        errors=refused.errors,
    )
    body = problem.model_dump_json(exclude_defaults=True)
    return Response(body, refused.status, refused.headers, content_type=CONTENT_TYPE)


def of_http(error: HTTPException) -> Response:
    """Return the answer to an error of HTTP, e.g. an address that does not exist."""
    status = error.code if error.code in TITLES else 500
    kept = {key: text for key, text in error.get_headers() if key in ("Allow", "Retry-After")}
    return answer(Refused(status, headers=kept))
