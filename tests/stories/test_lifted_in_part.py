"""A warning ends in some places and holds in others: only those who were told of them hear it."""

from datetime import timedelta

import pytest
from shapely import box
from shapely.geometry.base import BaseGeometry

from alertcast.core.broadcast import Purpose
from alertcast.dispatch import confirm, desk, fanout
from alertcast.dispatch.correct import effect_of
from alertcast.store import alerts
from tests.stories.published import Warned, cap, info
from tests.stories.test_by_town import ORANGE, RED, RED_IN_COLD_PIT, publish
from tests.stories.test_events_of_nws import PLACES, send
from tests.stories.town import (
    ALL,
    COUNTY_DESK,
    EAST_LEADER,
    EAST_SECRETARY,
    IN_EAST,
    IN_WEST,
    NOWHERE,
    SOUTH_LEADER,
    WEST_LEADER,
    Town,
    phones,
)

LIFTED = "怀集县气象台解除寒冷橙色预警信号"
BOTH = box(0.2, 0.2, 1.8, 0.8)  # west and east


def heard(town: Town, phone: str) -> list[str]:
    """Return which texts somebody was sent, in order."""
    return [one.template for one in town.sms.outbox if one.phone == phone]


def said(town: Town, phone: str) -> str:
    """Return the last text that somebody was sent."""
    return [one.text for one in town.sms.outbox if one.phone == phone][-1]


def county(town: Town, text: str = "怀集县气象台发布寒冷橙色预警信号。") -> Warned:
    return publish(town, ORANGE, text)


# who hears it ------------------------------------------------------------------------------------


def test_people_of_a_town_that_is_lifted_first_hear_it_of_their_place(town: Town) -> None:
    first = county(town)
    lift = publish(town, LIFTED, "解除马宁镇寒冷橙色预警信号。", replaces=first)
    assert heard(town, SOUTH_LEADER) == ["warning.sms", "part_clear.sms"]
    assert "南村" in said(town, SOUTH_LEADER)
    assert "不再生效" in said(town, SOUTH_LEADER)
    assert LIFTED in said(town, SOUTH_LEADER)
    assert heard(town, WEST_LEADER) == ["warning.sms"]
    decision, why = town.decision(lift.identifier)
    assert decision == "quiet"
    assert "1 个号码" in why


def test_who_stands_for_other_places_too_hears_of_the_lifted_one_alone(town: Town) -> None:
    town.settle_in([(COUNTY_DESK, "branch_leader", code) for code in ("441224",)])
    first = county(town)
    publish(town, LIFTED, "解除马宁镇寒冷橙色预警信号。", replaces=first)
    assert heard(town, COUNTY_DESK) == ["warning.sms", "part_clear.sms"]
    assert "南村" in said(town, COUNTY_DESK)
    assert "西村" not in said(town, COUNTY_DESK)


def test_a_text_that_answers_after_it_is_for_the_place_where_the_warning_holds(town: Town) -> None:
    town.sms.takes_replies = True
    town.enrol_twice_in_east_and_south()
    first = county(town)
    publish(town, LIFTED, "解除马宁镇寒冷橙色预警信号。", replaces=first)
    assert heard(town, EAST_LEADER) == ["warning.sms", "part_clear.sms"]
    town.text_back(EAST_LEADER, "1")
    assert town.states(1)["东村"] == "answered"


def test_who_was_never_told_hears_nothing(town: Town) -> None:
    first = town.warn(ALL, "blue")
    town.warn(IN_EAST, "blue", replaces=first)
    assert town.sms.outbox == []
    assert town.count() == 0


def test_a_place_that_an_update_leaves_out_hears_that_it_is_over_there(town: Town) -> None:
    first = town.warn(BOTH)
    town.warn(IN_EAST, replaces=first)
    assert heard(town, WEST_LEADER) == ["warning.sms", "part_clear.sms"]
    assert heard(town, EAST_LEADER) == ["warning.sms"]
    assert town.states(1) == {"西村": "cancelled", "东村": "open"}


def test_a_place_left_out_of_a_rise_hears_the_end_and_the_others_the_rise(town: Town) -> None:
    first = town.warn(BOTH)
    town.warn(IN_EAST, "red", replaces=first)
    assert heard(town, WEST_LEADER) == ["warning.sms", "part_clear.sms"]
    assert heard(town, EAST_LEADER) == ["warning.sms", "warning.sms"]


