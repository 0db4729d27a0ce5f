"""A gateway's receipts, fetched pages and look-ups: proved, read by their words, never guessed."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from alertcast.channels.base import ChannelError, Forged, Outcome, Situation
from alertcast.channels.events import InboundEvent, KeyEvent, State, StatusEvent
from alertcast.channels.gateway import Gateway
from alertcast.channels.gateway_ask import AskableGateway
from tests.channels.carrier import Answer, Carrier
from tests.channels.gateways import ENV, NOW, OK, RECORD, gateway, pushed, request_, section

ASK = {"method": "GET", "encoding": "query"}


@pytest.fixture
def channel() -> Iterator[Gateway]:
    made = gateway(section())
    yield made
    made.close()


def read(channel: Gateway, *items: Any) -> list[Any]:
    return channel.read(pushed(json.dumps(items).encode()))


@pytest.mark.parametrize(
    "headers", [{"X_Other": "secret one"}, {"X_Token": ""}, {"X_Token": "secret two"}]
)
def test_a_callback_without_the_proof_is_forged(channel: Gateway, headers: dict[str, str]) -> None:
    with pytest.raises(Forged):
        channel.read(pushed(b"[]", **headers))


def test_a_channel_without_receipts_expects_no_callback() -> None:
    keys = section(kind="robot", answer={"is_last": True})
    del keys["receipts"]
    with pytest.raises(Forged):
        gateway(keys).read(pushed(b"[]"))


@pytest.mark.parametrize("secret", ["secret one", "secret two"])
def test_both_secrets_hold_while_one_replaces_the_other(secret: str) -> None:
    proof = {
        "type": "hmac",
        "header": "X-Sign",
        "secret_env": "TOKEN",
        "secondary_env": "OLD_TOKEN",
    }
    channel = gateway(section(receipts=RECORD | {"list": "", "proof": proof}))
    body = b'[{"ref":"t","state":"DELIVRD"}]'
    sign = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    assert len(channel.read(pushed(body, X_Sign=sign))) == 1
    with pytest.raises(Forged):
        channel.read(pushed(body + b" ", X_Sign=sign))


def test_a_token_in_the_address() -> None:
    proof = {"type": "address", "secret_env": "TOKEN"}
    channel = gateway(section(receipts=RECORD | {"list": "", "proof": proof}))
    assert channel.read(pushed(b"[]", query="?token=secret%20one")) == []
    for query in ("", "?token=", "?token=other"):
        with pytest.raises(Forged):
            channel.read(pushed(b"[]", query=query))


@pytest.mark.parametrize(
    ("item", "state", "reason"),
    [
        ({"state": "STRANGE"}, State.UNREADABLE, "unknown_word"),
        ({"state": "delivrd"}, State.UNREADABLE, "unknown_word"),
        ({}, State.UNREADABLE, "unknown_word"),
        ({"state": None}, State.UNREADABLE, "unknown_word"),
        ({"state": ["DELIVRD"]}, State.DELIVERED, None),
        ({"state": "UNDELIV", "err": "BAD"}, State.FAILED, "wrong_number"),
        ({"state": "UNDELIV", "err": "NEW"}, State.FAILED, "not_delivered"),
        ({"state": "UNDELIV"}, State.FAILED, "not_delivered"),
        ({"state": "BUSY"}, State.BUSY, "busy"),
        ({"state": True}, State.SENT, None),
        ({"state": "DELIVRD"}, State.DELIVERED, None),
    ],
)
def test_what_a_word_means(
    channel: Gateway, item: dict[str, Any], state: State, reason: str | None
) -> None:
    (event,) = read(channel, item | {"ref": "token-01", "id": 12})
    assert isinstance(event, StatusEvent)
    assert (event.state, event.reason) == (state, reason)
    assert (event.token, event.provider_ref) == ("token-01", "12")


@pytest.mark.parametrize("body", [b"", b"null", b"{}", b'{"list": 1}', b"\xff", b"[1, null, []]"])
def test_a_body_of_another_shape_is_recorded_and_says_nothing(
    channel: Gateway, body: bytes
) -> None:
    events = channel.read(pushed(body))
    assert events
    assert {event.state for event in events} == {State.UNREADABLE}  # type: ignore[union-attr]


def test_keys_come_before_the_end_of_their_call(channel: Gateway) -> None:
    events = read(channel, {"ref": "t", "id": "1", "state": "DELIVRD", "key": "\uff13\uff11x"})
    assert [type(event) for event in events] == [KeyEvent, KeyEvent, StatusEvent]
    assert [event.key for event in events[:2]] == ["3", "1"]


def test_keys_of_another_menu() -> None:
    channel = gateway(section(keys={"7": "1", "9": "2"}))
    events = read(channel, {"ref": "t", "state": "DELIVRD", "key": "79"})
    assert [event.key for event in events[:2]] == ["1", "2"]


def test_a_form_with_json_inside() -> None:
    channel = gateway(section(receipts=section()["receipts"] | {"list": "reports"}))
    callback = pushed(b"")
    form = {"reports": ['[{"ref":"t","state":"DELIVRD"}]']}
    (event,) = channel.read(type(callback)("sms", "status", None, "", callback.headers, form))
    assert isinstance(event, StatusEvent)
    assert event.state is State.DELIVERED


def test_each_receipt_keeps_its_own_raw_record(channel: Gateway) -> None:
    events = read(channel, {"ref": "a", "state": "DELIVRD"}, {"ref": "b", "state": "BUSY"})
    assert [json.loads(event.raw)["ref"] for event in events] == ["a", "b"]


def test_overlong_words_fit_their_columns(channel: Gateway) -> None:
    (event,) = read(
        channel, {"ref": "r" * 500, "id": "i" * 500, "state": "UNDELIV", "err": "e" * 99}
    )
    assert len(event.token) <= 64
    assert len(event.provider_ref) <= 128
    assert len(event.code) <= 32


def test_letters_that_no_database_keeps_are_taken_out(channel: Gateway) -> None:
    body = b'[{"ref":"a\\u0000b","id":"\\ud800","state":"X\\u0000","key":"1"}]'
    key, event = channel.read(pushed(body))
    assert (key.token, event.provider_ref, event.word) == ("ab", "?", "X")
    event.raw.encode()


def test_an_id_that_numbers_share_is_told_apart_by_the_number() -> None:
    channel = gateway(section(id_is_shared=True))
    found = read(
        channel,
        {"id": "b", "phone": "15400000001", "state": "DELIVRD"},
        {"id": "b", "state": "BUSY"},
    )
    assert [event.provider_ref for event in found] == ["b/digest of 01", None]


@pytest.mark.parametrize(
    "phone",
    ["13800000011", "+8613800000011", "8613800000011", "008613800000011", "+86 138-0000-0011"],
)
def test_texts_of_people(phone: str) -> None:
    channel = gateway(section(inbound={"list": "", "phone": "from", "text": "body", "id": "id"}))
    assert channel.takes_replies
    body = json.dumps([{"from": phone, "body": "1", "id": 5}, {"body": "nobody"}]).encode()
    assert channel.read(pushed(body, "inbound")) == [InboundEvent("+8613800000011", "1", "5")]


def test_the_provider_hears_what_it_wants_to_hear() -> None:
    answer = '{"result":0,"errmsg":"OK"}'
    channel = gateway(section(receipts=section()["receipts"] | {"answer": answer}))
    reply = channel.reply(pushed(b"[]"), Situation())
    assert (reply.status, reply.body) == (200, answer)


def fetching(url: str, **more: Any) -> Gateway:
    part = ASK | RECORD | {"url": f"{url}/reports", "list": "data", "ok": OK, "limit": 2}
    keys = section(url, pull=part | {"fields": {"from": "{cursor}", "n": "{limit}"}} | more)
    del keys["receipts"]
    return gateway(keys)


def test_a_page_is_fetched_from_where_the_last_one_ended(carrier: Carrier) -> None:
    page = {"code": "OK", "data": [{"ref": "a", "state": "BUSY"}, {"ref": "b"}], "next": 9}
    carrier.says(Answer(200, page), Answer(200, {"code": "OK", "data": []}))
    channel = fetching(carrier.url, cursor="next")
    first = channel.pull("7")
    assert (len(first.events), first.cursor, first.has_more) == (2, "9", True)
    assert carrier.asked[0].query == {"from": ["7"], "n": ["2"]}
    second = channel.pull(None)
    assert (second.events, second.cursor, second.has_more) == ((), None, False)
    channel.close()


@pytest.mark.parametrize(
    "answer",
    [
        Answer(500, {}),
        Answer(200, {"code": "NO"}),
        Answer(200, "x"),
        Answer(cut=True),
        Answer(200, {"code": "OK", "data": "no list"}),
    ],
)
def test_a_page_that_can_not_be_read_is_an_error_and_no_page(
    carrier: Carrier, answer: Answer
) -> None:
    carrier.says(answer)
    channel = fetching(carrier.url, cursor="next")
    with pytest.raises(ChannelError):
        channel.pull(None)
    channel.close()


def test_what_is_kept_is_acknowledged_by_its_marks(carrier: Carrier) -> None:
    end = {"url": f"{carrier.url}/done", "fields": {"ids": "{ids}"}}
    channel = fetching(carrier.url, cursor="next", acknowledge=end, mark="no")
    items = [{"no": 1, "state": "BUSY"}, {"no": 2, "state": "BUSY"}, {"state": "BUSY"}]
    carrier.says(Answer(200, {"code": "OK", "data": items}), Answer(200, {"code": "OK"}))
    channel.acknowledge(channel.pull(None))
    assert json.loads(carrier.asked[1].body) == {"ids": ["1", "2"]}
    channel.close()


def asking(url: str, **more: Any) -> AskableGateway:
    found = RECORD | {"list": "data"}
    part = ASK | found | {"url": f"{url}/of", "fields": {"ref": "{ref}", "day": "{date}"}}
    status = ASK | found | {"url": f"{url}/of", "fields": {"id": "{id}"}}
    absent = {"absent": {"path": "code", "values": "NONE"}, "absent_status": 404}
    made = gateway(section(url, look_up=part | absent | more, status=status))
    assert isinstance(made, AskableGateway)
    return made


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, {"data": []}),
        Answer(200, {"code": "NONE"}),
        Answer(404, {}),
        Answer(400, {"code": "NONE"}),
        Answer(200, {"data": [{"ref": "another", "id": "g-9"}]}),
    ],
)
def test_only_what_proves_it_is_an_absence(carrier: Carrier, answer: Answer) -> None:
    carrier.says(answer)
    channel = asking(carrier.url)
    assert channel.look_up(request_(), NOW - timedelta(minutes=1)) is None
    channel.close()


@pytest.mark.parametrize(
    "answer",
    [
        Answer(500, {}),
        Answer(200, {"code": "OK"}),
        Answer(403, {}),
        Answer(200, "x"),
        Answer(cut=True),
    ],
)
def test_what_proves_nothing_leaves_it_unknown(carrier: Carrier, answer: Answer) -> None:
    carrier.says(answer)
    channel = asking(carrier.url)
    with pytest.raises(ChannelError):
        channel.look_up(request_(), NOW - timedelta(minutes=1))
    channel.close()


def test_a_list_that_may_be_behind_proves_no_absence(carrier: Carrier) -> None:
    carrier.says(Answer(200, {"data": []}))
    channel = asking(carrier.url, lag="30s")
    with pytest.raises(ChannelError):
        channel.look_up(request_(), NOW - timedelta(seconds=29))
    assert channel.look_up(request_(), NOW - timedelta(seconds=31)) is None
    channel.close()


def test_what_is_found_is_adopted_and_its_state_is_read(carrier: Carrier) -> None:
    item = {"ref": "token-01", "id": "g-1", "state": "DELIVRD"}
    carrier.says(Answer(200, {"data": [{"ref": "token-09", "id": "g-9"}, item]}))
    channel = asking(carrier.url)
    sent = channel.look_up(request_(), NOW - timedelta(minutes=1))
    assert sent is not None
    assert (sent.outcome, sent.provider_ref) == (Outcome.ACCEPTED, "g-1")
    assert carrier.asked[0].query == {"ref": ["token-01"], "day": ["20260120"]}
    event = channel.status_of("g-1")
    assert event is not None
    assert event.state is State.DELIVERED
    assert channel.status_of("g-2") is None
    assert ENV["TOKEN"] not in str(carrier.asked)
    channel.close()
