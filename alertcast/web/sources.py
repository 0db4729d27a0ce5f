"""来源: how each is, what its last poll brought, and a poll now."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from alertcast.dispatch import fanout
from alertcast.dispatch.ask_source import Asked, ask_source
from alertcast.store import report_sources
from alertcast.web import context
from alertcast.web.asking import ask, is_sure
from alertcast.web.context import allow, me, needs, now, world
from alertcast.web.unread_words import poll_failure
from alertcast.web.words import gettext, mark

pages = Blueprint("sources", __name__)

OUTCOMES = {"ok": mark("正常"), "no_data": mark("没有新内容"), "failed": mark("失败")}
"""How a poll went."""


@pages.get("/sources")
@needs("configure")
def page() -> str:
    """Show how every source of the configuration is."""
    feeds = context.desk().feeds
    with world().db.read() as tx:
        found = report_sources.listed(tx, feeds, world().db.real_now(tx))
    pushed = context.desk().inbound.keys()
    return render_template("sources/page.html", found=found, outcomes=OUTCOMES, pushed=pushed)


@pages.post("/sources/<name>/poll")
@needs("configure")
def poll(name: str) -> Response | str:
    """Ask a source now, as the clock would, and decide on what it brought; asked once, recorded."""
    feed = context.desk().feeds.get(name)
    if feed is None or name in context.desk().inbound:
        abort(404)
    allow("configure", [""])
    back = url_for("sources.page")
    if not is_sure():
        question = gettext("现在就向来源 {name} 查询一次？收到的预警会照常处理。").format(name=name)
        return ask(question, button=gettext("现在查询"), back=back)
    asked = ask_source(world(), *feed, me().name, now())
    if asked.taken is not None:
        fanout.decide_all(world(), now())
        context.desk().wake("")
    _say(asked)
    return redirect(back)


def _say(asked: Asked) -> None:
    if asked.taken is None:
        said = gettext("刚刚查询过，或对方要求稍候。没有查询；{n} 秒后再试。")
        flash(said.format(n=max(1, round(asked.wait.total_seconds()))), "error")
        return
    taken = asked.taken
    said = gettext("已查询：{outcome}。新预警 {new}，已有 {known}，读不出 {refused}。").format(
        outcome=gettext(OUTCOMES.get(taken.outcome, taken.outcome)),
        new=len(taken.new),
        known=taken.known,
        refused=taken.refused,
    )
    is_failed = taken.outcome == "failed"
    why = poll_failure(taken.detail) if is_failed else ""
    said = " ".join(filter(None, (said, why, taken.detail)))
    flash(said, "error" if is_failed or taken.refused else "done")