def test_a_place_left_out_of_an_update_below_the_threshold_hears_it(town: Town) -> None:
    first = town.warn(BOTH)
    town.warn(IN_EAST, "blue", replaces=first)
    assert heard(town, WEST_LEADER) == ["warning.sms", "part_clear.sms"]
    assert heard(town, EAST_LEADER) == ["warning.sms"]


def test_an_update_that_has_moved_away_from_here_is_told(town: Town) -> None:
    first = town.warn(IN_EAST)
    gone = town.warn(NOWHERE, replaces=first)
    assert town.decision(gone.identifier)[0] == "no_grid"
    assert heard(town, EAST_LEADER) == ["warning.sms", "part_clear.sms"]
    assert town.states(1) == {"东村": "cancelled"}


def test_the_end_of_one_of_two_warnings_is_told_where_only_it_held(town: Town) -> None:
    first = town.warn(BOTH)
    town.warn(IN_EAST)
    end = town.lift(first)
    assert town.decision(end.identifier)[0] == "part_clear"
    assert heard(town, WEST_LEADER) == ["warning.sms", "part_clear.sms"]
    assert "解除“怀集县气象台发布寒冷橙色预警信号”" in said(town, WEST_LEADER)
    assert heard(town, EAST_LEADER) == ["warning.sms"]
    assert town.states(1) == {"西村": "cancelled", "东村": "open"}


def test_an_event_that_is_cancelled_in_one_zone_is_told_there(town: Town) -> None:
    send(town, "A", "NEW", ("WAZ001", "WAZ002"))
    refers = [{"identifier": "A", "sender": "w-nws.webmaster@noaa.gov", "sent": "x"}]
    made = send(town, "B", "CAN", ("WAZ001",), references=refers, messageType="Cancel")
    assert made["decision"] == "part_clear"
    assert heard(town, WEST_LEADER) == ["warning.sms", "part_clear.sms"]
    assert heard(town, EAST_LEADER) == ["warning.sms"]
    assert town.states(1) == {"西村": "cancelled", "东村": "open"}
    send(town, "C", "CON", ("WAZ002",))
    assert heard(town, WEST_LEADER) == ["warning.sms", "part_clear.sms"]
    send(town, "D", "CAN", ("WAZ002",))
    assert heard(town, WEST_LEADER) == ["warning.sms", "part_clear.sms"]
    assert heard(town, EAST_LEADER) == ["warning.sms", "all_clear.sms"]


def test_a_grid_on_the_border_of_a_zone_that_goes_on_stays_warned(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PLACES, "WAZ002", box(0.5, 0.2, 1.8, 0.8))  # half of the west as well
    send(town, "A", "NEW", ("WAZ001", "WAZ002"))
    send(town, "B", "CAN", ("WAZ001",))
    assert heard(town, WEST_LEADER) == ["warning.sms"]
    assert town.states(1) == {"西村": "open", "东村": "open"}
    send(town, "C", "CAN", ("WAZ002",))
    assert heard(town, WEST_LEADER) == ["warning.sms", "all_clear.sms"]


def test_an_end_of_a_spot_in_a_grid_is_none_of_the_grid(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PLACES, "WAZ003", box(0.4, 0.4, 0.5, 0.5))  # within the west
    send(town, "A", "NEW", ("WAZ001", "WAZ002", "WAZ003"))
    send(town, "B", "CAN", ("WAZ003",))
    assert heard(town, WEST_LEADER) == ["warning.sms"]
    assert town.states(1) == {"西村": "open", "东村": "open"}


def test_an_officer_s_start_of_an_update_tells_those_it_leaves_out(town: Town) -> None:
    first = town.warn(BOTH)
    town.configure(dispatch={"automatic": False})
    update = town.warn(IN_EAST, "red", replaces=first)
    assert heard(town, WEST_LEADER) == ["warning.sms", "part_clear.sms"]
    town.start(update)
    assert heard(town, WEST_LEADER) == ["warning.sms", "part_clear.sms"]
    town.lift(update)
    assert heard(town, WEST_LEADER) == ["warning.sms", "part_clear.sms"]
    assert heard(town, EAST_LEADER) == ["warning.sms", "warning.sms", "all_clear.sms"]


