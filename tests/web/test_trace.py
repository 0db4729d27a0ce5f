"""A request's id is in its answer and in what was logged meanwhile; addresses are in no log."""

import io
import json

import pytest
import structlog

from alertcast.cli import log
from alertcast.web.trace import HEADER
from tests.stories.town import Town
from tests.web.site import Site


@pytest.fixture
def written() -> io.StringIO:
    stream = io.StringIO()
    log.configure("info", "json", stream)
    return stream


def lines(written: io.StringIO) -> list[dict[str, str]]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


def broken(token: str) -> str:
    raise ZeroDivisionError


def test_every_answer_names_its_request(site: Site) -> None:
    client = site.app.test_client()
    first, second = (client.get("/healthz").headers[HEADER] for _ in range(2))
    assert len(first) == len(second) == 16
    assert first != second
    given = client.get("/healthz", headers={HEADER: "proxy-0123.abc"}).headers[HEADER]
    assert given == "proxy-0123.abc"
    forged = client.get("/healthz", headers={HEADER: 'x" level=error'}).headers[HEADER]
    assert len(forged) == 16


def test_what_is_logged_meanwhile_carries_it(site: Site, written: io.StringIO) -> None:
    answer = site.visitor().send("/login", name="officer", password="wrong")
    (line,) = lines(written)
    assert (line["event"], line["request"]) == ("log-in refused", answer.headers[HEADER])
    structlog.get_logger().warning("after it")
    assert "request" not in lines(written)[-1]


def test_a_failure_is_logged_with_its_view_and_not_its_address(
    town: Town, written: io.StringIO
) -> None:
    site = Site(town, own_addresses=True)
    site.app.testing = False
    site.app.add_url_rule("/callbacks/<token>", "broken", broken)
    answer = site.app.test_client().get("/callbacks/secret-token?name=张三")
    assert answer.status_code == 500
    (line,) = lines(written)
    assert (line["event"], line["view"]) == ("request failed", "broken")
    assert line["request"] == answer.headers[HEADER]
    assert "ZeroDivisionError" in line["exception"]
    assert "secret-token" not in written.getvalue()
    assert "张三" not in written.getvalue()
