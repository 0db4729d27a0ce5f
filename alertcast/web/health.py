"""What machines ask without a log-in: is it alive, is it this very one, can it do its work."""

import hashlib
import hmac
import re

import structlog
from flask import Blueprint, abort, current_app, jsonify, request
from flask.typing import ResponseReturnValue

from alertcast.core.watch import TICK, silent
from alertcast.dispatch.world import World
from alertcast.store import pulses
from alertcast.store.db import StoreError
from alertcast.web.context import desk
from alertcast.web.rules import public

log = structlog.get_logger()
pages = Blueprint("health", __name__)

NONCE = re.compile(r"[A-Za-z0-9_-]{16,64}")
"""What a question may be made of."""


@pages.get("/healthz")
@public("asked by machines; nothing but whether it is well")
def alive() -> ResponseReturnValue:
    """Say that the pages answer; asked with a nonce, prove whose pages these are."""
    nonce = request.args.get("nonce")
    if nonce is None:
        return jsonify(ok=True)
    if not NONCE.fullmatch(nonce):
        abort(400)
    return jsonify(ok=True, proof=proof(str(current_app.secret_key), nonce))


@pages.get("/readyz")
@public("asked by machines; nothing but whether it is well")
def ready() -> ResponseReturnValue:
    """Say whether warnings are told; 503 unless database, its version and the clock are well.

    The clock may be that of another process: somebody must let time pass.
    """
    facts = readiness(desk().world)
    is_ready = all(facts.values())
    return jsonify(ready=is_ready, **facts), 200 if is_ready else 503


def readiness(world: World) -> dict[str, bool]:
    """Return whether database, its version and the clock are well."""
    facts = {"database": False, "version": False, "clock": False}
    try:
        with world.db.read() as tx:
            real_now = world.db.real_now(tx)
            facts["database"] = True
        world.db.check_version()
        facts["version"] = True
        with world.db.read() as tx:
            felt = pulses.latest(tx, real_now)
        longest = {TICK: world.config.main.watch.silent}
        facts["clock"] = bool(felt) and not silent(felt, longest, real_now)
    except StoreError as error:
        log.warning("not ready", why=str(error))
    return facts


def proof(secret_key: str, nonce: str) -> str:
    """Return what only an installation with this secret key can answer to `nonce`."""
    said = f"alertcast healthz {nonce}"
    return hmac.new(secret_key.encode(), said.encode(), hashlib.sha256).hexdigest()
