"""A gateway's answers: what is known of each message after one request, over real HTTP."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from alertcast.channels import in_time
from alertcast.channels.base import Outcome, Sent
from alertcast.channels.gateway import Gateway
from tests.channels.carrier import Answer, Carrier
from tests.channels.gateways import ENV, NOW, RECORD, batch, gateway, pushed, request_, section

SIGNED = {"type": "hmac", "secret_env": "TOKEN", "header": "X-Sign", "value": "{signature}"}


@pytest.fixture
def made() -> Iterator[list[Gateway]]:
    channels: list[Gateway] = []
    yield channels
    for one in channels:
        one.close()


def send(made: list[Gateway], keys: dict[str, Any], many: int = 1, **more: Any) -> list[Sent]:
    made.append(gateway(keys))
    return made[-1].send([request_(number, **more) for number in range(1, many + 1)])


@pytest.mark.parametrize(
    ("answer", "outcome", "reason"),
    [
        (Answer(cut=True), Outcome.UNKNOWN, "unknown_outcome"),
        (Answer(200, "not json"), Outcome.UNKNOWN, "unknown_outcome"),
        (Answer(200, {"code": "OK"}), Outcome.UNKNOWN, "unknown_outcome"),  # without an id
        (Answer(200, {"strange": 1}), Outcome.UNKNOWN, "unknown_outcome"),  # neither yes nor no
        (Answer(200, []), Outcome.UNKNOWN, "unknown_outcome"),
        (Answer(500, {"code": "BAD"}), Outcome.UNKNOWN, "unknown_outcome"),
        (Answer(503, "x"), Outcome.UNKNOWN, "unknown_outcome"),
        (Answer(408, {}), Outcome.UNKNOWN, "unknown_outcome"),
        (Answer(429, {}), Outcome.THROTTLED, "throttled"),
        (Answer(401, {}), Outcome.STOPPED, "account"),
        (Answer(302, "", {"Location": "http://127.0.0.1:9/"}), Outcome.STOPPED, "account"),
        (Answer(404, {}), Outcome.STOPPED, "account"),
        (Answer(400, {"code": "BAD"}), Outcome.REFUSED, "wrong_number"),
        (Answer(200, {"code": "BAD"}), Outcome.REFUSED, "wrong_number"),
        (Answer(200, {"code": "NEW"}), Outcome.REFUSED, "not_delivered"),
        (Answer(200, {"code": "BROKE"}), Outcome.STOPPED, "account"),
        (Answer(200, {"code": "SLOW"}), Outcome.THROTTLED, "throttled"),
        (Answer(200, {"code": "OK", "id": "g-1"}), Outcome.ACCEPTED, None),
    ],
)
def test_what_an_answer_means(
    carrier: Carrier, made: list[Gateway], answer: Answer, outcome: Outcome, reason: str | None
) -> None:
    carrier.says(answer)
    (sent,) = send(made, section(carrier.url))
    assert (sent.outcome, sent.reason) == (outcome, reason)
    assert len(carrier.asked) == 1


def test_an_answer_that_hangs_is_lost(carrier: Carrier, made: list[Gateway]) -> None:
    carrier.says(Answer(200, {"code": "OK", "id": "1"}, hang=3))
    (sent,) = send(made, section(carrier.url, timeout=0.2))
    assert sent.outcome is Outcome.UNKNOWN


def test_what_never_left_is_no_attempt(made: list[Gateway]) -> None:
    (sent,) = send(made, section("http://127.0.0.1:9"))
    assert (sent.outcome, sent.reason) == (Outcome.THROTTLED, "no_connection")


def test_how_long_to_wait_is_the_providers_word_else_the_tables(
    carrier: Carrier, made: list[Gateway]
) -> None:
    carrier.says(
        Answer(200, {"code": "SLOW"}), Answer(429, {"code": "SLOW"}, {"Retry-After": "30"})
    )
    assert send(made, section(carrier.url))[0].retry_after == 7
    assert send(made, section(carrier.url))[0].retry_after == 30


def test_the_providers_words_are_kept_without_numbers(
    carrier: Carrier, made: list[Gateway]
) -> None:
    carrier.says(Answer(200, {"code": "BAD", "msg": "号码13800000011无效"}))
    (sent,) = send(made, section(carrier.url))
    assert sent.detail == "号码…无效"


def test_nothing_leaves_that_has_expired_or_may_not(carrier: Carrier, made: list[Gateway]) -> None:
    carrier.says(Answer(200, {"code": "OK", "id": "1"}))
    over = send(made, section(carrier.url), expires=NOW)
    made.append(gateway(section(carrier.url), demo=True))
    real = made[-1].send([replace(request_(), phone="+8613800000011")])
    assert [one.reason for one in (*over, *real)] == [
        "expired",
        "real_number",
    ]
    assert carrier.asked == []


def test_nothing_leaves_after_its_lease(carrier: Carrier, made: list[Gateway]) -> None:
    carrier.says(Answer(200, {"code": "OK", "results": []}))
    made.append(gateway(batch(carrier.url)))
    late = [replace(request_(n), leave_by=in_time.clock() + 60 * (n - 1)) for n in (1, 2)]
    assert {one.outcome for one in made[-1].send(late)} == {Outcome.THROTTLED}
    assert carrier.asked == []


def test_demo_numbers_leave_for_this_machine_only() -> None:
    elsewhere = gateway(section("https://sms.example.cn"))
    assert elsewhere.refusal("+8615400000001") == "demo_number"
    assert gateway(section()).refusal("+8615400000001") is None
    mixed = section() | {"look_up": {"url": "https://sms.example.cn", "list": "", "ref": "ref"}}
    assert gateway(mixed).refusal("+8615400000001") == "demo_number"


@pytest.mark.parametrize(
    ("encoding", "kind", "body"),
    [
        ("json", "application/json", {"to": "15400000001", "text": "寒“冷\n", "ref": "token-01"}),
        ("form", "application/x-www-form-urlencoded", {"to": "15400000001", "ref": "token-01"}),
    ],
)
def test_words_of_a_person_can_not_break_out_of_a_request(
    carrier: Carrier, made: list[Gateway], encoding: str, kind: str, body: dict[str, str]
) -> None:
    carrier.says(Answer(200, {"code": "OK", "id": "1"}))
    keys = section(carrier.url)
    keys["request"]["encoding"] = encoding
    keys["request"]["url"] += "?text={text}"
    send(made, keys, text="寒“冷\n")
    (asked,) = carrier.asked
    assert asked.query == {"text": ["寒“冷\n"]}
    assert asked.headers["Content-Type"].startswith(kind)
    found = (
        json.loads(asked.body) if encoding == "json" else {k: v[0] for k, v in asked.form.items()}
    )
    assert body.items() <= found.items()


def test_letters_that_no_request_can_hold_are_refused_alone(
    carrier: Carrier, made: list[Gateway]
) -> None:
    carrier.says(Answer(200, {"code": "OK", "id": "1"}))
    keys = section(carrier.url)
    keys["request"]["url"] += "?text={text}"
    made.append(gateway(keys))
    sent = made[-1].send([request_(1, text="\ud800"), request_(2)])
    assert [one.outcome for one in sent] == [Outcome.REFUSED, Outcome.ACCEPTED]


def test_a_get_has_its_fields_in_the_address(carrier: Carrier, made: list[Gateway]) -> None:
    carrier.says(Answer(200, {"code": "OK", "id": "1"}))
    keys = section(carrier.url)
    keys["request"] |= {"method": "GET", "encoding": "query"}
    send(made, keys)
    assert carrier.asked[0].method == "GET"
    assert carrier.asked[0].query["to"] == ["15400000001"]
    assert carrier.asked[0].body == b""


def test_a_token_in_the_callbacks_address_comes_back_as_it_is(
    carrier: Carrier, made: list[Gateway]
) -> None:
    carrier.says(Answer(200, {"code": "OK", "id": "1"}))
    proof = {"type": "address", "secret_env": "TOKEN"}
    keys = section(carrier.url, receipts=RECORD | {"list": "", "proof": proof})
    keys["request"]["fields"]["callback"] = "{callback}"
    made.append(gateway(keys, env={"TOKEN": "a+b/c= d&e"}))
    made[-1].send([request_()])
    address = urlsplit(json.loads(carrier.asked[0].body)["callback"])
    assert made[-1].read(pushed(b"[]", query=f"?{address.query}")) == []


@pytest.mark.parametrize("digest", ["hex", "base64"])
def test_a_body_is_signed(carrier: Carrier, made: list[Gateway], digest: str) -> None:
    carrier.says(Answer(200, {"code": "OK", "id": "1"}))
    signing = SIGNED | {"content": "{unix}\n{body}", "digest": digest}
    send(made, section(carrier.url, signing=signing))
    (asked,) = carrier.asked
    text = f"{int(NOW.timestamp())}\n".encode() + asked.body
    expected = hmac.new(ENV["TOKEN"].encode(), text, hashlib.sha256)
    said = expected.hexdigest()
    assert asked.headers["X-Sign"] == (
        said if digest == "hex" else base64.b64encode(expected.digest()).decode()
    )


def test_basic_and_header(carrier: Carrier, made: list[Gateway]) -> None:
    carrier.says(Answer(200, {"code": "OK", "id": "1"}))
    send(made, section(carrier.url, signing={"type": "basic", "user": "me", "secret_env": "TOKEN"}))
    header = {"type": "header", "header": "X-Key", "value": "k {secret}", "secret_env": "TOKEN"}
    send(made, section(carrier.url, signing=header))
    pair = base64.b64encode(b"me:secret one").decode()
    assert carrier.asked[0].headers["Authorization"] == f"Basic {pair}"
    assert carrier.asked[1].headers["X-Key"] == "k secret one"


def test_a_batch_is_answered_for_each_number(carrier: Carrier, made: list[Gateway]) -> None:
    results = [
        {"ref": "token-03", "code": "OK", "id": "g-3"},
        {"ref": "token-01", "code": "OK", "id": "g-1"},
        {"ref": "token-02", "code": "BAD"},
        {"ref": "token-05", "code": "OK"},
        "strange",
    ]
    carrier.says(Answer(200, {"code": "OK", "results": results}))
    sent = send(made, batch(carrier.url), many=5)
    assert [one.token for one in sent] == [f"token-0{n}" for n in range(1, 6)]
    assert [one.outcome for one in sent] == [
        Outcome.ACCEPTED,
        Outcome.REFUSED,
        Outcome.ACCEPTED,
        Outcome.UNKNOWN,  # the answer does not name it
        Outcome.UNKNOWN,  # taken without an id
    ]
    assert [one.provider_ref for one in sent] == ["g-1", None, "g-3", None, None]
    assert len(carrier.asked) == 1


@pytest.mark.parametrize("answer", [Answer(cut=True), Answer(502, ""), Answer(200, {"code": "OK"})])
def test_a_lost_answer_makes_all_of_the_batch_unknown(
    carrier: Carrier, made: list[Gateway], answer: Answer
) -> None:
    carrier.says(answer)
    sent = send(made, batch(carrier.url), many=3)
    assert {one.outcome for one in sent} == {Outcome.UNKNOWN}
    assert len(carrier.asked) == 1


def test_a_batch_is_no_larger_than_the_provider_takes(
    carrier: Carrier, made: list[Gateway]
) -> None:
    carrier.says(Answer(200, {"code": "OK", "results": []}))
    send(made, batch(carrier.url, size=2), many=5)
    assert [len(json.loads(one.body)["items"]) for one in carrier.asked] == [2, 2, 1]


def test_one_bad_number_does_not_condemn_its_batch(carrier: Carrier, made: list[Gateway]) -> None:
    """A provider that answers for the whole: halved until the one it refuses is alone."""
    good, bad = Answer(200, {"code": "OK", "id": "g"}), Answer(200, {"code": "BAD"})
    carrier.says(bad, good, bad, bad, good)  # all four; 1+2; 3+4; 3; 4
    keys = batch(carrier.url) | {"answer": {"ok": OK_WHOLE, "id": "id", "code": "code"}}
    sent = send(made, keys, many=4)
    assert [one.outcome for one in sent] == [
        Outcome.ACCEPTED,
        Outcome.ACCEPTED,
        Outcome.REFUSED,
        Outcome.ACCEPTED,
    ]


def test_numbers_alone_share_a_request_only_if_they_are_told_the_same(
    carrier: Carrier, made: list[Gateway]
) -> None:
    carrier.says(Answer(200, {"code": "OK", "id": "g-1"}))
    keys = section(carrier.url, batch_size=20, id_is_shared=True)
    keys["request"] = {
        "url": f"{carrier.url}/send",
        "fields": {"to": "{phones_national}", "text": "{text}"},
        "encoding": "form",
    }
    made.append(gateway(keys))
    sent = made[-1].send([request_(1), request_(2, text="另一条。"), request_(3)])
    assert [one.form["to"] for one in carrier.asked] == [
        ["15400000001,15400000003"],
        ["15400000002"],
    ]
    assert [one.provider_ref for one in sent] == [
        "g-1/digest of 01",  # never the number itself: ids are kept in the clear
        "g-1/digest of 02",
        "g-1/digest of 03",
    ]


def test_entries_in_the_order_of_the_numbers_count_only_if_all_are_there(
    carrier: Carrier, made: list[Gateway]
) -> None:
    each = {"list": "results", "id": "id"}
    keys = batch(carrier.url) | {"answer": {"ok": OK_WHOLE, "each": each}}
    carrier.says(Answer(200, {"code": "OK", "results": [{"id": "a"}, {"id": "b"}]}))
    assert [one.provider_ref for one in send(made, keys, many=2)] == ["a", "b"]
    assert {one.outcome for one in send(made, keys, many=3)} == {Outcome.UNKNOWN}


def test_a_robot_reports_nothing_so_what_it_took_is_delivered(
    carrier: Carrier, made: list[Gateway]
) -> None:
    carrier.says(Answer(200, {"code": "OK"}))
    keys = section(carrier.url, kind="robot", answer={"ok": OK_WHOLE, "is_last": True})
    del keys["receipts"]
    assert send(made, keys)[0].outcome is Outcome.DELIVERED


def test_an_expiry_in_the_future_leaves(carrier: Carrier, made: list[Gateway]) -> None:
    carrier.says(Answer(200, {"code": "OK", "id": "1"}))
    (sent,) = send(made, section(carrier.url), expires=NOW + timedelta(seconds=1))
    assert sent.outcome is Outcome.ACCEPTED


OK_WHOLE = {"path": "code", "values": "OK"}
