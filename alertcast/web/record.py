"""叫应记录: the record of a broadcast as a page, on paper, and as files that are handed out."""

import json
from collections.abc import Callable
from datetime import datetime

import structlog
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from alertcast.core.sheet import Sheet, as_csv
from alertcast.dispatch import record as records
from alertcast.dispatch.call_list import font_of
from alertcast.dispatch.paper import FontError
from alertcast.dispatch.record import Record
from alertcast.dispatch.sheet_pdf import as_pdf
from alertcast.dispatch.sheet_xlsx import as_xlsx
from alertcast.web.broadcasts import handed_out, visible
from alertcast.web.context import allow, can, me, needs, now, world
from alertcast.web.record_sheet import sheet_of
from alertcast.web.words import gettext

log = structlog.get_logger()
pages = Blueprint("record", __name__)

SHOWN = 100
"""Rows of each table on the page; all of them are on the one to print, and in the files."""

OPENED = ("basics", "published", "steps", "helps")
"""Tables that are unfolded on the page."""

LONGEST_WHY = 200
"""Characters of the reason for which somebody takes out names and numbers."""

FORMS = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
    "json": "application/json",
}
"""Every form of a record as a file, and its media type."""


@pages.get("/broadcasts/<int:broadcast_id>/record")
@needs("see")
def page(broadcast_id: int) -> str:
    """Show the record, masked; with `print` in the address every row of it."""
    with world().db.read() as tx:
        report = visible(tx, broadcast_id)
        found = records.made(
            world(),
            tx,
            broadcast_id,
            user=me().name,
            now=now(),
            area=me().area,
            is_open=False,
        )
    is_whole = "print" in request.args
    return render_template(
        "record/page.html",
        report=report,
        sheet=sheet_of(found),
        is_whole=is_whole,
        opened=OPENED,
        shown=None if is_whole else SHOWN,
        forms=FORMS,
        longest_why=LONGEST_WHY,
        may_open=can("unmask", [me().area]),
    )


@pages.post("/broadcasts/<int:broadcast_id>/record")
@needs("see")
def take(broadcast_id: int) -> Response:
    """Hand out the record as a file; recorded, and with names and numbers only for a reason."""
    with world().db.read() as tx:
        report = visible(tx, broadcast_id)
    form, why = request.form.get("form", ""), request.form.get("why", "").strip()[:LONGEST_WHY]
    if form not in FORMS:
        abort(400)
    if request.form.get("open"):
        allow("unmask", [me().area])
        if not why:
            flash(gettext("导出完整姓名和号码，须写明理由。没有导出。"), "error")
            return redirect(url_for("record.page", broadcast_id=broadcast_id))
    else:
        why = ""
    found = records.taken(
        world(), broadcast_id, form, user=me().name, now=now(), area=me().area, why=why
    )
    answer = Response(written(found, form), mimetype=FORMS[form])
    return handed_out(answer, report["broadcast"], f"record-{broadcast_id}.{form}")


def written(record: Record, form: str) -> bytes:
    """Return a record as a file in the language of this page."""
    if form == "json":
        return as_json(record).encode()
    writers: dict[str, Callable[[Sheet], bytes]] = {
        "csv": lambda sheet: as_csv(sheet).encode(),
        "xlsx": as_xlsx,
        "pdf": _pdf,
    }
    return writers[form](sheet_of(record))


def as_json(record: Record) -> str:
    """Return a record for programs: code words as they are, times as ISO 8601.

    The checksum is that of `record`: SHA-256 of its JSON with sorted keys and without spaces.
    """
    whole = {
        "record": record.facts,
        "texts": [{"id": one.text_id, "version": one.version} for one in record.worded],
        "checksum": {"algorithm": "SHA-256", "value": record.checksum},
        "exported": {
            "office": world().config.main.office.name,
            "by": record.made_by,
            "at": record.made_at,
            "is_masked": not record.is_open,
            "is_demo": world().is_demo,
        },
    }
    return json.dumps(whole, ensure_ascii=False, indent=1, default=datetime.isoformat)


def _pdf(sheet: Sheet) -> bytes:
    config = world().config
    try:
        return as_pdf(sheet, font_of(config.folder, config.main.call_list.font))
    except FontError as error:
        log.error("font of the call list can not be used", why=str(error))
        return as_pdf(sheet)
