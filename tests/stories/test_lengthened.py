"""A warning that lasts lengthens the calling of its round, but not where another has run out."""

from tests.stories.town import (
    ALL,
    EAST_LEADER,
    IN_EAST,
    IN_WEST,
    WEST_LEADER,
    Town,
    phones,
)


def two_under_a_city(town: Town) -> None:
    """Warn all for a while, then the east for a while and the west for the night, in one round."""
    town.warn(ALL, "yellow", hours=0.1)
    town.warn(IN_EAST, "orange", hours=0.2)
    town.warn(IN_WEST, "orange", hours=14)
    assert len({town.broadcast(one).episode_id for one in range(1, 4)}) == 1


def test_where_a_warning_has_run_out_the_calling_stops(town: Town) -> None:
    two_under_a_city(town)
    town.tick(minutes=13)
    assert town.states(2) == {"东村": "cancelled"}
    assert town.states(3) == {"西村": "open"}
    called = phones(town.voice).count(EAST_LEADER)
    assert called > 0
    town.tick(minutes=10)
    assert phones(town.voice).count(EAST_LEADER) == called
    assert phones(town.voice).count(WEST_LEADER) > 0


def test_what_had_not_left_by_then_does_not_leave(town: Town) -> None:
    two_under_a_city(town)
    town.climb(minutes=11)
    planned = len(phones(town.voice))
    town.climb(minutes=2)
    town.send_all()
    assert EAST_LEADER not in phones(town.voice)[planned:]


def test_where_another_still_holds_it_goes_on(town: Town) -> None:
    town.warn(IN_EAST, "orange", hours=0.2)
    town.warn(IN_EAST, "orange", hours=14)
    town.tick(minutes=13)
    assert town.states(1) == {"东村": "open"}
