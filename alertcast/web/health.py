"""What machines ask without a log-in: is it alive, and is it this very installation."""

import hashlib
import hmac
import re

from flask import Blueprint, abort, current_app, jsonify, request
from flask.typing import ResponseReturnValue

pages = Blueprint("health", __name__)

NONCE = re.compile(r"[A-Za-z0-9_-]{16,64}")
"""What a question may be made of."""


@pages.get("/healthz")
def alive() -> ResponseReturnValue:
    """Say that the pages answer; asked with a nonce, prove whose pages these are."""
    nonce = request.args.get("nonce")
    if nonce is None:
        return jsonify(ok=True)
    if not NONCE.fullmatch(nonce):
        abort(400)
    return jsonify(ok=True, proof=proof(str(current_app.secret_key), nonce))


def proof(secret_key: str, nonce: str) -> str:
    """Return what only an installation with this secret key can answer to `nonce`."""
    said = f"alertcast healthz {nonce}"
    return hmac.new(secret_key.encode(), said.encode(), hashlib.sha256).hexdigest()
