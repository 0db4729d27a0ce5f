"""The API put together: its operations, and the document that is made of them."""

from functools import cache

from flask import Flask, Response, jsonify, request

from alertcast.web.v1 import alerts, bearer, broadcasts, messages, places, problems, statistics
from alertcast.web.v1.document import document
from alertcast.web.v1.operation import Operations

api = Operations()
for family in (alerts, broadcasts, messages, places, statistics):
    family.declare(api)

pages = api.pages


def install(app: Flask) -> None:
    """Let `app` answer in the words of the API."""
    problems.install(app)
    bearer.install(app)


@cache
def whole() -> dict[str, object]:
    """Return the OpenAPI document."""
    return document(api.listed)


def openapi() -> Response:
    """Answer with the OpenAPI document; nothing in it is of this installation."""
    response = jsonify(whole())
    response.add_etag()
    response.headers["Cache-Control"] = "public, no-cache"
    response.make_conditional(request)
    return response


api.open("/openapi.json", openapi)
