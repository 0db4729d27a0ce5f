"""Sections of gateways for tests, and what is needed to make one."""

from datetime import UTC, datetime
from typing import Any

from alertcast.channels.base import Callback, Request
from alertcast.channels.gateway import Gateway
from alertcast.channels.gateway_ask import AskableGateway

NOW = datetime(2026, 1, 20, 12, 0, tzinfo=UTC)
PUBLIC = "https://warn.example.cn"
ENV = {"TOKEN": "secret one", "OLD_TOKEN": "secret two"}

OK = {"path": "code", "values": ["OK"]}
RECORD = {"ref": "ref", "id": "id", "phone": "phone", "state": "state", "code": "err", "key": "key"}


def section(url: str = "http://127.0.0.1:9", **more: Any) -> dict[str, Any]:
    """Return the smallest section that hands over one message and gets receipts."""
    return {
        "type": "gateway",
        "kind": "sms",
        "timeout": 1,
        "connect_timeout": 1,
        "request": {
            "url": f"{url}/send",
            "fields": {"to": "{phone_national}", "text": "{text}", "ref": "{ref}"},
        },
        "answer": {"ok": OK, "id": "id", "code": "code", "message": "msg"},
        "codes": {
            "BAD": {"reason": "wrong_number"},
            "SLOW": {"outcome": "throttled", "reason": "throttled", "wait": 7},
            "BROKE": {"outcome": "stopped", "reason": "account"},
        },
        "words": {"DELIVRD": "delivered", "UNDELIV": "failed", "BUSY": "busy", "true": "sent"},
        "receipts": RECORD
        | {"list": "", "proof": {"type": "header", "header": "X-Token", "secret_env": "TOKEN"}},
    } | more


def batch(url: str, size: int = 20, **more: Any) -> dict[str, Any]:
    """Return a section that hands over several messages in one request."""
    each = {"list": "results", "ref": "ref", "ok": OK, "id": "id", "code": "code"}
    whole = section(url, batch_size=size)
    return (
        whole
        | {
            "request": {
                "url": f"{url}/send",
                "fields": {"items": "{batch}"},
                "each": {"to": "{phone}", "ref": "{ref}", "text": "{text}"},
            },
            "answer": {"ok": OK, "code": "code", "each": each},
        }
        | more
    )


def gateway(keys: dict[str, Any], *, demo: bool = False, env: dict[str, str] = ENV) -> Gateway:
    """Return the channel "sms" of a section."""
    settings = Gateway.Settings.model_validate(keys)
    kind = Gateway if settings.look_up is None else AskableGateway
    return kind(
        "sms",
        settings,
        env=env,
        public_base_url=PUBLIC,
        clock=lambda: NOW,
        digest=lambda phone: f"digest of {phone[-2:]}",
        real_clock=lambda: NOW,
        demo=demo,
    )


def request_(number: int = 1, **more: Any) -> Request:
    """Return a message to the demo's telephone `number`."""
    values = {"text": "寒冷橙色预警。", "template": "warning.sms"} | more
    return Request(token=f"token-{number:02d}", phone=f"+861540000{number:04d}", **values)


def pushed(body: bytes, what: str = "status", query: str = "", **headers: str) -> Callback:
    """Return a callback with the header that proves it, unless others are given."""
    named = {k.replace("_", "-"): v for k, v in headers.items()} or {"X-Token": ENV["TOKEN"]}
    return Callback("sms", what, None, f"{PUBLIC}/callbacks/sms/{what}{query}", named, {}, body)
