"""Log-in and log-out: a session in the database for each browser, ended by the clock or by hand."""

from datetime import UTC, datetime, timedelta

import structlog
from flask import (
    Blueprint,
    Flask,
    flash,
    g,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from werkzeug.wrappers import Response

from alertcast.core.access import User
from alertcast.core.session import Session
from alertcast.dispatch import log_in
from alertcast.store import sessions, users
from alertcast.store.lockouts import Marks
from alertcast.web import browsers
from alertcast.web.context import me, needs, now, world
from alertcast.web.rules import public
from alertcast.web.words import gettext

log = structlog.get_logger()
pages = Blueprint("login", __name__)

BY_ITSELF = "X-By-Itself"
"""Header of what a page asks without anybody at it: it keeps no log-in alive."""

LONGEST_NAME = 128

CODE_WITHIN = timedelta(minutes=5)
"""Real time in which the code must follow the password."""


class Account(UserMixin):  # type: ignore[misc]  # the library has no types
    """A user, as the log-in library wants one."""

    def __init__(self, user: User, secret: str, *, lacks_code: bool = False) -> None:
        self.user = user
        self.secret = secret
        self.lacks_code = lacks_code  # which the role must have: nothing else is open until then

    def get_id(self) -> str:
        """Return what the cookie keeps."""
        return self.secret


def install(app: Flask) -> None:
    """Let `app` know who is logged in."""
    manager = LoginManager(app)
    manager.user_loader(_load)


def here() -> Session:
    """Return the session of this request, of somebody who is logged in."""
    found: Session = g.session
    return found


def address() -> str:
    """Return where the request comes from."""
    return request.remote_addr or ""


@pages.get("/login")
@public("whoever logs in is nobody yet")
def form() -> Response | str:
    """Show the form."""
    if current_user.is_authenticated:
        return redirect(url_for("now.page"))
    return render_template("login/form.html")


@pages.post("/login")
@public("whoever logs in is nobody yet")
def enter() -> Response | tuple[str, int]:
    """Log in, or say that name or password are wrong without saying which."""
    name = request.form.get("name", "")[:LONGEST_NAME]
    password = request.form.get("password", "")
    tried = log_in.try_password(world(), name, password, address(), browsers.known(), now())
    if tried.wait:
        flash(gettext("输错次数过多，请一分钟后再试。"), "error")
        return render_template("login/form.html", name=name), 429
    if tried.user is None:
        log.warning("log-in refused", address=address())
        flash(gettext("用户名或密码不对。"), "error")
        return render_template("login/form.html", name=name), 401
    if log_in.needs_code(world(), tried.user):
        until = datetime.now(UTC) + CODE_WITHIN
        session["half"] = [tried.user.id, dict(tried.marks), until.isoformat()]
        return redirect(url_for("login.code"))
    return begin(tried.user, tried.marks)


@pages.get("/login/code")
@public("whoever logs in is nobody yet")
def code() -> Response | str:
    """Ask for the code of somebody whose password was right a moment ago."""
    return (
        redirect(url_for("login.form")) if _half() is None else render_template("login/code.html")
    )


@pages.post("/login/code")
@public("whoever logs in is nobody yet")
def enter_code() -> Response | tuple[str, int]:
    """Log in with the code, or say that it is wrong."""
    half = _half()
    if half is None:
        flash(gettext("时间过长，请重新登录。"), "error")
        return redirect(url_for("login.form"))
    user_id, marks = half
    tried = log_in.try_code(world(), user_id, marks, request.form.get("code", "")[:64], now())
    if tried.wait:
        flash(gettext("输错次数过多，请一分钟后再试。"), "error")
        return render_template("login/code.html"), 429
    if tried.user is None:
        log.warning("code refused", user=user_id, address=address())
        flash(gettext("动态码不对。"), "error")
        return render_template("login/code.html"), 401
    return begin(tried.user, marks)


def _half() -> tuple[int, Marks] | None:
    """Return whose password was right here a moment ago, and what the tries are counted by."""
    match session.get("half"):
        case [int(user_id), dict(marks), str(until)] if datetime.fromisoformat(
            until
        ) > datetime.now(UTC):
            return user_id, marks
    return None


def begin(user: User, marks: Marks, *, way: str = "") -> Response:
    """Log somebody in who was right in all, and go to the first page."""
    secret = log_in.begin(world(), user, marks, address(), now(), way=way)
    keep(user, secret)
    answer = redirect(url_for("now.page"))
    browsers.remember(answer, user.id)
    return answer


def keep(user: User, secret: str) -> None:
    """Let the cookie of this browser hold a session that has begun, and nothing of one before."""
    chosen = session.get("language")
    session.clear()
    session.permanent = True
    session["language"] = chosen
    login_user(Account(user, secret))


@pages.post("/logout")
@needs("see", without_code=True)
def leave() -> Response:
    """Log out."""
    log.info("logged out", user=me().id)
    with world().db.write() as tx:
        sessions.end(tx, current_user.secret)
    logout_user()
    session.clear()
    return redirect(url_for("login.form"))


def _load(secret: str) -> Account | None:
    db, limits = world().db, world().config.main.login.limits
    with db.read() as tx:
        real_now = db.real_now(tx)
        found = sessions.by_secret(tx, secret, limits, real_now)
        account = None if found is None else users.by_id(tx, found.user_id)
        lacks_code = account is not None and log_in.lacks_code(world(), tx, account[0])
    if found is None or account is None or account[0].is_disabled:
        return None
    g.session = found
    if BY_ITSELF not in request.headers and sessions.is_to_note(found, real_now):
        with db.write() as tx:
            sessions.note_used(tx, found.id, real_now)
    return Account(account[0], secret, lacks_code=lacks_code)
