"""A person whose record can not be read any more holds up nobody, and is dialled by an officer."""

from sqlalchemy import update

from alertcast.core.call_list import CallList
from alertcast.core.phone import UNREADABLE
from alertcast.dispatch import call_list
from alertcast.store import sealed_files
from alertcast.store.schema import person
from tests.stories.town import (
    ALL,
    COUNTY,
    COUNTY_DESK,
    EAST_LEADER,
    EAST_SECRETARY,
    IN_EAST,
    TOWN_DESK,
    Town,
    phones,
)


def spoil(town: Town, phone: str) -> None:
    owner = person.c.phone_index == town.db.vault.index(phone)
    with town.db.write() as tx:
        tx.execute(update(person).where(owner).values(phone=b"x" * 40, name=b""))


def test_the_others_are_told_and_an_officer_looks_for_the_number(town: Town) -> None:
    spoil(town, EAST_LEADER)
    town.warn(over=ALL)
    assert EAST_SECRETARY in phones(town.sms)
    assert town.states()["东村"] == "open"
    assert town.messages(EAST_LEADER) == [("manual", "manual", "unreadable")]


def test_help_is_written_down_although_a_desk_can_not_be_called(town: Town) -> None:
    town.warn(over=IN_EAST, level="red")
    spoil(town, COUNTY_DESK)
    town.press("2", EAST_LEADER)
    town.tick()
    assert town.states() == {"东村": "answered"}
    assert [row["places"] for row in town.help_requests()] == [["冷坑镇东村"]]
    assert town.messages(COUNTY_DESK) == [("manual", "manual", "unreadable")]


def test_help_asked_for_by_somebody_whose_number_is_gone_still_brings_the_desks(town: Town) -> None:
    town.warn(over=IN_EAST, level="red")
    spoil(town, EAST_LEADER)
    town.press("2", EAST_LEADER)
    town.tick()
    assert "党支部书记在预警电话中请求支援" in town.voice.outbox[-1].text
    town.press("1", TOWN_DESK)
    town.tick()
    assert [row["places"] for row in town.help_requests()] == [["冷坑镇东村"]]


def test_a_correction_reaches_the_others(town: Town) -> None:
    town.warn(over=ALL)
    spoil(town, EAST_LEADER)
    before = len(town.sms.outbox)
    town.correct()
    town.tick()
    corrected = phones(town.sms)[before:]
    assert EAST_SECRETARY in corrected
    assert EAST_LEADER not in corrected


def test_the_call_list_is_written(town: Town) -> None:
    spoil(town, EAST_LEADER)
    town.configure(call_list={"folder": str(town.folder / "lists")})
    town.warn(over=IN_EAST)
    assert call_list.write_due(town.world, town.now) == 1
    kept = sealed_files.read(call_list.folder_of(town.world), town.db.vault, town.last, COUNTY)
    found = CallList.from_json(kept or "")
    assert {UNREADABLE, EAST_SECRETARY} <= {one.phone for one in found.callees}
