"""用户: who may log in, with which role and for which area; each change is asked once."""

import secrets
from collections.abc import Callable
from functools import partial

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from alertcast.core.access import ROLES, User
from alertcast.dispatch import accounts
from alertcast.dispatch.accounts import AccountError
from alertcast.store import report_users, users
from alertcast.store.db import Tx
from alertcast.web import context
from alertcast.web.asking import ask, is_sure
from alertcast.web.context import allow, me, needs, now, world
from alertcast.web.login import LONGEST_NAME
from alertcast.web.words import gettext, mark

pages = Blueprint("users", __name__)

Shown = str | tuple[str, int] | Response

DEEDS = {
    "change": (mark("把 {name} 的角色和辖区改为所选的？"), mark("修改")),
    "password": (mark("给 {name} 换一个新密码？原密码作废，已登录的都退出。"), mark("换密码")),
    "disable": (
        mark("停用 {name}？已登录的都退出，不能再登录；做过的事留在记录里。"),
        mark("停用"),
    ),
    "enable": (mark("重新启用 {name}？密码照旧。"), mark("启用")),
    "log_out": (mark("让 {name} 在所有地方退出登录？"), mark("退出登录")),
    "unlock": (mark("{name} 多次输错密码后不必再等？"), mark("解除等待")),
    "no_code": (mark("{name} 登录不再需要动态码？只在手机丢失时这样做。"), mark("停用动态码")),
}
"""What can be done with a user: the question, and the button."""

NOT_TO_ONESELF = ("change", "disable", "password", "no_code")
"""What nobody does to himself here: an administrator would shut himself out."""


@pages.get("/users")
@needs("configure")
def page() -> str:
    """Show who has a log-in in the user's area."""
    return _page()


@pages.post("/users")
@needs("configure")
def add() -> Shown:
    """Let somebody log in, with a password that is shown this once."""
    name, area = request.form.get("name", "").strip(), request.form.get("area", "").strip()
    role = request.form.get("role", "")
    allow("configure", [area])
    if not 0 < len(name) <= LONGEST_NAME or role not in ROLES:
        flash(gettext("请填写用户名，并选择角色。"), "error")
        return _page(), 400
    if not is_sure():
        question = gettext("新增用户 {name}？").format(name=name)
        return ask(question, button=gettext("新增"), back=url_for("users.page"))
    password = _fresh()
    try:
        with world().db.write() as tx:
            accounts.add(tx, me().name, name, password, role, area, now())
    except AccountError:
        flash(gettext("没有新增：已有同名用户，或当前图层里没有这个辖区。"), "error")
        return _page(), 400
    return _page(name, password)


@pages.get("/users/<int:user_id>")
@needs("configure")
def one(user_id: int) -> str:
    """Show one user, and what can be done."""
    return _one(_found(user_id))


@pages.post("/users/<int:user_id>")
@needs("configure")
def do(user_id: int) -> Shown:
    """Do one of DEEDS, once it was asked."""
    user, deed = _found(user_id), request.form.get("do", "")
    if deed not in DEEDS or (user.id == me().id and deed in NOT_TO_ONESELF):
        flash(gettext("请选择要做什么。自己的密码在“我的账号”里改。"), "error")
        return _one(user), 400
    role, area = request.form.get("role", user.role), request.form.get("area", user.area).strip()
    allow("configure", [area])
    if role not in ROLES:
        abort(400)
    if not is_sure():
        question, button = (gettext(text) for text in DEEDS[deed])
        back = url_for("users.one", user_id=user.id)
        is_grave = deed in ("disable", "no_code")
        return ask(question.format(name=user.name), button=button, back=back, is_grave=is_grave)
    if deed == "password":
        password = _fresh()
        with world().db.write() as tx:
            accounts.set_password(tx, me().name, user, password, now())
        return _page(user.name, password)
    try:
        with world().db.write() as tx:
            _do(tx, deed, user, role, area)
    except AccountError:
        flash(gettext("当前图层里没有属于这个辖区的镇街。没有修改。"), "error")
        return _one(user), 400
    flash(gettext("已完成，并留下记录。"), "done")
    return redirect(url_for("users.one", user_id=user.id))


def _do(tx: Tx, deed: str, user: User, role: str, area: str) -> None:
    by, at = me().name, now()
    deeds: dict[str, Callable[[], object]] = {
        "change": partial(accounts.change, tx, by, user, role, area, at),
        "disable": partial(accounts.disable, tx, by, user, at),
        "enable": partial(accounts.enable, tx, by, user, at),
        "log_out": partial(accounts.log_out, tx, by, user, at),
        "unlock": partial(accounts.unlock, world().db, tx, by, user, at),
        "no_code": partial(accounts.remove_second_factor, tx, by, user, at),
    }
    deeds[deed]()


def _found(user_id: int) -> User:
    with world().db.read() as tx:
        found = users.by_id(tx, user_id)
    if found is None:
        abort(404)
    allow("configure", [found[0].area])
    return found[0]


def _fresh() -> str:
    """Return a password that can be read aloud over the telephone and typed at once."""
    letters = "23456789abcdefghjkmnpqrstuvwxyz"
    parts = ("".join(secrets.choice(letters) for _ in range(4)) for _ in range(4))
    return "-".join(parts)


def _page(name: str = "", password: str = "") -> str:
    with world().db.read() as tx:
        found = [
            one for one in report_users.listed(tx) if context.can("configure", [one.user.area])
        ]
    return render_template(
        "users/page.html",
        found=found,
        roles=ROLES,
        longest=LONGEST_NAME,
        new_name=name,
        password=password,
        must_have_code=world().config.main.login.second_factor,
    )


def _one(user: User) -> str:
    with world().db.read() as tx:
        (found,) = (one for one in report_users.listed(tx) if one.user.id == user.id)
    return render_template(
        "users/one.html", one=found, roles=ROLES, is_me=user.id == me().id, user=user
    )
