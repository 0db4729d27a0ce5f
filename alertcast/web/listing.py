"""The grids of a broadcast, and its people: narrowed by state, town and role, and searched."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from alertcast.store.db import Tx
from alertcast.store.report_faces import Faces
from alertcast.store.report_facts import GridFacts, PersonFacts, Progress
from alertcast.store.report_people import Standing, shown, standings
from alertcast.store.reports import people_counts
from alertcast.web import context
from alertcast.web.broadcasts import PER_PAGE, by_town, visible
from alertcast.web.context import me, needs, page_number, watched, world
from alertcast.web.show import STATES, role_name

pages = Blueprint("listing", __name__)

LONGEST_SEARCH = 64

_OF_GRIDS = ("state", "town", "code", "without_people", "q")
_OF_PEOPLE = ("state", "town", "role", "grid", "q")


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
        everybody = standings(tx, broadcast_id, me().area)
        faces = context.faces(tx, subject)
        rows = [one for one in everybody if _is_wanted(one, chosen)]
        rows.sort(key=lambda one: list(STATES["person"]).index(one.state))
        first = (page_number() - 1) * PER_PAGE
        on_page, total = _on_page(tx, faces, broadcast_id, rows, chosen["q"], first)
    return render_template(
        "people/list.html",
        report=report,
        rows=on_page,
        counts=people_counts(everybody),
        is_open=faces.is_open,
        total=total,
        page=page_number(),
        last=-(-total // PER_PAGE),
        chosen=chosen,
        towns=_towns(report),
        roles=[(role, role_name(role)) for role in _roles(everybody)],
        is_running=report["broadcast"]["state"] == "running",
    )


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


def _roles(everybody: Sequence[Standing]) -> list[str]:
    return list(dict.fromkeys(role for one in everybody for role in one.roles))


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


def _is_wanted(one: Standing, chosen: Mapping[str, str]) -> bool:
    state, town, role = chosen["state"], chosen["town"], chosen["role"]
    if (town and town not in one.towns) or (role and role not in one.roles):
        return False
    if chosen["grid"] and chosen["grid"] not in one.grids:
        return False
    if state == "reached":
        return one.is_told
    if state == "acknowledged":
        return one.answer is not None
    return state in ("", one.state)


def _on_page(
    tx: Tx, faces: Faces, broadcast_id: int, rows: Sequence[Standing], q: str, first: int
) -> tuple[list[PersonFacts], int]:
    """Return the people of one page, and how many there are on all.

    What is searched is what the page shows: of a masked name the first character, of a masked
    number its end.
    """
    if not q:
        return shown(tx, faces, broadcast_id, rows[first : first + PER_PAGE]), len(rows)
    found = [one for one in shown(tx, faces, broadcast_id, rows) if q in _said(one)]
    return found[first : first + PER_PAGE], len(found)


def _said(one: PersonFacts) -> str:
    roles = " ".join(role_name(role) for role in one["roles"])
    other = one["other_phone"] or ""
    return f"{one['name']} {one['phone']} {other} {roles} {' '.join(one['places'])}"
