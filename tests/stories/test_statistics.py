"""The statistics count what happened, drills apart from what was live."""

from datetime import timedelta

from alertcast.dispatch.statistics import Statistics, statistics
from tests.stories.town import (
    EAST,
    EAST_LEADER,
    IN_EAST,
    IN_WEST,
    WEST_LEADER,
    Town,
)


def counted(town: Town, mode: str = "live", area: str = "") -> Statistics:
    day = timedelta(days=1)
    with town.db.read() as tx:
        return statistics(town.world, tx, town.now - day, town.now + day, mode=mode, area=area)


def test_a_night_is_counted_by_county_role_channel_and_time(town: Town) -> None:
    town.warn([(IN_EAST, "red"), (IN_WEST, "red")])
    town.tick(minutes=4)
    town.press_1(EAST_LEADER)
    town.tick(minutes=6)
    town.press_1(WEST_LEADER)
    found = counted(town)
    assert found["broadcasts"] == 1
    whole = found["grids"]
    assert (whole["total"], whole["called_3"]) == (2, 2)
    assert (whole["answered_5"], whole["answered_15"], whole["answered"]) == (1, 2, 2)
    (county,) = found["by_county"]
    assert (county["key"], county["name"], county["total"]) == ("441224", "怀集县", 2)
    roles = {one["key"]: one for one in found["by_role"]}
    leaders = roles["branch_leader"]
    assert (leaders["total"], leaders["answered_5"], leaders["answered"]) == (2, 1, 2)
    assert roles["deputy"]["answered"] == 0
    channels = {one["key"]: one for one in found["by_channel"]}
    assert channels["voice"]["answered"] == 2
    assert channels["sms"]["answered"] == 0
    (week,) = found["over_time"]
    assert (week["key"], week["total"]) == ("2026-12-21", 2)


def test_what_nobody_answered_for_counts_and_what_was_stopped_does_not(town: Town) -> None:
    town.warn(IN_EAST, "red")
    town.tick(minutes=40)
    assert counted(town)["grids"]["total"] == 1
    assert counted(town)["grids"]["answered"] == 0
    town.warn(IN_WEST, "red", identifier="44122441600000_20261226180001")
    town.stop()
    assert counted(town)["grids"]["total"] == 1


def test_a_drill_is_never_among_what_was_live(town: Town) -> None:
    town.add_drill_channels()
    town.notice("演练通知", EAST, mode="drill")
    assert counted(town)["broadcasts"] == 0
    assert counted(town)["grids"]["total"] == 0
    drill = counted(town, "drill")
    assert (drill["broadcasts"], drill["grids"]["total"]) == (1, 1)


def test_another_county_has_none_of_it(town: Town) -> None:
    town.warn(IN_EAST, "red")
    found = counted(town, area="441225")
    assert (found["broadcasts"], found["grids"]["total"]) == (0, 0)
    assert found["by_role"] == found["by_channel"] == []


def test_told_together_with_another_warning_is_called_all_the_same(town: Town) -> None:
    town.warn(IN_EAST, "red")
    town.warn(IN_EAST, "red", event="道路结冰", identifier="44122441600000_20261226180001")
    town.tick(minutes=1)
    found = counted(town)
    assert found["grids"]["called_3"] == found["grids"]["total"] == 2
