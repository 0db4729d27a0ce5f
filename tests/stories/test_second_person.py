"""What an officer begins for many grids waits for somebody else; or begins alone, with a reason."""

import pytest

from alertcast.dispatch import desk, glass
from alertcast.dispatch.start import CanNotStart
from alertcast.store import alone, audit
from tests.stories.town import COUNTY, COUNTY_DESK, EAST, HEAD, TOWN, Town, phones


def waits(town: Town) -> int:
    town.need_a_second_person(1)
    return town.notice("今晚降温", TOWN)


def test_it_waits_and_nothing_leaves(town: Town) -> None:
    waits(town)
    town.tick(minutes=90)
    assert town.broadcast().state == "approval"
    assert phones(town.sms) == []


def test_few_grids_and_drills_wait_for_nobody(town: Town) -> None:
    town.add_drill_channels()
    town.need_a_second_person(1)
    town.notice("今晚降温", EAST)
    assert town.broadcast().state == "running"
    town.notice("今晚演练", COUNTY, mode="drill", key="k2")
    assert town.broadcast().state == "running"


def test_somebody_else_approves_it_once(town: Town) -> None:
    broadcast_id = waits(town)
    with pytest.raises(CanNotStart, match="第二人"):
        desk.approve(town.world, broadcast_id, "wang", town.now)
    assert town.broadcast().state == "approval"
    assert desk.approve(town.world, broadcast_id, "li", town.now)
    assert not desk.approve(town.world, broadcast_id, "li", town.now)
    town.tick()
    assert len(phones(town.sms)) == 4


def test_an_alert_that_waits_tells_nobody_of_what_it_replaces(town: Town) -> None:
    town.configure(dispatch={"automatic": False})
    town.need_a_second_person(1)
    town.start(town.warn())
    town.tick(minutes=30)
    assert town.broadcast().state == "approval"
    assert phones(town.sms) == []


def test_with_a_reason_it_begins_and_the_leaders_are_told(town: Town) -> None:
    broadcast_id = waits(town)
    with pytest.raises(CanNotStart, match="理由"):
        glass.break_glass(town.world, broadcast_id, "wang", "  ", town.now)
    assert glass.break_glass(town.world, broadcast_id, "wang", "领导电话不通", town.now)
    town.tick()
    assert town.broadcast(broadcast_id).state == "running"
    told = {one.phone: one.text for one in town.sms.outbox if "紧急放行" in one.text}
    assert told.keys() == {COUNTY_DESK, HEAD}
    said = told[HEAD]
    assert "wang未经第二人确认，紧急放行“今晚降温”（2个网格）。理由：领导电话不通。" in said
    assert not glass.break_glass(town.world, broadcast_id, "wang", "再来", town.now)
    with town.db.read() as tx:
        (row,) = (one for one in audit.listed(tx) if one["action"] == "break_glass")
    assert (row["user"], row["detail"]) == ("wang", {"why": "领导电话不通"})


def test_a_text_back_from_a_leader_lets_nothing_out_and_stops_nothing(town: Town) -> None:
    broadcast_id = waits(town)
    glass.break_glass(town.world, broadcast_id, "wang", "领导电话不通", town.now)
    town.tick()
    town.text_back(HEAD, "2")
    assert town.broadcast(broadcast_id).state == "running"


def test_the_message_to_the_leaders_comes_to_its_end(town: Town) -> None:
    broadcast_id = waits(town)
    glass.break_glass(town.world, broadcast_id, "wang", "领导电话不通", town.now)
    town.tick()
    for phone in (COUNTY_DESK, HEAD):
        town.report(town.sms, phone, "delivered")
    town.tick(minutes=120)
    assert town.broadcast(broadcast_id + 1).state == "closed"


def test_without_any_channel_the_leaders_are_on_the_list_to_be_dialled(town: Town) -> None:
    town.channels = []
    broadcast_id = waits(town)
    glass.break_glass(town.world, broadcast_id, "wang", "领导电话不通", town.now)
    assert {COUNTY_DESK, HEAD} <= set(town.to_dial())


def test_a_second_person_sees_it_afterwards_once(town: Town) -> None:
    broadcast_id = waits(town)
    glass.break_glass(town.world, broadcast_id, "wang", "领导电话不通", town.now)
    with pytest.raises(CanNotStart, match="第二人"):
        glass.seen(town.world, broadcast_id, "wang", town.now)
    with town.db.read() as tx:
        assert [row["broadcast_id"] for row in alone.unseen(tx)] == [broadcast_id]
    assert glass.seen(town.world, broadcast_id, "li", town.now)
    assert not glass.seen(town.world, broadcast_id, "zhao", town.now)
    with town.db.read() as tx:
        assert alone.unseen(tx) == []
        row = alone.of(tx, broadcast_id)
    assert row is not None
    assert (row["user"], row["seen_by"]) == ("wang", "li")


def test_a_doubtful_warning_is_no_case_for_it(town: Town) -> None:
    town.limit_people_quietly(1)
    town.warn()
    with pytest.raises(CanNotStart, match="存疑"):
        glass.break_glass(town.world, town.last, "wang", "来不及", town.now)
    assert town.broadcast().state == "approval"
