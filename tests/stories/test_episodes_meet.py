"""Two episodes become one: nothing of either is lost, and nothing is told that was told."""

from alertcast.store import broadcasts, episodes
from tests.stories.seen import WEST
from tests.stories.town import (
    EAST_LEADER,
    IN_EAST,
    IN_WEST,
    WEST_LEADER,
    WEST_SECRETARY,
    Town,
)

LADDER = ("red", "orange", "yellow", "blue")


def join(town: Town) -> bool:
    with town.db.write() as tx:
        return episodes.join(tx, 1, 2, LADDER, town.now)


def test_two_that_call_one_grid_are_left_apart(town: Town) -> None:
    town.warn(IN_WEST)
    town.warn(IN_WEST, event="暴雨")
    assert not join(town)
    assert [town.broadcast(one).episode_id for one in (1, 2)] == [1, 2]
    assert town.states(1) == town.states(2) == {"西村": "open"}


def test_people_know_the_higher_of_what_either_told_them(town: Town) -> None:
    town.sms.takes_replies = True
    town.warn(IN_WEST, "yellow")
    town.text_back(WEST_LEADER, "1")
    town.warn(IN_WEST, "orange", event="暴雨")
    assert join(town)
    with town.db.read() as tx:
        assert broadcasts.standings(tx, 1)[WEST].told_level == "orange"
        assert broadcasts.standings(tx, 2) == {}
        assert broadcasts.is_ended(tx, 2) and not broadcasts.is_ended(tx, 1)
    town.tick(minutes=10)
    assert WEST_SECRETARY in {call.phone for call in town.voice.outbox}, "the calling goes on"


def test_an_update_that_grows_into_another_episode_tells_nobody_there_again(town: Town) -> None:
    first = town.warn(IN_WEST, "orange")
    town.warn(IN_EAST, "orange")
    town.warn(IN_WEST.union(IN_EAST).convex_hull, "orange", replaces=first)
    assert [one.phone for one in town.sms.outbox].count(EAST_LEADER) == 1
    assert town.broadcast(2).episode_id == town.broadcast(1).episode_id
