"""Receipts over HTTP: on disk before they are answered, and nothing else is taken for one."""

import logging
from dataclasses import replace
from threading import Thread

import pytest
import requests
from twilio.request_validator import RequestValidator

from alertcast.channels.base import Callback
from alertcast.channels.events import Event, State, StatusEvent
from alertcast.channels.memory import MemoryChannel
from alertcast.dispatch import keep
from alertcast.store import channels
from alertcast.web.trace import HEADER
from tests.channels.carrier import TOKEN
from tests.channels.conftest import PUBLIC, make_sms
from tests.databases import out_of_reach
from tests.stories.town import IN_EAST, Town
from tests.web.served import kept, report, served
from tests.web.site import Site


class Listener(MemoryChannel):
    """A channel that keeps each callback as it was given, and believes it."""

    def __init__(self) -> None:
        super().__init__("sms", "sms")
        self.given: list[Callback] = []

    def read(self, callback: Callback) -> list[Event]:
        self.given.append(callback)
        return [StatusEvent(callback.token, None, State.SENT, 1, "sent")]


def sent(town: Town) -> Callback:
    """Return the receipt of a text that has left."""
    town.warn(over=IN_EAST)
    return town.sms.callback("status", town.sms.outbox[0].token, word="delivered")


def test_what_is_answered_is_on_disk(town: Town) -> None:
    callback = sent(town)
    with served(town) as address:
        answer = report(address, callback)
        assert kept(town.db) == ["delivered"]
    assert (answer.status_code, answer.content) == (204, b"")
    assert len(answer.headers[HEADER]) == 16
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Server" not in answer.headers
    town.tick()
    assert town.receipts(town.sms.outbox[0].phone)[0] == ("delivered", "applied")


def test_the_id_that_a_proxy_gave_is_in_the_answer(town: Town) -> None:
    callback = sent(town)
    with served(town) as address:
        answer = report(address, callback, **{HEADER: "proxy-0123.abc"})
    assert answer.headers[HEADER] == "proxy-0123.abc"


