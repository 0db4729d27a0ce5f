"""The life of a warning where its publisher makes it hard: told as it is, and never guessed."""

from datetime import timedelta

import pytest
from shapely.geometry.base import BaseGeometry

from alertcast.dispatch import desk, ingest
from tests.stories import publishers
from tests.stories.published import LEVELS, Warned, cap, info
from tests.stories.town import (
    ALL,
    EAST_LEADER,
    IN_EAST,
    IN_WEST,
    SOUTH_LEADER,
    WEST_DEPUTY,
    WEST_LEADER,
    Town,
    phones,
)

COUNTY, CITY, PROVINCE = "44122441600000", "44120041600000", "44000041600000"
NEXT_COUNTY = "44122341600000"


def texts_to(town: Town, phone: str) -> list[str]:
    return [one.text for one in town.sms.outbox if one.phone == phone]


NAMES = {COUNTY: "怀集县", NEXT_COUNTY: "广宁县", CITY: "肇庆市", PROVINCE: "广东省"}


def issue(town: Town, office: str, over: BaseGeometry, level: str, serial: int = 1) -> None:
    """Let an office publish its warning; nobody has polled it yet."""
    words = info(town.now, over, level, headline=headline(office, level))
    town.put(cap(Warned(f"{office}_2026122617200{serial}", town.now), words))


def headline(office: str, level: str) -> str:
    return f"{NAMES[office]}气象台发布寒冷{LEVELS[level]}预警信号"


def test_one_poll_of_county_city_and_province_is_one_message(town: Town) -> None:
    issue(town, COUNTY, IN_WEST, "red")
    issue(town, CITY, ALL, "orange")
    issue(town, PROVINCE, ALL, "yellow")
    assert len(town.poll().new) == 3
    town.tick()
    (west,), (east,) = texts_to(town, WEST_LEADER), texts_to(town, EAST_LEADER)
    assert headline(COUNTY, "red") in west
    assert headline(CITY, "orange") in east
    town.tick(minutes=10)
    assert phones(town.voice).count(WEST_LEADER) == phones(town.voice).count(EAST_LEADER) == 1


def test_the_others_are_named_in_that_message_where_they_hold(town: Town) -> None:
    issue(town, PROVINCE, ALL, "yellow")
    issue(town, CITY, ALL, "orange")
    issue(town, COUNTY, IN_WEST, "red")
    town.poll()
    town.tick()
    (west,), (east,) = texts_to(town, WEST_LEADER), texts_to(town, EAST_LEADER)
    also = west[west.index("同时生效") :]
    assert also.index(headline(CITY, "orange")) < also.index(headline(PROVINCE, "yellow"))
    assert headline(COUNTY, "red") not in east
    assert f"同时生效：{headline(PROVINCE, 'yellow')}" in east
    assert f"发布：{headline(PROVINCE, 'yellow')}" in town.call_in(EAST_LEADER)
    town.tick(minutes=10)
    assert f"发布：{headline(CITY, 'orange')}" in town.pick_up(WEST_LEADER)


def test_of_equal_levels_that_of_the_smallest_unit_is_told(town: Town) -> None:
    for office in (PROVINCE, CITY, COUNTY):
        issue(town, office, ALL, "orange")
    town.poll()
    town.tick()
    for phone in (WEST_LEADER, EAST_LEADER):
        (text,) = texts_to(town, phone)
        told, _, also = text.partition("同时生效：")
        assert headline(COUNTY, "orange") in told
        assert headline(CITY, "orange") in also
        assert headline(PROVINCE, "orange") in also
    assert town.decision(f"{CITY}_20261226172001")[0] == "quiet"


def test_nothing_that_waits_for_an_officer_or_is_over_is_named(town: Town) -> None:
    issue(town, CITY, ALL, "yellow")
    town.poll()
    town.tick()
    town.lift(Warned(f"{CITY}_20261226172001", town.now))
    issue(town, PROVINCE, ALL, "red")
    town.limit_people_quietly(1)
    town.poll()
    town.tick()
    assert town.decision(f"{PROVINCE}_20261226172001")[0] in ("confirm", "approval")
    town.limit_people_quietly(0)
    issue(town, COUNTY, IN_WEST, "orange", 2)
    town.poll()
    town.tick()
    assert headline(COUNTY, "orange") in texts_to(town, WEST_LEADER)[-1]
    assert "同时生效" not in texts_to(town, WEST_LEADER)[-1]


@pytest.mark.parametrize("minutes", [0, 5])
def test_a_warning_of_the_city_over_those_of_two_counties_is_one_with_both(
    town: Town, minutes: float
) -> None:
    issue(town, COUNTY, IN_WEST, "red")
    issue(town, NEXT_COUNTY, IN_EAST, "orange")
    town.poll()
    if minutes:
        town.tick(minutes=minutes)
    issue(town, CITY, ALL, "yellow")
    town.poll()
    town.tick()
    (text,) = texts_to(town, EAST_LEADER)
    assert headline(NEXT_COUNTY, "orange") in text
    assert headline(CITY, "yellow") in texts_to(town, SOUTH_LEADER)[0]
    town.lift(Warned(f"{NEXT_COUNTY}_20261226172001", town.now))
    assert len(texts_to(town, EAST_LEADER)) == 1, "that of the city holds there"
    town.lift(Warned(f"{COUNTY}_20261226172001", town.now))
    town.lift(Warned(f"{CITY}_20261226172001", town.now))
    assert "已由发布单位解除" in texts_to(town, EAST_LEADER)[1]


