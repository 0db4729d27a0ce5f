"""更正: tell everybody who was told that a message was wrong; asked once, with the numbers."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from alertcast.core.broadcast import Purpose
from alertcast.core.correction import Fault, faults_of
from alertcast.dispatch import correct
from alertcast.dispatch.start import CanNotStart
from alertcast.store import broadcasts, corrections
from alertcast.store.report_alerts import warning
from alertcast.store.report_areas import touches, towns_of
from alertcast.web import context
from alertcast.web.broadcasts import visible
from alertcast.web.context import allow, me, needs, now, world
from alertcast.web.words import gettext, refused

pages = Blueprint("correct", __name__)


@pages.get("/broadcasts/<int:broadcast_id>/correct")
@needs("correct")
def page(broadcast_id: int) -> Response | str:
    """Ask once, saying how many people were told and how, and what they will hear."""
    return _page(broadcast_id)


@pages.post("/broadcasts/<int:broadcast_id>/correct")
@needs("correct")
def done(broadcast_id: int) -> Response | tuple[Response | str, int]:
    """Correct a broadcast; twice is once. Nothing is waited for: there is no undo."""
    with world().db.read() as tx:  # no more than this: people wait for the first request
        if broadcasts.get(tx, broadcast_id) is None or not touches(tx, broadcast_id, me().area):
            abort(404)
        allow("correct", towns_of(tx, broadcast_id))
    fault = request.form.get("fault", "")
    if fault not in set(Fault):
        flash(gettext("请选择错在哪里。"), "error")
        return _page(broadcast_id), 400
    again = _again()
    if again == [] and request.form.get("call_again") == "yes":
        flash(gettext("请勾选要重新叫应的预警，或选择只更正。"), "error")
        return _page(broadcast_id), 400
    try:
        made = correct.correct(
            world(),
            broadcast_id,
            Fault(fault),
            user=me().name,
            now=now(),
            detail=request.form.get("detail", "").strip(),
            again=again,
        )
    except CanNotStart as error:
        flash(refused(error), "error")
        return _page(broadcast_id), 409
    context.desk().wake("")
    if made.is_new:
        said = gettext("正在更正：{dropped} 条未发出的不再发出，此前已经发出 {gone} 条。")
        flash(said.format(dropped=made.dropped, gone=made.gone), "done")
    else:
        flash(gettext("这次下发此前已经更正。"), "done")
    if made.not_again:
        said = gettext("没有能重新叫应，请到启动页处理：")
        flash(said + made.not_again, "error")
    return redirect(url_for("broadcasts.one", broadcast_id=made.broadcast_id))


def _page(broadcast_id: int) -> Response | str:
    with world().db.read() as tx:
        report = visible(tx, broadcast_id)
        allow("correct", towns_of(tx, broadcast_id))
        known = corrections.of(tx, broadcast_id)
        if known is not None:
            return redirect(url_for("broadcasts.one", broadcast_id=known))
        try:
            effect = correct.effect_of(world(), tx, broadcast_id, now())
        except CanNotStart as error:
            flash(refused(error), "error")
            return redirect(url_for("broadcasts.one", broadcast_id=broadcast_id))
        choice = [warning(tx, one) for one in effect.may_call_again]
    return render_template(
        "broadcasts/correct.html",
        report=report,
        effect=effect,
        choice=choice,
        faults=faults_of(Purpose(report["broadcast"]["purpose"])),
        longest=correct.LONGEST,
        chosen=set(request.form.getlist("again", type=int)),
    )


def _again() -> list[int] | None:
    """Return the alerts to be called again; None if that was not answered at all."""
    answer = request.form.get("call_again", "")
    if answer not in ("", "yes", "no"):
        abort(400)
    chosen = request.form.getlist("again", type=int)
    return None if not answer else chosen if answer == "yes" else []