def test_many_at_once_are_all_kept_and_each_is_answered(town: Town) -> None:
    callback, answers = sent(town), []
    with served(town) as address:

        def one() -> None:
            answers.extend(report(address, callback).status_code for _ in range(5))

        threads = [Thread(target=one) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert answers == [204] * 80
    assert kept(town.db) == ["delivered"] * 80


def test_the_signature_is_checked_over_the_undecoded_public_address(town: Town) -> None:
    town.channels = [make_sms()]
    town.configure(web={"public_base_url": PUBLIC})
    raw = "/callbacks/sms/tok_en-1/status?note=%E5%B7%B2%20x%2B"
    form = {"MessageSid": "SM" + "1" * 32, "MessageStatus": "delivered", "To": "+86154"}
    signature = RequestValidator(TOKEN).compute_signature(PUBLIC + raw, form)
    with served(town) as address:
        for headers, expected in (({"X-Twilio-Signature": signature}, 204), ({}, 403)):
            answer = requests.post(address + raw, data=form, headers=headers, timeout=20)
            assert answer.status_code == expected
    assert kept(town.db) == ["delivered"]


BODIES = [
    (b"word=sent&ref=1", "application/x-www-form-urlencoded"),
    (b"word=sent&word=&empty&%E5%B7%B2=%B2%E2+x", "application/x-www-form-urlencoded; a=b"),
    (b"\xff\xfe=1", "application/x-www-form-urlencoded"),
    ('{"status": "已发"}'.encode(), "application/json"),
    (b"", "text/plain"),
    (
        b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--x--",
        "multipart/form-data; boundary=x",
    ),
    (b"a=" + b"1" * 70_000, "application/x-www-form-urlencoded"),
]


@pytest.mark.parametrize("path", ["tok/status", "status", "tok/status?x=%2F&y=", "t%2Bk/status"])
@pytest.mark.parametrize(("body", "kind"), BODIES)
def test_a_channel_is_given_the_same_by_the_server_and_by_the_pages(
    town: Town, path: str, body: bytes, kind: str
) -> None:
    listener = Listener()
    town.channels = [listener]
    where, headers = f"/callbacks/sms/{path}", {"Content-Type": kind, "X-Proof": "p, q"}
    with served(town) as address:
        answer = requests.post(address + where, data=body, headers=headers, timeout=20)
    assert answer.status_code == 204
    own = {"REQUEST_URI": where}
    Site(town).app.test_client().post(where, data=body, headers=headers, environ_overrides=own)
    server, pages = listener.given
    assert replace(server, headers={}) == replace(pages, headers={})
    assert server.headers["X-Proof"] == pages.headers["X-Proof"] == "p, q"
    assert server.headers["Content-Type"] == pages.headers["Content-Type"] == kind


def test_a_forged_one_is_refused_and_counted(town: Town) -> None:
    callback = sent(town)
    with served(town) as address:
        answer = report(address, replace(callback, form={"word": ["failed"]}))
    assert (answer.status_code, answer.text) == (403, "forged")
    with town.db.read() as tx:
        assert {row["name"]: row["forged"] for row in channels.listed(tx)}["sms"] == 1
    assert kept(town.db) == []


def test_what_is_not_the_address_of_a_receipt_is_for_the_pages(town: Town) -> None:
    callback = sent(town)
    path = callback.url.removeprefix("http://127.0.0.1")
    with served(town) as address:
        found = [
            requests.post(f"{address}/callbacks/nobody/x/status", timeout=20),
            requests.get(address + path, timeout=20),
            requests.post(f"{address}{path}/", timeout=20),
            requests.get(f"{address}/healthz", timeout=20),
        ]
    assert [answer.status_code for answer in found] == [404, 405, 404, 200]
    assert all(len(answer.headers[HEADER]) == 16 for answer in found)


def test_a_key_is_applied_before_its_answer(town: Town) -> None:
    town.warn(over=IN_EAST, level="red")
    callback = town.voice.callback("keys", town.voice.outbox[0].token, key="1")
    with served(town) as address:
        answer = report(address, callback)
    assert answer.status_code == 200
    assert "已经记录" in answer.content.decode()
    assert town.states() == {"东村": "answered"}


def test_when_too_many_wait_the_provider_comes_again(town: Town) -> None:
    town.configure(dispatch={"receipts_most": 1})
    callback = sent(town)
    keep.keep(town.world, [_report(town, callback)] * 2, town.now)
    with served(town) as address:
        answer = report(address, callback)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert len(kept(town.db)) == 2


def test_while_the_database_is_out_of_reach_the_provider_comes_again(town: Town) -> None:
    callback, mine = sent(town), town.db
    with out_of_reach(mine) as gone:
        town.db = gone  # type: ignore[assignment]
        with served(town) as address:
            answer = report(address, callback)
    town.db = mine
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert kept(mine) == []
    with served(town) as address:
        assert report(address, callback).status_code == 204
    assert kept(mine) == ["delivered"]


def test_those_that_come_at_one_moment_share_a_commit(town: Town) -> None:
    one, commits = _report(town, sent(town)), []
    town.db.count_commits(lambda number, is_done: commits.append((number, is_done)))
    assert keep.keep_each(town.world, [one] * 300, town.now) == [None] * 300
    assert commits == [(1, False), (1, True)]
    assert len(kept(town.db)) == 300


def test_one_that_can_not_be_written_does_not_stop_the_others(town: Town) -> None:
    good = _report(town, sent(town))
    bad = replace(good, arrived=tuple(replace(one, raw="\ud800") for one in good.arrived))
    errors = keep.keep_each(town.world, [good, bad, good], town.now)
    assert [type(error) for error in errors] == [type(None), UnicodeEncodeError, type(None)]
    assert kept(town.db) == ["delivered"] * 2


def test_one_that_can_not_be_written_is_not_answered_2xx(town: Town) -> None:
    class Odd(Listener):
        def read(self, callback: Callback) -> list[Event]:
            return [replace(one, raw="\ud800") for one in super().read(callback)]  # type: ignore[type-var]

    town.channels = [Odd()]
    with served(town) as address:
        answer = requests.post(f"{address}/callbacks/sms/tok/status", timeout=20)
    assert answer.status_code == 500
    assert kept(town.db) == []


def test_no_request_is_logged(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    callback = sent(town)
    caplog.set_level(logging.DEBUG)
    with served(town) as address:
        report(address, callback)
        report(address, replace(callback, form={"word": ["failed"]}))
    own = [one for one in caplog.records if not one.name.startswith("urllib3")]
    assert not any(str(callback.token) in one.getMessage() for one in own)


def _report(town: Town, callback: Callback) -> keep.Report:
    found = keep.reported(town.sms, callback, town.sms.read(callback))
    assert found is not None
    return found
