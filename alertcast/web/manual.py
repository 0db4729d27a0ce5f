"""人工拨打: whom to ring next by hand, what to read out, and what came of it."""

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from alertcast.core.wording import TextError
from alertcast.dispatch import beside, nearest
from alertcast.dispatch.compose import render
from alertcast.store import broadcasts, claims, tasks
from alertcast.store.db import Tx
from alertcast.store.report_manual import ManualFacts, manual_list
from alertcast.store.report_now import manual_count
from alertcast.web import context
from alertcast.web.context import me, needs, now, show_numbers, world

pages = Blueprint("manual", __name__)

SUBJECT = "manual"
"""What the record says was looked at."""

LISTED = 50
"""Rows shown; whoever is dialled makes place for the next."""


@pages.get("/manual")
@needs("see")
def page() -> str:
    """Show whom to ring, the next one first."""
    with world().db.write() if context.numbers_shown(SUBJECT) else world().db.read() as tx:
        faces = context.faces(tx, SUBJECT)
        rows = manual_list(tx, faces, now(), area=me().area, limit=LISTED)
        total = manual_count(tx, now(), me().area)
        text, spoken = _to_read_out(tx, rows[0]) if rows else ("", "")
    return render_template(
        "manual/page.html",
        rows=rows,
        total=total,
        text=text,
        language_of_text=spoken,
        is_open=faces.is_open,
    )


@pages.post("/manual/numbers")
@needs("unmask")
def numbers() -> Response:
    """Show names and numbers of this list for a while; each page that does is recorded."""
    show_numbers(SUBJECT)
    return redirect(url_for("manual.page"))


def _to_read_out(tx: Tx, row: ManualFacts) -> tuple[str, str]:
    """Return what is read out to somebody, and in which language that is."""
    broadcast = broadcasts.get(tx, row["broadcast_id"])
    waiting = tasks.manual_of(tx, row["broadcast_id"], row["person_id"])
    if broadcast is None or not waiting:
        return "", ""
    first = waiting[0]
    places = claims.places(tx, [first.id]).get(first.id, ())
    near = nearest.tonight(world(), tx, now(), [places])
    also = beside.now(world(), tx, [broadcast.id], [places])
    try:
        text = render(
            world(),
            tx,
            broadcast,
            first,
            places,
            takes_replies=False,
            has_voice=False,
            stations=near.said(broadcast, first.language, places),
            also=also.said(broadcast, first.kind, first.language, places),
        )
    except TextError:  # the officer reads the title instead
        text = broadcast.title
    return text, first.language
