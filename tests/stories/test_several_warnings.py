"""Several warnings of one hazard at once: what holds is the highest of those in force."""

from tests.stories.town import (
    EAST_DEPUTY,
    EAST_LEADER,
    EAST_SECRETARY,
    IN_EAST,
    IN_WEST,
    WEST_LEADER,
    Town,
    phones,
)


def test_red_again_after_it_was_lifted_is_told_although_yellow_stayed(town: Town) -> None:
    town.warn(IN_EAST, "yellow")
    red = town.warn(IN_EAST, "red")
    town.press_1(EAST_LEADER)
    town.lift(red)
    town.tick(minutes=120)
    again = town.warn(IN_EAST, "red")
    assert town.decision(again.identifier)[0] == "broadcast"


def test_a_lower_warning_beside_a_red_one_does_not_make_the_red_news(town: Town) -> None:
    red = town.warn(IN_EAST, "red")
    town.warn(IN_EAST, "yellow")
    renewed = town.warn(IN_EAST, "red", replaces=red)
    assert town.decision(renewed.identifier)[0] == "quiet"
    assert town.count() == 1


def test_a_lifted_red_is_not_called_any_more_while_yellow_stays(town: Town) -> None:
    town.warn(IN_EAST, "yellow")
    red = town.warn(IN_EAST, "red")
    calls = len(town.voice.outbox)
    town.lift(red)
    town.tick(minutes=30)
    assert len(town.voice.outbox) == calls
    assert EAST_DEPUTY not in phones(town.voice)


def test_a_downgrade_below_the_threshold_stops_the_calling(town: Town) -> None:
    orange = town.warn(IN_EAST, "orange")
    town.warn(IN_EAST, "blue", replaces=orange)
    town.tick(minutes=30)
    assert phones(town.voice) == []
    assert town.states() == {"东村": "cancelled"}


def test_the_end_after_such_a_downgrade_is_told(town: Town) -> None:
    orange = town.warn(IN_EAST, "orange")
    blue = town.warn(IN_EAST, "blue", replaces=orange)
    end = town.lift(blue)
    assert town.decision(end.identifier)[0] == "all_clear"
    assert sorted(phones(town.sms)[2:]) == [EAST_LEADER, EAST_SECRETARY]


def test_one_cancel_of_two_warnings_is_told_in_both_places(town: Town) -> None:
    east, west = town.warn(IN_EAST, "orange"), town.warn(IN_WEST, "orange")
    both = (
        f"observatory,{east.identifier},{east.sent.isoformat()} "
        f"observatory,{west.identifier},{west.sent.isoformat()}"
    )
    town.publish(
        '<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">'
        "<identifier>44122441600000_20261227090001</identifier><sender>observatory</sender>"
        f"<sent>{town.now.isoformat()}</sent><status>Actual</status><msgType>Cancel</msgType>"
        f"<scope>Public</scope><references>{both}</references></alert>"
    )
    told = phones(town.sms)[4:]
    assert {EAST_LEADER, WEST_LEADER} <= set(told)
    town.tick(minutes=30)
    assert phones(town.voice) == []


def test_an_update_that_extends_a_warning_lets_its_calls_go_on(town: Town) -> None:
    orange = town.warn(IN_EAST, "orange", hours=0.2)
    town.tick(minutes=5)
    longer = town.warn(IN_EAST, "orange", replaces=orange, hours=12)
    assert town.decision(longer.identifier)[0] == "quiet"
    town.tick(minutes=25)
    assert EAST_DEPUTY in phones(town.voice)


def test_what_its_update_overtook_is_not_sent(town: Town) -> None:
    red = town.warn(IN_EAST, "red")
    late = "44122441600000_20261226172077"
    replaced = type(red)(late, town.now)
    town.warn(IN_EAST, "orange", replaces=replaced, identifier="44122441600000_20261226172078")
    before = town.count()
    town.warn(IN_EAST, "red", identifier=late)
    assert town.decision(late)[0] == "superseded"
    assert town.count() == before


def test_a_call_that_rings_when_the_warning_is_lifted_says_so(town: Town) -> None:
    red = town.warn(IN_EAST, "red")
    town.lift(red)
    assert "停止" in town.pick_up(EAST_LEADER)


def test_a_call_in_vain_is_not_made_again_after_the_lift(town: Town) -> None:
    red = town.warn(IN_EAST, "red")
    calls = len(town.voice.outbox)
    town.lift(red)
    town.report(town.voice, EAST_LEADER, "no_answer")
    town.tick(minutes=10)
    assert len(town.voice.outbox) == calls


def test_calling_goes_on_while_a_higher_warning_waits_for_approval(town: Town) -> None:
    orange = town.warn(IN_EAST, "orange")
    town.limit_people_quietly(1)
    town.warn(IN_EAST, "red", replaces=orange)
    assert town.states() == {"东村": "planned"}
    town.tick(minutes=12)
    assert sorted(phones(town.voice)) == [EAST_LEADER, EAST_SECRETARY]


def test_an_area_that_can_not_be_found_is_held_for_a_human(town: Town) -> None:
    warned = town.warn(IN_EAST, "orange")
    town.publish(
        '<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">'
        "<identifier>44122441600000_20261226180001</identifier><sender>observatory</sender>"
        f"<sent>{warned.sent.isoformat()}</sent><status>Actual</status><msgType>Alert</msgType>"
        "<scope>Public</scope><info><language>zh-CN</language><category>Met</category>"
        "<event>寒冷</event><urgency>Expected</urgency><severity>Severe</severity>"
        "<certainty>Likely</certainty><headline>发布寒冷红色预警信号</headline>"
        "<area><areaDesc>怀集县某处</areaDesc></area></info></alert>"
    )
    assert town.decision("44122441600000_20261226180001")[0] == "held"


def test_a_headline_that_lifts_one_signal_and_issues_another_is_a_warning(town: Town) -> None:
    orange = town.warn(IN_EAST, "orange")
    said = "怀集县气象台解除寒冷橙色预警信号，发布寒冷红色预警信号"
    red = town.warn(IN_EAST, "red", replaces=orange, headline=said)
    assert town.decision(red.identifier)[0] == "broadcast"


def test_an_end_can_not_be_started_as_a_warning(town: Town) -> None:
    orange = town.warn(IN_EAST, "orange")
    end = town.lift(orange)
    assert "解除信息" in town.why_not(end)