def test_what_an_officer_started_still_holds_in_the_place_left_out(town: Town) -> None:
    first = town.warn(BOTH)
    held = Warned("44122441600000_20261226172080", town.now)
    town.publish(cap(held, info(town.now, IN_WEST, "orange")).replace("Public", "Restricted"))
    assert town.decision(held.identifier)[0] == "held"
    town.start(held)
    town.warn(IN_EAST, replaces=first)
    assert heard(town, WEST_LEADER) == ["warning.sms", "warning.sms"]


# the end afterwards ------------------------------------------------------------------------------


def test_the_end_of_the_rest_is_not_told_to_who_has_heard_it(town: Town) -> None:
    first = county(town)
    part = publish(town, LIFTED, "解除马宁镇寒冷橙色预警信号。", replaces=first)
    town.lift(part)
    assert heard(town, SOUTH_LEADER) == ["warning.sms", "part_clear.sms"]
    assert heard(town, WEST_LEADER) == ["warning.sms", "all_clear.sms"]


def test_who_stands_for_the_rest_as_well_hears_its_end_too(town: Town) -> None:
    town.settle_in([(COUNTY_DESK, "branch_leader", "441224")])
    first = county(town)
    part = publish(town, LIFTED, "解除马宁镇寒冷橙色预警信号。", replaces=first)
    town.lift(part)
    assert heard(town, COUNTY_DESK) == ["warning.sms", "part_clear.sms", "all_clear.sms"]


def test_where_it_is_warned_again_it_is_news_and_its_end_is_told(town: Town) -> None:
    first = town.warn(BOTH)
    part = town.warn(IN_EAST, replaces=first)
    again = town.warn(BOTH, replaces=part)
    assert heard(town, WEST_LEADER) == ["warning.sms", "part_clear.sms", "warning.sms"]
    assert heard(town, EAST_LEADER) == ["warning.sms"]
    town.lift(again)
    assert heard(town, WEST_LEADER)[-1] == "all_clear.sms"


def test_a_second_update_tells_only_what_is_newly_over(town: Town) -> None:
    first = town.warn(ALL)
    second = town.warn(BOTH, replaces=first)
    assert heard(town, SOUTH_LEADER) == ["warning.sms", "part_clear.sms"]
    town.warn(IN_EAST, replaces=second)
    assert heard(town, SOUTH_LEADER) == ["warning.sms", "part_clear.sms"]
    assert heard(town, WEST_LEADER) == ["warning.sms", "part_clear.sms"]


def test_the_end_of_all_overtakes_a_part_that_has_not_left(town: Town) -> None:
    first = town.warn(BOTH)
    second = Warned("44122441600000_20261226172090", town.now)
    town.keep(cap(second, info(town.now, IN_EAST, "orange"), msg_type="Update", replaces=first))
    town.climb(minutes=0)  # every sender asleep
    town.lift(second)
    town.tick()
    assert heard(town, WEST_LEADER) == ["warning.sms", "all_clear.sms"]


# when nobody may be told -------------------------------------------------------------------------


def test_running_out_is_no_end_in_part_either(town: Town) -> None:
    town.warn(IN_WEST, hours=1)
    other = town.warn(BOTH)
    town.tick(minutes=90)
    town.warn(BOTH, "red", replaces=other)
    assert "part_clear.sms" not in [one.template for one in town.sms.outbox]


def test_a_place_that_can_not_be_found_is_not_over_there(town: Town) -> None:
    first = town.warn(BOTH)
    update = Warned("44122441600000_20261226172091", town.now)
    lost = (
        "<area><areaDesc>别处</areaDesc><geocode><valueName>EMMA_ID</valueName>"
        "<value>XX001</value></geocode></area></info>"
    )
    said = info(town.now, IN_EAST, "orange").replace("</info>", lost)
    town.publish(cap(update, said, msg_type="Update", replaces=first))
    assert heard(town, WEST_LEADER) == ["warning.sms"]
    assert town.states(1) == {"西村": "open", "东村": "open"}


def test_a_grid_that_a_new_layer_lacks_is_not_over(town: Town) -> None:
    first = town.warn(BOTH)
    town.draw_one_grid_alone("441224101999", "新村", IN_EAST)
    town.warn(IN_EAST, replaces=first)
    assert "part_clear.sms" not in [one.template for one in town.sms.outbox]
    assert town.states(1) == {"西村": "open", "东村": "open"}


