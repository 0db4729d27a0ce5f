"""第二人: a broadcast is approved by somebody else, or begins without, with a reason (紧急放行)."""

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from alertcast.dispatch import desk, glass
from alertcast.dispatch.start import CanNotStart
from alertcast.store.report_areas import towns_of
from alertcast.store.report_counts import count_people
from alertcast.web import context
from alertcast.web.asking import ask, is_sure
from alertcast.web.broadcasts import visible
from alertcast.web.context import allow, me, needs, now, world
from alertcast.web.words import gettext, refused

pages = Blueprint("second", __name__)


@pages.post("/broadcasts/<int:broadcast_id>/approve")
@needs("approve")
def approve(broadcast_id: int) -> Response | str:
    """Confirm a broadcast that waits for a human; asked once, with whom it reaches."""
    _allow(broadcast_id, "approve")
    if not is_sure():
        return _question(broadcast_id)
    try:
        if desk.approve(world(), broadcast_id, me().name, now()):
            context.desk().wake("")
            flash(gettext("已确认，开始叫应。"), "done")
        else:
            flash(gettext("这次下发不在等待确认。"), "error")
    except CanNotStart as error:
        flash(refused(error), "error")
    return _back(broadcast_id)


@pages.post("/broadcasts/<int:broadcast_id>/break-glass")
@needs("start")
def break_glass(broadcast_id: int) -> Response:
    """Let a broadcast begin without the second person; with a reason, recorded, told at once."""
    _allow(broadcast_id, "start")
    why = request.form.get("why", "").strip()[:500]
    try:
        if glass.break_glass(world(), broadcast_id, me().name, why, now()):
            context.desk().wake("")
            flash(gettext("已紧急放行，开始叫应；请同时打电话告知带班领导。"), "done")
        else:
            flash(gettext("这次下发不在等待确认。"), "error")
    except CanNotStart as error:
        flash(refused(error), "error")
    return _back(broadcast_id)


@pages.post("/broadcasts/<int:broadcast_id>/seen")
@needs("approve")
def seen(broadcast_id: int) -> Response:
    """Write down that a second person has seen what began without one."""
    _allow(broadcast_id, "approve")
    try:
        if glass.seen(world(), broadcast_id, me().name, now()):
            flash(gettext("已记录：第二人已知悉。"), "done")
        else:
            flash(gettext("这次下发没有等第二人知悉。"), "error")
    except CanNotStart as error:
        flash(refused(error), "error")
    return _back(broadcast_id)


def _question(broadcast_id: int) -> str:
    with world().db.read() as tx:
        report = visible(tx, broadcast_id)
        people = count_people(tx, broadcast_id, me().area)["total"]
    grids = report["grids"]["total"]
    reached = gettext("涉及 {grids} 个网格、{people} 人。确认后立即开始叫应。")
    return ask(
        gettext("确认下发？"),
        button=gettext("确认下发"),
        back=url_for("broadcasts.one", broadcast_id=broadcast_id),
        about=[reached.format(grids=grids, people=people)],
        broadcast=report["broadcast"],
    )


def _allow(broadcast_id: int, action: str) -> None:
    with world().db.read() as tx:
        visible(tx, broadcast_id)
        allow(action, towns_of(tx, broadcast_id))


def _back(broadcast_id: int) -> Response:
    return redirect(url_for("broadcasts.one", broadcast_id=broadcast_id))
