"""What is due is planned in parts: messages leave meanwhile, and each phone is told once of all."""

import re
from collections.abc import Sequence
from datetime import timedelta
from random import Random

import pytest
from shapely import box
from shapely.geometry.base import BaseGeometry

from alertcast.core.callout import CalloutState
from alertcast.dispatch import escalate, fanout
from alertcast.scheduler import tick
from alertcast.store import callouts
from tests.stories.published import Warned, cap, info
from tests.stories.seen import EAST, SOUTH, WEST
from tests.stories.test_two_hazards import COLD, ICE, published
from tests.stories.town import (
    ALL,
    COUNTY,
    EAST_LEADER,
    EAST_SECRETARY,
    HEAD,
    IN_EAST,
    IN_SOUTH,
    IN_WEST,
    NEXT_TOWN,
    SOUTH_LEADER,
    TOWN,
    TOWN_LEADER,
    WEST_LEADER,
    WEST_SECRETARY,
    Town,
    phones,
)

LADDERS = {"east": IN_EAST, "west": IN_WEST, "south": IN_SOUTH}


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture(autouse=True)
def one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each callout is a part of its own."""
    monkeypatch.setattr(escalate, "FIRST", 1)
    monkeypatch.setattr(escalate, "NEXT", 1)


def begun(town: Town) -> int:
    """Return how many callouts of the newest broadcast have begun their first rung."""
    with town.db.read() as tx:
        return sum(one.rung >= 0 for one in callouts.of_broadcast(tx, town.last))


def keep(town: Town, over: Sequence[tuple[BaseGeometry, str]], hazard: str = COLD) -> None:
    """Let a warning arrive; nobody decides on it yet."""
    town.numbers += 1
    warned = Warned(f"44122441600000_202612261720{town.numbers:02d}", town.now)
    infos = [info(town.now, shape, level, event=hazard) for shape, level in over]
    town.keep(cap(warned, "".join(infos)))


def without_time(text: str) -> str:
    return re.sub(r"\d+(?=[月日时分])", "", text)


def dies(town: Town, parts: int) -> None:
    """Let the scheduler's process die after so many parts."""
    left = [parts]

    def die() -> None:
        left[0] -= 1
        if not left[0]:
            raise Killed

    with pytest.raises(Killed):
        tick(town.world, town.now, die)


def text_to(town: Town, phone: str) -> str:
    (text,) = (request.text for request in town.sms.outbox if request.phone == phone)
    return text


def test_the_first_leave_while_the_others_are_still_planned(town: Town) -> None:
    seen: list[tuple[int, int]] = []

    def woken() -> None:
        town.send_all()
        seen.append((begun(town), len(town.sms.outbox)))

    town.woken = woken
    town.warn(ALL)
    assert seen == [(1, 2), (2, 4), (3, 5)]


def test_the_most_urgent_leave_first(town: Town) -> None:
    town.send_meanwhile()
    town.warn([(IN_WEST, "yellow"), (IN_SOUTH, "red"), (IN_EAST, "orange")])
    (south, *_), (east, *_), (west, *_) = (
        [number for number, one in enumerate(phones(town.sms)) if one == phone]
        for phone in (SOUTH_LEADER, EAST_LEADER, WEST_LEADER)
    )
    assert south < east < west


def test_who_stands_for_grids_of_two_parts_is_told_once_of_both(town: Town) -> None:
    town.settle_in([(EAST_LEADER, "branch_leader", code) for code in (WEST, EAST, SOUTH)])
    town.send_meanwhile()
    town.warn(ALL)
    text = text_to(town, EAST_LEADER)
    assert all(name in text for name in ("西村", "东村", "南村"))
    town.tick(minutes=10)
    town.press_1(EAST_LEADER)
    assert set(town.states().values()) == {"answered"}


def test_two_people_with_one_telephone_are_told_once(town: Town) -> None:
    town.enrol_sharing_one_phone()
    town.send_meanwhile()
    town.warn(ALL)
    assert phones(town.sms) == [WEST_LEADER]


