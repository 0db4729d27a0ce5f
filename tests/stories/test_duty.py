"""Duty shifts: whoever is on duty is called first, the other desks a little later.

Without a table all desks are called at once: see test_confirm and test_help.
"""

from datetime import datetime, timedelta

from alertcast.core.roster import Person, Post
from alertcast.core.shift import Seat, Shift
from alertcast.dispatch import shift_plan
from alertcast.dispatch.examine import examine
from alertcast.dispatch.watch import first_page
from tests.stories.town import (
    COUNTY,
    COUNTY_DESK,
    EAST,
    EAST_LEADER,
    HEAD,
    IN_EAST,
    TOWN,
    TOWN_DESK,
    WEST_LEADER,
    Town,
    phones,
)

LEADER_OF_THE_NIGHT = "+8613800000061"


def on_duty(
    town: Town,
    phone: str,
    *,
    start: float = -1,
    end: float = 12,
    area: str = COUNTY,
    seat: Seat = Seat.DESK,
) -> Shift:
    """Let the owner of a phone be on duty from so many hours from now."""
    begin = town.now + timedelta(hours=start)
    one = Shift(area, seat, f"p{phone[-4:]}", begin, town.now + timedelta(hours=end))
    shift_plan.bring_in(town.world, [one], "li", town.now)
    return one


def doubtful(town: Town) -> None:
    town.limit_people(1)
    town.warn(IN_EAST)


def red(town: Town, at: datetime | None = None) -> list[tuple[str, datetime | None]]:
    with town.db.read() as tx:
        page = first_page(town.world, tx, at or town.now)
    return [(one["subject"], one["since"]) for one in page["watch"] if one["what"] == "no_duty"]


def test_whoever_is_on_duty_is_asked_first_and_the_others_a_minute_later(town: Town) -> None:
    on_duty(town, COUNTY_DESK)
    doubtful(town)
    assert phones(town.voice) == [COUNTY_DESK]
    town.tick(seconds=59)
    assert HEAD not in phones(town.voice)
    town.tick(seconds=2)
    assert HEAD in phones(town.voice)


def test_answered_at_once_nobody_else_is_woken(town: Town) -> None:
    on_duty(town, COUNTY_DESK)
    doubtful(town)
    assert "现在开始叫应" in town.press_1(COUNTY_DESK)
    town.tick(minutes=8)
    assert HEAD not in phones(town.voice)


def test_the_leader_on_duty_is_asked_though_he_holds_no_desk(town: Town) -> None:
    town.enrol(
        [
            Person("p0061", "某61", LEADER_OF_THE_NIGHT),
            Person("p0051", "某51", COUNTY_DESK),
            Person("p0021", "某21", EAST_LEADER),
        ],
        [
            Post("p0061", "town_leader", TOWN),
            Post("p0051", "county_desk", COUNTY),
            Post("p0021", "branch_leader", EAST),
        ],
    )
    on_duty(town, LEADER_OF_THE_NIGHT, seat=Seat.LEADER)
    town.change_confirm(alone="none")  # one unsigned source is not enough
    town.warn(IN_EAST)
    assert phones(town.voice) == [LEADER_OF_THE_NIGHT]
    assert "现在开始叫应" in town.press_1(LEADER_OF_THE_NIGHT)


def test_with_a_shift_that_is_over_all_are_called_at_once(town: Town) -> None:
    on_duty(town, COUNTY_DESK, start=-9, end=-1)
    doubtful(town)
    assert sorted(phones(town.voice)) == sorted([COUNTY_DESK, HEAD])


def test_a_shift_of_another_county_changes_nothing(town: Town) -> None:
    on_duty(town, COUNTY_DESK, area="441225")
    doubtful(town)
    assert sorted(phones(town.voice)) == sorted([COUNTY_DESK, HEAD])


