"""The pages over the small town, and the people who sit at them."""

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask
from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import select
from werkzeug.routing import Map, Rule, RuleFactory
from werkzeug.test import TestResponse

from alertcast import web
from alertcast.core.access import ROLES
from alertcast.core.written import Difference
from alertcast.dispatch import upload_work
from alertcast.dispatch.reload import OnDisk
from alertcast.store import audit, passwords, users
from alertcast.store.schema import metadata
from alertcast.web.context import desk_of, install
from tests.stories import publishers
from tests.stories.town import Town

PASSWORD = "a long night in December"
HASH = passwords.hashed(PASSWORD)


class Compiled(BytecodeCache):
    """Templates that one application of the tests has compiled are there for the next."""

    def __init__(self) -> None:
        self.found: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.found:
            bucket.bytecode_from_string(self.found[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.found[bucket.key] = bucket.bytecode_to_string()


TEMPLATES = Compiled()


class Addresses(Map):
    """Addresses that one application has compiled are there for the next, which has the same."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.known: set[tuple[str, str, frozenset[str]]] = set()
        self.is_complete = False

    def add(self, rulefactory: RuleFactory) -> None:
        assert isinstance(rulefactory, Rule)
        name = (rulefactory.rule, rulefactory.endpoint, frozenset(rulefactory.methods or ()))
        if name not in self.known:
            assert not self.is_complete, f"{name[0]}: this one needs `own_addresses`"
            super().add(rulefactory)
            self.known.add(name)


class Alike(Flask):
    """An application with the addresses of all others of its kind."""

    addresses = Addresses(host_matching=False)
    url_map_class = staticmethod(lambda **_: Alike.addresses)  # type: ignore[assignment]


class Disk:
    """Files that somebody has edited, and no process follows."""

    name = "of-this-test"

    def on_disk(self) -> OnDisk:
        changed = Difference("policy.toml", "max_people", "0", "100", waits=False)
        return OnDisk("0123456789abcdef", {}, (changed,))


class Site:
    """One installation with a user of each role; log-ins use the real form."""

    def __init__(self, town: Town, *, own_addresses: bool = False, **options: Any) -> None:
        """With `own_addresses` others may be added to them."""
        self.town = town
        self.rung = 0
        inbox = publishers.feed("inbox")
        with pytest.MonkeyPatch.context() as patch:
            if not own_addresses:
                patch.setattr(web, "Flask", Alike)
            self.app: Flask = web.create_app(
                town.world,
                lambda: town.now,
                secret_key="secret",
                wake=self._wake,
                **{
                    "keep": 0,
                    "feeds": {"inbox": (inbox, timedelta(minutes=1))},
                    "files": Disk(),
                    "work": self._work,
                    **options,
                },
            )
        Alike.addresses.is_complete |= not own_addresses
        self.app.testing = True
        self.app.jinja_env.bytecode_cache = TEMPLATES
        with town.db.write() as tx:
            for role in ROLES:
                users.add(tx, role, HASH, role, "", town.now)

    def restart(self) -> None:
        """Let the pages know of what was changed in the configuration since they began."""
        install(self.app, replace(desk_of(self.app), world=self.town.world))

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

    def rows(self) -> dict[str, list[Any]]:
        """Return all there is in the database, by table."""
        with self.town.db.read() as tx:
            return {
                table.name: tx.execute(select(table).order_by(*table.primary_key)).all()
                for table in metadata.sorted_tables
            }

    def _work(self, upload_id: int) -> None:
        upload_work.work(self.town.world, upload_id, lambda: self.town.now)

    def _wake(self, steps: str) -> None:
        self.rung += steps != "receive"  # senders, and whatever is due


@dataclass
class Visitor:
    """A browser without scripts: forms carry the token of the page."""

    client: FlaskClient

    def get(self, path: str, **query: str) -> TestResponse:
        return self.client.get(path, query_string=query or None, buffered=True)

    def page(self, path: str, **query: str) -> BeautifulSoup:
        answer = self.get(path, **query)
        assert answer.status_code == 200, (path, answer.status_code)
        return BeautifulSoup(answer.text, "html.parser")

    def send(self, path: str, **form: Any) -> TestResponse:
        return self.client.post(path, data={"csrf_token": self.token(), **form})

    def confirm(self, path: str, **form: Any) -> TestResponse:
        """Look at what would happen, and confirm it as the page asks; else what it said instead."""
        looked = self.send(path, **form)
        asked = BeautifulSoup(looked.text, "html.parser").select_one("form#go")
        return looked if asked is None else self.send(path, **confirmed(asked))

    def token(self) -> str:
        page = self.client.get("/nowhere").text  # every page has it; this one costs least
        found = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert found is not None
        return found[1]


def confirmed(asked: Tag) -> dict[str, str]:
    """Return the fields of the form of a preview, filled in as it asks."""
    hidden = {str(one["name"]): str(one["value"]) for one in asked.select("input[type=hidden]")}
    fields = {name: value for name, value in hidden.items() if name != "csrf_token"}
    if asked.select_one("input[name=again]"):
        fields["again"] = "yes"
    word = re.search(r"“(.+?)”", asked.text)
    return fields | {"sure": "yes", "word": word[1] if word else ""}
