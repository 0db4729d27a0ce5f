"""核查: messages looked for by broadcast, grid, state or number, and the story of one of them."""

from dataclasses import replace

from flask import Blueprint, abort, flash, render_template, request

from alertcast.grids.phones import PhoneError, normalise
from alertcast.store import audit
from alertcast.store.report_messages import Wanted, found, story
from alertcast.store.report_people import Faces
from alertcast.web import context
from alertcast.web.context import allow, me, needs, now, world
from alertcast.web.words import gettext

pages = Blueprint("messages", __name__)

PER_PAGE = 100
"""Messages of one page."""


@pages.get("/messages")
@needs("see")
def page() -> str:
    """Show the newest messages that are looked for."""
    return _listed(
        Wanted(
            broadcast_id=request.args.get("broadcast", type=int),
            person_id=request.args.get("person", type=int),
            state=request.args.get("state", ""),
            kind=request.args.get("kind", ""),
            grid_code=request.args.get("grid", "").strip(),
            area=me().area,
            before=request.args.get("before", type=int),
        )
    )


@pages.post("/messages")
@needs("see", write="unmask")
def by_number() -> str:
    """Show the messages to a number; recorded, and the number is in no address."""
    allow("unmask", [me().area])
    wanted = Wanted(area=me().area)
    try:
        phone = normalise(request.form.get("number", "")[:64])
    except PhoneError:
        flash(gettext("这不是可以拨打的号码。没有查询。"), "error")
        return _listed(wanted)
    index = world().db.vault.index(phone)
    with world().db.write() as tx:
        audit.record(tx, me().name, "look_up_number", f"number:{index[:12]}", now())
    return _listed(replace(wanted, phone_index=index), is_by_number=True)


@pages.get("/messages/<int:task_id>")
@needs("see")
def one(task_id: int) -> str:
    """Show what became of one message: attempt by attempt, receipt by receipt."""
    with world().db.read() as tx:
        told = story(tx, Faces(world().db.vault), task_id, area=me().area)
    if told is None:
        abort(404)
    return render_template("messages/one.html", one=told)


def _listed(wanted: Wanted, *, is_by_number: bool = False) -> str:
    with world().db.read() as tx:
        rows = found(tx, Faces(world().db.vault), wanted, PER_PAGE + 1)
    return render_template(
        "messages/page.html",
        rows=rows[:PER_PAGE],
        wanted=wanted,
        older=rows[PER_PAGE - 1]["id"] if len(rows) > PER_PAGE and not is_by_number else None,
        is_by_number=is_by_number,
        may_look_up=context.can("unmask", [me().area]),
    )