def test_whoever_stands_for_all_of_them_is_told_once_with_the_first(town: Town) -> None:
    town.send_meanwhile()
    town.warn(ALL, "red")
    assert sorted(phones(town.sms)) == sorted(set(phones(town.sms)))
    assert {HEAD, TOWN_LEADER} < set(phones(town.sms)[:4])
    assert all(name in text_to(town, HEAD) for name in ("西村", "东村", "南村"))
    assert "南村" not in text_to(town, TOWN_LEADER)
    assert phones(town.voice).count(HEAD) == 1


def test_a_post_that_a_later_rung_calls_is_told_with_that_rung(town: Town) -> None:
    town.settle_in(
        [
            (WEST_LEADER, "branch_leader", WEST),
            (WEST_LEADER, "deputy", EAST),
            (EAST_LEADER, "branch_leader", EAST),
        ]
    )
    town.send_meanwhile()
    town.warn(ALL)
    assert "东村" not in text_to(town, WEST_LEADER)
    town.tick(minutes=21)
    assert phones(town.sms).count(WEST_LEADER) == 2


def test_a_grid_whose_first_rung_is_empty_tells_its_next_at_once_in_the_same_message(
    town: Town,
) -> None:
    town.settle_in([(WEST_LEADER, "branch_leader", WEST), (WEST_LEADER, "deputy", EAST)])
    town.send_meanwhile()
    town.warn(ALL)
    assert "东村" in text_to(town, WEST_LEADER)
    assert phones(town.voice) == [WEST_LEADER]


def test_killed_between_two_parts_it_goes_on_with_the_rest(town: Town) -> None:
    keep(town, [(ALL, "orange")])
    dies(town, parts=1)
    town.send_all()
    assert (begun(town), len(town.sms.outbox)) == (1, 2)
    town.now += timedelta(minutes=2)
    town.tick()
    everybody = [WEST_LEADER, WEST_SECRETARY, EAST_LEADER, EAST_SECRETARY, SOUTH_LEADER]
    assert sorted(phones(town.sms)) == sorted(everybody)


def test_killed_between_two_parts_who_was_told_of_both_is_not_told_again(town: Town) -> None:
    town.settle_in([(EAST_LEADER, "branch_leader", code) for code in (WEST, EAST, SOUTH)])
    keep(town, [(ALL, "orange")])
    dies(town, parts=2)
    town.send_all()
    assert (begun(town), phones(town.sms)) == (2, [EAST_LEADER])
    town.tick()
    assert (begun(town), phones(town.sms)) == (3, [EAST_LEADER])
    town.tick(minutes=10)
    town.report(town.voice, EAST_LEADER, "busy")
    assert phones(town.voice) == [EAST_LEADER]
    town.tick(minutes=3)
    assert phones(town.voice) == [EAST_LEADER] * 2


def test_stopped_between_two_parts_nothing_more_leaves(town: Town) -> None:
    def woken() -> None:
        town.send_all()
        town.stop()

    town.woken = woken
    town.warn(ALL)
    town.tick(minutes=60)
    assert len(town.sms.outbox) == 2
    assert town.voice.outbox == []
    assert set(town.states().values()) == {"cancelled"}


def test_a_grid_answered_for_before_its_own_part_is_not_called(town: Town) -> None:
    town.settle_in([(EAST_LEADER, "branch_leader", code) for code in (WEST, EAST)])

    def woken() -> None:
        town.send_all()
        if begun(town) == 1:
            town.write_down(EAST_LEADER)

    town.woken = woken
    town.warn(ALL)
    town.tick(minutes=30)
    assert phones(town.sms) == [EAST_LEADER]
    assert town.voice.outbox == []
    assert town.states() == {"西村": "answered", "东村": "answered", "南村": "unreached"}


