"""The people of a broadcast: the call list, their numbers, and answers written down."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from alertcast.store.report_areas import towns_of
from alertcast.store.report_unreached import waiting_grids
from alertcast.web import context, listing, spoken
from alertcast.web.asking import is_sure
from alertcast.web.broadcasts import visible
from alertcast.web.context import allow, me, needs, show_numbers, world
from alertcast.web.words import gettext

pages = Blueprint("people", __name__)

BACK = {
    "manual": "manual.page",
    "people": "listing.people",
    "calllist": "people.call_list",
    "broadcast": "broadcasts.one",
}
"""Where an officer may go back to after writing something down."""


@pages.get("/broadcasts/<int:broadcast_id>/calllist")
@needs("see")
def call_list(broadcast_id: int) -> str:
    """Show the list to print: each grid nobody answered for yet, and whom to ring there."""
    subject = f"broadcast:{broadcast_id}"
    with world().db.write() if context.numbers_shown(subject) else world().db.read() as tx:
        report = visible(tx, broadcast_id)
        faces = context.faces(tx, subject)
        rows = waiting_grids(tx, faces, broadcast_id, area=me().area)
    return render_template("people/calllist.html", report=report, rows=rows, is_open=faces.is_open)


@pages.post("/broadcasts/<int:broadcast_id>/numbers")
@needs("unmask")
def numbers(broadcast_id: int) -> Response:
    """Show names and numbers of this broadcast for a while; each page that does is recorded."""
    with world().db.read() as tx:
        visible(tx, broadcast_id)
    show_numbers(f"broadcast:{broadcast_id}")
    return _back(broadcast_id)


@pages.post("/broadcasts/<int:broadcast_id>/answer")
@needs("answer")
def answer(broadcast_id: int) -> Response | str:
    """Write down what somebody said on the telephone, or that a call was in vain; asked once."""
    person_id, outcome = request.form.get("person_id", 0, type=int), request.form.get("outcome", "")
    with world().db.read() as tx:
        report = visible(tx, broadcast_id)
        allow("answer", towns_of(tx, broadcast_id, person_id))
        if not spoken.is_known(outcome):
            abort(400)
        one = spoken.whom(tx, broadcast_id, person_id)
        if one is not None and not is_sure():
            return spoken.question(tx, report["broadcast"], one, outcome, _back_to(broadcast_id))
    try:
        if one is None:
            raise LookupError
        spoken.write_down(broadcast_id, one, outcome)
    except LookupError:
        flash(gettext("此人不在这次下发的应叫名单里，或已不需拨打。没有登记。"), "error")
    return _back(broadcast_id)


def _back(broadcast_id: int) -> Response:
    return redirect(_back_to(broadcast_id))


def _back_to(broadcast_id: int) -> str:
    to = BACK.get(request.form.get("back", ""), BACK["broadcast"])
    if to == BACK["manual"]:
        return url_for(to)
    kept: dict[str, Any] = {
        name: request.form[name] for name in listing.KEPT if request.form.get(name)
    }
    return url_for(to, broadcast_id=broadcast_id, **(kept if to == BACK["people"] else {}))
