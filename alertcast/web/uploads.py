"""导入: a file is sent, looked at as the command does, and applied once confirmed."""

from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_login import current_user
from werkzeug.wrappers import Response as Answer

from alertcast.core.upload import KEPT, LARGEST, Broken, Upload, UploadKind, UploadState
from alertcast.dispatch import upload_kinds
from alertcast.dispatch import uploads as step
from alertcast.dispatch.upload_kinds import CanNotTake
from alertcast.dispatch.uploads import Confirmed
from alertcast.grids.parents import TownsFrom
from alertcast.store import audit, grids, people, uploads
from alertcast.web import context
from alertcast.web.context import allow, can, me, needs, now, world
from alertcast.web.show import local_time
from alertcast.web.upload_words import (
    BROKEN,
    CHANGES,
    FIELDS,
    KINDS,
    REASONS,
    STATION_FIELDS,
    TOWNS,
    rule_text,
)
from alertcast.web.words import gettext, mark

pages = Blueprint("uploads", __name__)

ADDRESS = "/uploads"
"""Where a file is sent to."""

TAKEN = "uploads.take"
"""The endpoint that takes files larger than any other form."""

BESIDE = 64 * 1024
"""Bytes of such a form beside the file."""

TEXTS = ("crs", "layer", "encoding", "towns", "attribution")
TICKS = ("keep_codes", "approximate", "skip_bad")
"""What a form says of the way in which a layer is to be read."""

_SAID: dict[Confirmed, str] = {
    Confirmed.GONE: mark("文件已删除，或已超过一小时。请重新上传。"),
    Confirmed.NOT_YET: mark("文件还在检查，请稍候。"),
    Confirmed.CHANGED: mark(
        "预览之后在用的名册、驿站或图层已经更换，没有应用。现在重新比较，请再看一遍。"
    ),
    Confirmed.REFUSED: mark("没有应用：请先勾选确认错误或减少的部分，或改好文件再上传。"),
}
"""What an officer is told where nothing is applied."""


def install(app: Flask) -> None:
    """Let whoever may send a file send a large one; before any form is read."""

    def larger() -> None:
        if request.endpoint == TAKEN and request.method == "POST" and may_send():
            request.max_content_length = LARGEST + BESIDE

    app.before_request(larger)


def may_send() -> bool:
    """Say whether whoever asks is logged in and may send files; `needs` and `allow` say it too."""
    is_in = current_user.is_authenticated and not current_user.lacks_code
    return is_in and can("configure", [])


@pages.get(ADDRESS)
@needs("configure")
def page() -> str:
    """Show the forms, and the files that are here."""
    allow("configure", [])
    with world().db.read() as tx:
        real_now = world().db.real_now(tx)
        there = uploads.listed(tx)
        roster, layer = people.active_roster(tx), grids.active_layer(tx)
    return render_template(
        "uploads/page.html",
        rows=[(one, one.is_silent(real_now)) for one in there],
        roster=roster,
        layer=layer,
        towns=TOWNS,
        kinds=KINDS,
        largest=LARGEST // 1024 // 1024,
        suffixes={kind.value: ",".join(one.suffixes) for kind, one in upload_kinds.KINDS.items()},
    )


@pages.post(ADDRESS)
@needs("configure")
def take() -> Answer:
    """Take a file, and let it be looked at."""
    allow("configure", [])
    kind, file = request.form.get("kind", ""), request.files.get("file")
    if kind not in set(UploadKind):
        abort(400)
    taken = step.take(
        world(),
        UploadKind(kind),
        Path(file.filename or "").name[-128:] if file else "",
        " ".join(request.form.get("name", "").split())[:64],
        file.read() if file else b"",
        options=_options() if kind == UploadKind.LAYER else {},
        by=me().name,
        now=now(),
    )
    if isinstance(taken, CanNotTake):
        flash(gettext(REASONS[taken]), "error")
        return redirect(url_for("uploads.page"))
    return _begin(taken)


@pages.get("/uploads/<int:upload_id>")
@needs("configure")
def one(upload_id: int) -> str:
    """Show how far it is, or what was found and what it would change."""
    return render_template("uploads/one.html", **_facts(upload_id))


@pages.get("/uploads/<int:upload_id>/live")
@needs("configure")
def live(upload_id: int) -> Response:
    """Return that part of the page, once it says something else."""
    facts = _facts(upload_id)
    found: Upload = facts["upload"]
    etag = f"{found.state}-{found.progress}-{found.seen[:16]}-{facts['is_silent']}"
    if request.if_none_match.contains(etag):
        return Response(status=304)
    answer = Response(render_template("uploads/_one.html", **facts))
    answer.set_etag(etag)
    return answer


