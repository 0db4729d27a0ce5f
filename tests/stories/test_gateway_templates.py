"""A provider that takes approved templates only: values go out rewritten, free text never does."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from alertcast.channels.memory import MemoryChannel
from tests.databases import KINDS, database
from tests.stories.gateway_town import ITEM, GatewayTown, section
from tests.stories.town import EAST, EAST_LEADER, EAST_SECRETARY, IN_EAST, phones

WARNING = {"id": "DEMO_WARNING", "slots": ["issuer", "hazard", "level", "places"]}


def strict(base: str, **more: Any) -> dict[str, Any]:
    """Return a section of a provider that takes approved templates only."""
    whole = section(base, "sms", **more)
    whole["request"] = whole["request"] | {
        "fields": {"template": "{template}", "items": "{batch}"},
        "each": {"phone": ITEM["phone"], "ref": ITEM["ref"], "params": "{slots}"}
        | {"callback": "{callback}"},
    }
    return whole | {"forbidden": "℃~-/:%#¥【】", "templates": {"warning.sms": WARNING}} | more


@pytest.fixture(params=KINDS)
def town(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[GatewayTown]:
    with database(request.param, tmp_path) as db, GatewayTown(db, tmp_path) as found:
        found.carrier.gateway.is_strict = True
        found.connect("sms", strict(found.base))
        yield found


def test_a_warning_leaves_as_template_and_values(town: GatewayTown) -> None:
    town.warn(IN_EAST, "orange")
    town.tick(minutes=1)
    bodies = [one.body for one in town.carrier.ledger.messages()]
    assert bodies == 2 * ["怀集县气象台发布寒冷橙色预警信号，涉及冷坑镇东村。请立即查看并确认。"]
    assert set(town.texted().values()) == {"delivered"}


def test_what_is_sent_again_has_the_values_it_was_frozen_with(town: GatewayTown) -> None:
    town.connect("sms", strict(town.base, request=broken(town.base)))
    town.warn(IN_EAST, "orange")
    town.connect("sms", strict(town.base))
    town.tick(minutes=1)
    town.after_the_grace()
    town.tick(minutes=1)
    assert len({one.body for one in town.carrier.ledger.messages()}) == 1
    assert len(town.carrier.ledger.messages()) == 2


def test_a_text_without_a_template_goes_to_another_channel(town: GatewayTown) -> None:
    town.connect("sms", strict(town.base, templates={"desk.sms": WARNING}))
    other = MemoryChannel("other", "sms")
    town.channels.append(other)
    town.warn(IN_EAST, "orange")
    assert town.carrier.ledger.messages() == []
    assert sorted(phones(other)) == [EAST_LEADER, EAST_SECRETARY]
    assert "内部通知" in other.outbox[0].text  # free text elsewhere is not rewritten


def test_a_text_without_a_template_anywhere_goes_to_a_human(town: GatewayTown) -> None:
    town.connect("sms", strict(town.base, templates={"desk.sms": WARNING}))
    town.channels[:] = [one for one in town.channels if one.kind != "voice"]
    town.warn(IN_EAST, "orange")
    assert ("manual", "manual", "template_missing") in town.messages(EAST_LEADER)


def test_a_value_that_can_not_be_said_goes_to_a_human_and_is_not_dropped(
    town: GatewayTown,
) -> None:
    limits = {"places": {"most": 3}}
    town.connect("sms", strict(town.base, slots=limits, forbidden="坑"))
    town.warn(IN_EAST, "orange")
    assert town.carrier.ledger.messages() == []
    assert town.messages(EAST_LEADER)[0] == ("sms", "manual", "slot_unfit")


def test_what_the_provider_finds_wrong_with_a_value_goes_to_a_human(town: GatewayTown) -> None:
    headline = {"id": "DEMO_WARNING", "slots": ["issuer", "hazard", "level", "places", "headline"]}
    names = {"places": {"name": "nothing"}, "headline": {"name": "places"}}
    town.connect("sms", strict(town.base, templates={"warning.sms": headline}, slots=names))
    town.warn(IN_EAST, "orange", headline="怀集县气象台将寒冷橙色预警信号的范围扩大到全县各镇")
    assert town.carrier.ledger.messages() == []
    assert town.messages(EAST_LEADER)[0] == ("sms", "manual", "slot_unfit")


def broken(base: str) -> dict[str, Any]:
    """Return a request that no gateway answers."""
    return strict(base)["request"] | {"url": "http://127.0.0.1:9/nobody"}


def test_a_drill_says_so_in_its_template(town: GatewayTown) -> None:
    town.carrier.gateway.templates = {"D": "${drill}。${text}${drill}"}
    notice = {"desk.sms": {"id": "D", "slots": ["drill", "text"]}}
    town.connect("drill", strict(town.base, drill=True, templates=notice))
    town.notice("请清点避寒场所的被褥", EAST, mode="drill")
    town.tick(minutes=1)
    bodies = {one.body for one in town.carrier.ledger.messages()}
    assert bodies == {"演练。请清点避寒场所的被褥。演练"}
