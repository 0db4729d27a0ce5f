"""驿站: which stations are open tonight, and who said so; an officer may write it down."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from alertcast.core.station import Said
from alertcast.dispatch import stations
from alertcast.grids import template as templates
from alertcast.store import station_nights
from alertcast.web import context
from alertcast.web.asking import ask, is_sure
from alertcast.web.broadcasts import PER_PAGE
from alertcast.web.context import allow, me, needs, now, page_number, show_numbers, world
from alertcast.web.roster import downloaded
from alertcast.web.words import gettext

pages = Blueprint("stations", __name__)

SUBJECT = "stations"
NOT_KNOWN = "unknown"
"""Nobody was asked, and nobody has said anything."""

STATES = (Said.OPEN, Said.ASKED, Said.CLOSED, NOT_KNOWN)
"""What may be known of a station tonight, as the page orders it."""


@pages.get("/stations/template.<kind>")
@needs("see")
def template(kind: str) -> Response:
    """Return a list of stations to start from, as `alertcast stations template` writes it."""
    return downloaded("stations", kind, templates.stations_template)


@pages.get("/stations")
@needs("see")
def page() -> str:
    """Show the stations in the user's area, those of one state if it is named."""
    chosen = request.args.get("tonight", "")
    if chosen and chosen not in STATES:
        abort(404)
    with world().db.write() if context.numbers_shown(SUBJECT) else world().db.read() as tx:
        everything = station_nights.listed(tx, now(), me().area)
        faces = context.faces(tx, SUBJECT)
        counts = dict.fromkeys(STATES, 0)
        for one in everything:
            counts[_state(one)] += 1
        wanted = [one for one in everything if chosen in ("", _state(one))]
        first = (page_number() - 1) * PER_PAGE
        rows = [
            {
                **one.station,
                "at": one.at,
                "keeper": faces.name(one.station["keeper"]),
                "phone": faces.phone(one.station["phone"]),
                "word": one.word,
                "state": _state(one),
                "is_ours": context.can("answer", [one.town_code or ""]),
            }
            for one in wanted[first : first + PER_PAGE]
        ]
    return render_template(
        "stations/page.html",
        rows=rows,
        counts=counts,
        chosen=chosen,
        is_open=faces.is_open,
        total=len(wanted),
        page=page_number(),
        last=-(-len(wanted) // PER_PAGE),
    )


@pages.post("/stations/numbers")
@needs("unmask")
def numbers() -> Response:
    """Show keepers and their numbers for a while; each page that does is recorded."""
    show_numbers(SUBJECT)
    return redirect(_back())


@pages.post("/stations/tonight")
@needs("answer")
def tonight() -> Response | str:
    """Write down that a station is open tonight, or that it is not; asked once."""
    code, said = request.form.get("code", ""), request.form.get("said", "")
    if said not in (Said.OPEN, Said.CLOSED):
        abort(400)
    with world().db.read() as tx:
        found = [one for one in station_nights.listed(tx, now()) if one.station["code"] == code]
    if not found:
        flash(gettext("名册里已经没有这个驿站。没有登记。"), "error")
        return redirect(url_for("stations.page"))
    allow("answer", [found[0].town_code or ""])
    if not is_sure():
        asked = gettext("{name}今晚开放？") if said == Said.OPEN else gettext("{name}今晚不开放？")
        return ask(
            asked.format(name=found[0].station["name"]),
            button=gettext("今晚开放") if said == Said.OPEN else gettext("不开放"),
            back=_back(),
            about=[gettext("今后发出的短信和电话按此告知，已经发出的不改。")],
        )
    stations.write_down(world(), code, Said(said), me().name, now())
    flash(gettext("已登记，今后发出的短信和电话按此告知。"), "done")
    return redirect(_back())


def _back() -> str:
    """Return where whoever sent a form comes back to: the stations that were listed there."""
    return url_for("stations.page", tonight=request.form.get("state") or None)


def _state(one: station_nights.Stands) -> str:
    return one.word.said if one.word else NOT_KNOWN
