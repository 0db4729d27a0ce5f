"""Our own feed, for other systems: no log-in, nothing of people, closed unless configured."""

from flask import Blueprint, Response, abort, request

from alertcast.dispatch import republish
from alertcast.dispatch.republish import ALERT, CAP_TYPE, INDEX, NOTICE, Document
from alertcast.web.context import desk, now, world
from alertcast.web.rules import public

pages = Blueprint("feed", __name__)


@pages.get(INDEX)
@public("closed unless configured; nothing of people")
def index() -> Response:
    """Answer with the Atom feed of what is in force."""
    _check_open()
    with world().db.read() as tx:
        found = republish.index(world(), tx, desk().shelf, now())
    return _answer(found, "application/atom+xml; charset=utf-8")


@pages.get(ALERT.format("<int:alert_id>"))
@public("closed unless configured; nothing of people")
def alert(alert_id: int) -> Response:
    """Answer with one message of an authority."""
    _check_open()
    with world().db.read() as tx:
        found = republish.alert_document(world(), tx, desk().shelf, alert_id, now())
    return _answer(found, CAP_TYPE)


@pages.get(NOTICE.format("<int:broadcast_id>"))
@public("closed unless configured; nothing of people")
def notice(broadcast_id: int) -> Response:
    """Answer with one message that this office wrote as an authority."""
    _check_open()
    with world().db.read() as tx:
        found = republish.notice_document(world(), tx, broadcast_id, now())
    return _answer(found, CAP_TYPE)


def _check_open() -> None:
    if not republish.is_open(world()):
        abort(404)


def _answer(found: Document | None, content_type: str) -> Response:
    if found is None:
        abort(404)
    response = Response(found.body, content_type=content_type)
    response.set_etag(found.etag)
    response.headers["Cache-Control"] = "public, no-cache"  # kept, but asked about each time
    response.make_conditional(request)
    return response
