"""核查: messages looked for by broadcast, grid, state, time, name or number; the story of each."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from flask import Blueprint, abort, flash, render_template, request

from alertcast.grids.phones import PhoneError, normalise
from alertcast.grids.shifts import read_clock, read_date
from alertcast.store import audit, names
from alertcast.store.names import TooMany
from alertcast.store.report_faces import Faces
from alertcast.store.report_messages import Wanted, found, story
from alertcast.web import context
from alertcast.web.context import allow, me, needs, now, world
from alertcast.web.words import gettext

pages = Blueprint("messages", __name__)

PER_PAGE = 100
"""Messages of one page."""

DAY = timedelta(days=1)


@pages.get("/messages")
@needs("see")
def page() -> str:
    """Show the newest messages that are looked for."""
    person = request.args.get("person", type=int)
    since, until = _time("from"), _time("to")
    return _listed(
        Wanted(
            broadcast_id=request.args.get("broadcast", type=int),
            people=() if person is None else (person,),
            state=request.args.get("state", ""),
            kind=request.args.get("kind", ""),
            grid_code=request.args.get("grid", "").strip(),
            area=me().area,
            before=request.args.get("before", type=int),
            since=since,
            until=until,
        )
    )


@pages.post("/messages")
@needs("see", write="unmask")
def by_person() -> str:
    """Show the messages to a number or a name; recorded, and neither is in any address."""
    allow("unmask", [me().area])
    return _by_name() if request.form.get("name", "").strip() else _by_number()


@pages.get("/messages/<int:task_id>")
@needs("see")
def one(task_id: int) -> str:
    """Show what became of one message: attempt by attempt, receipt by receipt."""
    with world().db.read() as tx:
        told = story(tx, Faces(world().db.vault), task_id, area=me().area)
    if told is None:
        abort(404)
    return render_template("messages/one.html", one=told)


def _by_number() -> str:
    wanted = Wanted(area=me().area)
    try:
        phone = normalise(request.form.get("number", "")[:64])
    except PhoneError:
        flash(gettext("这不是可以拨打的号码。没有查询。"), "error")
        return _listed(wanted)
    index = world().db.vault.index(phone)
    with world().db.write() as tx:
        audit.record(tx, me().name, "look_up_number", f"number:{index[:12]}", now())
    return _listed(replace(wanted, phone_index=index), looked_up="number")


def _by_name() -> str:
    words, vault = request.form["name"].strip()[:64], world().db.vault
    wanted = Wanted(area=me().area)
    mark = vault.mark(names.plain(words).encode())
    with world().db.write() as tx:
        audit.record(tx, me().name, "look_up_name", f"name:{mark[:12]}", now())
    try:
        with world().db.read() as tx:
            people = names.named(tx, vault, words, area=me().area)
    except TooMany:
        flash(gettext("叫这个名字的人太多，请写全姓名。没有查询。"), "error")
        return _listed(wanted)
    return _listed(replace(wanted, people=tuple(people) or (0,)), looked_up="name")


def _listed(wanted: Wanted, *, looked_up: str = "") -> str:
    with world().db.read() as tx:
        rows = found(tx, Faces(world().db.vault), wanted, PER_PAGE + 1)
    asked = {name: value for name, value in request.args.items() if value and name != "before"}
    return render_template(
        "messages/page.html",
        rows=rows[:PER_PAGE],
        wanted=wanted,
        asked=asked,
        older=rows[PER_PAGE - 1]["id"] if len(rows) > PER_PAGE and not looked_up else None,
        looked_up=looked_up,
        may_look_up=context.can("unmask", [me().area]),
    )


def _time(side: str) -> datetime | None:
    """Return one end of the time that is asked for; a day without a clock is all of that day."""
    day: date | None = read_date(request.args.get(side, ""))
    if day is None:
        return None
    clock = read_clock(request.args.get(f"{side}_at", ""))
    whole = timedelta(0) if side == "from" else DAY
    begin = datetime.combine(day, time(), world().config.main.office.zone)
    return (begin + (whole if clock is None else clock)).astimezone(UTC)
