"""Log-in and log-out: scrypt hashes, and a pause after five wrong passwords."""

import hashlib
import time
from collections.abc import Callable
from functools import cache
from threading import Lock

import structlog
from flask import (
    Blueprint,
    Flask,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from werkzeug.security import check_password_hash, generate_password_hash
from werkzeug.wrappers import Response

from alertcast.core.access import User
from alertcast.store import audit, users
from alertcast.web.context import me, needs, now, world
from alertcast.web.rules import public
from alertcast.web.words import gettext

log = structlog.get_logger()
pages = Blueprint("login", __name__)

TRIES = 5
"""Wrong passwords in a row before the pause."""

PAUSE = 60.0
"""Real seconds nobody can log in by that name from that address after the last wrong password."""

KEPT = 10_000
"""Most names and addresses that are remembered."""


class Account(UserMixin):  # type: ignore[misc]  # the library has no types
    """A user, as the log-in library wants one."""

    def __init__(self, user: User, password: str) -> None:
        self.user = user
        self._mark = hashlib.sha256(password.encode()).hexdigest()[:16]

    def get_id(self) -> str:
        """Return what the session keeps: with the password it ends."""
        return f"{self.user.id}.{self._mark}"


class Lockout:
    """Counts wrong passwords by name and address, in memory; `clock` is monotonic seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failed: dict[tuple[str, str], tuple[int, float]] = {}
        self._lock = Lock()

    def is_closed(self, name: str, address: str) -> bool:
        """Say whether this name has to wait at this address."""
        count, at = self._failed.get((name, address), (0, 0.0))
        return count >= TRIES and self._clock() - at < PAUSE

    def failed(self, name: str, address: str) -> None:
        """Count a wrong password; after a pause counting begins anew."""
        with self._lock:
            if len(self._failed) >= KEPT:
                self._failed.pop(next(iter(self._failed)))
            count, at = self._failed.pop((name, address), (0, 0.0))
            fresh = self._clock() - at >= PAUSE
            self._failed[name, address] = (1 if fresh else count + 1, self._clock())

    def passed(self, name: str, address: str) -> None:
        """Forget the wrong passwords of somebody who knew the right one."""
        with self._lock:
            self._failed.pop((name, address), None)


def hashed(password: str) -> str:
    """Return the scrypt hash of a password, as the users table keeps it."""
    return generate_password_hash(password, method="scrypt")


def install(app: Flask) -> None:
    """Let `app` know who is logged in."""
    manager = LoginManager(app)
    manager.user_loader(_load)
    app.extensions["alertcast_lockout"] = Lockout()


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
    name, password = request.form.get("name", "")[:128], request.form.get("password", "")
    address = request.remote_addr or ""
    lockout = _lockout()
    if lockout.is_closed(name, address):
        flash(gettext("输错次数过多，请一分钟后再试。"), "error")
        return render_template("login/form.html", name=name), 429
    account = _checked(name, password)
    if account is None:
        lockout.failed(name, address)
        log.warning("log-in refused", address=address)
        flash(gettext("用户名或密码不对。"), "error")
        return render_template("login/form.html", name=name), 401
    lockout.passed(name, address)
    chosen = session.get("language")
    session.clear()
    session.permanent = True
    session["language"] = chosen
    login_user(account)
    with world().db.write() as tx:
        audit.record(tx, account.user.name, "log_in", f"user:{account.user.id}", now())
    return redirect(url_for("now.page"))


@pages.post("/logout")
@needs("see")
def leave() -> Response:
    """Log out."""
    log.info("logged out", user=me().id)
    logout_user()
    session.clear()
    return redirect(url_for("login.form"))


def _load(kept: str) -> Account | None:
    user_id = kept.partition(".")[0]
    with world().db.read() as tx:
        found = users.by_id(tx, int(user_id)) if user_id.isdecimal() else None
    account = Account(*found) if found is not None and not found[0].is_disabled else None
    return account if account is not None and account.get_id() == kept else None


def _checked(name: str, password: str) -> Account | None:
    with world().db.read() as tx:
        found = users.by_name(tx, name)
    user, kept = found or (None, _no_password())
    is_right = check_password_hash(kept, password)
    return Account(user, kept) if user is not None and is_right and not user.is_disabled else None


def _lockout() -> Lockout:
    found: Lockout = current_app.extensions["alertcast_lockout"]
    return found


@cache
def _no_password() -> str:
    """Return a hash to compare with when nobody has the name, so that both take as long."""
    return hashed("")
