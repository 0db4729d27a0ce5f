"""审计记录: who did what, looked for by user, action, subject and day; and whether it is whole."""

from datetime import date, datetime, time, timedelta

from flask import Blueprint, flash, render_template, request
from werkzeug.datastructures import MultiDict

from alertcast.core.chain import ChainBroken
from alertcast.store import audit, users
from alertcast.store.report_audit import Wanted, acts
from alertcast.web.context import allow, me, needs, now, world
from alertcast.web.deeds import DEEDS, deed, detail_text
from alertcast.web.subjects import subject_of, subject_text
from alertcast.web.words import gettext

pages = Blueprint("audits", __name__)

PER_PAGE = 100
"""Rows of one page."""


@pages.get("/audit")
@needs("audit")
def page() -> str:
    """Show the newest acts that are looked for; of a user with an area, those of its people."""
    return _page()


@pages.post("/audit/verify")
@needs("audit")
def verify() -> str:
    """Check the whole chain, and say what was found; recorded."""
    allow("audit", [""])
    with world().db.read() as tx:
        try:
            end, broken = audit.verify(tx), None
        except ChainBroken as error:
            end, broken = audit.end(tx), error
    with world().db.write() as tx:
        is_whole = broken is None
        audit.record(tx, me().name, "verify_audit", "audit", now(), rows=end.n, whole=is_whole)
    if broken is None:
        said = gettext("记录完整：共 {n} 条，没有被改动、删除或插入。链尾：{hash}")
        flash(said.format(n=end.n, hash=end.hash), "done")
    else:
        said = gettext("记录不完整！第一处：第 {n} 条。请立即保全数据库，并报告负责人。")
        flash(said.format(n=broken.n), "error")
    return _page()


def _page() -> str:
    given = request.args
    wanted = Wanted(
        user=given.get("user", "").strip()[:128],
        action=given.get("action", ""),
        subject=subject_of(given.get("subject", "").strip()[:128]),
        since=_midnight(given, "since"),
        until=_midnight(given, "until", days=1),
        area=me().area,
    )
    with world().db.read() as tx:
        rows = acts(tx, wanted, limit=PER_PAGE + 1, before=given.get("before", type=int))
        names = {one.id: one.name for one in users.listed(tx)}
    return render_template(
        "audits/page.html",
        rows=rows[:PER_PAGE],
        wanted=wanted,
        given=given,
        older=rows[PER_PAGE - 1]["id"] if len(rows) > PER_PAGE else None,
        actions=sorted(DEEDS, key=deed),
        deed=deed,
        detail_text=detail_text,
        subject_text=lambda subject: subject_text(subject, names),
        may_verify=me().area == "",
    )


def _midnight(given: MultiDict[str, str], name: str, days: int = 0) -> datetime | None:
    """Return when the day that is named begins in the office's zone; no day: None."""
    try:
        day = date.fromisoformat(given.get(name, ""))
        return datetime.combine(day, time(0), world().config.main.office.zone) + timedelta(days)
    except (ValueError, OverflowError):
        return None
