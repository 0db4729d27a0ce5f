"""Who carries a number is decided by its beginning; it is opened where that is not enough."""

import pytest
from sqlalchemy import update

from alertcast.dispatch import escalate, fanout
from alertcast.store import data_keys, rotation
from alertcast.store.crypto import Vault, new_key
from alertcast.store.schema import person
from tests.databases import DATA_KEY
from tests.stories.published import Warned, cap, info
from tests.stories.town import EAST_LEADER, EAST_SECRETARY, IN_EAST, Town


def plan(town: Town) -> None:
    warned = Warned("44122441600000_20261226172001", town.now)
    town.keep(cap(warned, info(town.now, IN_EAST, "orange")))
    fanout.decide_all(town.world, town.now)
    escalate.advance(town.world, town.now)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every number that is opened."""
    numbers: list[str] = []
    read = Vault.read

    def note(vault: Vault, sealed: bytes) -> str:
        numbers.append(read(vault, sealed))
        return numbers[-1]

    monkeypatch.setattr(Vault, "read", note)
    return numbers


def test_no_number_is_opened_to_plan(town: Town, opened: list[str]) -> None:
    plan(town)
    assert town.messages(EAST_LEADER) == [("sms", "queued", None)]
    assert opened == []


def test_of_a_number_that_a_new_key_seals_as_much_is_known_as_before(
    town: Town, opened: list[str]
) -> None:
    seal_anew(town, EAST_SECRETARY)
    town.db.vault = Vault.from_text(new_key(), DATA_KEY)
    with town.db.read() as tx:
        data_keys.settle(tx, town.db.vault)
    assert rotation.rotate(town.db, town.now, "li").sealed["person"] == 11
    opened.clear()
    plan(town)
    assert town.messages(EAST_LEADER) == [("sms", "queued", None)]
    assert set(opened) == {EAST_SECRETARY}


def seal_anew(town: Town, phone: str) -> None:
    owner = person.c.phone_index == town.db.vault.index(phone)
    with town.db.write() as tx:
        sealed = town.db.vault.seal(phone)
        tx.execute(update(person).where(owner).values(phone=sealed))


def test_a_number_sealed_anew_is_looked_at(town: Town, opened: list[str]) -> None:
    seal_anew(town, EAST_LEADER)
    plan(town)
    assert town.messages(EAST_LEADER) == [("sms", "queued", None)]
    assert set(opened) == {EAST_LEADER}


def test_a_channel_for_a_few_numbers_carries_no_other(town: Town, opened: list[str]) -> None:
    town.sms.settings = town.sms.settings.model_copy(update={"prefixes": (EAST_LEADER,)})
    plan(town)
    assert town.messages(EAST_LEADER) == [("sms", "queued", None)]
    assert town.messages(EAST_SECRETARY) == [("manual", "manual", "not_allowed")]
    assert {EAST_LEADER, EAST_SECRETARY} <= set(opened)
