"""docs/configuration.md names every key there is, with its default, and none that there is not."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import timedelta
from inspect import get_annotations
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

import alertcast
from alertcast.bootstrap import CHANNELS, SOURCES
from alertcast.channels.base import ChannelSettings
from alertcast.channels.gateway_parts import (
    AnswerPart,
    EachAnswer,
    Exchange,
    InboundPart,
    LookUpPart,
    PullPart,
    ReceiptsPart,
    Record,
    RequestPart,
    Signing,
    SlotPart,
    TemplatePart,
)
from alertcast.channels.twilio_base import TwilioSettings
from alertcast.channels.twilio_speech import TEXT_IDS, Voice
from alertcast.config import Main, shipped
from alertcast.core.confirm import ConfirmRules, read_confirm
from alertcast.core.downgrade import DowngradeRules, read_downgrade
from alertcast.core.policy import read_policy
from alertcast.core.retry import DEFAULTS, read_retry
from alertcast.core.wording import slots_of
from alertcast.sources.base import OF_EVERY_SOURCE
from alertcast.sources.fetch import HttpSettings
from alertcast.sources.listing import ListSettings
from alertcast.sources.mapping import Ok, Paging, Paths, Times
from alertcast.sources.signed import SignedSettings
from tests.docs.pages import ROOT, headings, tables

PAGE = ROOT / "docs/configuration.md"
HEADINGS: dict[type[BaseModel], str] = {
    HttpSettings: "Sources over HTTP",
    ListSettings: "Lists in force",
    SignedSettings: "Signatures",
    ChannelSettings: "Every channel",
    TwilioSettings: "Twilio channels",
    Voice: 'type = "twilio_voice"',
    Exchange: "[channels.NAME.request]",
    RequestPart: "[channels.NAME.request]",
    AnswerPart: "[channels.NAME.answer]",
    EachAnswer: "[channels.NAME.answer.each]",
    Signing: "[channels.NAME.signing]",
    Record: "[channels.NAME.receipts]",
    ReceiptsPart: "[channels.NAME.receipts]",
    InboundPart: "[channels.NAME.inbound]",
    PullPart: "[channels.NAME.pull]",
    LookUpPart: "[channels.NAME.look_up]",
    TemplatePart: "[channels.NAME.templates.ID]",
    SlotPart: "[channels.NAME.slots.SLOT]",
    Paths: "[sources.NAME.fields]",
    Times: "[sources.NAME.times]",
    Ok: "[sources.NAME.ok]",
    Paging: "[sources.NAME.paging]",
    **{kind.Settings: f'type = "{name}"' for name, kind in SOURCES.items()},
    **{
        kind.Settings: f'type = "{name}"'
        for name, (kind, _) in CHANNELS.items()
        if kind.Settings is not ChannelSettings
    },
    **{
        field.annotation: f"[{name}]"
        for name, field in Main.model_fields.items()
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
    },
}
"""Every model of alertcast.toml, and the heading its keys are listed under."""


def models() -> list[type[BaseModel]]:
    """Return each model that adds keys, also those that others inherit them from."""
    whole = {model for one in HEADINGS for model in one.__mro__ if issubclass(model, BaseModel)}
    return sorted(filter(own_keys, whole), key=lambda model: model.__name__)


def own_keys(model: type[BaseModel]) -> dict[str, str]:
    """Return the keys that `model` itself adds, with their defaults as TOML writes them."""
    fields = model.__pydantic_fields__ if model is not BaseModel else {}
    own = get_annotations(model)
    return {key: written(field) for key, field in fields.items() if key in own}


def written(field: Any) -> str:
    default = field.get_default(call_default_factory=True)
    match default:
        case _ if default is PydanticUndefined:
            return "**required**"
        case None:
            return "—"
        case bool():
            text = str(default).lower()
        case timedelta():
            text = f'"{int(default.total_seconds())}s"'
        case BaseModel():
            text = "{}"
        case str():
            text = f'"{default}"'
        case tuple() | list():
            text = str(list(default))
        case _:
            text = str(default)
    return f"`{text}`"


def documented() -> dict[str, list[tuple[str, str]]]:
    """Return heading -> (key, second cell) of every row that documents a key."""
    found: dict[str, list[tuple[str, str]]] = {}
    for heading, rows in tables(PAGE).items():
        for row in rows:
            if key := re.fullmatch(r"`([\w.]+)`", row[0]):
                found.setdefault(heading, []).append((key[1], row[1]))
    return found


@pytest.mark.parametrize("model", models(), ids=lambda model: model.__name__)
def test_every_key_of_a_model_is_documented_with_its_default(model: type[BaseModel]) -> None:
    rows = documented()[HEADINGS[model]]
    for key, default in own_keys(model).items():
        assert (key, default) in rows, f"[{HEADINGS[model]}] {key}: {default}"


def test_every_section_has_a_heading() -> None:
    found = set(headings(PAGE))
    for name in Main.model_fields:
        assert {f"[{name}]", f"[{name}.NAME]"} & found, name


def test_no_key_is_documented_that_does_not_exist() -> None:
    known: dict[str, set[str]] = {}
    for model, heading in HEADINGS.items():
        known.setdefault(heading, set()).update(own_keys(model))
    for heading, keys in known.items():
        assert {key for key, _ in documented()[heading]} == keys, heading


def test_sources_have_the_keys_of_every_source() -> None:
    assert {key for key, _ in documented()["[sources.NAME]"]} == OF_EVERY_SOURCE


@pytest.mark.parametrize("name", sorted(SOURCES | CHANNELS))
def test_every_kind_of_source_and_channel_is_described(name: str) -> None:
    assert f'type = "{name}"' in PAGE.read_text("utf-8")


def test_every_key_of_policy_toml_is_documented() -> None:
    policy, rows = toml("policy"), keys_documented()
    tables_of = {key for key, value in policy.items() if isinstance(value, dict)}
    assert policy.keys() - tables_of <= rows["policy.toml"]
    assert tables_of == {
        "levels",
        "hazards",
        "all_clear",
        "downgrade",
        "confirm",
        "stations",
        "correction",
        "help",
        "retry",
        "limits",
        "policies",
    }
    assert policy["all_clear"].keys() <= rows["[all_clear]"]
    assert policy["downgrade"].keys() == rows["[downgrade]"]
    assert read_downgrade(policy["downgrade"], []) == DowngradeRules()
    assert policy["correction"].keys() <= rows["[correction]"]
    assert policy["confirm"].keys() == rows["[confirm]"]
    assert read_confirm(policy["confirm"], toml("roles"), tuple(toml("hazards")["levels"]), []) == (
        ConfirmRules()
    )
    assert policy["stations"].keys() == rows["[stations]"]
    assert policy["help"].keys() <= rows["[help]"]
    assert policy["limits"].keys() == rows["[limits]"]
    assert policy["retry"].keys() == set(DEFAULTS) == rows["[retry]"] - {"then"}
    assert read_retry(policy["retry"], []) == DEFAULTS
    for one in policy["hazards"].values():
        assert one.keys() <= rows["[hazards.NAME]"]
    for name, one in policy["policies"].items():
        frozen = read_policy(name, one, None).frozen()
        assert frozen.keys() <= rows["[policies.NAME]"]
        assert frozen["rungs"][0].keys() <= rows["[[policies.NAME.rungs]]"]


@pytest.mark.parametrize(
    ("section", "heading"),
    [("levels", "[levels.KEY]"), ("hazards", "[hazards.KEY]"), ("nws", '[nws."EVENT"]')],
)
def test_every_key_of_hazards_toml_is_documented(section: str, heading: str) -> None:
    for key, entry in toml("hazards")[section].items():
        assert entry.keys() <= keys_documented()[heading], key


def test_every_key_of_roles_toml_is_documented() -> None:
    for key, role in toml("roles").items():
        assert role.keys() <= keys_documented()["roles.toml"], key


def test_every_text_is_documented_with_its_slots() -> None:
    rows = {row[0].strip("`"): row[2].split() for row in tables(PAGE)["texts.toml"] if len(row) > 2}
    named = dict(texts_in("", toml("texts")))
    texts = {key: text for key, text in named.items() if not key.startswith("notice.")}  # anything
    assert rows.keys() - {"id", "version", "notice.NAME"} == texts.keys()
    for text_id, versions in texts.items():
        assert set().union(*map(slots_of, versions.values())) <= set(rows[text_id]), text_id
    for text_id, slots in TEXT_IDS.items():
        assert set(rows[text_id]) == slots, text_id


def test_every_slot_is_explained() -> None:
    rows = tables(PAGE)["texts.toml"]
    explained = {name for row in rows for cell in row for name in re.findall(r"\{(\w+)\}", cell)}
    used = {slot for row in rows if len(row) > 2 and row[0] != "id" for slot in row[2].split()}
    assert used <= explained


def test_every_environment_variable_is_documented() -> None:
    source = "\n".join(
        path.read_text("utf-8") for path in Path(alertcast.__file__).parent.rglob("*.py")
    )
    named = set(re.findall(r'"((?:ALERTCAST|TWILIO)_[A-Z_]+)"', source))
    rows = keys_documented()["Environment variables and secrets"]
    assert named - {"TWILIO_EDGE", "TWILIO_REGION"} == rows


def toml(name: str) -> dict[str, Any]:
    return tomllib.loads(shipped(f"config/{name}.toml").read_text("utf-8"))


def keys_documented() -> dict[str, set[str]]:
    return {heading: {key for key, _ in rows} for heading, rows in documented().items()}


def texts_in(prefix: str, section: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, str]]]:
    words = {key: value for key, value in section.items() if isinstance(value, str)}
    if words.keys() - {"version"}:
        yield prefix, words
    for name, inner in section.items():
        if isinstance(inner, Mapping):
            yield from texts_in(f"{prefix}.{name}".strip("."), inner)
