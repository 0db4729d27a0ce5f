"""QWeather point by point: who asks, what is handed on, what one failing point changes."""

from datetime import timedelta

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from pydantic import ValidationError

from alertcast.sources.base import Outcome, Source, SourceError
from alertcast.sources.qweather import QWeather, QWeatherSettings
from tests.sources.documents import NOW
from tests.sources.lists import v1, v1_item, v7

POINTS = {"441224": (23.91, 112.18), "441284": (23.326, 112.734)}
HUAIJI, SIHUI = (
    "/weatheralert/v1/current/23.91/112.18",
    "/weatheralert/v1/current/23.33/112.73",
)
WITH_KEY = {"key_env": "QW_KEY"}
WITH_TOKEN = {"project_id": "project", "key_id": "kid", "private_key_env": "QW_PEM"}


def pem(key):
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def qweather(publisher, how=WITH_KEY, env=None, **more):
    settings = QWeatherSettings(api_host=f"{publisher.url}/", points=POINTS, **how, **more)
    return QWeather("qweather", settings, env or {"QW_KEY": "secret-key"})


def test_every_point_is_asked_with_the_key_and_each_answer_is_a_document(publisher):
    source = qweather(publisher)
    assert isinstance(source, Source)
    publisher.put(HUAIJI, v1(v1_item()))
    publisher.put(SIHUI, v1())
    polled = source.poll({}, NOW)
    assert [path.partition("?")[0] for path, _ in publisher.asked] == [HUAIJI, SIHUI]
    assert all(headers["X-QW-Api-Key"] == "secret-key" for _, headers in publisher.asked)
    assert [(d.raw, d.place) for d in polled.documents] == [(v1(v1_item()), "441224")]
    assert polled.outcome is Outcome.OK
    assert source.poll(polled.memory, NOW).outcome is Outcome.UNCHANGED


def test_a_token_is_signed_with_the_accounts_key(publisher):
    key = ed25519.Ed25519PrivateKey.generate()
    for text in (pem(key), pem(key).replace("\n", "\\n")):
        publisher.put(HUAIJI, v1())
        publisher.put(SIHUI, v1())
        assert qweather(publisher, WITH_TOKEN, {"QW_PEM": text}).poll({}, NOW).outcome == "no_data"
        _, headers = publisher.asked[-1]
        token = headers["Authorization"].removeprefix("Bearer ")
        assert jwt.get_unverified_header(token) == {"alg": "EdDSA", "kid": "kid", "typ": "JWT"}
        options = {"verify_exp": False, "verify_iat": False}
        claims = jwt.decode(token, key.public_key(), algorithms=["EdDSA"], options=options)
        assert claims["sub"] == "project"
        assert claims["iat"] < NOW.timestamp() < claims["exp"]


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({}, "QW_PEM is not set"),
        ({"QW_PEM": "not a key"}, "not a private key"),
        ({"QW_PEM": pem(ec.generate_private_key(ec.SECP256R1()))}, "not an Ed25519 key"),
    ],
)
def test_a_key_that_is_none_is_named_and_never_shown(publisher, env, said):
    with pytest.raises(SourceError, match=said) as caught:
        qweather(publisher, WITH_TOKEN, env or {"OTHER": "x"})
    assert not env or env["QW_PEM"] not in str(caught.value)


def test_a_point_that_fails_is_named_asked_again_and_does_not_stop_the_others(publisher):
    source = qweather(publisher)
    publisher.put(HUAIJI, b"<html>")
    publisher.put(SIHUI, v1(v1_item()), ETag='"1"')
    first = source.poll({}, NOW)
    assert (first.outcome, [d.place for d in first.documents]) == (Outcome.OK, ["441284"])
    assert "441224" in first.detail
    second = source.poll(first.memory, NOW)
    assert second.outcome is Outcome.FAILED, "nothing new, and not everything was asked"
    publisher.put(HUAIJI, v1(v1_item()))
    assert [d.place for d in source.poll(first.memory, NOW).documents] == ["441224"]


def test_whoever_throttles_is_left_alone_until_the_next_poll(publisher):
    publisher.put(HUAIJI, b"", 429, Retry_After="90")
    publisher.put(SIHUI, v1(v1_item()))
    polled = qweather(publisher).poll({}, NOW)
    assert (polled.outcome, len(publisher.asked)) == (Outcome.FAILED, 1)
    assert "1 points wait" in polled.detail
    assert polled.wait == timedelta(seconds=90)


def test_the_key_stays_where_it_belongs(publisher):
    other = publisher.url.replace("127.0.0.1", "localhost")
    publisher.put(HUAIJI, b"", 302, Location=f"{other}/elsewhere")
    publisher.put(SIHUI, b"", 302, Location="/moved")
    publisher.put("/elsewhere", v1())
    publisher.put("/moved", v1())
    assert qweather(publisher).poll({}, NOW).outcome is Outcome.NO_DATA
    shown = {path: "X-QW-Api-Key" in headers for path, headers in publisher.asked}
    assert (shown["/elsewhere"], shown["/moved"]) == (False, True)


def test_what_changes_around_the_warnings_is_no_news(publisher):
    source = qweather(publisher)
    publisher.put(SIHUI, v1())
    publisher.put(HUAIJI, v1(v1_item()))
    first = source.poll({}, NOW)
    publisher.put(HUAIJI, v1(v1_item()).replace(b'"tag": "x"', b'"tag": "y"'))
    assert source.poll(first.memory, NOW).outcome is Outcome.UNCHANGED
    publisher.put(HUAIJI, v1())
    assert source.poll(first.memory, NOW).outcome is Outcome.NO_DATA


def test_the_version_before_is_asked_at_its_own_address(publisher):
    publisher.put("/v7/warning/now", v7())
    assert qweather(publisher, version="v7").poll({}, NOW).outcome is Outcome.NO_DATA
    assert publisher.asked[0][0] == "/v7/warning/now?location=112.18,23.91&lang=zh"
    publisher.put("/v7/warning/now", v7(code="402"))
    assert qweather(publisher, version="v7").poll({}, NOW).outcome is Outcome.FAILED


@pytest.mark.parametrize(
    "changes",
    [
        {"key_env": None},
        WITH_TOKEN,
        {"points": {}},
        {"points": {"4412": (23, 112)}},
        {"points": {"441224": (112, 23)}},
        {"api_host": "abc.qweatherapi.com"},
        {"api_host": "http://abc.qweatherapi.com"},
        {"version": "v8"},
    ],
)
def test_settings_say_what_is_wrong(changes):
    given = {"api_host": "https://x.qweatherapi.com", "points": POINTS, **WITH_KEY}
    with pytest.raises(ValidationError):
        QWeatherSettings(**(given | changes))
