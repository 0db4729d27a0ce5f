"""隔离: one document that could not be read: why, as it came, and reading it again."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from alertcast.dispatch import reread
from alertcast.store import quarantine, witnesses
from alertcast.web import context
from alertcast.web.context import allow, me, needs, now, world
from alertcast.web.words import gettext

pages = Blueprint("quarantine", __name__)

SHOWN = 20_000
"""Most characters of a document on its page; `alertcast alerts quarantine show` writes all."""


@pages.get("/quarantine/<int:quarantine_id>")
@needs("start")
def page(quarantine_id: int) -> str:
    """Show a document; it may name a forecaster, so not to everybody who sees the pages."""
    with world().db.read() as tx:
        row = quarantine.row_of(tx, quarantine_id)
    if row is None:
        abort(404)
    raw = witnesses.opened(world().db.vault, row["raw"])
    text = raw[: 4 * SHOWN].decode("utf-8", "replace").replace("\0", "\ufffd")[:SHOWN]
    return render_template(
        "quarantine/page.html",
        facts=quarantine.facts(row),
        text=text,
        size=len(raw),
        is_whole=len(text.encode()) >= len(raw),
        is_known=reread.is_known(world(), row["source"]),
    )


@pages.post("/quarantine/<int:quarantine_id>/retry")
@needs("start")
def retry(quarantine_id: int) -> Response:
    """Read it again; what it holds is decided on at once."""
    allow("start", [""])
    try:
        found = reread.reread(world(), quarantine_id, me().name, now())
    except reread.SourceGone as error:
        said = gettext("没有重新读取：来源 {name} 已不在配置里。").format(name=error.source)
        flash(said, "error")
        return redirect(url_for("quarantine.page", quarantine_id=quarantine_id))
    if found is None:
        abort(404)
    context.desk().wake("")
    if found.left:
        flash(gettext("重新读取后，仍有内容读不懂。"), "error")
    else:
        flash(gettext("已重新读取，没有遗留。"), "done")
    return redirect(url_for("quarantine.page", quarantine_id=quarantine_id))
