"""转告: how many households were told, per town and name by name; what officers wrote down."""

from collections.abc import Iterable, Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from alertcast.core.callout import ANSWERS
from alertcast.core.relay import Counts, CountsError, Limits, Wrong, read_counts
from alertcast.dispatch import relay
from alertcast.store.callouts import same_person_elsewhere
from alertcast.store.db import Tx
from alertcast.store.report_areas import towns_of
from alertcast.store.report_faces import Faces
from alertcast.store.report_people import Standing, shown, standings
from alertcast.store.report_relay import RelayCell, relay_cells, relay_rows
from alertcast.web import context, spoken
from alertcast.web.asking import is_sure
from alertcast.web.broadcasts import visible
from alertcast.web.context import allow, can, me, needs, now, world
from alertcast.web.spoken import Whom
from alertcast.web.words import gettext, mark

pages = Blueprint("relay", __name__)

MOST = 20
"""Most grids in one form; those without any counts come first."""

WRONG = {
    Wrong.MISSING: mark("“已通知户数”和“未通知户数”都要填写，没有就填 0。"),
    Wrong.NOT_WHOLE: mark("请只填写整数。"),
    Wrong.NO_HOUSEHOLD: mark("已通知和未通知不能都是 0。"),
    Wrong.TOO_MANY_HOUSEHOLDS: mark("户数超出合理范围，请核对。"),
    Wrong.TOO_MANY_GROWERS: mark("种植户数超出合理范围，请核对。"),
}
"""Why numbers were not taken, in the words of whoever typed them."""


@pages.route("/broadcasts/<int:broadcast_id>/relay", methods=["GET", "POST"])
@needs("see", write="answer")
def page(broadcast_id: int) -> tuple[str, int] | Response | str:
    """Show who said what; with a person named, the form for what that person says now.

    An answer that goes with it is asked once.
    """
    if request.method == "GET":
        return _shown(broadcast_id, request.args.get("person_id", 0, type=int)), 200
    person_id = request.form.get("person_id", 0, type=int)
    outcome, here = (
        request.form.get("outcome", ""),
        url_for("relay.page", broadcast_id=broadcast_id),
    )
    with world().db.read() as tx:
        report = visible(tx, broadcast_id)
        allow("answer", towns_of(tx, broadcast_id, person_id))
        one = spoken.whom(tx, broadcast_id, person_id)
        cells = _cells(tx, broadcast_id, person_id)
    try:
        given = typed(request.form, cells, world().config.main.relay.limits)
    except CountsError as error:
        flash(gettext(WRONG[error.wrong]), "error")
        return _shown(broadcast_id, person_id), 400
    if one is not None and outcome in ANSWERS and not is_sure():
        with world().db.read() as tx:
            return spoken.question(tx, report["broadcast"], one, outcome, here)
    try:
        if one is None:
            raise LookupError
        _write_down(broadcast_id, one, given, outcome)
    except LookupError:
        flash(gettext("此人不在这次下发的应叫名单里，或已不需拨打。没有登记。"), "error")
    return redirect(here)


def typed(form: Mapping[str, str], cells: Iterable[RelayCell], limits: Limits) -> dict[int, Counts]:
    """Return the counts typed into the form for each respondent; raises CountsError."""
    found: dict[int, Counts] = {}
    for cell in cells:
        one = cell["respondent_id"]
        counts = read_counts(
            form.get(f"told-{one}", ""),
            form.get(f"not_told-{one}", ""),
            form.get(f"growers-{one}", ""),
            limits,
        )
        if counts is not None:
            found[one] = counts
    return found


def _shown(broadcast_id: int, person_id: int) -> str:
    subject, town = f"broadcast:{broadcast_id}", request.args.get("town", "")
    with world().db.write() if context.numbers_shown(subject) else world().db.read() as tx:
        report = visible(tx, broadcast_id)
        faces = context.faces(tx, subject)
        rows = relay_rows(tx, faces, broadcast_id, area=me().area, town=town)
        cells = _cells(tx, broadcast_id, person_id)
        may_write = bool(cells) and can("answer", towns_of(tx, broadcast_id, person_id))
        person = _person(tx, faces, broadcast_id, person_id) if may_write else None
    return render_template(
        "relay/page.html",
        report=report,
        rows=rows,
        town=town,
        person=person,
        cells=cells[:MOST],
        more=len(cells) - MOST,
        form=request.form,
        limits=world().config.main.relay.limits,
        is_open=faces.is_open,
    )


def _cells(tx: Tx, broadcast_id: int, person_id: int) -> list[RelayCell]:
    own = same_person_elsewhere(tx, broadcast_id, [person_id]) if person_id else []
    return relay_cells(tx, broadcast_id, own)


def _person(tx: Tx, faces: Faces, broadcast_id: int, person_id: int) -> object:
    found: list[Standing] = [
        one for one in standings(tx, broadcast_id, me().area) if one.person_id == person_id
    ]
    listed = shown(tx, faces, broadcast_id, found)
    return listed[0] if listed else None


def _write_down(broadcast_id: int, one: Whom, given: Mapping[int, Counts], outcome: str) -> None:
    if not given and outcome not in ANSWERS:
        flash(gettext("没有填写户数，没有登记。"), "error")
        return
    if given:
        relay.write_down(
            world(),
            broadcast_id=broadcast_id,
            person_id=one.person_id,
            given=given,
            user=me().name,
            now=now(),
        )
        flash(gettext("已登记 {n} 个网格的转告户数。").format(n=len(given)), "done")
    if outcome in ANSWERS:
        spoken.write_down(broadcast_id, one, outcome)
