"""An authority sends its warnings to us, over real HTTP: kept before it is answered, told once."""

import io
import json

import pytest
import requests
from sqlalchemy import select

from alertcast.cli import log
from alertcast.sources.base import Outcome, SourceError
from alertcast.sources.inbound import Inbound
from alertcast.store import alerts, quarantine
from alertcast.store.schema import witness
from alertcast.web.inbound import MOST, WINDOW, Failures
from tests.databases import out_of_reach
from tests.stories.published import Warned, cap, info
from tests.stories.town import ALL, WEST_LEADER, Town, phones
from tests.web.served import served

TOKEN = "a-token-of-the-observatory-of-huaiji"


@pytest.fixture
def observatory() -> Inbound:
    settings = Inbound.Settings(token_env="TOKEN", max_bytes=20_000)
    return Inbound("observatory", settings, {"TOKEN": TOKEN})


@pytest.fixture
def written() -> io.StringIO:
    """The log of the test, a line of JSON per event."""
    stream = io.StringIO()
    log.configure("info", "json", stream)
    return stream


def send(
    address: str,
    body: bytes | str,
    token: str | None = TOKEN,
    name: str = "observatory",
) -> requests.Response:
    headers = {"Content-Type": "application/cap+xml"}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    data = body if isinstance(body, bytes) else body.encode()
    return requests.post(f"{address}/inbound/{name}", data=data, headers=headers, timeout=20)


def warning(town: Town, number: int = 1, level: str = "red") -> str:
    return cap(Warned(f"huaiji-{number}", town.now), info(town.now, ALL, level))


def kept(town: Town) -> int:
    with town.db.read() as tx:
        return alerts.count(tx)


def test_what_is_sent_is_on_disk_when_it_is_answered_and_is_told(
    town: Town, observatory: Inbound
) -> None:
    with served(town, sources=[observatory]) as address:
        answer = send(address, warning(town))
        assert (answer.status_code, answer.json()) == (201, {"new": 1, "known": 0, "refused": []})
        assert kept(town) == 1
        assert "Set-Cookie" not in answer.headers
    town.tick()
    assert WEST_LEADER in phones(town.voice)
    with town.db.read() as tx:
        assert tx.execute(select(witness.c.source)).scalars().all() == ["observatory"]


def test_twice_the_same_is_well_and_nothing_new(town: Town, observatory: Inbound) -> None:
    with served(town, sources=[observatory]) as address:
        document = warning(town)
        send(address, document)
        town.tick()
        calls = len(phones(town.voice))
        again = send(address, document)
        assert (again.status_code, again.json()["new"], again.json()["known"]) == (200, 0, 1)
    town.tick()
    assert kept(town) == 1
    assert len(phones(town.voice)) == calls


def test_the_same_warning_by_a_feed_is_one_alert_with_two_witnesses(
    town: Town, observatory: Inbound
) -> None:
    document = warning(town)
    town.publish(document)
    with served(town, sources=[observatory]) as address:
        assert send(address, document).status_code == 200
    assert kept(town) == 1
    with town.db.read() as tx:
        assert set(tx.execute(select(witness.c.source)).scalars()) == {"inbox", "observatory"}


@pytest.mark.parametrize(
    ("token", "name"),
    [
        (None, "observatory"),
        ("", "observatory"),
        (TOKEN[:-1], "observatory"),
        (TOKEN + "x", "observatory"),
        ("令牌" * 20, "observatory"),
        (TOKEN, "another"),
        (TOKEN, "inbox"),
    ],
)
def test_without_its_token_nothing_is_taken_and_nothing_is_said_of_names(
    town: Town, observatory: Inbound, token: str | None, name: str
) -> None:
    with served(town, sources=[observatory]) as address:
        said = token.encode().decode("latin-1") if token else token
        answer = send(address, warning(town), token=said, name=name)
        assert answer.status_code == 401
        assert answer.json()["error"] == "no_token"
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert kept(town) == 0


