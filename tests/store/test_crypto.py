"""Phones, names and receipts can not be read without the key."""

from pathlib import Path

import pytest

from alertcast.store import data_keys
from alertcast.store.crypto import DataKeyError, Vault, new_key
from alertcast.store.db import Database
from tests.databases import database
from tests.stories.town import EAST_LEADER, IN_EAST, Town

PHONE = "+8613800000011"


def test_sealed_and_opened() -> None:
    vault = Vault.from_text(new_key())
    assert vault.open(vault.seal("某甲")) == "某甲"
    assert vault.seal("某甲") != vault.seal("某甲")


@pytest.mark.parametrize("text", ["", "short", "not base64 at all!", "AAAA" * 20])
def test_a_malformed_key_is_refused(text: str) -> None:
    with pytest.raises(DataKeyError, match="32"):
        Vault.from_text(text)


def test_another_key_is_a_clear_error() -> None:
    sealed = Vault.from_text(new_key()).seal("某甲")
    with pytest.raises(DataKeyError, match="written with another data key"):
        Vault.from_text(new_key()).open(sealed)


def test_a_changed_byte_is_noticed() -> None:
    vault = Vault.from_text(new_key())
    sealed = bytearray(vault.seal("某甲"))
    sealed[-1] ^= 1
    with pytest.raises(DataKeyError):
        vault.open(bytes(sealed))


def test_the_blind_index_finds_and_tells_nothing() -> None:
    key = new_key()
    index = Vault.from_text(key).index(PHONE)
    assert index == Vault.from_text(key).index(PHONE)
    assert index != Vault.from_text(key).index("+8613800000012")
    assert index != Vault.from_text(new_key()).index(PHONE)
    assert not set(index) - set("0123456789abcdef")


def test_nothing_personal_can_be_read_in_the_file(tmp_path: Path) -> None:
    with database("sqlite", tmp_path) as db:
        town = Town(db, tmp_path)
        town.sms.takes_replies = True
        town.warn(over=IN_EAST)
        town.text_back(EAST_LEADER, "收到")
        file = Path(str(db.url.database))
    everything = b"".join(part.read_bytes() for part in file.parent.glob(f"{file.name}*"))
    assert "怀集县".encode() in everything
    for secret in (EAST_LEADER, EAST_LEADER[3:], "某21", "收到"):
        assert secret.encode() not in everything


def test_a_database_opened_with_another_key_says_so(tmp_path: Path) -> None:
    with database("sqlite", tmp_path) as db:
        Town(db, tmp_path)
        other = Database(str(db.url), Vault.from_text(new_key()))
        with other.read() as tx, pytest.raises(DataKeyError, match="another data key"):
            data_keys.check(tx, other.vault)
        other.close()
        with db.read() as tx:
            data_keys.check(tx, db.vault)
