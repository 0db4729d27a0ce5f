"""What must not throw a running warning off its way: clocks, rosters, ids, dead carriers."""

from datetime import timedelta

from alertcast.channels.memory import MemoryChannel
from alertcast.core.phone import dialled
from alertcast.core.roster import Person, Post
from alertcast.core.watch import Finding
from alertcast.dispatch import call_list
from alertcast.dispatch.watch import look
from tests.stories.seen import EAST
from tests.stories.town import (
    COUNTY,
    EAST_DEPUTY,
    EAST_LEADER,
    EAST_SECRETARY,
    EVERYBODY,
    IN_EAST,
    Town,
    phones,
)
from tests.web.site import Site

NEW_DEPUTY, LANDLINE = "+8613800000099", "+867582231234"


def queue(town: Town) -> list[Finding]:
    with town.db.read() as tx:
        return [one for one in look(town.world, tx, town.now) if one.what == "queue"]


def test_a_clock_that_is_set_back_calls_nobody_twice_and_forgets_nobody(town: Town) -> None:
    town.warn(over=IN_EAST)
    town.tick(minutes=10)
    assert sorted(phones(town.voice)) == [EAST_LEADER, EAST_SECRETARY]
    town.now -= timedelta(hours=1)
    town.tick(minutes=30)
    assert len(town.voice.outbox) == 2
    assert town.states() == {"东村": "open"}
    town.tick(minutes=48)
    assert town.states() == {"东村": "unreached"}
    assert EAST_DEPUTY in phones(town.voice)


def test_a_clock_that_jumps_ahead_does_what_is_overdue_once(town: Town) -> None:
    town.warn(over=IN_EAST)
    town.now += timedelta(hours=5)
    town.tick()
    assert sorted(phones(town.voice)) == [EAST_LEADER, EAST_SECRETARY]
    town.tick()
    assert len(town.voice.outbox) == 2


def test_real_time_set_back_keeps_leases_and_slots_alive(town: Town) -> None:
    town.warn(over=IN_EAST)
    town.db.ahead -= timedelta(hours=1)
    town.tick(minutes=10)
    town.rest(seconds=5)
    assert sorted(phones(town.voice)) == [EAST_LEADER, EAST_SECRETARY]


def test_a_roster_edited_meanwhile_holds_from_the_next_warning_on(town: Town) -> None:
    town.warn(over=IN_EAST)
    folk = [Person(f"n{phone}", "某新", phone) for phone, _, _ in EVERYBODY[:5]]
    held = [Post(f"n{phone}", role, place) for phone, role, place in EVERYBODY[:5]]
    new = Person("new", "某新", NEW_DEPUTY)
    town.enrol([*folk, new], [*held, Post("new", "deputy", EAST)])
    town.tick(minutes=27)
    assert EAST_DEPUTY in phones(town.voice)
    assert NEW_DEPUTY not in phones(town.voice)
    town.warn(over=IN_EAST, level="red")
    town.tick(minutes=10)
    assert NEW_DEPUTY in phones(town.voice)
    assert phones(town.voice).count(EAST_DEPUTY) == 1


def test_a_receipt_under_another_id_of_the_provider_is_about_the_same_message(town: Town) -> None:
    town.settle_in([(EAST_LEADER, "branch_leader", EAST)])
    town.warn(over=IN_EAST)
    town.report(town.sms, EAST_LEADER, "sent", ref="another-1")
    town.report(town.sms, EAST_LEADER, "delivered", ref="another-2")
    assert town.receipts(EAST_LEADER) == [("sent", "applied"), ("delivered", "applied")]
    assert town.messages(EAST_LEADER) == [("sms", "delivered", None)]


def test_a_channel_taken_out_of_the_configuration_leaves_its_messages_to_others(town: Town) -> None:
    town.channels.append(MemoryChannel("sms2", "sms"))
    town.warn(over=IN_EAST)
    town.channels.remove(town.sms)
    town.rest(seconds=120)
    town.tick(minutes=10)
    assert town.states() == {"东村": "open"}
    assert sorted(phones(town.voice)) == [EAST_LEADER, EAST_SECRETARY]
    town.press_1(EAST_LEADER)
    assert town.states() == {"东村": "answered"}


def test_both_carriers_are_dead_so_it_waits_is_seen_and_leaves_later(town: Town) -> None:
    second = MemoryChannel("sms2", "sms")
    town.channels.insert(1, second)
    town.sms.is_down = second.is_down = True
    town.notice("请核对值班电话。", EAST)
    town.warn(over=IN_EAST, level="red")
    town.tick(minutes=6)
    assert town.sms.held == second.held == {}
    assert queue(town)[0].count >= 4
    second.is_down = False
    town.rest(seconds=400)
    town.tick(seconds=10)  # whichever tried the dead one first has come to the other by then
    town.rest(seconds=60)
    held = [one for one in second.outbox if one.token in second.held]
    told = [one.phone for one in held]
    assert {told.count(phone) for phone in (EAST_LEADER, EAST_SECRETARY)} == {2}
    assert "寒冷红色" in held[0].text


def test_while_both_carriers_are_dead_the_page_is_red_and_the_list_is_there(town: Town) -> None:
    town.configure(call_list={"folder": str(town.folder / "lists")})
    town.sms.is_down = town.voice.is_down = True
    town.warn(over=IN_EAST, level="red")
    assert call_list.write_due(town.world, town.now) == 1
    town.tick(minutes=6)
    assert "发送滞后" in Site(town).user("officer").get("/").text
    folder, vault = call_list.folder_of(town.world), town.db.vault
    paper = call_list.fetch(folder, vault, town.last, COUNTY, "csv", "wang", town.now)
    assert dialled(EAST_LEADER) in paper.decode("utf-8-sig")


def test_a_landline_takes_no_text_and_is_called(town: Town) -> None:
    town.settle_in([(LANDLINE, "branch_leader", EAST)])
    town.warn(over=IN_EAST)
    town.tick(seconds=3)
    assert phones(town.sms) == []
    assert phones(town.voice) == [LANDLINE]
    assert town.messages(LANDLINE)[0] == ("sms", "failed", "landline")
    town.press_1(LANDLINE)
    assert town.states() == {"东村": "answered"}


def test_delivered_after_the_ladder_has_ended_is_kept_and_changes_no_grid(town: Town) -> None:
    town.warn(over=IN_EAST)
    town.tick(minutes=30)
    assert town.states() == {"东村": "unreached"}
    town.report(town.sms, EAST_LEADER, "delivered")
    assert town.requests(EAST_LEADER, "sms") == ["delivered"]
    assert town.states() == {"东村": "unreached"}
