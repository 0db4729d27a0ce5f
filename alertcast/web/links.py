"""应答链接: the page of an SMS link, open to whoever has the address. Only a press answers.

The token in the address is all the right there is, so a form needs no token of a session; no cookie
is set, nothing is stored by the browser, and nothing names a person. Wrong addresses are counted,
and a network address that tries many is refused for a while.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv6Network, ip_address
from threading import Lock
from typing import NoReturn

import structlog
from flask import Blueprint, Flask, Response, current_app, g, redirect, render_template, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from alertcast.core.alert import Info
from alertcast.core.callout import ANSWERS
from alertcast.core.relay import Counts, CountsError
from alertcast.dispatch import links
from alertcast.dispatch.links import IsOver, Opened
from alertcast.store import alerts, broadcasts
from alertcast.store import links as kept
from alertcast.web import context
from alertcast.web.context import now, world
from alertcast.web.relay import MOST, WRONG, typed
from alertcast.web.rules import public
from alertcast.web.words import LANGUAGES, gettext

log = structlog.get_logger()
pages = Blueprint("links", __name__)

COUNTS = "counts"
"""Value of the button that sends numbers of households."""

HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow, noarchive, nosnippet",
}
"""The address is a key: it is not stored, not passed on, and not found by a search."""

TRIES = 20
"""Wrong addresses at once from one network address."""

EVERY = 30.0
"""Real seconds after which one more is looked at."""

KEPT = 10_000
"""Most network addresses that are remembered."""


class Guesses:
    """Wrong addresses by network address, in memory of this process; `clock` is monotonic seconds.

    An address of this machine or a private network is a proxy for everybody: it is counted and
    never refused. The length of the token alone keeps a link from being guessed (core/link.py).
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._used: dict[str, tuple[float, float]] = {}  # tries used up, when that was so
        self._wrong = self._refused = 0
        self._written_at = -1.0
        self._lock = Lock()

    def is_refused(self, address: str) -> bool:
        """Say whether nothing from this network address is looked at for a while; counted."""
        with self._lock:
            refused = TRIES - self._used_up(address) < 1
            self._refused += refused
        return refused

    def wrong(self, address: str) -> None:
        """Count an address that belongs to no link."""
        with self._lock:
            self._wrong += 1
            if not _network(address):
                return
            used = self._used_up(address) + 1
            self._used.pop(_network(address), None)
            if len(self._used) >= KEPT:
                self._used.pop(next(iter(self._used)))
            self._used[_network(address)] = (used, self._clock())

    def to_write(self) -> tuple[int, int] | None:
        """Return what was counted and is to be written now, at most once a second; else None."""
        with self._lock:
            found = (self._wrong, self._refused)
            if not any(found) or self._clock() - self._written_at < 1.0:
                return None
            self._wrong = self._refused = 0
            self._written_at = self._clock()
            return found

    def _used_up(self, address: str) -> float:
        used, at = self._used.get(_network(address), (0.0, self._clock()))
        return max(0.0, used - (self._clock() - at) / EVERY)


def install(app: Flask) -> None:
    """Let `app` count guesses."""
    app.extensions["alertcast_guesses"] = Guesses()


@pages.after_request
def _secured(response: Response) -> Response:
    response.headers.update(HEADERS)
    return response


@pages.get("/a/<path:token>")
@public("the address is the right")
def page(token: str) -> str:
    """Show the warning and the buttons; changes nothing, whoever asks."""
    return _shown(_found(token))


@pages.post("/a/<path:token>")
@public("the address is the right")
def press(token: str) -> tuple[str, int] | BaseResponse:
    """Take an answer, or numbers of households, from whoever pressed a button of the page."""
    found, value = _found(token), request.form.get("answer", "")
    if value not in ANSWERS and value != COUNTS:
        return _shown(found, gettext("请按页面上的按钮。")), 400
    given: dict[int, Counts] = {}
    if value == COUNTS:
        try:
            given = typed(request.form, found.cells, world().config.main.relay.limits)
        except CountsError as error:
            return _shown(found, gettext(WRONG[error.wrong])), 400
        if not given:
            return _shown(found, gettext("没有填写户数，没有登记。")), 400
    try:
        links.answer(world(), token, None if value == COUNTS else value, given, now())
    except (IsOver, LookupError):
        return _shown(_found(token)), 409
    context.desk().wake("send")
    return redirect(
        f"{request.path}?lang={g.language}" if "lang" in request.args else request.path, 303
    )


def _found(token: str) -> Opened:
    guesses: Guesses = current_app.extensions["alertcast_guesses"]
    address = request.remote_addr or ""
    if guesses.is_refused(address):
        _stop(guesses, 429, gettext("打开无效链接的次数过多，请稍后再试。"))
    found = links.opened(world(), token, now())
    if found is None:
        guesses.wrong(address)
        _stop(guesses, 404, gettext("没有找到这个链接。请对照短信，或直接致电。"))
    chosen = request.args.get("lang")
    spoken = "en" if found.task.language.startswith("en") else "zh"
    g.language = chosen if chosen in LANGUAGES else spoken
    return found


def _stop(guesses: Guesses, status: int, sentence: str) -> NoReturn:
    counted = guesses.to_write()
    if counted is not None:
        with world().db.write() as tx:
            kept.count_guesses(tx, f"{datetime.now(UTC):%Y-%m-%d}", *counted)
        log.warning("links that do not exist", wrong=counted[0], refused=counted[1])
    body = render_template("links/none.html", sentence=sentence)
    raise HTTPException(response=Response(body, status))


def _shown(found: Opened, mistake: str = "") -> str:
    broadcast, level = found.broadcast, found.level
    return render_template(
        "links/page.html",
        found=found,
        facts=found.facts,
        broadcast=broadcast,
        said=_slots(found, level),
        original=_original(broadcast.id, level),
        instead=found.instead,
        cells=found.cells[:MOST],
        more=len(found.cells) - MOST,
        limits=world().config.main.relay.limits,
        form=request.form,
        mistake=mistake,
        action=request.full_path if request.args else request.path,
        path=request.path,
    )


def _slots(found: Opened, level: str | None) -> dict[str, str]:
    by_level = found.broadcast.slots.get(g.language) or found.broadcast.slots.get("zh", {})
    return {**by_level.get("*", {}), **by_level.get(level or "*", {})}


def _original(broadcast_id: int, level: str | None) -> list[Info]:
    with world().db.read() as tx:
        messages = [alerts.load(tx, one) for one in broadcasts.alerts_of(tx, broadcast_id)]
    infos = [info for message in messages for info in message.infos_in(g.language)]
    return [info for info in infos if info.level == level] or infos


def _network(address: str) -> str:
    """Return what stands for a network address: of IPv6 the network, "" for a private one."""
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    if found.is_private or found.is_loopback:
        return ""
    return (
        address if isinstance(found, IPv4Address) else str(IPv6Network((found, 64), strict=False))
    )
