"""名册: what it lacks, who is in it, and the grids they answer for; nobody is named in full."""

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from alertcast.core.roster_gaps import Gap
from alertcast.dispatch import confirm_round, roster_check
from alertcast.dispatch.start import CanNotStart
from alertcast.grids import template as templates
from alertcast.store import grids, people, report_roster, roster_gaps
from alertcast.store.db import Tx
from alertcast.store.report_faces import Faces
from alertcast.store.report_roster import Wanted
from alertcast.web import context
from alertcast.web.asking import ask, is_sure
from alertcast.web.broadcasts import PER_PAGE
from alertcast.web.context import me, needs, now, page_number, world
from alertcast.web.show import role_name
from alertcast.web.words import gettext, refused

pages = Blueprint("roster", __name__)

LONGEST_SEARCH = 64


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


@pages.post("/roster/confirm")
@needs("start")
def confirm() -> Response | str:
    """Ask everybody whose number is not confirmed whether it is right, as a drill; asked once."""
    context.allow("start", ())
    kind = request.form.get("kind", "sms")
    if kind not in confirm_round.KINDS:
        abort(400)
    back = url_for("roster.page", gap=Gap.UNCONFIRMED)
    if not is_sure():
        return ask(
            gettext("现在核对号码吗？"),
            button=gettext("开始核对"),
            back=back,
            about=[gettext("以演练方式发给参加演练、号码未确认的人；夜里不发，从次日早上开始。")],
        )
    try:
        done = confirm_round.start(world(), kind, None, me().name, now())
    except CanNotStart as error:
        flash(refused(error), "error")
        return redirect(back)
    if done.broadcast_id is None:
        flash(gettext("没有可以核对的人：号码都已确认，或者没有参加演练。"), "error")
        return redirect(back)
    if done.is_new:
        said = gettext("核对 {asked} 人；另有 {left} 人没有参加演练，问不到。")
        flash(said.format(asked=done.asked, left=done.not_enrolled), "done")
    else:
        flash(gettext("今天已经核对过，没有重发。"), "error")
    context.desk().wake("")
    return redirect(url_for("broadcasts.one", broadcast_id=done.broadcast_id))


@pages.get("/roster/people")
@needs("see")
def people_() -> str:
    """Show the people of the roster in use, those who are looked for; nobody in full."""
    with world().db.read() as tx:
        wanted = _wanted(tx)
        total = report_roster.count_people(tx, wanted) if wanted else 0
        first = (page_number() - 1) * PER_PAGE
        rows = (
            report_roster.people(tx, Faces(world().db.vault), wanted, first=first, most=PER_PAGE)
            if wanted
            else []
        )
        towns = report_roster.towns(tx, wanted) if wanted else ()
        roles = report_roster.roles(tx, wanted) if wanted else ()
    return render_template(
        "roster/people.html",
        rows=rows,
        towns=towns,
        roles=[(role, role_name(role)) for role in roles],
        **_listed(total),
    )


@pages.get("/roster/grids")
@needs("see")
def grids_() -> str:
    """Show the grids of the layer in use, those that are looked for, and who answers there."""
    with world().db.read() as tx:
        wanted, layer = _wanted(tx), grids.active_layer(tx)
        total = report_roster.count_grids(tx, wanted) if wanted else 0
        first = (page_number() - 1) * PER_PAGE
        rows = report_roster.grids(tx, wanted, first=first, most=PER_PAGE) if wanted else []
        towns = report_roster.towns(tx, wanted) if wanted else ()
    return render_template(
        "roster/grids.html", rows=rows, towns=towns, layer=layer, **_listed(total)
    )


def _wanted(tx: Tx) -> Wanted | None:
    """Return what this request looks for; None as long as there is no layer."""
    roster, layer = people.active_roster(tx), grids.active_layer(tx)
    if layer is None:
        return None
    said = _chosen()
    named = [one for one in world().config.roles if said["q"] and said["q"] in role_name(one)]
    return Wanted(
        roster["id"] if roster else None,
        layer["id"],
        world().local(now()).date(),
        me().area,
        roles=tuple(named),
        **said,
    )


def _chosen() -> dict[str, str]:
    return {
        name: request.args.get(name, "").strip()[:LONGEST_SEARCH]
        for name in ("town", "role", "place", "q")
    }


def _listed(total: int) -> dict[str, Any]:
    last = -(-total // PER_PAGE)
    return {"chosen": _chosen(), "total": total, "page": page_number(), "last": last}


@pages.get("/roster/template.<kind>")
@needs("see")
def template(kind: str) -> Response:
    """Return a roster to start from, as `alertcast roster template` writes it."""
    return downloaded("roster", kind, partial(templates.template, roles=world().config.roles))


def downloaded(name: str, kind: str, made: Callable[[str], bytes]) -> Response:
    """Return a template as a file, as `made` returns it of an ending; 404 for another kind."""
    try:
        content = made(f".{kind}")
    except ValueError:
        abort(404)
    answer = Response(content, content_type="application/octet-stream")
    answer.headers.set("Content-Disposition", "attachment", filename=f"{name}.{kind}")
    return answer
