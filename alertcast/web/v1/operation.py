"""An operation of the API, declared once: it is served, checked and documented from that.

Before a view runs, the token was read, counted and found to be allowed the action somewhere; query
and body were checked against their models. Where the action is about a place, the view asks
`allow`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from inspect import cleandoc
from typing import Any

from flask import Blueprint, Response, request
from pydantic import BaseModel, ValidationError

from alertcast.core.access import may
from alertcast.core.token import Token
from alertcast.store.db import TROUBLE
from alertcast.web.context import me
from alertcast.web.rules import Rule, public, ruled
from alertcast.web.v1 import once
from alertcast.web.v1.bearer import authenticate
from alertcast.web.v1.problems import Fault, Refused

View = Callable[..., BaseModel]

LATER = 5
"""Real seconds after which a system is asked to come again where the database is away."""

PREFIX = "/api/v1"


@dataclass(frozen=True, slots=True)
class Operation:
    """What can be asked, and what may be answered."""

    method: str
    route: str  # as Flask writes it, below PREFIX
    action: str  # "": open to everybody
    answer: type[BaseModel]
    status: int
    refusals: frozenset[int]  # statuses of problems
    query: type[BaseModel] | None
    body: type[BaseModel] | None
    is_once: bool  # takes an Idempotency-Key
    name: str
    summary: str
    description: str

    @property
    def path(self) -> str:
        """Return the path as OpenAPI writes it."""
        return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", self.route)


class Operations:
    """The operations of the API, in the order in which they are documented."""

    def __init__(self) -> None:
        self.pages = Blueprint("v1", __name__, url_prefix=PREFIX)
        self.listed: list[Operation] = []

    def get(
        self,
        route: str,
        answer: type[BaseModel],
        *,
        query: type[BaseModel] | None = None,
        refuses: Sequence[int] = (),
    ) -> Callable[[View], View]:
        """Declare something to be read."""
        every = {401, 403, 429, 503, *refuses, *({400} if query else ())}
        return lambda view: self._declared("GET", route, "see", answer, 200, every, view, query)

    def post(
        self,
        route: str,
        answer: type[BaseModel],
        *,
        action: str,
        body: type[BaseModel] | None = None,
        status: int = 200,
        refuses: Sequence[int] = (),
    ) -> Callable[[View], View]:
        """Declare something to be done; it is done once under an Idempotency-Key."""
        every = {400, 401, 403, 422, 429, 503, *refuses, *({413, 415} if body else ())}
        return lambda view: self._declared(
            "POST", route, action, answer, status, every, view, None, body
        )

    def open(self, route: str, view: Callable[[], Response]) -> None:
        """Serve something that nobody needs a token for."""
        self.pages.add_url_rule(route, view.__name__, public("the document of the API")(view))

    def _declared(
        self,
        method: str,
        route: str,
        action: str,
        answer: type[BaseModel],
        status: int,
        refusals: set[int],
        view: View,
        query: type[BaseModel] | None = None,
        body: type[BaseModel] | None = None,
    ) -> View:
        summary, _, rest = cleandoc(view.__doc__ or "").partition("\n")
        if "<" in route:
            refusals = refusals | {404}
        one = Operation(
            method=method,
            route=route,
            action=action,
            answer=answer,
            status=status,
            refusals=frozenset(refusals),
            query=query,
            body=body,
            is_once=method == "POST",
            name=view.__name__,
            summary=summary.rstrip("."),
            description=rest.strip(),
        )
        self.listed.append(one)
        served = ruled(_served(one, view), Rule(read=action, write=action, by="token"))
        self.pages.add_url_rule(route, view.__name__, served, methods=[method])
        return view


def _served(one: Operation, view: View) -> Callable[..., Response]:
    @wraps(view)
    def served(**parts: Any) -> Response:
        try:
            token = authenticate()
            if not may(me(), one.action, me().area):
                raise Refused(403)
            if one.is_once:
                return _done(one, view, token, parts)
            return _read(one, view, parts)
        except TROUBLE as error:
            raise Refused(503, headers={"Retry-After": str(LATER)}) from error

    return served


def _read(one: Operation, view: View, parts: Mapping[str, Any]) -> Response:
    given = {"query": _query(one.query)} if one.query else {}
    response = Response(view(**parts, **given).model_dump_json(), content_type="application/json")
    response.add_etag()
    response.headers["Cache-Control"] = "private, no-cache"  # kept, but asked about each time
    response.make_conditional(request)
    return response


def _done(one: Operation, view: View, token: Token, parts: Mapping[str, Any]) -> Response:
    key = once.key()
    body = _body(one.body) if one.body else None
    given = {} if body is None else {"body": body}
    asked = once.digest(request.method, request.path, body)
    own = f"token-{token.id}-{key}"  # of two systems each has its own keys
    said = once.do(token, key, asked, lambda: view(**parts, **given, key=own).model_dump_json())
    return Response(said, one.status, content_type="application/json")


def _query(model: type[BaseModel]) -> BaseModel:
    given = request.args.to_dict(flat=False)
    twice = [name for name, many in given.items() if len(many) > 1]
    if twice:
        faults = [Fault(pointer=name, detail="is given more than once") for name in twice]
        raise Refused(400, "invalid_query", errors=faults)
    try:
        return model.model_validate({name: many[0] for name, many in given.items()})
    except ValidationError as error:
        raise Refused(400, "invalid_query", errors=_faults(error, "")) from None


def _body(model: type[BaseModel]) -> BaseModel:
    if request.mimetype != "application/json":
        raise Refused(415)
    try:
        return model.model_validate_json(request.get_data(), strict=True)
    except ValidationError as error:
        if any(found["type"] == "json_invalid" for found in error.errors()):
            raise Refused(400, "invalid_body", "it is no JSON") from None
        raise Refused(422, "invalid_body", errors=_faults(error, "/")) from None


def _faults(error: ValidationError, first: str) -> list[Fault]:
    return [
        Fault(pointer=first + "/".join(str(part) for part in found["loc"]), detail=found["msg"])
        for found in error.errors(include_url=False, include_context=False, include_input=False)
    ]