def test_who_tries_tokens_is_refused_and_the_right_one_is_not(
    town: Town, observatory: Inbound
) -> None:
    with served(town, sources=[observatory]) as address:
        tried = [send(address, b"<x/>", token="wrong") for _ in range(MOST + 2)]
        assert [one.status_code for one in tried] == [401] * MOST + [429] * 2
        assert tried[-1].headers["Retry-After"] == str(int(WINDOW))
        assert send(address, warning(town)).status_code == 201


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "empty"),
        (b" \n", 400, "empty"),
        (b'{"headline": "cold"}', 415, "not_xml"),
        (b"<alert>" + b" " * 20_000 + b"</alert>", 413, "too_large"),
    ],
)
def test_what_is_no_document_is_refused_with_its_rule(
    town: Town, observatory: Inbound, body: bytes, status: int, code: str
) -> None:
    with served(town, sources=[observatory]) as address:
        answer = send(address, body)
    assert (answer.status_code, answer.json()["error"]) == (status, code)
    assert answer.json()["message"]
    with town.db.read() as tx:
        assert quarantine.listed(tx) == []


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (("<msgType>Alert</msgType>", ""), "no_msgtype"),
        (("+00:00</sent>", "</sent>"), "no_offset"),
        (("</alert>", ""), "not_xml"),
        (('<?xml version="1.0" encoding="UTF-8"?>', "<!DOCTYPE a>"), "doctype"),
    ],
)
def test_what_can_not_be_read_is_put_aside_and_the_sender_told_why(
    town: Town, observatory: Inbound, spoil: tuple[str, str], code: str
) -> None:
    with served(town, sources=[observatory]) as address:
        answer = send(address, warning(town).replace(*spoil))
        assert answer.status_code == 422
        assert code in {one["code"] for one in answer.json()["refused"]}
        assert all(one["message"] for one in answer.json()["refused"])
        assert send(address, warning(town, 2)).status_code == 201
    with town.db.read() as tx:
        (aside,) = quarantine.listed(tx)
    assert (aside["source"], aside["location"]) == ("observatory", "POST /inbound/observatory")


def test_a_sender_that_fails_on_and_on_is_asked_to_wait(town: Town, observatory: Inbound) -> None:
    with served(town, sources=[observatory]) as address:
        answers = [send(address, f"<alert>{n}</alert>") for n in range(MOST + 1)]
        assert [one.status_code for one in answers] == [422] * MOST + [429]
        assert answers[-1].headers["Retry-After"]
    with town.db.read() as tx:
        assert len(quarantine.listed(tx)) == MOST


def several(town: Town, number: int) -> str:
    """Return a feed of one good alert and of one that can not be read."""
    good = warning(town, number)
    body = good[good.index("<alert") :]
    bad = f'<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><note>{number}</note></alert>'
    entries = "".join(f"<entry><content>{one}</content></entry>" for one in (bad, body))
    return f'<feed xmlns="http://www.w3.org/2005/Atom">{entries}</feed>'


def test_a_sender_of_a_good_and_a_bad_item_each_time_is_never_cut_off(
    town: Town, observatory: Inbound
) -> None:
    with served(town, sources=[observatory]) as address:
        answers = [send(address, several(town, n)) for n in range(MOST + 2)]
        assert [one.status_code for one in answers] == [201] * (MOST + 2)
        assert all(one.json()["refused"] for one in answers)
        assert send(address, several(town, 0)).status_code == 200  # known counts as taken
    assert kept(town) == MOST + 2


def test_the_log_says_once_that_a_sender_has_to_wait(
    town: Town, observatory: Inbound, written: io.StringIO
) -> None:
    with served(town, sources=[observatory]) as address:
        for n in range(MOST + 3):
            send(address, f"<alert>{n}</alert>")
        for _ in range(MOST + 3):
            send(address, "<x/>", token="wrong")
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    waits = [one for one in lines if one["event"].endswith("asked to wait")]
    assert [(one["level"], one.get("source")) for one in waits] == [
        ("warning", "observatory"),
        ("warning", None),
    ]


def test_it_is_said_again_after_a_minute() -> None:
    now = 0.0
    failures = Failures(lambda: now)
    assert failures.is_news("observatory")
    assert not failures.is_news("observatory")
    assert failures.is_news("another")
    now = WINDOW
    assert failures.is_news("observatory")


def test_after_a_minute_failures_are_looked_into_again() -> None:
    now = 0.0
    failures = Failures(lambda: now)
    for _ in range(MOST):
        assert not failures.are_too_many("observatory")
        failures.count("observatory")
    assert failures.are_too_many("observatory")
    assert not failures.are_too_many("another")
    now = WINDOW
    assert not failures.are_too_many("observatory")


def test_what_can_not_be_kept_is_to_be_sent_again(town: Town, observatory: Inbound) -> None:
    document, whole = warning(town), town.db
    with out_of_reach(whole) as gone:
        town.db = gone
        with served(town, sources=[observatory]) as address:
            answer = send(address, document)
    assert (answer.status_code, answer.json()["error"]) == (503, "not_kept")
    assert answer.headers["Retry-After"]
    town.db = whole
    with served(town, sources=[observatory]) as address:
        assert send(address, document).status_code == 201


def test_a_source_that_is_sent_to_is_never_silent(observatory: Inbound, town: Town) -> None:
    polled = observatory.poll({"a": "b"}, town.now)
    assert (polled.outcome, polled.memory) == (Outcome.UNCHANGED, {"a": "b"})


@pytest.mark.parametrize("token", [None, "", "short", "令" * 40])
def test_a_token_that_is_missing_or_weak_is_a_mistake(token: str | None) -> None:
    env = {} if token is None else {"TOKEN": token}
    with pytest.raises(SourceError, match="TOKEN"):
        Inbound("observatory", Inbound.Settings(token_env="TOKEN"), env)
