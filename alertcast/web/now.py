"""当前: the first page. What is red comes first, then the warnings in force, then what runs."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from alertcast.dispatch import desk
from alertcast.dispatch.watch import first_page
from alertcast.store import grids
from alertcast.store.report_now import Now
from alertcast.web import context
from alertcast.web.context import allow, me, needs, now, world
from alertcast.web.maps import sheet
from alertcast.web.words import gettext

pages = Blueprint("now", __name__)


@pages.get("/")
@needs("see")
def page() -> str:
    """Show the first page."""
    with world().db.read() as tx:
        layer = grids.active_layer(tx)
        drawn = sheet(tx, layer["id"] if layer else None)
    return render_template("now/page.html", facts=_facts(), sheet=drawn)


@pages.get("/live")
@needs("see")
def live() -> str:
    """Return the part of the first page that changes by itself."""
    return render_template("now/live.html", facts=_facts())


@pages.post("/channels/<name>/restart")
@needs("stop")
def restart_channel(name: str) -> Response:
    """Let a stopped channel work again, or take note of forged callbacks; recorded."""
    allow("stop", [""])
    if world().channel(name) is None:
        abort(404)
    desk.restart_channel(world(), name, me().name, now())
    context.desk().wake("")
    flash(gettext("已记录，渠道恢复工作。"), "done")
    return redirect(url_for("now.page"))


def _facts() -> Now:
    with world().db.read() as tx:
        return first_page(world(), tx, now(), me().area)
