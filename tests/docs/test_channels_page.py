"""The examples of docs/channels.md are read, and send what the page says they send."""

import json
import re
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from alertcast.channels.base import Callback, Outcome, Request
from alertcast.channels.events import KeyEvent, State, StatusEvent
from alertcast.channels.gateway import Gateway
from alertcast.channels.gateway_parts import SIGNED
from alertcast.channels.gateway_settings import OF_MANY, OF_ONE, OF_TEXT
from tests.channels.carrier import Answer, Carrier
from tests.docs.pages import ROOT, tables

PAGE = ROOT / "docs/channels.md"
SLOTS = {
    "issuer": "怀集县气象台",
    "hazard": "寒冷",
    "level": "橙色",
    "places": "冷坑镇东村、冷坑镇西村、马宁镇南村、怀城街道城中社区",
}
ENV = dict.fromkeys(
    ("VOICE_PROXY_TOKEN", "VOICE_CALLBACK_TOKEN", "SMS_PROXY_SECRET", "WECOM_ROBOT_KEY"), "s3"
)


@pytest.fixture
def carrier() -> Iterator[Carrier]:
    carrier = Carrier()
    yield carrier
    carrier.close()


def example(name: str, carrier: Carrier) -> Gateway:
    """Return the channel of an example, with its host replaced by ours."""
    found = re.search(
        rf"<!-- example: {name} -->\n```toml\n(.*?)```", PAGE.read_text("utf-8"), re.S
    )
    assert found
    section = tomllib.loads(re.sub(r"https://[\w.-]+", carrier.url, found[1]))["channels"]
    ((channel, keys),) = section.items()
    clock = datetime(2026, 1, 20, tzinfo=UTC)
    return Gateway(
        channel,
        Gateway.Settings.model_validate(keys),
        env=ENV,
        public_base_url="https://warn.example.cn",
        clock=lambda: clock,
        digest=str,
    )


def request_(number: int, template: str) -> Request:
    phone = f"+8615400000{number:03d}"
    return Request(f"token-{number:09d}", phone, "寒冷橙色预警。", template, SLOTS)


def test_like_aliyun(carrier: Carrier) -> None:
    channel = example("aliyun", carrier)
    channel.refusal = lambda phone: None  # type: ignore[method-assign]  # a demo's numbers
    carrier.says(Answer(200, {"Code": "OK", "CallId": "c-1"}))
    (sent,) = channel.send([request_(1, "warning.voice")])
    assert (sent.outcome, sent.provider_ref) == (Outcome.ACCEPTED, "c-1")
    form = {key: values[0] for key, values in carrier.asked[0].form.items()}
    assert form["StartCode"] == "TTS_100000001"
    assert form["OutId"] == "token-000000001"
    assert len(form["OutId"]) == 15
    assert json.loads(form["StartTtsParams"]) == SLOTS
    body = [{"out_id": "token-000000001", "call_id": "c-1", "status_code": "200000", "dtmf": "1"}]
    events = channel.read(callback(channel, body))
    assert [type(one) for one in events] == [KeyEvent, StatusEvent]
    closed = [{"out_id": "token-000000001", "status_code": "200118"}]
    (event,) = channel.read(callback(channel, closed))
    assert isinstance(event, StatusEvent)
    assert (event.state, event.reason) == (State.FAILED, "time_block")
    channel.close()


def test_like_tencent(carrier: Carrier) -> None:
    channel = example("tencent", carrier)
    results = [
        {"PhoneNumber": "+8615400000002", "Code": "Ok", "SerialNo": "s-2"},
        {"PhoneNumber": "+8615400000001", "Code": "LimitExceeded.PhoneNumberDailyLimit"},
    ]
    carrier.says(
        Answer(200, {"Response": {"SendStatusSet": results}}),
        Answer(200, {"Response": {"Error": {"Code": "FailedOperation.Strange"}}}),
    )
    sent = channel.send([request_(1, "warning.sms"), request_(2, "warning.sms")])
    assert [one.outcome for one in sent] == [Outcome.REFUSED, Outcome.ACCEPTED]
    assert sent[1].provider_ref == "s-2"
    body = json.loads(carrier.asked[0].body)
    assert body["PhoneNumberSet"] == ["+8615400000001", "+8615400000002"]
    assert body["TemplateParamSet"] == [
        "怀集县气象台",
        "寒冷",
        "橙色",
        "冷坑镇东村、冷坑镇西村、马宁镇南村等",
    ]
    assert len(carrier.asked[0].headers["X-Signature"]) == 64
    (refused,) = channel.send([request_(3, "all_clear.sms")])
    assert (refused.outcome, refused.code) == (Outcome.REFUSED, "FailedOperation.Strange")
    assert not channel.has_template("desk.sms", "zh-CN")
    items = [{"SerialNo": "s-2", "ReportStatus": "SUCCESS", "Description": "DELIVERED"}]
    carrier.says(Answer(200, {"Response": {"PullSmsSendStatusSet": items}}))
    (event,) = channel.pull(None).events
    assert isinstance(event, StatusEvent)
    assert (event.state, event.provider_ref) == (State.DELIVERED, "s-2")
    channel.close()


def test_a_wecom_group_robot(carrier: Carrier) -> None:
    channel = example("wecom", carrier)
    carrier.says(Answer(200, {"errcode": 0}), Answer(200, {"errcode": 45009, "errmsg": "fast"}))
    sent = [channel.send([request_(n, "warning.sms")])[0] for n in (1, 2)]
    assert [one.outcome for one in sent] == [Outcome.DELIVERED, Outcome.THROTTLED]
    assert carrier.asked[0].query == {"key": ["s3"]}
    assert json.loads(carrier.asked[0].body) == {
        "msgtype": "text",
        "text": {"content": "寒冷橙色预警。", "mentioned_mobile_list": ["15400000001"]},
    }
    channel.close()


def test_every_placeholder_is_explained() -> None:
    first = " ".join(row[0] for row in tables(PAGE)["Placeholders"])
    explained = set(re.findall(r"\{([\w.]+)\}", first.replace("NAME", "")))
    known = {*OF_ONE, *OF_TEXT, *OF_MANY, *SIGNED, "cursor", "limit", "ids", "id", "date"}
    assert explained == known


def callback(channel: Gateway, body: Any) -> Any:
    url = "https://warn.example.cn/callbacks/voice/status?token=s3"
    return Callback(channel.name, "status", None, url, {}, {}, json.dumps(body).encode())
