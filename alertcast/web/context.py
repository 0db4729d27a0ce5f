"""What every view needs: the installation, the time, who asks, and whether they may."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import Flask, Response, abort, current_app, flash, g, request, session, url_for
from flask_login import current_user

from alertcast.core.access import User, may
from alertcast.dispatch.depth import Depth
from alertcast.dispatch.reload import Files
from alertcast.dispatch.republish import Shelf
from alertcast.dispatch.world import World
from alertcast.sources.base import Source
from alertcast.sources.inbound import Inbound
from alertcast.store.db import Tx
from alertcast.store.report_faces import Faces, unmask
from alertcast.web import glance
from alertcast.web.glance import Glance
from alertcast.web.rules import Rule, ruled
from alertcast.web.words import gettext, language

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")

OPEN_FOR = timedelta(minutes=15)
"""How long numbers stay shown after an officer asked for them (real time)."""

LONGEST_WHY = 200
"""Most characters of the reason for which they were asked for."""


def left(_upload_id: int) -> None:
    """Leave a file that was sent to whoever calls `alertcast uploads work`."""


@dataclass(frozen=True, slots=True)
class Desk:
    """One installation as the pages see it."""

    world: World
    clock: Callable[[], datetime]
    is_demo: bool
    wake: Callable[[str], None]  # lets the steps of that name look for work; "": all
    inbound: Mapping[str, Inbound] = field(default_factory=dict)  # sources that send to us
    feeds: Mapping[str, tuple[Source, timedelta]] = field(default_factory=dict)  # all, how often
    files: Files | None = None  # the configuration on the disk of this process
    depth: Depth = field(default_factory=Depth)  # of the receipts that wait
    shelf: Shelf = field(default_factory=Shelf)  # of documents that are ready
    glance: Glance = field(default_factory=Glance)  # what many watch at once
    work: Callable[[int], None] = left  # begins to work on a file that was sent


def install(app: Flask, desk: Desk) -> None:
    """Let the views of `app` find `desk`."""
    app.extensions["alertcast"] = desk


def desk() -> Desk:
    """Return the installation this request is about."""
    return desk_of(current_app)


def desk_of(app: Flask) -> Desk:
    """Return the installation that `app` shows."""
    found: Desk = app.extensions["alertcast"]
    return found


def world() -> World:
    """Return the world of this request."""
    return desk().world


def now() -> datetime:
    """Return product time."""
    return desk().clock()


def me() -> User:
    """Return who asks: a log-in in views behind `needs`, a token in those of the API."""
    user: User = g.acting if "acting" in g else current_user.user
    return user


def needs(
    action: str, *, write: str = "", without_code: bool = False
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let a view be opened only by users who may do `action` somewhere; its form may need `write`.

    401 (the log-in page) without a log-in, 403 without the right. Where the action is about a
    place, the view asks `allow` too. Whose role must have a second factor and has none is sent to
    set it up, and finds nothing open but what is so `without_code`.
    """
    rule = Rule(read=action, write=write or action)

    def wrap(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
            if not current_user.is_authenticated:
                abort(401)
            if current_user.lacks_code and not without_code:
                abort(403 if request.path.startswith("/api/") else _to_set_up_a_code())
            if not may(me(), rule.action(request.method), me().area):
                abort(403)
            answer = view(*args, **kwargs)
            if request.method not in ("GET", "HEAD"):
                desk().glance.clear()
            return answer

        return ruled(wrapped, rule)

    return wrap


def _to_set_up_a_code() -> Response:
    return Response(status=302, headers={"Location": url_for("account.page")})


def can(action: str, areas: Iterable[str]) -> bool:
    """Say whether the user may do `action` in all of `areas`; no area at all means everywhere."""
    return all(may(me(), action, area) for area in set(areas) or {""})


def allow(action: str, areas: Iterable[str]) -> None:
    """Answer 403 unless the user may do `action` in all of `areas`."""
    if not can(action, areas):
        abort(403)


def show_numbers(subject: str) -> None:
    """Let this session see the numbers of `subject` for a while, if the form says why."""
    given = [" ".join(one.split()) for one in request.form.getlist("why")]
    why = next((one[:LONGEST_WHY] for one in given if one), "")
    if why:
        session["numbers"] = [subject, (datetime.now(UTC) + OPEN_FOR).isoformat(), why]
    else:
        flash(gettext("请选择或写明查看姓名和号码的理由。"), "error")


def numbers_shown(subject: str) -> bool:
    """Say whether this session sees the numbers of `subject`, and the user still may."""
    return _why_shown(subject) is not None


def faces(tx: Tx, subject: str) -> Faces:
    """Return how this page shows people; showing them in full is recorded, each time, in `tx`."""
    vault, why = world().db.vault, _why_shown(subject)
    if why is None:
        return Faces(vault)
    return unmask(tx, vault, user=me().name, subject=subject, now=now(), why=why)


def _why_shown(subject: str) -> str | None:
    match session.get("numbers"):
        case [named, until, why] if named == subject and may(me(), "unmask", me().area):
            return str(why) if datetime.fromisoformat(until) > datetime.now(UTC) else None
    return None


def watched(make: Callable[[], str], content_type: str = "text/html; charset=utf-8") -> Response:
    """Return what this request asks for, made a moment ago for all who may see the same.

    304 if the browser has it already. What `make` returns must hold nothing of one user alone.
    """
    user, here = me(), desk()
    key = (request.full_path, user.role, user.area, language())
    seen = here.glance.look(key, here.clock, make)
    return glance.answer(seen, here.world.local(seen.as_of), content_type)


def shared(name: str, make: Callable[[], T]) -> T:
    """Return what was made a moment ago for everybody of this area, or make it."""
    here = desk()
    return here.glance.look((name, me().area), here.clock, make).what


def page_number() -> int:
    """Return which page of a long list is asked for, from 1."""
    return max(1, request.args.get("page", 1, type=int))