def test_a_doubtful_update_tells_nobody_the_end_before_a_human_has_looked(town: Town) -> None:
    first = town.warn(BOTH)
    town.limit_people(1)
    update = town.warn(IN_EAST, "red", replaces=first)
    part = town.last
    assert "确认后才转告" in town.decision(update.identifier)[1]
    town.tick(minutes=10)  # red goes out by the clock; nothing is over by it
    assert heard(town, EAST_LEADER) == ["warning.sms", "warning.sms"]
    assert heard(town, WEST_LEADER) == ["warning.sms"]
    assert town.states(1)["西村"] == "open"
    assert desk.approve(town.world, part, "wang", town.now)
    town.tick()
    assert heard(town, WEST_LEADER) == ["warning.sms", "part_clear.sms"]
    assert town.states(1)["西村"] == "cancelled"


@pytest.mark.parametrize("is_first", [True, False])
def test_what_two_updates_leave_out_is_over_though_one_of_them_is_held(
    town: Town, is_first: bool
) -> None:
    first = town.warn(ALL)
    names = ["44122441600000_20261226172095", "44122441600000_20261226172096"]
    held, other = (Warned(name, town.now) for name in (names if is_first else names[::-1]))
    for_some = cap(held, info(town.now, IN_EAST, "red"), msg_type="Update", replaces=first)
    for_all = cap(other, info(town.now, IN_WEST, "orange"), msg_type="Update", replaces=first)
    documents = [for_some.replace("Public", "Restricted"), for_all]
    for document in documents if is_first else documents[::-1]:
        town.keep(document)
    town.tick()
    assert (town.decision(held.identifier)[0], town.decision(other.identifier)[0]) == (
        "held",
        "quiet",
    )
    assert heard(town, SOUTH_LEADER) == ["warning.sms", "part_clear.sms"]
    assert heard(town, WEST_LEADER) == heard(town, EAST_LEADER) == ["warning.sms"]
    assert "已转告" in town.decision(other.identifier)[1]
    with town.db.read() as tx:
        (held_id,) = alerts.find(tx, held.identifier)
    assert desk.dismiss(town.world, held_id, "wang", "误报", town.now)
    town.tick()
    assert heard(town, EAST_LEADER) == ["warning.sms", "part_clear.sms"]
    assert heard(town, SOUTH_LEADER) == ["warning.sms", "part_clear.sms"]
    assert heard(town, WEST_LEADER) == ["warning.sms"]


def test_confirmed_the_calling_stops_also_where_nobody_has_been_told(town: Town) -> None:
    first = Warned("44122441600000_20261226172092", town.now)
    town.keep(cap(first, info(town.now, BOTH, "orange")))
    town.climb(minutes=0)  # every sender asleep: nobody has heard anything
    town.limit_people(1)
    update = Warned("44122441600000_20261226172093", town.now)
    said = cap(update, info(town.now, IN_EAST, "red"), msg_type="Update", replaces=first)
    town.keep(said)
    town.climb(minutes=0)
    assert town.states(1) == {"西村": "open", "东村": "open"}
    with town.db.read() as tx:
        waiting = confirm.unconfirmed(tx, alerts.find(tx, update.identifier))
    assert len(waiting) == 2, "the rise, and the end of the west that nobody is to hear of"
    assert all(desk.approve(town.world, one, "wang", town.now) for one in waiting)
    assert town.states(1)["西村"] == "cancelled"
    town.tick(minutes=60)
    assert heard(town, WEST_LEADER) == []
    assert WEST_LEADER not in phones(town.voice)
    assert heard(town, EAST_LEADER) == ["warning.sms"]
    assert {town.broadcast(one).state for one in waiting} == {"running", "closed"}


@pytest.mark.parametrize(
    ("cleared", "west"),
    [(box(0.4, 0.4, 0.5, 0.5), "open"), (box(0.2, 0.2, 0.99, 0.8), "cancelled")],
)
def test_all_clear_for_a_spot_is_none_for_the_grid_around_it(
    town: Town, cleared: BaseGeometry, west: str
) -> None:
    first = town.warn(BOTH)
    update = Warned("44122441600000_20261226172094", town.now)
    lost = (
        "<area><areaDesc>别处</areaDesc><geocode><valueName>EMMA_ID</valueName>"
        "<value>XX001</value></geocode></area></info>"
    )
    all_clear = info(town.now, cleared, "orange").replace(
        "<urgency>", "<responseType>AllClear</responseType><urgency>"
    )
    said = all_clear + info(town.now, IN_EAST, "orange").replace("</info>", lost)
    town.publish(cap(update, said, msg_type="Update", replaces=first))
    assert town.states(1) == {"西村": west, "东村": "open"}


