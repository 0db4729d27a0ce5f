"""当前: the first page. What is red comes first, then the warnings in force, then what runs."""

from flask import Blueprint, jsonify, render_template
from flask.typing import ResponseReturnValue

from alertcast.store.report_now import Now, now_report
from alertcast.web.context import me, needs, now, world

pages = Blueprint("now", __name__)


@pages.get("/")
@needs("see")
def page() -> str:
    """Show the first page."""
    return render_template("now/page.html", facts=_facts())


@pages.get("/live")
@needs("see")
def live() -> str:
    """Return the part of the first page that changes by itself."""
    return render_template("now/live.html", facts=_facts())


@pages.get("/healthz")
def health() -> ResponseReturnValue:
    """Say, without a log-in, whether pages and database answer; nothing else."""
    with world().db.read() as tx:
        world().db.real_now(tx)
    return jsonify(ok=True)


def _facts() -> Now:
    with world().db.read() as tx:
        return now_report(tx, now(), area=me().area)
