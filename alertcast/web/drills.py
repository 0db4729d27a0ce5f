"""演练中心: drills that are scheduled, whom they would reach, and how each went beside the last."""

from dataclasses import dataclass
from datetime import UTC, datetime, time

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from alertcast.core.access import lies_in
from alertcast.core.drill import PlannedDrill
from alertcast.dispatch import drill_plan
from alertcast.dispatch.start import CanNotStart
from alertcast.grids.shifts import read_clock, read_date
from alertcast.store import grids, planned_drills
from alertcast.store.db import Tx
from alertcast.store.report_areas import areas_of, counties, place_names
from alertcast.store.report_duty import shown_as
from alertcast.store.report_faces import Faces
from alertcast.web import confirming, context
from alertcast.web.asking import ask, is_sure
from alertcast.web.context import can, me, needs, now, world
from alertcast.web.notice import LONGEST
from alertcast.web.show import local_time
from alertcast.web.statistics import PARTS, parts_of
from alertcast.web.where import where
from alertcast.web.words import gettext, refused

pages = Blueprint("drills", __name__)

LISTED = 100
"""People of one role that are listed."""


@pages.get("/drills")
@needs("see")
def page() -> str:
    """Show the drills that are to come and those that were, and the form of a new one."""
    return _page()


@pages.post("/drills")
@needs("start")
def schedule() -> Response | tuple[str, int]:
    """Schedule a drill. The same form twice is one drill."""
    with world().db.read() as tx:
        layer = grids.active_layer(tx)
        chosen = where(tx, layer["id"]) if layer else None
        if layer and chosen:
            confirming.allow_codes(tx, layer["id"], chosen.codes)
    text, at = request.form.get("text", "").strip(), _time()
    if chosen is None or not chosen.is_fine or at is None or not 0 < len(text) <= LONGEST:
        flash(gettext("请填写日期、时间、地点和不超过 1000 字的内容。"), "error")
        return _page(), 400
    policy = confirming.policy()
    try:
        asked = drill_plan.asked(
            world(),
            text=text,
            codes=chosen.codes,
            starts_at=at,
            user=me().name,
            now=now(),
            policy=policy,
        )
        if not asked.is_met(ticked=True, typed=request.form.get("word", "")):
            said = gettext("还没有安排：地点很大，请核对，并输入“{word}”。")
            flash(said.format(word=asked.word), "error")
            return _page(asked.word), 409
        made = drill_plan.schedule(
            world(),
            text=text,
            codes=chosen.codes,
            starts_at=at,
            user=me().name,
            key=confirming.key(),
            now=now(),
            policy=policy,
        )
    except CanNotStart as error:
        flash(gettext("没有安排：") + refused(error), "error")
        return _page(), 409
    flash(gettext("已安排演练。"), "done")
    return redirect(url_for("drills.one", drill_id=made))


@pages.get("/drills/<int:drill_id>")
@needs("see")
def one(drill_id: int) -> str:
    """Show a drill: whom it would reach, or how it went beside the last one."""
    with world().db.read() as tx:
        found = planned_drills.get(tx, drill_id)
        if found is None or not _is_ours(tx, found):
            abort(404)
        compared = None
        reached: dict[str, Reached] = {}
        wrong = ""
        if found.broadcast_id is not None:
            compared = drill_plan.compare(tx, found.broadcast_id, me().area)
        else:
            try:
                reached = _reached(tx, found)
            except CanNotStart as error:
                wrong = refused(error)
        names = _names(tx, found)
    return render_template(
        "drills/one.html",
        one=found,
        compared=compared,
        reached=reached,
        wrong=wrong,
        names=names,
        parts=PARTS,
        parts_of=parts_of,
        has_channel=_has_channel(),
        may_cancel=_may_cancel(found),
    )


@pages.post("/drills/<int:drill_id>/cancel")
@needs("start")
def cancel(drill_id: int) -> Response | str:
    """Call a drill off before its time; asked once."""
    with world().db.read() as tx:
        found = planned_drills.get(tx, drill_id)
        if found is None or not _is_ours(tx, found):
            abort(404)
    if not _may_cancel(found):
        abort(403)
    if not is_sure():
        return ask(
            gettext("取消这次演练？"),
            button=gettext("取消演练"),
            back=url_for("drills.one", drill_id=drill_id),
            about=[f"{local_time(found.starts_at)} · {found.text}", gettext("取消后不会开始。")],
        )
    if drill_plan.cancel(world(), drill_id, me().name, now()):
        flash(gettext("演练已取消，不会开始。"), "done")
    else:
        flash(gettext("演练已经开始或已经结束，不能取消；要停，请打开那次下发。"), "error")
    return redirect(url_for("drills.one", drill_id=drill_id))


def _page(typed: str = "") -> str:
    """Show the drills and the form; `typed`: the words by which this one is to be confirmed."""
    with world().db.read() as tx:
        layer = grids.active_layer(tx)
        found = [one for one in planned_drills.listed(tx) if _is_ours(tx, one)]
        places = counties(tx, layer["id"], me().area) if layer else []
        names = {one.id: _names(tx, one) for one in found}
    return render_template(
        "drills/page.html",
        drills=found,
        names=names,
        counties=places,
        policies=world().config.rules.policies,
        policy=confirming.policy() or world().config.rules.desk,
        key=confirming.key(),
        night=world().config.main.drills.night,
        has_channel=_has_channel(),
        typed=typed,
        longest=LONGEST,
        chosen=set(request.form.getlist("place")),
    )


@dataclass(frozen=True, slots=True)
class Reached:
    """Those of one role: how many there are, and who is enrolled, as far as they are listed."""

    total: int
    enrolled: int
    shown: list[tuple[str, str]]  # name and phone, masked


def _reached(tx: Tx, found: PlannedDrill) -> dict[str, Reached]:
    new = drill_plan.looked_at(world(), tx, found)
    everybody = drill_plan.enrolled(world(), tx, new, found.starts_at, is_enrolled=False)
    ready = drill_plan.enrolled(world(), tx, new, found.starts_at, is_enrolled=True)
    faces = Faces(world().db.vault)
    return {
        role: Reached(
            len(those),
            len(ready.get(role, ())),
            list(shown_as(tx, faces, sorted(ready.get(role, ()))[:LISTED]).values()),
        )
        for role, those in everybody.items()
    }


def _areas(tx: Tx, found: PlannedDrill) -> list[str]:
    layer = grids.active_layer(tx)
    known = areas_of(tx, layer["id"], found.codes) if layer else {}
    return list(known.values()) or list(found.codes)


def _is_ours(tx: Tx, found: PlannedDrill) -> bool:
    return any(lies_in(area, me().area) for area in _areas(tx, found))


def _may_cancel(found: PlannedDrill) -> bool:
    with world().db.read() as tx:
        return can("start", _areas(tx, found))


def _names(tx: Tx, found: PlannedDrill) -> str:
    layer = grids.active_layer(tx)
    named = place_names(tx, layer["id"] if layer else None, found.codes)
    return "、".join(named[code] for code in found.codes)


def _has_channel() -> bool:
    return any(mode == "drill" for _, mode in context.world().kinds())


def _time() -> datetime | None:
    day, clock = read_date(request.form.get("date", "")), read_clock(request.form.get("at", ""))
    if day is None or clock is None:
        return None
    zone = world().config.main.office.zone
    return (datetime.combine(day, time(), zone) + clock).astimezone(UTC)
