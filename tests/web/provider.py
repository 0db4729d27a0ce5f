"""An OpenID Connect provider on this machine: discovery, PKCE, nonce, keys, codes used once.

It lets everybody in as `claims` says. Each of its faults is one that a client must not overlook.
"""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

CLIENT, SECRET = "alertcast", "known to both"


@dataclass
class Provider:
    """What it holds, and what is wrong with it."""

    url: str = ""
    claims: dict[str, Any] = field(default_factory=dict)  # of whoever logs in
    wrong: dict[str, Any] = field(default_factory=dict)  # claims of a token that are not right
    fault: str = ""
    is_public: bool = False  # its client has no secret
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    keys: list[RSAKey] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def new_key(self) -> None:
        """Sign with another key from now on; it alone is published."""
        self.keys = [RSAKey.generate_key(2048, {"kid": secrets.token_hex(4)})]

    def document(self) -> dict[str, Any]:
        issuer = "https://elsewhere.example.cn" if self.fault == "issuer" else self.url
        return {
            "issuer": issuer,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
        }

    def authorize(self, query: dict[str, str]) -> str:
        """Return where the browser is sent back to, with a code."""
        assert query["client_id"] == CLIENT
        assert query["response_type"] == "code"
        assert query["code_challenge_method"] == "S256"
        assert "openid" in query["scope"].split()
        back = {"state": query["state"]}
        if self.fault == "denied":
            return f"{query['redirect_uri']}?{urlencode({'error': 'access_denied', **back})}"
        code = secrets.token_urlsafe(16)
        self.codes[code] = query
        return f"{query['redirect_uri']}?{urlencode({'code': code, **back})}"

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        asked = self.codes.pop(form.get("code", ""), None)
        verifier = form.get("code_verifier", "").encode()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier).digest()).rstrip(b"=")
        if asked is None or challenge.decode() != asked["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        if form["redirect_uri"] != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        known = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if not self.is_public and authorization != f"Basic {known}":
            return 401, {"error": "invalid_client"}
        answer: dict[str, Any] = {"access_token": secrets.token_hex(8), "token_type": "Bearer"}
        if self.fault != "no id_token":
            answer["id_token"] = self.id_token(asked["nonce"])
        return 200, answer

    def id_token(self, nonce: str) -> str:
        now = int(time.time())
        claims = {"iss": self.url, "sub": "1", "aud": CLIENT, "iat": now, "exp": now + 300}
        claims |= {"nonce": nonce, **self.claims, **self.wrong}
        key = self.keys[0]
        if self.fault == "another key":
            key = RSAKey.generate_key(2048, {"kid": key.kid})
        header = {"alg": "RS256", "kid": key.kid}
        whole = jwt.encode(header, claims, key)
        if self.fault == "no signature":
            none = base64.urlsafe_b64encode(json.dumps({"alg": "none"}).encode()).rstrip(b"=")
            return f"{none.decode()}.{whole.split('.')[1]}."
        return whole


@contextmanager
def provided() -> Iterator[Provider]:
    """Run a provider until the block ends."""
    provider = Provider()
    provider.new_key()

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            provider.asked.append(parts.path)
            query = {name: one[0] for name, one in parse_qs(parts.query).items()}
            if parts.path == "/.well-known/openid-configuration":
                self.say(200, provider.document())
            elif parts.path == "/keys":
                self.say(200, KeySet(provider.keys).as_dict(private=False))
            else:
                self.send_response(302)
                self.send_header("Location", provider.authorize(query))
                self.end_headers()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: one[0] for name, one in parse_qs(body).items()}
            self.say(*provider.token(form, self.headers.get("Authorization", "")))

        def say(self, status: int, fact: dict[str, Any]) -> None:
            whole = json.dumps(fact).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(whole)))
            self.end_headers()
            self.wfile.write(whole)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    provider.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