def test_two_warnings_at_once_are_one_message_to_whom_both_concern(town: Town) -> None:
    town.send_meanwhile()
    published(town, (COLD, "orange", ALL), (ICE, "red", box(1.2, -0.8, 1.8, 0.8)))
    town.tick()
    for phone in (EAST_LEADER, EAST_SECRETARY, SOUTH_LEADER):
        text = text_to(town, phone)
        assert "道路结冰红色" in text
        assert "寒冷橙色" in text
    assert "道路结冰红色" not in text_to(town, WEST_LEADER)
    assert "寒冷橙色" not in text_to(town, HEAD)


def test_two_warnings_each_with_grids_of_its_own_are_one_message(town: Town) -> None:
    town.settle_in([(EAST_LEADER, "branch_leader", code) for code in (WEST, EAST, SOUTH)])
    town.send_meanwhile()
    published(town, (COLD, "orange", box(0.2, 0.2, 1.8, 0.8)), (ICE, "orange", IN_SOUTH))
    town.tick()
    text = text_to(town, EAST_LEADER)
    assert all(name in text for name in ("西村", "东村", "南村"))
    town.tick(minutes=10)
    town.press_1(EAST_LEADER)
    assert {*town.states(1).values(), *town.states(2).values()} == {"answered"}


def test_decided_and_planned_twice_is_once(town: Town) -> None:
    keep(town, [(ALL, "orange")])
    for _ in range(3):
        fanout.decide_all(town.world, town.now)
        tick(town.world, town.now, town.send_all)
    assert town.count() == 1
    assert len(phones(town.sms)) == 5


def test_a_grid_without_people_holds_up_no_part(town: Town) -> None:
    town.settle_in([(SOUTH_LEADER, "branch_leader", SOUTH)])
    town.send_meanwhile()
    town.warn(ALL)
    assert phones(town.sms) == [SOUTH_LEADER]
    with town.db.read() as tx:
        found = callouts.of_broadcast(tx, town.last)
    assert sorted(one.state for one in found) == [
        CalloutState.OPEN,
        CalloutState.UNREACHED,
        CalloutState.UNREACHED,
    ]


@pytest.mark.parametrize("seed", range(12))
def test_in_parts_or_in_one_go_the_same_is_said_to_the_same(
    town: Town, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = Random(seed)
    posts = some_posts(chance)
    levels = [(shape, chance.choice(["red", "orange", "yellow"])) for shape in LADDERS.values()]
    hazards = [COLD, ICE][: chance.randint(1, 2)]
    said = []
    for first, following in ((1, 1), (5000, 5000)):
        monkeypatch.setattr(escalate, "FIRST", first)
        monkeypatch.setattr(escalate, "NEXT", following)
        town.now += timedelta(days=3)
        before = len(town.sms.outbox), len(town.voice.outbox)
        town.settle_in(posts)
        town.send_meanwhile()
        for hazard in hazards:
            keep(town, levels, hazard)
        town.tick(minutes=45)
        said.append(
            [
                sorted((one.phone, without_time(one.text)) for one in channel.outbox[told:])
                for channel, told in zip((town.sms, town.voice), before, strict=True)
            ]
        )
    assert said[0] == said[1]


def some_posts(chance: Random) -> list[tuple[str, str, str]]:
    """Return posts of a few people, who hold several each, near and far."""
    roles = {
        WEST: ("branch_leader", "first_secretary", "deputy"),
        EAST: ("branch_leader", "first_secretary", "deputy"),
        SOUTH: ("branch_leader", "first_secretary", "deputy"),
        TOWN: ("town_leader", "town_desk"),
        NEXT_TOWN: ("town_leader", "town_desk"),
        COUNTY: ("county_desk", "sanfang_head"),
    }
    everybody = [f"+861380000{number:04d}" for number in range(chance.randint(2, 6))]
    held = {
        (chance.choice(everybody), chance.choice(roles[place]), place)
        for place in chance.choices(list(roles), k=chance.randint(4, 12))
    }
    return sorted(held)
