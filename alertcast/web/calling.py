"""While it runs: call somebody again, skip to the next rung, add a person; each asks once."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from alertcast.dispatch.add_person import Added, CanNotAdd, Stranger, add_person
from alertcast.dispatch.call_again import Again, call_again
from alertcast.dispatch.skip import skip, stages
from alertcast.grids.phones import PhoneError, read_phone
from alertcast.store import broadcasts, moving, people
from alertcast.store.db import Tx
from alertcast.store.report_areas import towns_of
from alertcast.store.report_faces import Faces, faces_of
from alertcast.store.report_facts import GridFacts, Progress
from alertcast.store.report_people import shown, standings
from alertcast.web import context
from alertcast.web.broadcasts import PER_PAGE, visible
from alertcast.web.context import allow, me, needs, now, world
from alertcast.web.words import gettext, mark

pages = Blueprint("calling", __name__)

LONGEST_NAME = 64

SAID = {
    Again.CALLED: mark("正在再次呼叫。"),
    Again.SOONER: mark("原来排在后面的呼叫改为现在拨出。"),
    Again.BY_HAND: mark("没有渠道能拨打这个号码，已列入人工拨打。"),
    Again.UNDERWAY: mark("正在呼叫此人，没有重复呼叫。"),
    Again.ANSWERED: mark("此人已应答，没有再呼叫。"),
    Again.NEEDLESS: mark("此人负责的网格已有人应答，没有再呼叫。"),
    Again.CHANGED: mark("您打开那一页之后已经又呼叫过此人，没有重复呼叫。请核对后再试。"),
    Again.OVER: mark("这次下发已经停止或结束，不再呼叫。"),
}
"""What an officer reads after asking for another call."""

WHY_NOT = {
    CanNotAdd.OVER: mark("这次下发已经停止或结束，或者所选网格已有人应答。没有增派。"),
    CanNotAdd.KNOWN: mark("此人已在这个网格的应叫名单里。没有重复增派。"),
    CanNotAdd.NOT_ENROLLED: mark("演练只联系登记参加演练的人员。没有增派。"),
    CanNotAdd.NOBODY: mark("名册里没有这个人。没有增派。"),
}
"""What an officer reads if nobody was added."""


@pages.route("/broadcasts/<int:broadcast_id>/people/<int:person_id>/call", methods=["GET", "POST"])
@needs("call")
def again(broadcast_id: int, person_id: int) -> Response | str:
    """Call a person again, after it was asked for once more."""
    with world().db.read() as tx:
        report = visible(tx, broadcast_id)
        allow("call", towns_of(tx, broadcast_id, person_id))
        standing = standings(tx, broadcast_id, me().area, only=[person_id])
        if not any(one.callouts for one in standing):
            abort(404)
        (one,) = shown(tx, Faces(world().db.vault), broadcast_id, standing)
        seen = moving.newest(tx, broadcast_id, person_id)
    if request.method == "GET":
        return render_template("calling/again.html", report=report, one=one, seen=seen)
    done = call_again(
        world(),
        broadcast_id=broadcast_id,
        person_id=person_id,
        user=me().name,
        now=now(),
        seen=request.form.get("seen", type=int),
    )
    context.desk().wake("")
    is_done = done in (Again.CALLED, Again.SOONER, Again.BY_HAND)
    flash(gettext(SAID[done]), "done" if is_done else "error")
    return redirect(url_for("listing.people", broadcast_id=broadcast_id, q=one["phone"][-4:]))


@pages.route("/broadcasts/<int:broadcast_id>/skip", methods=["GET", "POST"])
@needs("call")
def skip_rung(broadcast_id: int) -> Response | str:
    """Let the next rung begin now, for a grid, a town or all; asked once, with what follows."""
    with world().db.read() as tx:
        report = visible(tx, broadcast_id)
        chosen = _chosen(report)
        allow("call", {one["town_code"] for one in chosen})
        codes = [one["code"] for one in chosen]
        ahead = stages(world(), tx, broadcast_id, codes, now())
    named = {name: request.values.get(name, "") for name in ("code", "town")}
    if request.method == "GET":
        return render_template(
            "calling/skip.html", report=report, chosen=chosen, stages=ahead, named=named
        )
    moved = skip(
        world(),
        broadcast_id=broadcast_id,
        codes=codes,
        rung=request.form.get("rung", -1, type=int),
        user=me().name,
        now=now(),
    )
    context.desk().wake("")
    if moved:
        flash(gettext("{n} 个网格现在进入下一步。").format(n=moved), "done")
    else:
        flash(gettext("没有网格停在这一步：已经应答、已经进入下一步，或已停止。"), "error")
    code, town = named["code"] or None, named["town"] or None
    return redirect(url_for("listing.grids", broadcast_id=broadcast_id, code=code, town=town))


@pages.route("/broadcasts/<int:broadcast_id>/grids/<code>/add", methods=["GET", "POST"])
@needs("call")
def add(broadcast_id: int, code: str) -> Response | str | tuple[str, int]:
    """Add a person to one grid: of the roster, or by name and number; looked at, then confirmed."""
    with world().db.read() as tx:
        report = visible(tx, broadcast_id)
        cell = next((one for one in report["grid_list"] if one["code"] == code), None)
        if cell is None:
            abort(404)
        allow("call", [cell["town_code"]])
        near = _near(tx, report, cell)
    who, wrong = _who(near) if request.method == "POST" else (None, "")
    if wrong:
        flash(wrong, "error")
    if who is None or request.form.get("sure") != "yes":
        page = render_template(
            "calling/add.html",
            report=report,
            cell=cell,
            near=near,
            who=who,
            person=next((one for one in near if one.person_id == who), None),
        )
        return page, 400 if wrong else 200
    done = add_person(
        world(), broadcast_id=broadcast_id, codes=[code], who=who, user=me().name, now=now()
    )
    if isinstance(done, Added):
        context.desk().wake("")
        flash(gettext("已增派，正在短信和电话通知。"), "done")
    else:
        flash(gettext(WHY_NOT[done]), "error")
    return redirect(url_for("listing.grids", broadcast_id=broadcast_id, code=code))


@dataclass(frozen=True, slots=True)
class Near:
    """Somebody of the roster near a grid, as the page shows him."""

    person_id: int
    role: str
    place: str
    name: str
    phone: str


def _chosen(report: Progress) -> list[GridFacts]:
    code, town = request.values.get("code", ""), request.values.get("town", "")
    return [
        one
        for one in report["grid_list"]
        if code in ("", one["code"]) and town in ("", one["town_code"])
    ]


def _near(tx: Tx, report: Progress, cell: GridFacts) -> Sequence[Near]:
    """Return those of the roster who hold a post in the town of a grid, or over it."""
    found = broadcasts.get(tx, report["broadcast"]["id"])
    if found is None or found.roster_id is None:
        return []
    places = people.places_in_town(tx, found.layer_id, cell["town_code"])
    held = people.holders(
        tx,
        found.roster_id,
        places,
        on=world().local(now()).date(),
        layer_id=found.layer_id,
        only_enrolled=found.mode == "drill",
    )
    posts = {one.person_id: one for place in places for one in held.get(place, ())}
    listed = list(posts.values())[:PER_PAGE]
    faces = faces_of(tx, Faces(world().db.vault), {one.person_id for one in listed})
    return [
        Near(one.person_id, one.role, places[one.place], *faces[one.person_id][:2])
        for one in listed
    ]


def _who(near: Sequence[Near]) -> tuple[int | Stranger | None, str]:
    """Return whom the form names, and what is wrong with it."""
    person_id = request.form.get("person_id", type=int)
    if person_id is not None:
        is_near = any(one.person_id == person_id for one in near)
        return (person_id, "") if is_near else (None, gettext(WHY_NOT[CanNotAdd.NOBODY]))
    name = " ".join(request.form.get("name", "").split())[:LONGEST_NAME]
    if not name or not name.isprintable():
        return None, gettext("请写明姓名。")
    area_code = world().config.main.roster.area_code
    try:
        phone = read_phone(request.form.get("phone", "")[:LONGEST_NAME], area_code=area_code)
    except PhoneError:
        return None, gettext("这不是可以拨打的号码。没有增派。")
    return Stranger(name, phone.number), ""
