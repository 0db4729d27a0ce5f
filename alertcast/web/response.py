"""应急响应: the response levels in force and before; who decided them, when, by which document."""

from datetime import datetime

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from alertcast.core.response import KINDS, LEVELS, CanNotRespond, Response
from alertcast.dispatch import respond
from alertcast.store import grids, responses
from alertcast.store.db import Tx
from alertcast.store.report_areas import counties
from alertcast.web.context import allow, can, me, needs, now, world
from alertcast.web.words import gettext, mark

pages = Blueprint("response", __name__)

LONGEST = 200

WRONG = {
    "unknown": mark("请选择响应种类和级别。"),
    "missing": mark("请写明决定单位和文件（文号或名称）。"),
    "to_come": mark("时间还没有到。只登记已经启动或终止的响应。"),
    "too_early": mark("时间早于现行级别的启动时间。"),
    "time": mark("请填写时间。"),
}
"""What an officer reads where nothing was written down."""


@pages.get("/response")
@needs("see")
def page() -> str:
    """Show what holds, what held, and the form to write down a decision."""
    return _page()


@pages.post("/response")
@needs("respond")
def begin() -> Answer | tuple[str, int]:
    """Write down that a level began; another level of the same kind and area ends by it."""
    area = request.form.get("area", "")
    with world().db.read() as tx:
        places = dict(_places(tx))
    if area not in places:
        abort(403)
    allow("respond", [area])
    try:
        one = Response(
            kind=request.form.get("kind", ""),
            level=request.form.get("level", ""),
            area=area,
            place=places[area],
            office=_said("office"),
            document=_said("document"),
            starts_at=_at(),
        )
        made = respond.begin(world(), one, me().name, now())
    except CanNotRespond as error:
        flash(gettext(WRONG[error.rule]), "error")
        return _page(), 400
    if made is None:
        flash(gettext("这一级响应已经在登记中。没有重复登记。"), "error")
    else:
        flash(gettext("已登记应急响应。"), "done")
    return redirect(url_for("response.page"))


@pages.post("/response/<int:response_id>/end")
@needs("respond")
def end(response_id: int) -> Answer | tuple[str, int]:
    """Write down that a level has ended."""
    with world().db.read() as tx:
        found = responses.get(tx, response_id)
    if found is None:
        abort(404)
    allow("respond", [found["area"]])
    try:
        done = respond.end(
            world(),
            response_id,
            at=_at(),
            office=_said("office"),
            document=_said("document"),
            user=me().name,
            now=now(),
        )
    except CanNotRespond as error:
        flash(gettext(WRONG[error.rule]), "error")
        return _page(), 400
    if done:
        flash(gettext("已登记：应急响应终止。"), "done")
    else:
        flash(gettext("这一级响应此前已经终止。"), "error")
    return redirect(url_for("response.page"))


def _page() -> str:
    with world().db.read() as tx:
        listed = responses.listed(tx, me().area)
        places = _places(tx)
    return render_template(
        "response/page.html",
        holding=[one for one in listed if one["ended_at"] is None],
        ended=[one for one in listed if one["ended_at"] is not None],
        places=[one for one in places if can("respond", [one[0]])],
        kinds=KINDS,
        levels=LEVELS,
        moment=f"{world().local(now()):%Y-%m-%dT%H:%M}",
        mine=lambda one: can("respond", [one["area"]]),
    )


def _places(tx: Tx) -> list[tuple[str, str]]:
    """Return the areas that a response may be for, from the widest, with their names."""
    layer = grids.active_layer(tx)
    found = [] if layer is None else counties(tx, layer["id"], me().area)
    everywhere = [("", gettext("全部辖区"))] if not me().area else []
    return [
        *everywhere,
        *((one["code"], one["name"]) for one in found),
        *((town["code"], f"{one['name']}{town['name']}") for one in found for town in one["towns"]),
    ]


def _said(name: str) -> str:
    return " ".join(request.form.get(name, "").split())[:LONGEST]


def _at() -> datetime:
    try:
        at = datetime.fromisoformat(request.form.get("at", ""))
    except ValueError:
        raise CanNotRespond("time") from None
    return at.replace(tzinfo=world().config.main.office.zone) if at.tzinfo is None else at
