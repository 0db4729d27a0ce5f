"""Known browsers: a signed cookie says who has logged in here before.

So that strangers elsewhere, who guess a password, do not make its owner wait. The cookie opens
nothing: whoever has it may try as often as the owner, and needs the password like him.
"""

import secrets
from datetime import timedelta

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.wrappers import Response

from alertcast.dispatch.log_in import Known

COOKIE = "alertcast_known"

KEPT = timedelta(days=180)
"""How long a browser is known after its last log-in (real time)."""

MOST = 20
"""Users of one browser, a shared machine at a desk; who logged in longest ago is forgotten."""


def known() -> Known | None:
    """Return the browser that asks, if somebody has logged in from it; None for a stranger's."""
    try:
        browser, ids = _signer().loads(
            request.cookies.get(COOKIE, ""), max_age=int(KEPT.total_seconds())
        )
    except BadSignature:
        return None
    return Known(browser, tuple(ids))


def remember(answer: Response, user_id: int) -> None:
    """Let the browser that asks be known for this user."""
    before = known() or Known(secrets.token_urlsafe(12), ())
    ids = [user_id, *(one for one in before.user_ids if one != user_id)][:MOST]
    answer.set_cookie(
        COOKIE,
        _signer().dumps([before.browser, ids]),
        max_age=KEPT,
        httponly=True,
        samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
    )


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="alertcast known browser")
