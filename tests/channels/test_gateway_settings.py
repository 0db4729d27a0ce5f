"""Every mistake in a mapping is named by its key, before anything runs."""

from typing import Any

import pytest
from pydantic import ValidationError

from alertcast.channels.base import ChannelError
from alertcast.channels.gateway import Gateway
from alertcast.channels.gateway_settings import text_key
from alertcast.config import explained
from tests.channels.gateways import OK, RECORD, batch, gateway, section

URL = "http://127.0.0.1:9"
PULL = {"method": "GET", "encoding": "query", "url": URL, "list": ""}
PROOF = {"type": "header", "header": "X-Token", "secret_env": "TOKEN"}


def merged(keys: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Return `keys` with some changed, in tables too; None takes one out."""
    found = dict(keys)
    for name, value in changes.items():
        if value is None:
            found.pop(name, None)
        elif isinstance(value, dict) and isinstance(found.get(name), dict):
            found[name] = merged(found[name], value)
        else:
            found[name] = value
    return found


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"kind": "pigeon"}, "kind"),
        ({"request": None}, "request"),
        ({"strange": 1}, "strange"),
        ({"request": {"url": "sms.example.cn"}}, "request.url"),
        ({"request": {"url": "http://{phone}/"}}, "request.url"),
        ({"request": {"url": f"{URL}/{{who}}"}}, "{who}"),
        ({"request": {"headers": {"X": "{who}"}}}, "request.headers"),
        ({"request": {"fields": {"a": {"b": ["{who}"]}}}}, "request.fields"),
        ({"request": {"fields": {"a": "{signature}"}}}, "request.fields"),
        ({"request": {"fields": {"to": None}}}, "names no {phone}"),
        ({"request": {"method": "GET"}}, "request"),
        ({"request": {"each": {"a": "{ref}"}}}, "request.each"),
        ({"request": {"fields": {"all": "{batch}"}}}, "request.each"),
        ({"request": {"fields": {"id": "{template}"}}}, "templates"),
        ({"request": {"fields": {"id": "{slots.places}"}}}, "templates"),
        ({"templates": {"warning.sms": {"id": "1"}}}, "{text}"),
        ({"batch_size": 5}, "batch_size"),
        ({"batch_size": 0}, "batch_size"),
        ({"ref_bytes": 11}, "ref_bytes"),
        ({"quiet": ["21:00"]}, "quiet"),
        ({"answer": {"ok": {"values": None}}}, "answer.ok.values"),
        ({"answer": {"id": None}, "request": {"fields": {"ref": None}}}, "answer.id"),
        ({"codes": {"X": {"reason": "grumpy"}}}, "codes.X.reason"),
        ({"codes": {"X": {"outcome": "lost"}}}, "codes.X.outcome"),
        ({"words": {"X": "deliverd"}}, "words.X.state"),
        ({"words": {"X": "unreadable"}}, "words.X.state"),
        ({"words": None}, "words"),
        ({"words": {"X": {"state": "failed", "reason": "grumpy"}}}, "words.X.reason"),
        ({"receipts": {"proof": None}}, "receipts.proof"),
        ({"receipts": {"proof": {"header": None}}}, "receipts.proof"),
        ({"receipts": {"proof": {"type": "none"}}}, "receipts.proof.type"),
        ({"receipts": {"ref": None, "id": None}}, "receipts: neither ref nor id"),
        ({"receipts": {"state": None, "key": None}}, "receipts: neither state nor key"),
        ({"pull": PULL | {"state": "s"}}, "pull: neither ref nor id"),
        ({"pull": PULL | RECORD | {"every": "soon"}}, "pull.every"),
        ({"pull": PULL | RECORD | {"fields": {"at": "{cursor}"}}}, "pull.cursor"),
        ({"pull": PULL | RECORD | {"fields": {"at": "{phone}"}}}, "pull.fields"),
        (
            {"pull": PULL | RECORD | {"acknowledge": {"url": URL, "fields": {"i": "{ids}"}}}},
            "pull.mark",
        ),
        ({"look_up": PULL | {"id": "id"}}, "look_up.ref"),
        ({"look_up": PULL | {"ref": "ref", "fields": {"a": "{id}"}}}, "look_up.fields"),
        ({"status": PULL | RECORD}, "status"),
        ({"signing": {"type": "header"}}, "signing"),
        ({"signing": {"type": "basic", "secret_env": "TOKEN"}}, "signing"),
        ({"signing": {"type": "hmac", "secret_env": "TOKEN", "content": "{phone}"}}, "{phone}"),
        ({"kind": "voice", "receipts": {"key": None}}, "receipts.key"),
        ({"kind": "voice", "receipts": None}, "receipts or pull"),
        ({"kind": "voice", "answer": {"is_last": True}}, "answer.is_last"),
        ({"receipts": None, "inbound": {"phone": "p", "text": "t"}}, "inbound"),
        ({"id_is_shared": True, "receipts": {"phone": None}}, "id_is_shared"),
        ({"slots": {"places": {"most": 0}}}, "slots.places.most"),
    ],
)
def test_a_mistake_is_named_by_its_key(changes: dict[str, Any], named: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Gateway.Settings.model_validate(merged(section(), changes))
    lines = explained("channels.sms", caught.value)
    assert any(named in line for line in lines), lines


def test_a_number_outside_each_is_a_mistake_of_a_batch() -> None:
    keys = batch(URL)
    keys["request"]["fields"]["callback"] = "{callback}"
    with pytest.raises(ValidationError, match="differs for each number"):
        Gateway.Settings.model_validate(keys)


def test_several_mistakes_are_told_together() -> None:
    keys = section(batch_size=5, words={}, status=PULL | RECORD)
    with pytest.raises(ValidationError) as caught:
        Gateway.Settings.model_validate(keys)
    said = str(caught.value)
    assert all(name in said for name in ("batch_size", "words", "status"))


@pytest.mark.parametrize(
    "keys",
    [
        section(receipts=RECORD | {"list": "", "proof": PROOF | {"secret_env": "NONE"}}),
        section(signing={"type": "basic", "user": "me", "secret_env": "NONE"}),
    ],
)
def test_a_secret_that_is_not_in_the_environment_is_named(keys: dict[str, Any]) -> None:
    with pytest.raises(ChannelError, match="environment variable NONE"):
        gateway(keys)


def test_a_section_without_mistakes() -> None:
    keys = section(pull=PULL | RECORD, look_up=PULL | RECORD | {"ok": OK}, status=PULL | RECORD)
    Gateway.Settings.model_validate(keys)
    Gateway.Settings.model_validate(batch(URL))


@pytest.mark.parametrize(
    ("template", "language", "key"),
    [
        ("warning.sms.cold.red", "zh-CN", "warning.sms.cold"),
        ("warning.sms.rain.red", "zh-CN", "warning.sms"),
        ("warning.sms", "yue-HK", "warning.sms"),
        ("warning.sms.cold", "en-US", "warning.sms:en"),
        ("warning.sms", "fr", None),
        ("desk.sms", "zh", None),
        ("warning", "zh", None),
    ],
)
def test_the_nearest_template_in_the_language_is_taken(
    template: str, language: str, key: str | None
) -> None:
    one = {"id": "1"}
    known = {"warning.sms": one, "warning.sms.cold": one, "warning.sms:en": one}
    keys = section(templates=known, request={"url": URL, "fields": {"a": "{phone}{template}{ref}"}})
    settings = Gateway.Settings.model_validate(keys)
    assert text_key(template, language, settings.templates) == key