def test_a_city_desk_on_duty_is_called_and_the_county_at_once_as_well(town: Town) -> None:
    on_duty(town, WEST_LEADER, area="441200")
    doubtful(town)
    assert sorted(phones(town.voice)) == sorted([WEST_LEADER, COUNTY_DESK, HEAD])


def test_somebody_whom_the_roster_does_not_have_any_more_delays_nobody(town: Town) -> None:
    on_duty(town, "+8613800009999")
    doubtful(town)
    assert sorted(phones(town.voice)) == sorted([COUNTY_DESK, HEAD])
    assert [area for area, _ in red(town)] == ["怀集县"]


def test_a_cry_for_help_goes_first_to_the_desk_on_duty_and_at_once_to_the_town(town: Town) -> None:
    on_duty(town, HEAD)
    town.warn(IN_EAST, "red")
    calls = len(town.voice.outbox)
    town.press("2", EAST_LEADER)
    assert sorted(phones(town.voice)[calls:]) == sorted([HEAD, TOWN_DESK])
    town.tick(minutes=1)
    assert COUNTY_DESK in phones(town.voice)[calls:]


def test_in_a_drill_only_who_is_enrolled_is_called_first(town: Town) -> None:
    posts = [(EAST_LEADER, "branch_leader", EAST), (COUNTY_DESK, "county_desk", COUNTY)]
    town.settle_in([*posts, (HEAD, "sanfang_head", COUNTY)], undrilled={HEAD})
    _, voice = town.add_drill_channels()
    on_duty(town, HEAD)
    town.notice("演练通知", EAST, mode="drill")
    town.tick(minutes=11)
    before = len(voice.outbox)
    town.write_down(EAST_LEADER, "2")
    assert phones(voice)[before:] == [COUNTY_DESK]


def test_without_a_table_nothing_is_red(town: Town) -> None:
    assert red(town) == []


def test_a_table_that_ends_is_red_from_its_last_moment_on(town: Town) -> None:
    one = on_duty(town, COUNTY_DESK, end=2)
    assert red(town) == []
    assert red(town, one.ends_at - timedelta(seconds=1)) == []
    assert red(town, one.ends_at) == [("怀集县", one.ends_at)]
    with town.db.read() as tx:
        told = {said.key: said for said in examine(town.world, tx, one.ends_at)}
    assert "怀集县 现在无人值班" in told["no_duty"].what.zh


def test_a_table_that_begins_tomorrow_is_not_red_today(town: Town) -> None:
    on_duty(town, COUNTY_DESK, start=12, end=24)
    assert red(town) == []


def test_a_leader_alone_does_not_fill_the_desk(town: Town) -> None:
    on_duty(town, COUNTY_DESK, start=-3, end=-1)
    on_duty(town, HEAD, start=-2, seat=Seat.LEADER)
    assert [area for area, _ in red(town)] == ["怀集县"]


def test_brought_in_twice_is_once_and_what_has_begun_stays(town: Town) -> None:
    begun = on_duty(town, COUNTY_DESK, start=-1, end=4)
    tomorrow = town.now + timedelta(hours=20)
    later = Shift(COUNTY, Seat.DESK, "p0052", tomorrow, tomorrow + timedelta(hours=8))
    other = Shift(COUNTY, Seat.DESK, "p0042", tomorrow, tomorrow + timedelta(hours=8))
    first = shift_plan.bring_in(town.world, [begun, later], "li", town.now)
    assert (first.added, first.removed, first.same) == (1, 0, 1)
    again = shift_plan.bring_in(town.world, [begun, later], "li", town.now)
    assert (again.added, again.removed, again.same) == (0, 0, 2)
    moved = Shift(COUNTY, Seat.DESK, "p0042", begun.starts_at, begun.ends_at)
    last = shift_plan.bring_in(town.world, [moved, other], "li", town.now)
    assert (last.added, last.removed) == (2, 1)
    doubtful(town)
    assert sorted(phones(town.voice)) == sorted([COUNTY_DESK, TOWN_DESK])  # who was, is