def test_what_has_replaced_a_warning_is_not_said_to_hold_beside_it(town: Town) -> None:
    town.warn(IN_EAST, "yellow", replaces=town.warn(IN_EAST, "orange"))
    town.tick(minutes=10)
    said = town.pick_up(EAST_LEADER)
    assert "寒冷橙色" in said and "同时生效" not in said


def test_what_an_officer_stopped_is_named_to_nobody(town: Town) -> None:
    issue(town, CITY, ALL, "orange")
    issue(town, COUNTY, IN_WEST, "red")
    town.poll()
    town.tick()
    assert "同时生效" in texts_to(town, WEST_LEADER)[0]
    assert town.stop(2)
    town.tick(minutes=5)
    (text,) = texts_to(town, WEST_DEPUTY)
    assert headline(COUNTY, "red") in text and "同时生效" not in text


def test_what_somebody_has_confirmed_is_named_as_well(town: Town) -> None:
    town.limit_people_quietly(1)
    issue(town, CITY, ALL, "orange")
    town.poll()
    town.tick()
    assert desk.approve(town.world, town.last, "li", town.now)
    town.limit_people_quietly(0)
    issue(town, COUNTY, IN_WEST, "red", 2)
    town.poll()
    town.tick()
    assert f"同时生效：{headline(CITY, 'orange')}" in texts_to(town, WEST_LEADER)[-1]


def test_a_warning_of_two_levels_is_named_by_that_of_the_place(town: Town) -> None:
    both = ((IN_EAST, "orange"), (IN_WEST, "yellow"))
    words = [info(town.now, over, one, headline=headline(CITY, one)) for over, one in both]
    town.put(cap(Warned(f"{CITY}_20261226172001", town.now), "".join(words)))
    issue(town, COUNTY, IN_WEST, "red")
    town.poll()
    town.tick()
    assert f"同时生效：{headline(CITY, 'yellow')}" in texts_to(town, WEST_LEADER)[0]


def test_an_update_dated_before_what_it_names_leaves_that_in_force(town: Town) -> None:
    newer = town.warn(IN_EAST, "red")
    older = Warned("A-0", town.now - timedelta(minutes=20))
    words = info(town.now, IN_WEST, "orange")
    town.publish(cap(older, words, msg_type="Update", replaces=newer))
    assert town.in_force() == [older.sent, newer.sent]
    assert phones(town.sms).count(EAST_LEADER) == phones(town.sms).count(WEST_LEADER) == 1


def test_an_end_dated_before_what_it_names_is_held(town: Town) -> None:
    newer = town.warn(IN_EAST)
    end = Warned("A-0", town.now - timedelta(minutes=20))
    town.publish(cap(end, "", msg_type="Cancel", replaces=newer))
    assert town.decision("A-0")[0] == "held"
    assert town.states() == {"东村": "open"}


def test_an_end_that_names_an_identifier_alone_is_lifted_by_the_officer(town: Town) -> None:
    warned = town.warn(IN_EAST)
    end = Warned("A-1", town.now)
    named = f"observatory,{warned.identifier},{warned.sent.isoformat()}"
    document = cap(end, "", msg_type="Cancel", replaces=warned)
    assert named in document
    town.publish(document.replace(named, warned.identifier))
    assert town.decision("A-1")[0] == "held"
    assert town.states() == {"东村": "open"}
    assert town.lifts(end, warned)
    town.tick()
    assert "已由发布单位解除" in texts_to(town, EAST_LEADER)[-1]


def test_a_document_rewritten_at_its_address_is_told_where_it_is_worse(town: Town) -> None:
    first, second = Warned("A-1", town.now), Warned("A-2", town.now + timedelta(minutes=5))
    town.put(cap(first, info(town.now, IN_EAST, "orange")), name="cold")
    town.poll()
    town.tick(minutes=5)
    words = info(town.now, IN_EAST, "red")
    town.put(cap(second, words, msg_type="Update", replaces=first), name="cold")
    assert len(publishers.publisher("inbox").alerts()) == 1
    town.poll()
    town.tick()
    assert town.in_force() == [second.sent]
    assert phones(town.sms).count(EAST_LEADER) == 2


def test_one_rewritten_in_silence_is_seen_where_every_link_is_asked_for(town: Town) -> None:
    first, second = Warned("A-1", town.now), Warned("A-2", town.now)
    for warned, level in ((first, "orange"), (second, "red")):
        document = cap(warned, info(town.now, IN_EAST, level)).encode()
        publishers.publisher("inbox").publish_document(document, "cold", town.now, "cold")
        if warned is first:
            town.poll()
    assert town.poll().new == ()
    source = publishers.feed("inbox", refetch=True)
    assert len(ingest.poll(town.world, source, town.now).new) == 1


def test_an_unchanged_index_is_not_sent_again(town: Town) -> None:
    town.warn(IN_EAST)
    asked = publishers.publisher("inbox").asked
    before = dict(asked)
    taken = town.poll()
    assert (taken.outcome, taken.detail) == ("unchanged", "not modified")
    assert asked["atom"] == before["atom"] + 1
    assert asked["document"] == before["document"]
