"""当前: the first page. What is red comes first, then the warnings in force, then what runs."""

from collections.abc import Sequence

from flask import Blueprint, Flask, abort, flash, json, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from alertcast.dispatch import desk
from alertcast.dispatch.watch import first_page
from alertcast.store import grids
from alertcast.store.report_now import Now
from alertcast.web import context
from alertcast.web.context import allow, me, needs, now, shared, watched, world
from alertcast.web.maps import sheet
from alertcast.web.words import gettext

pages = Blueprint("now", __name__)


def install(app: Flask) -> None:
    """Let the templates of `app` count what is red."""
    app.jinja_env.globals["red_count"] = lambda facts: len(red_items(facts))


@pages.get("/")
@needs("see")
def page() -> str:
    """Show the first page."""
    with world().db.read() as tx:
        layer = grids.active_layer(tx)
        drawn = sheet(tx, layer["id"] if layer else None)
    return render_template("now/page.html", facts=shared("now", _facts), sheet=drawn)


@pages.get("/live")
@needs("see")
def live() -> Response:
    """Return the part of the first page that changes by itself."""
    return watched(lambda: render_template("now/live.html", facts=shared("now", _facts)))


@pages.get("/red.json")
@needs("see")
def red() -> Response:
    """Return what is red by name, and how much of it: more of it than was seen is news."""

    def made() -> str:
        facts = shared("now", _facts)
        return json.dumps(highest(facts, world().config.hazards.ordered) | red_items(facts))

    return watched(made, "application/json")


@pages.route("/channels/<name>/restart", methods=["GET", "POST"])
@needs("stop")
def restart_channel(name: str) -> Response | str:
    """Let a stopped channel work again, or take note of forged callbacks; asked once, recorded."""
    allow("stop", [""])
    if world().channel(name) is None:
        abort(404)
    if request.method == "GET":
        return render_template("now/restart.html", name=name, facts=_facts())
    desk.restart_channel(world(), name, me().name, now())
    context.desk().wake("")
    flash(gettext("已记录，渠道恢复工作。"), "done")
    return redirect(url_for("now.page"))


def highest(facts: Now, ladder: Sequence[str]) -> dict[str, int]:
    """Return the warnings in force of the highest level: they are news when they come."""
    level = set(ladder[:1])
    return {
        f"warning:{one['alert_id']}": 1
        for one in facts["warnings"]
        if level & {info["level"] for info in one["infos"]}
    }


def red_items(facts: Now) -> dict[str, int]:
    """Return everything on the first page that a human has to look at, with how much of it."""
    found = {f"help:{one['id']}": 1 for one in facts["help_open"]}
    found |= {f"unreached:{one['broadcast_id']}": one["grids"] for one in facts["unreached"]}
    found |= {f"nobody:{one['broadcast_id']}": one["grids"] for one in facts["without_people"]}
    found |= {f"approval:{one['id']}": 1 for one in facts["approvals"]}
    found |= {f"alone:{one['broadcast_id']}": 1 for one in facts["alone"]}
    found |= {f"held:{one['alert_id']}": 1 for one in facts["held"]}
    found |= {f"failing:{one['name']}": 1 for one in facts["failing"]}
    found |= {f"stopped:{name}": 1 for name in facts["stopped"]}
    found |= {f"resting:{one['name']}": 1 for one in facts["resting"]}
    found |= {f"aside:{one['id']}": 1 for one in facts["put_aside"]}
    found |= {f"forged:{name}": count for name, count in facts["forged"].items()}
    found |= {f"{one['what']}:{one['subject']}": 1 for one in facts["watch"]}
    found |= {"manual": facts["manual"]} if facts["manual"] else {}
    return found | ({"overdue": 1} if facts["overdue"] else {})


def _facts() -> Now:
    with world().db.read() as tx:
        return first_page(world(), tx, now(), me().area)
