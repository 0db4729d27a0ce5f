"""统一身份认证: log-in by the office's own OpenID Connect provider, for users there are already.

Authorization code with PKCE (S256); Authlib checks state, nonce and signature, and what a token
says of its issuer and audience is checked against our configuration, not the provider's word.
Who is unknown here gets no account and no right, whatever the provider says.
"""

from typing import Any

import requests
import structlog
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import OAuth
from flask import Blueprint, Flask, abort, current_app, flash, redirect, url_for
from joserfc.errors import JoseError
from werkzeug.wrappers import Response

from alertcast.store import users
from alertcast.web import login
from alertcast.web.context import desk_of, world
from alertcast.web.rules import public
from alertcast.web.words import gettext

log = structlog.get_logger()
pages = Blueprint("oidc", __name__)

SECRET = "ALERTCAST_OIDC_SECRET"  # noqa: S105  # the variable's name
"""Environment variable with the client's secret; none: a public client, by PKCE alone."""

PATIENCE = 10.0
"""Real seconds to wait for each answer of the provider."""

TROUBLE = (requests.RequestException, AuthlibBaseError, JoseError, RuntimeError, ValueError)
"""What goes wrong with a provider: out of reach, or not to be believed."""


class NotTheIssuer(ValueError):
    """The provider's document is of another issuer than the one that is configured."""


def install(app: Flask) -> None:
    """Let `app` know the provider, if there is one; it is first asked at a log-in."""
    config = desk_of(app).world.config
    section, secret = config.main.oidc, config.secret(SECRET)
    app.jinja_env.globals["oidc_name"] = section.name if section.issuer else ""
    if section.issuer is None:
        return
    app.extensions["alertcast_oidc"] = OAuth(app).register(
        "office",
        client_id=section.client_id,
        client_secret=secret,
        server_metadata_url=f"{section.issuer}/.well-known/openid-configuration",
        client_kwargs={
            "scope": section.scope,
            "code_challenge_method": "S256",
            "default_timeout": PATIENCE,
            "token_endpoint_auth_method": "client_secret_basic" if secret else "none",
        },
    )


@pages.get("/login/oidc")
@public("whoever logs in is nobody yet")
def begin() -> Response:
    """Go to the provider."""
    base = world().config.main.web.public_base_url
    try:
        answer: Response = _provider().authorize_redirect(base + url_for("oidc.back"))
    except TROUBLE as error:
        return _failed(error)
    return answer


@pages.get("/login/oidc/callback")
@public("whoever logs in is nobody yet")
def back() -> Response:
    """Log in whom the provider names, if there is such a user here."""
    section = world().config.main.oidc
    expected = {
        "iss": {"essential": True, "value": section.issuer},
        "aud": {"essential": True, "value": section.client_id},
    }
    try:
        token = _provider().authorize_access_token(claims_options=expected)
    except TROUBLE as error:
        return _failed(error)
    name = section.user_name(token.get("userinfo") or {})
    with world().db.read() as tx:
        found = users.by_name(tx, name) if name else None
    if found is None or found[0].is_disabled:
        log.warning("log-in refused", by="oidc", address=login.address())
        flash(gettext("这个账号没有在本系统登记，请联系管理员。"), "error")
        return redirect(url_for("login.form"))
    return login.begin(found[0], {}, way="oidc")


def _provider() -> Any:
    """Return the provider, asked for its addresses; 404 if none is configured."""
    found = current_app.extensions.get("alertcast_oidc")
    if found is None:
        abort(404)
    said = found.load_server_metadata().get("issuer")
    if said != world().config.main.oidc.issuer:
        found.server_metadata.clear()
        raise NotTheIssuer(str(said))
    return found


def _failed(error: Exception) -> Response:
    log.warning("oidc failed", error=type(error).__name__)
    flash(gettext("统一身份认证没有成功。可以重试，或用用户名和密码登录。"), "error")
    return redirect(url_for("login.form"))