@pages.get("/uploads/<int:upload_id>/copy")
@needs("configure")
def copy(upload_id: int) -> Response:
    """Return the file with its bad cells marked; it holds names and numbers, so it is recorded."""
    allow("configure", [])
    allow("unmask", [])
    with world().db.write() as tx:
        found = uploads.get(tx, upload_id)
        marked = uploads.copy(tx, world().db.vault, upload_id)
        if found is None or marked is None:
            abort(404)
        audit.record(tx, me().name, "fetch_copy", f"upload:{upload_id}", now())
    answer = Response(marked, content_type="application/octet-stream")
    suffix = Path(found.file).suffix.casefold()
    answer.headers.set("Content-Disposition", "attachment", filename=f"marked-{upload_id}{suffix}")
    answer.headers["Cache-Control"] = "no-store"
    return answer


@pages.post("/uploads/<int:upload_id>/check")
@needs("configure")
def check(upload_id: int) -> Answer:
    """Look at a file again, perhaps read in another way."""
    found = _there(upload_id)
    options = _options() if found.kind is UploadKind.LAYER else {}
    if not step.look_again(world(), upload_id, options):
        flash(gettext(_SAID[Confirmed.NOT_YET]), "error")
        return redirect(url_for("uploads.one", upload_id=upload_id))
    return _begin(upload_id)


@pages.post("/uploads/<int:upload_id>/apply")
@needs("configure")
def apply(upload_id: int) -> Answer:
    """Apply a file as it was seen."""
    _there(upload_id)
    form = request.form
    became = step.confirm(
        world(),
        upload_id,
        seen=form.get("seen", ""),
        skip_bad=form.get("skip_bad") == "yes",
        allow_removals=form.get("allow_removals") == "yes",
        by=me().name,
    )
    if became in _SAID:
        flash(gettext(_SAID[became]), "error")
    if became in (Confirmed.BEGUN, Confirmed.CHANGED):
        return _begin(upload_id)
    return redirect(url_for("uploads.one", upload_id=upload_id))


@pages.post("/uploads/<int:upload_id>/discard")
@needs("configure")
def discard(upload_id: int) -> Answer:
    """Throw a file away."""
    _there(upload_id)
    step.throw_away(world(), upload_id, me().name, now())
    flash(gettext("文件已删除，什么也没有导入。"), "done")
    return redirect(url_for("uploads.page"))


def _begin(upload_id: int) -> Answer:
    try:
        context.desk().work(upload_id)
    except OSError:
        step.fail(world(), upload_id, Broken.ENDED)
        flash(gettext("服务器现在无法处理文件，请稍后再试。"), "error")
    return redirect(url_for("uploads.one", upload_id=upload_id))


def _there(upload_id: int) -> Upload:
    allow("configure", [])
    with world().db.read() as tx:
        found = uploads.get(tx, upload_id)
    return found or abort(404)


def _options() -> dict[str, Any]:
    form = request.form
    said: dict[str, Any] = {name: form.get(name, "").strip()[:200] for name in TEXTS}
    if said["towns"] not in set(TownsFrom):
        said["towns"] = TownsFrom.COLUMNS.value
    return said | {name: form.get(name) == "yes" for name in TICKS}


def _facts(upload_id: int) -> dict[str, Any]:
    found = _there(upload_id)
    with world().db.read() as tx:
        real_now = world().db.real_now(tx)
        report = uploads.report(tx, world().db.vault, upload_id)
    for said in report.get("meanwhile", ()):
        said["at"] = local_time(datetime.fromisoformat(said["at"])) if "at" in said else "—"
    rules = upload_kinds.KINDS[found.kind]
    is_told = found.state is UploadState.CHECKED or found.is_silent(real_now)
    return {
        "upload": found,
        "report": report,
        "is_silent": found.is_silent(real_now),
        "why": BROKEN.get(found.done.get("why", ""), ""),
        "is_working": found.state in (UploadState.CHECKING, UploadState.APPLYING),
        "is_told": bool(report) and is_told,
        "removes_many": bool(report) and rules.removes_many(world(), report),
        "until": found.sent_at + KEPT,
        "rule_text": partial(rule_text, found.kind),
        "fields": FIELDS,
        "station_fields": STATION_FIELDS,
        "change_words": CHANGES,
        "towns": TOWNS,
        "kinds": KINDS,
    }
