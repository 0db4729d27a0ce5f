"""名册: what the roster lacks, each kind with the list behind it; nobody is named in full."""

from flask import Blueprint, Response, abort, render_template, request

from alertcast.core.roster_gaps import Gap
from alertcast.dispatch import roster_check
from alertcast.grids import template as templates
from alertcast.store import people, roster_gaps
from alertcast.web.broadcasts import PER_PAGE
from alertcast.web.context import me, needs, now, page_number, world

pages = Blueprint("roster", __name__)


@pages.get("/roster")
@needs("see")
def page() -> str:
    """Show how many gaps of each kind there are in the user's area, and those of one kind."""
    named = request.args.get("gap", "")
    if named and named not in set(Gap):
        abort(404)
    with world().db.read() as tx:
        row = people.active_roster(tx)
        scope = roster_check.scope(world(), tx, now(), me().area)
        counts = {} if scope is None else roster_gaps.counts(tx, scope)
        first = (page_number() - 1) * PER_PAGE
        rows = (
            roster_gaps.rows(tx, world().db.vault, Gap(named), scope, first=first, most=PER_PAGE)
            if named and scope is not None
            else []
        )
    total = counts.get(Gap(named), 0) if named else 0
    return render_template(
        "roster/page.html",
        roster=row,
        counts=counts,
        rows=rows,
        chosen=named,
        total=total,
        page=page_number(),
        last=-(-total // PER_PAGE),
    )


@pages.get("/roster/template.<kind>")
@needs("see")
def template(kind: str) -> Response:
    """Return a roster to start from, as `alertcast roster template` writes it."""
    try:
        made = templates.template(f".{kind}", world().config.roles)
    except ValueError:
        abort(404)
    answer = Response(made, content_type="application/octet-stream")
    answer.headers.set("Content-Disposition", "attachment", filename=f"roster.{kind}")
    return answer
