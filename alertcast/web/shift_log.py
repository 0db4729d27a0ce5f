"""值班日志 and 交接班: what happened in a shift, what is left to the next, and who took it over."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from alertcast.core.access import lies_in
from alertcast.dispatch import handover
from alertcast.dispatch.handover import LONGEST, CanNotHandOver
from alertcast.grids.shifts import read_date
from alertcast.store import shift_notes
from alertcast.store.report_areas import name_of
from alertcast.store.report_log import log_entries
from alertcast.web.context import allow, me, needs, now, world
from alertcast.web.words import gettext

pages = Blueprint("shift_log", __name__)

LATELY = timedelta(hours=24)
"""What is shown where no day is named."""


@pages.get("/duty/log")
@needs("see")
def page() -> str:
    """Show the log of the last day, or of the local day that is named, and the hand-overs."""
    since, until, day = _time()
    with world().db.read() as tx:
        entries = log_entries(tx, world().db.vault, since, until, area=me().area)
        return render_template(
            "duty/log.html",
            entries=entries,
            since=since,
            until=until,
            day=day,
            open_now=handover.open_items(world(), tx, now(), me().area),
            handed=[
                (row, world().db.vault.read(row["text"]))
                for row in shift_notes.latest(tx, me().area, 5)
            ],
            longest=LONGEST,
        )


@pages.post("/duty/log")
@needs("log")
def write() -> Response:
    """Add a note to the log."""
    return _done(
        lambda text: handover.write_note(world(), me().area, text, me().name, now()),
        gettext("已记入值班日志。"),
    )


@pages.post("/duty/handover")
@needs("log")
def hand_over() -> Response:
    """Hand the shift over, with what is open at this moment."""
    return _done(
        lambda text: handover.hand_over(world(), me().area, text, me().name, now()),
        gettext("已写交班记录，请接班人确认。"),
    )


@pages.post("/duty/handover/<int:handover_id>/accept")
@needs("log")
def accept(handover_id: int) -> Response:
    """Take the shift over."""
    with world().db.read() as tx:
        row = shift_notes.get(tx, handover_id)
    if row is None:
        abort(404)
    allow("log", [row["area"]])
    try:
        if handover.take_over(world(), handover_id, me().name, now()):
            flash(gettext("已接班。"), "done")
        else:
            flash(gettext("已经有人接班。"), "error")
    except CanNotHandOver as error:
        flash(str(error), "error")
    return redirect(url_for("shift_log.page"))


@pages.get("/duty/handover/<int:handover_id>")
@needs("see")
def one(handover_id: int) -> str:
    """Show a hand-over as it is printed and signed."""
    with world().db.read() as tx:
        row = shift_notes.get(tx, handover_id)
        if row is None or not lies_in(row["area"], me().area):
            abort(404)
        since = row["at"] - LATELY
        entries = log_entries(tx, world().db.vault, since, row["at"], area=row["area"])
        area = name_of(tx, row["area"])
    text = world().db.vault.read(row["text"])
    return render_template(
        "duty/handover.html", one=row, area=area, text=text, entries=entries, since=since
    )


def _done(act: Callable[[str], int], said: str) -> Response:
    try:
        act(request.form.get("text", ""))
        flash(said, "done")
    except CanNotHandOver as error:
        flash(str(error), "error")
    return redirect(url_for("shift_log.page"))


def _time() -> tuple[datetime, datetime, str]:
    day = read_date(request.args.get("day", ""))
    if day is None:
        return now() - LATELY, now() + timedelta(seconds=1), ""
    begin = datetime.combine(day, time(), world().config.main.office.zone)
    end = begin + timedelta(days=1)
    return begin.astimezone(UTC), end.astimezone(UTC), day.isoformat()
