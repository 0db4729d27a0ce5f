"""我的账号: one's own password and second factor, and where one is logged in."""

from collections.abc import Sequence

import pyotp
import segno
from flask import Blueprint, flash, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from alertcast.dispatch import accounts, log_in
from alertcast.store import second_factors, sessions
from alertcast.store.passwords import SHORTEST
from alertcast.web import browsers, login
from alertcast.web.context import me, needs, now, world
from alertcast.web.words import gettext

pages = Blueprint("account", __name__)


@pages.get("/account")
@needs("see", without_code=True)
def page() -> str:
    """Show where the user is logged in, and the form for another password."""
    return _page()


@pages.post("/account/password")
@needs("see", without_code=True)
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


@pages.post("/account/code/offer")
@needs("see", without_code=True)
def offer_code() -> Response:
    """Show a key for an app on the user's phone; it counts once a code of it was typed."""
    with world().db.write() as tx:
        if not second_factors.has_one(tx, me().id):
            second_factors.offer(tx, world().db.vault, me().id)
    return redirect(url_for("account.page"))


@pages.post("/account/code/confirm")
@needs("see", without_code=True)
def confirm_code() -> str | tuple[str, int]:
    """Ask for a code at each log-in from now on; show the recovery codes, this once."""
    said = "".join(request.form.get("code", "")[:16].split())
    with world().db.write() as tx:
        codes = accounts.confirm_second_factor(world().db, tx, me(), said, now())
    if not codes:
        flash(gettext("动态码不对，请核对手机时间后再试。"), "error")
        return _page(), 400
    return _page(codes)


@pages.post("/account/code/remove")
@needs("see")
def remove_code() -> Response | tuple[str, int]:
    """Log in without a code again; the password is asked for."""
    if _is_must():
        flash(gettext("您的角色登录必须有动态码，不能去掉。"), "error")
        return _page(), 400
    old = request.form.get("old", "")
    tried = log_in.try_password(world(), me().name, old, login.address(), browsers.known(), now())
    if tried.user is None:
        flash(gettext("原密码不对。"), "error")
        return _page(), 429 if tried.wait else 400
    log_in.forget(world(), tried.marks)
    with world().db.write() as tx:
        accounts.remove_second_factor(tx, me().name, me(), now())
    flash(gettext("登录不再需要动态码。"), "done")
    return redirect(url_for("account.page"))


def _page(codes: Sequence[str] = ()) -> str:
    db = world().db
    with db.read() as tx:
        found = sessions.of_user(tx, me().id)
        has_code = second_factors.has_one(tx, me().id)
        secret = second_factors.offered(tx, db.vault, me().id)
        left = second_factors.left(tx, me().id)
    return render_template(
        "account/page.html",
        sessions=found,
        here=login.here().id,
        shortest=SHORTEST,
        has_code=has_code,
        left=left,
        secret=secret,
        picture=_picture(secret) if secret else None,
        codes=codes,
        is_must=_is_must(),
    )


def _is_must() -> bool:
    """Say whether the user's role must have a second factor."""
    return me().role in world().config.main.login.second_factor


def _picture(secret: str) -> Markup:
    """Return the key as a picture that an app on a phone reads (QR), as SVG without any style."""
    office = world().config.main.office.short_name
    address = pyotp.TOTP(secret).provisioning_uri(name=me().name, issuer_name=office)
    code = segno.make(address, error="m")
    return Markup(code.svg_inline(scale=5, light="white", omitsize=False))  # noqa: S704  # our own
