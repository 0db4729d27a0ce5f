"""The people of a broadcast: the call list, their numbers, and answers written down."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from alertcast.core.task import AttemptState
from alertcast.dispatch import answers
from alertcast.store.report_areas import towns_of
from alertcast.store.report_unreached import waiting_grids
from alertcast.web import context
from alertcast.web.broadcasts import visible
from alertcast.web.context import allow, me, needs, now, show_numbers, world
from alertcast.web.words import gettext

pages = Blueprint("people", __name__)

IN_VAIN = {
    "no_answer": AttemptState.NO_ANSWER,
    "busy": AttemptState.BUSY,
    "failed": AttemptState.FAILED,
}
"""How a call made by hand can end without an answer."""

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
def answer(broadcast_id: int) -> Response:
    """Write down what somebody said on the telephone, or that a call was in vain."""
    person_id = request.form.get("person_id", 0, type=int)
    outcome, note = request.form.get("outcome", ""), request.form.get("note", "").strip()[:500]
    with world().db.read() as tx:
        visible(tx, broadcast_id)
        allow("answer", towns_of(tx, broadcast_id, person_id))
    try:
        _write_down(broadcast_id, person_id, outcome, note)
    except LookupError:
        flash(gettext("此人不在这次下发的应叫名单里，或已不需拨打。没有登记。"), "error")
    return _back(broadcast_id)


def _write_down(broadcast_id: int, person_id: int, outcome: str, note: str) -> None:
    if outcome in (answers.UNDERSTOOD, answers.NEEDS_HELP):
        done = answers.write_down(
            world(),
            broadcast_id=broadcast_id,
            person_id=person_id,
            value=outcome,
            user=me().name,
            note=note,
            now=now(),
        )
        context.desk().wake("")
        if done.help_id is not None:
            flash(gettext("已登记求助，正在通知值班室。"), "done")
        else:
            flash(gettext("已登记：对方已知悉。"), "done")
    elif outcome in IN_VAIN:
        answers.dialled(
            world(),
            broadcast_id=broadcast_id,
            person_id=person_id,
            outcome=IN_VAIN[outcome],
            user=me().name,
            now=now(),
        )
        flash(gettext("已登记：没有叫通，此人排到后面。"), "done")
    else:
        abort(400)


def _back(broadcast_id: int) -> Response:
    to = BACK.get(request.form.get("back", ""), BACK["broadcast"])
    if to == BACK["manual"]:
        return redirect(url_for(to))
    state = request.form.get("state") or None
    return redirect(url_for(to, broadcast_id=broadcast_id, state=state))
