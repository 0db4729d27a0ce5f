"""令牌: which other systems may use the API; a new token is shown once."""

from datetime import timedelta

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from alertcast.core.access import ROLES
from alertcast.core.token import new_secret
from alertcast.store import audit, report_areas, tokens
from alertcast.web import context
from alertcast.web.context import allow, me, needs, now, world
from alertcast.web.words import gettext

pages = Blueprint("tokens", __name__)

DAYS = (1, 30, 90, 365, 1095)
"""How long a token may be good for."""

LONGEST_NAME = 64


@pages.get("/tokens")
@needs("configure")
def page() -> Response:
    """Show the tokens there are and were."""
    return _page()


@pages.post("/tokens")
@needs("configure")
def add() -> Response | tuple[Response, int]:
    """Give a system a token, and show it this once."""
    name, area = request.form.get("name", "").strip(), request.form.get("area", "").strip()
    role, days = request.form.get("role", ""), request.form.get("days", 0, type=int)
    allow("configure", [area])
    if not 0 < len(name) <= LONGEST_NAME or role not in ROLES or days not in DAYS:
        flash(gettext("请填写名称，并选择角色和有效期。"), "error")
        return _page(), 400
    secret = new_secret()
    with world().db.write() as tx:
        real_now = world().db.real_now(tx)
        if report_areas.unknown(tx, area):
            flash(gettext("当前图层里没有属于这个辖区的镇街。没有发放。"), "error")
            return _page(), 400
        try:
            tokens.add(
                tx,
                name,
                secret=secret,
                role=role,
                area=area,
                user=me().name,
                now=real_now,
                expires_at=real_now + timedelta(days=days),
            )
        except ValueError:
            flash(gettext("已经有过同名的令牌，请换一个名称。"), "error")
            return _page(), 400
        more: dict[str, object] = {"role": role, "area": area, "days": days}
        audit.record(tx, me().name, "add_token", f"token:{name}", now(), **more)
    return _page(secret)


@pages.post("/tokens/<int:token_id>/revoke")
@needs("configure")
def revoke(token_id: int) -> BaseResponse:
    """Let a token open nothing any more."""
    with world().db.read() as tx:
        found = tokens.by_id(tx, token_id)
    if found is None:
        abort(404)
    allow("configure", [found.area])
    with world().db.write() as tx:
        if tokens.revoke(tx, found.id, me().name, world().db.real_now(tx)):
            audit.record(tx, me().name, "revoke_token", f"token:{found.name}", now())
    flash(gettext("已收回：这个令牌不再有效。"), "done")
    return redirect(url_for("tokens.page"))


def _page(secret: str = "") -> Response:
    with world().db.read() as tx:
        found = [one for one in tokens.listed(tx) if context.can("configure", [one.area])]
        real_now = world().db.real_now(tx)
    shown = render_template(
        "tokens/page.html",
        found=found,
        secret=secret,
        real_now=real_now,
        roles=ROLES,
        days=DAYS,
        longest=LONGEST_NAME,
    )
    return Response(shown)
