"""Another system that asks the API, with a token of its own."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from alertcast.core.token import new_secret
from alertcast.store import tokens
from tests.web.site import Site

_keys = count(1)


def token(site: Site, name: str, role: str, area: str = "", *, days: float = 1) -> str:
    """Give a system a token; return its secret."""
    secret, now = new_secret(), datetime.now(UTC)
    with site.town.db.write() as tx:
        tokens.add(
            tx,
            name,
            secret=secret,
            role=role,
            area=area,
            user="admin",
            now=now,
            expires_at=now + timedelta(days=days),
        )
    return secret


@dataclass
class Caller:
    """A system; without a secret it shows no token."""

    client: FlaskClient
    secret: str = ""
    more: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **query: Any) -> TestResponse:
        return self.client.get(f"/api/v1{path}", query_string=query, headers=self._headers())

    def items(self, path: str, **query: Any) -> list[Any]:
        answer = self.get(path, **query)
        assert answer.status_code == 200, answer.text
        found: list[Any] = answer.json["items"]
        return found

    def post(self, path: str, body: Any = None, key: str | None = None) -> TestResponse:
        headers = self._headers() | {"Idempotency-Key": key or f"key-{next(_keys)}"}
        if body is None:
            return self.client.post(f"/api/v1{path}", headers=headers)
        return self.client.post(f"/api/v1{path}", json=body, headers=headers)

    def _headers(self) -> dict[str, str]:
        shown = {"Authorization": f"Bearer {self.secret}"} if self.secret else {}
        return shown | self.more


def caller(site: Site, role: str = "approver", area: str = "") -> Caller:
    """Return a system with a token of this role and area."""
    name = f"{role}-{area or 'all'}-{next(_keys)}"
    return Caller(site.app.test_client(), token(site, name, role, area))
