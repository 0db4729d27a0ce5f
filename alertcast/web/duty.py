"""值班: who is on duty now and next, where nobody is, and the table brought in or mended."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from alertcast.core.plan import Holder
from alertcast.core.shift import Flaw, Shift
from alertcast.dispatch import duty, shift_plan
from alertcast.dispatch.shift_plan import CanNotPlan
from alertcast.grids.problem import Problem, has_errors
from alertcast.grids.shifts import read_clock, read_date, shift_hours
from alertcast.store import grids, people, report_duty, shifts
from alertcast.store.db import Tx
from alertcast.store.report_areas import counties, place_names
from alertcast.store.report_faces import Faces
from alertcast.web import context
from alertcast.web.asking import ask, is_sure
from alertcast.web.context import allow, can, me, needs, now, show_numbers, world
from alertcast.web.show import local_time, word
from alertcast.web.words import gettext

pages = Blueprint("duty", __name__)

SUBJECT = "duty"
"""Whose numbers are shown when those of this page are."""

LARGEST = 256 * 1024
"""Bytes of a table of shifts that is sent to the page."""


@dataclass(frozen=True, slots=True)
class Line:
    """One shift as the page shows it."""

    id: int
    shift: Shift
    area: str  # as it is called
    name: str
    phone: str
    is_now: bool
    may_change: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """Somebody who may be put on duty: holds a post in the county or the city."""

    value: str  # area:person
    area: str
    role: str
    name: str
    phone: str


@pages.get("/duty")
@needs("see")
def page() -> str:
    """Show who is on duty now and next, and what is wrong with the table."""
    return _page()


@pages.post("/duty/numbers")
@needs("unmask")
def numbers() -> Response:
    """Show names and numbers of those on duty for a while; each page that does is recorded."""
    show_numbers(SUBJECT)
    return redirect(url_for("duty.page"))


@pages.post("/duty")
@needs("plan")
def add() -> Response:
    """Put somebody on duty."""
    area, _, person_id = request.form.get("who", "").partition(":")
    if not person_id.isdecimal():
        abort(400)
    allow("plan", [area])
    try:
        with world().db.read() as tx:
            code = _code_of(tx, area, int(person_id))
        shift = Shift(area, shift_plan.seat_of(request.form.get("seat", "")), code, *_hours())
        shift_plan.put(world(), int(person_id), shift, me().name, now())
        flash(gettext("已加入值班表。"), "done")
    except CanNotPlan as error:
        flash(gettext("没有加入：") + str(error), "error")
    return redirect(url_for("duty.page"))


@pages.post("/duty/table")
@needs("plan")
def bring_in() -> str | Response:
    """Bring a table of shifts in from a file, or only say what is wrong with it."""
    file = request.files.get("file")
    content = file.read(LARGEST + 1) if file else b""
    if not content or len(content) > LARGEST:
        flash(gettext("请选择一个不超过 256 KB 的 CSV 或 XLSX 文件。没有导入。"), "error")
        return redirect(url_for("duty.page"))
    with tempfile.TemporaryDirectory() as folder, world().db.read() as tx:
        path = Path(folder) / "table"
        path.write_bytes(content)
        try:
            found = shift_plan.read(world(), tx, path)
        except CanNotPlan as error:
            flash(str(error), "error")
            return redirect(url_for("duty.page"))
    for area in {one.area for one in found.shifts}:
        allow("plan", [area])
    if has_errors(found.problems) or not found.shifts:
        flash(gettext("表里有错，没有导入。"), "error")
        return _page(found.problems)
    if request.form.get("what") != "import":
        flash(gettext("表没有错：%(n)s 班。还没有导入。") % {"n": len(found.shifts)}, "done")
        return _page(found.problems)
    done = shift_plan.bring_in(world(), found.shifts, me().name, now())
    counted = {"added": done.added, "removed": done.removed, "same": done.same}
    said = gettext("已导入：新增 %(added)s 班，删去 %(removed)s 班，%(same)s 班不变。")
    flash(said % counted, "done")
    return redirect(url_for("duty.page"))


@pages.post("/duty/<int:shift_id>/remove")
@needs("plan")
def remove(shift_id: int) -> Response | str:
    """Take out a shift to come, or end now the one that holds; asked once."""
    with world().db.read() as tx:
        one = shifts.get(tx, shift_id)
    if one is None:
        abort(404)
    allow("plan", [one.area])
    if not is_sure():
        ends = one.holds(now())
        hours = f"{local_time(one.starts_at)} – {local_time(one.ends_at)}"
        return ask(
            gettext("这一班到此为止？") if ends else gettext("删去这一班？"),
            button=gettext("到此为止") if ends else gettext("删去"),
            back=url_for("duty.page"),
            about=[
                f"{word('seat', one.seat)} · {hours}",
                gettext("此后有事不再打给此人；没有别人值班时，打给所有值班岗位。"),
            ],
        )
    if shift_plan.take_out(world(), shift_id, me().name, now()):
        flash(gettext("已从值班表删去。"), "done")
    else:
        flash(gettext("这一班已经结束，值班记录不能改。"), "error")
    return redirect(url_for("duty.page"))


def _page(problems: Sequence[Problem] = ()) -> str:
    is_open = context.numbers_shown(SUBJECT)
    with world().db.write() if is_open else world().db.read() as tx:
        faces = context.faces(tx, SUBJECT)
        layer, roster = grids.active_layer(tx), people.active_roster(tx)
        found = duty.table(world(), tx, now(), area=me().area)
        codes = {one.shift.area for one in found.shifts} | {one.area for one in found.flaws}
        here = [] if layer is None else counties(tx, layer["id"], me().area)
        cities = dict.fromkeys(f"{one['code'][:4]}00" for one in here)
        areas = [code for code in (*cities, *(one["code"] for one in here)) if can("plan", [code])]
        names = place_names(tx, layer["id"] if layer else None, {*codes, *areas})
        shown = report_duty.shown_as(tx, faces, found.people.values())
        held = people.holders(tx, roster["id"], areas, on=None) if roster and areas else {}
        choices = _choices(tx, faces, held, names)
    lines = [_line(one, found, names, shown) for one in found.shifts]
    return render_template(
        "duty/page.html",
        now_on=[one for one in lines if one.is_now],
        lines=lines,
        flaws=[_flaw(one, found, names, shown) for one in found.flaws],
        until=found.until,
        choices=choices,
        problems=problems,
        is_open=faces.is_open,
    )


def _line(
    one: shifts.Kept, found: duty.Table, names: dict[str, str], shown: dict[int, tuple[str, str]]
) -> Line:
    who = found.people.get(one.shift.person_code)
    name, phone = shown.get(who or 0, ("", ""))
    return Line(
        one.id,
        one.shift,
        names[one.shift.area],
        name,
        phone,
        one.shift.holds(now()),
        can("plan", [one.shift.area]),
    )


def _flaw(
    one: Flaw, found: duty.Table, names: dict[str, str], shown: dict[int, tuple[str, str]]
) -> tuple[Flaw, str, str]:
    who = found.people.get(one.person_code, 0)
    return one, names[one.area], shown.get(who, ("", ""))[0]


def _choices(
    tx: Tx, faces: Faces, held: dict[str, list[Holder]], names: dict[str, str]
) -> list[Choice]:
    shown = report_duty.shown_as(
        tx, faces, {one.person_id for here in held.values() for one in here}
    )
    return [
        Choice(f"{area}:{one.person_id}", names[area], one.role, *shown[one.person_id])
        for area, here in sorted(held.items())
        for one in here
        if one.person_id in shown
    ]


def _code_of(tx: Tx, area: str, person_id: int) -> str:
    roster = people.active_roster(tx)
    held = people.holders(tx, roster["id"], [area], on=None) if roster else {}
    code = people.code_of(tx, person_id)
    if code is None or person_id not in {one.person_id for one in held.get(area, ())}:
        raise CanNotPlan(gettext("此人在当地没有岗位，请先补名册"))
    return code


def _hours() -> tuple[datetime, datetime]:
    day = read_date(request.form.get("date", ""))
    start, end = read_clock(request.form.get("from", "")), read_clock(request.form.get("to", ""))
    if day is None or start is None or end is None:
        raise CanNotPlan(gettext("请填写日期和起止时间"))
    return shift_hours(day, start, end, world().config.main.office.zone)
