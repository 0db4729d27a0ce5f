"""我的账号: one's own password, and where one is logged in."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from alertcast.dispatch import accounts, log_in
from alertcast.store import sessions
from alertcast.store.passwords import SHORTEST
from alertcast.web import browsers, login
from alertcast.web.context import me, needs, now, world
from alertcast.web.words import gettext

pages = Blueprint("account", __name__)


@pages.get("/account")
@needs("see")
def page() -> str:
    """Show where the user is logged in, and the form for another password."""
    return _page()


@pages.post("/account/password")
@needs("see")
def password() -> Response | tuple[str, int]:
    """Change one's own password: everywhere else one is logged out."""
    new = request.form.get("new", "")
    if len(new) < SHORTEST:
        flash(gettext("新密码至少 {n} 个字符。").format(n=SHORTEST), "error")
        return _page(), 400
    if new != request.form.get("again", ""):
        flash(gettext("两次输入的新密码不一样。"), "error")
        return _page(), 400
    old = request.form.get("old", "")
    tried = log_in.try_password(world(), me().name, old, login.address(), browsers.known(), now())
    if tried.wait:
        flash(gettext("输错次数过多，请一分钟后再试。"), "error")
        return _page(), 429
    if tried.user is None:
        flash(gettext("原密码不对。"), "error")
        return _page(), 400
    with world().db.write() as tx:
        accounts.set_password(tx, me().name, me(), new, now())
    secret = log_in.begin(world(), me(), tried.marks, login.address(), now())
    login.keep(me(), secret)
    flash(gettext("密码已修改，其他地方的登录都已退出。"), "done")
    return redirect(url_for("account.page"))


@pages.post("/account/log-out-elsewhere")
@needs("see")
def log_out_elsewhere() -> Response:
    """End all of one's sessions but this one."""
    with world().db.write() as tx:
        ended = accounts.log_out(tx, me().name, me(), now(), but=login.here().id)
    flash(gettext("已退出其他地方的 {n} 个登录。").format(n=ended), "done")
    return redirect(url_for("account.page"))


def _page() -> str:
    with world().db.read() as tx:
        found = sessions.of_user(tx, me().id)
    return render_template(
        "account/page.html", sessions=found, here=login.here().id, shortest=SHORTEST
    )