def test_confirmed_by_telephone_it_leaves_with_the_rise(town: Town) -> None:
    first = town.warn(BOTH)
    town.limit_people(1)
    town.warn(IN_EAST, "red", replaces=first)
    town.press("1", COUNTY_DESK)
    assert heard(town, WEST_LEADER) == ["warning.sms", "part_clear.sms"]
    assert heard(town, EAST_LEADER) == ["warning.sms", "warning.sms"]


def test_refused_by_telephone_it_never_leaves(town: Town) -> None:
    first = town.warn(BOTH)
    town.limit_people(1)
    town.warn(IN_EAST, "red", replaces=first)
    town.press("2", COUNTY_DESK)
    town.tick(minutes=30)
    assert heard(town, WEST_LEADER) == ["warning.sms"]


def test_a_clear_update_takes_over_an_end_that_waits(town: Town) -> None:
    first = town.warn(BOTH)
    town.limit_people(1)
    unclear = town.warn(IN_EAST, "red", replaces=first)
    town.limit_people(0)
    town.warn(IN_EAST, "red", replaces=unclear)
    assert heard(town, WEST_LEADER) == ["warning.sms", "part_clear.sms"]


def test_what_waits_to_be_confirmed_is_withdrawn_by_its_end_while_others_hold(town: Town) -> None:
    town.warn(BOTH)
    town.limit_people(1)
    doubtful = town.warn(ALL, "red")
    waiting = [one for one in (town.last, town.last - 1) if town.broadcast(one).hazard]
    town.lift(doubtful)
    town.tick(minutes=30)
    assert [town.broadcast(one).state for one in waiting] == ["cancelled"]
    assert SOUTH_LEADER not in phones(town.sms)
    assert heard(town, EAST_LEADER) == ["warning.sms"]


# twice, late, corrected --------------------------------------------------------------------------


def test_decided_twice_it_is_told_once(town: Town) -> None:
    first = town.warn(BOTH)
    town.warn(IN_EAST, replaces=first)
    fanout.decide_all(town.world, town.now)
    town.tick(minutes=5)
    assert heard(town, WEST_LEADER) == ["warning.sms", "part_clear.sms"]


def test_corrected_the_places_are_called_again_and_no_others(town: Town) -> None:
    first = town.warn(BOTH)
    town.warn(IN_EAST, replaces=first)
    part = town.last
    assert town.broadcast(part).purpose is Purpose.PART_CLEAR
    with town.db.read() as tx:
        assert effect_of(town.world, tx, part, town.now).must_choose
    done = town.correct(part, again=[first])
    town.tick()
    assert done.again
    assert heard(town, WEST_LEADER) == [
        "warning.sms",
        "part_clear.sms",
        "correction.sms",
        "warning.sms",
    ]
    assert heard(town, EAST_LEADER) == ["warning.sms"]
    assert town.states(done.again[0]) == {"西村": "open"}
    town.lift(first)  # the update holds on in the east
    assert heard(town, WEST_LEADER)[-1] == "part_clear.sms"


def test_an_officer_may_stop_it(town: Town) -> None:
    first = town.warn(BOTH)
    second = Warned("44122441600000_20261226172092", town.now)
    town.keep(cap(second, info(town.now, IN_EAST, "orange"), msg_type="Update", replaces=first))
    town.climb(minutes=0)
    assert desk.cancel(town.world, town.last, "wang", town.now)
    town.now += timedelta(minutes=1)
    town.tick()
    assert heard(town, WEST_LEADER) == ["warning.sms"]
    town.lift(second)
    assert heard(town, WEST_LEADER) == ["warning.sms", "all_clear.sms"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_words_are_whole(town: Town, language: str) -> None:
    town.enrol_in(language, WEST_LEADER, "441224101001")
    first = town.warn(BOTH)
    town.warn(IN_EAST, replaces=first)
    assert "{" not in said(town, WEST_LEADER)
    assert EAST_SECRETARY not in phones(town.sms)


def test_levels_read_from_the_text_stay_as_they_are(town: Town) -> None:
    first = county(town)
    publish(town, RED, RED_IN_COLD_PIT, replaces=first)
    assert "part_clear.sms" not in [one.template for one in town.sms.outbox]
