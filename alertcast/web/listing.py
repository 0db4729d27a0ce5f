"""Broadcasts, the grids of one, and its people: narrowed by state, town and role, and searched."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from alertcast.core.broadcast import Purpose
from alertcast.store import report_page
from alertcast.store.db import Tx
from alertcast.store.report_faces import Faces
from alertcast.store.report_facts import GridFacts, PersonFacts, Progress
from alertcast.store.report_page import Stand, Wanted
from alertcast.store.report_people import shown, standings
from alertcast.store.reports import LONGEST_ID, status
from alertcast.web import context
from alertcast.web.broadcasts import PER_PAGE, by_town, visible
from alertcast.web.code_words import STATES
from alertcast.web.context import me, needs, page_number, shared, watched, world
from alertcast.web.show import role_name, word

pages = Blueprint("listing", __name__)

LONGEST_SEARCH = 64

LISTED = 50
"""Broadcasts of one page."""

MOST = 10**LONGEST_ID
"""No id is as high."""

_OF_BROADCASTS = ("mode", "purpose", "q")
_OF_GRIDS = ("state", "town", "code", "without_people", "q")
_OF_PEOPLE = ("state", "town", "role", "grid", "q")

KEPT = (*_OF_PEOPLE, "page")
"""What whoever writes an answer down finds again on the list of people."""


@pages.get("/broadcasts")
@needs("see")
def broadcasts() -> str:
    """Show the newest broadcasts, those that are looked for, a page at a time."""
    chosen = _chosen(_OF_BROADCASTS)
    before = min(request.args.get("before", MOST, type=int), MOST)
    with world().db.read() as tx:
        found = status(tx, area=me().area, limit=LISTED + 1, before=before, **chosen)
    return render_template(
        "broadcasts/list.html",
        found=found[:LISTED],
        chosen=chosen,
        before="before" in request.args,
        modes=[(one, word("mode", one)) for one in STATES["mode"]],
        purposes=[(one.value, word("purpose", one)) for one in Purpose],
        older=found[LISTED - 1]["id"] if len(found) > LISTED else None,
    )


@pages.get("/broadcasts/<int:broadcast_id>/grids")
@needs("see")
def grids(broadcast_id: int) -> str:
    """Show the grids of a broadcast, those that are looked for."""
    with world().db.read() as tx:
        report = visible(tx, broadcast_id)
    return render_template("broadcasts/grids.html", **_grids(report))


@pages.get("/broadcasts/<int:broadcast_id>/grids/live")
@needs("see")
def grids_live(broadcast_id: int) -> Response:
    """Return the part of that page that changes by itself."""

    def made() -> str:
        with world().db.read() as tx:
            report = visible(tx, broadcast_id)
        return render_template("broadcasts/_grids.html", **_grids(report))

    return watched(made)


@pages.get("/broadcasts/<int:broadcast_id>/people")
@needs("see")
def people(broadcast_id: int) -> str:
    """Show who was told and who answered, those who are looked for."""
    subject, chosen = f"broadcast:{broadcast_id}", _chosen(_OF_PEOPLE)
    with world().db.write() if context.numbers_shown(subject) else world().db.read() as tx:
        report = visible(tx, broadcast_id)
        faces = context.faces(tx, subject)
        area, everybody = me().area, _everybody(tx, broadcast_id)
        number = page_number()
        on_page, total = _on_page(tx, faces, broadcast_id, everybody, chosen, number)
        if total and not on_page:  # the list has become shorter
            number = -(-total // PER_PAGE)
            on_page, _ = _on_page(tx, faces, broadcast_id, everybody, chosen, number)
        roles = report_page.roles(tx, broadcast_id, area)
    return render_template(
        "people/list.html",
        report=report,
        rows=on_page,
        **_counted(everybody),
        is_open=faces.is_open,
        total=total,
        page=number,
        last=-(-total // PER_PAGE),
        chosen=chosen,
        towns=_towns(report),
        roles=[(role, role_name(role)) for role in roles],
        is_running=report["broadcast"]["state"] == "running",
    )


@pages.get("/broadcasts/<int:broadcast_id>/people/live")
@needs("see")
def people_live(broadcast_id: int) -> Response:
    """Return the counts of that page, and whether the list below them is still what holds."""

    def made() -> str:
        with world().db.read() as tx:
            report = visible(tx, broadcast_id)
            everybody = _everybody(tx, broadcast_id)
        return render_template(
            "people/_counts.html",
            report=report,
            **_counted(everybody),
            chosen=_chosen(_OF_PEOPLE),
            page=page_number(),
            seen=request.args.get("seen", ""),
        )

    return watched(made)


def _everybody(tx: Tx, broadcast_id: int) -> list[Stand]:
    order, area = [*STATES["person"]], me().area
    return shared(
        f"people of {broadcast_id}",
        lambda: report_page.everybody(tx, broadcast_id, order, area=area),
    )


def _counted(everybody: Sequence[Stand]) -> dict[str, Any]:
    """Return how many stand where, and a mark of who does: another one once somebody moves."""
    stands = repr(sorted(everybody)).encode()
    return {
        "counts": report_page.counts(everybody),
        "missing": sum(one.is_missing for one in everybody),
        "stands": sha256(stands).hexdigest()[:12],
    }


def _grids(report: Progress) -> dict[str, Any]:
    chosen = _chosen(_OF_GRIDS)
    rows = [one for one in report["grid_list"] if _is_looked_for(one, chosen)]
    rows.sort(key=lambda one: list(STATES["callout"]).index(one["state"]))
    first = (page_number() - 1) * PER_PAGE
    return {
        "report": report,
        "rows": rows[first : first + PER_PAGE],
        "total": len(rows),
        "page": page_number(),
        "last": -(-len(rows) // PER_PAGE),
        "chosen": chosen,
        "towns": _towns(report),
        "is_running": report["broadcast"]["state"] == "running",
    }


def _towns(report: Progress) -> list[tuple[str, str]]:
    return [(one.code, one.name) for one in by_town(report["grid_list"])]


def _chosen(names: Sequence[str]) -> dict[str, str]:
    return {name: request.args.get(name, "").strip()[:LONGEST_SEARCH] for name in names}


def _is_looked_for(one: GridFacts, chosen: Mapping[str, str]) -> bool:
    said = f"{one['code']} {one['county']}{one['town']}{one['name']}"
    return (
        chosen["state"] in ("", one["state"])
        and chosen["town"] in ("", one["town_code"])
        and chosen["code"] in ("", one["code"])
        and not (chosen["without_people"] and one["respondents"])
        and chosen["q"] in said
    )


def _on_page(
    tx: Tx,
    faces: Faces,
    broadcast_id: int,
    everybody: Sequence[Stand],
    chosen: Mapping[str, str],
    number: int,
) -> tuple[list[PersonFacts], int]:
    """Return the people of one page, and how many there are on all.

    What is searched is what the page shows: of a masked name the first character, of a masked
    number its end.
    """
    known = world().config.roles
    named = [one for one in known if chosen["q"] and chosen["q"] in role_name(one)]
    first, area = (number - 1) * PER_PAGE, me().area
    ids, total = report_page.page(
        tx,
        faces,
        broadcast_id,
        everybody,
        Wanted(**chosen, roles=named),
        area=area,
        first=first,
        most=PER_PAGE,
    )
    found = {one.person_id: one for one in standings(tx, broadcast_id, area, only=ids)}
    return shown(tx, faces, broadcast_id, [found[one] for one in ids if one in found]), total
