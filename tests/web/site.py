"""The pages over the small town, and the people who sit at them."""

import re
from dataclasses import dataclass
from typing import Any

from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from alertcast.core.access import ROLES
from alertcast.store import audit, users
from alertcast.web import create_app
from alertcast.web.login import hashed
from tests.stories.town import Town

PASSWORD = "a long night in December"
HASH = hashed(PASSWORD)


class Site:
    """One installation with a user of each role; log-ins use the real form."""

    def __init__(self, town: Town, **options: Any) -> None:
        self.town = town
        self.rung = 0
        self.app: Flask = create_app(
            town.world, lambda: town.now, secret_key="secret", wake=self._wake, **options
        )
        self.app.testing = True
        with town.db.write() as tx:
            for role in ROLES:
                users.add(tx, role, HASH, role, "", town.now)

    def add_user(self, name: str, role: str, area: str) -> None:
        with self.town.db.write() as tx:
            users.add(tx, name, HASH, role, area, self.town.now)

    def visitor(self) -> "Visitor":
        return Visitor(self.app.test_client())

    def user(self, name: str) -> "Visitor":
        visitor = self.visitor()
        answer = visitor.send("/login", name=name, password=PASSWORD)
        assert answer.status_code == 302, answer.text
        return visitor

    def recorded(self, action: str) -> list[Any]:
        with self.town.db.read() as tx:
            return [row for row in audit.listed(tx) if row["action"] == action]

    def _wake(self, steps: str) -> None:
        self.rung += steps != "receive"  # senders, and whatever is due


@dataclass
class Visitor:
    """A browser without scripts: forms carry the token of the page."""

    client: FlaskClient

    def get(self, path: str, **query: str) -> TestResponse:
        return self.client.get(path, query_string=query, buffered=True)

    def page(self, path: str, **query: str) -> BeautifulSoup:
        answer = self.get(path, **query)
        assert answer.status_code == 200, (path, answer.status_code)
        return BeautifulSoup(answer.text, "html.parser")

    def send(self, path: str, **form: Any) -> TestResponse:
        return self.client.post(path, data={"csrf_token": self.token(), **form})

    def token(self) -> str:
        page = self.client.get("/login", follow_redirects=True).text
        found = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert found is not None
        return found[1]
