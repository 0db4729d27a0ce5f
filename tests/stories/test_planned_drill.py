"""A drill that was scheduled begins by itself: once, by day, for those enrolled, or not at all."""

from datetime import datetime, timedelta

import pytest

from alertcast.core.drill import DrillState, PlannedDrill
from alertcast.dispatch import drill_plan
from alertcast.dispatch.start import CanNotStart
from alertcast.scheduler import tick
from alertcast.store import planned_drills
from tests.stories.town import (
    EAST,
    EAST_LEADER,
    EVERYBODY,
    SOUTH,
    SOUTH_LEADER,
    TOWN,
    WEST_LEADER,
    Town,
    phones,
)

TEN = 16 * 60 + 40
"""Minutes from the evening on which stories begin to ten in the morning."""


def morning(town: Town, minutes: float = 0) -> datetime:
    return town.now + timedelta(minutes=TEN + minutes)


def plan(town: Town, at: datetime | None = None, *codes: str, key: str = "k1") -> int:
    return drill_plan.schedule(
        town.world,
        text="防冻演练",
        codes=codes or [TOWN],
        starts_at=at or morning(town),
        user="wang",
        key=key,
        now=town.now,
    )


def look(town: Town, drill_id: int) -> PlannedDrill:
    with town.db.read() as tx:
        found = planned_drills.get(tx, drill_id)
    assert found is not None
    return found


def test_it_begins_at_its_time_over_channels_of_drills_for_those_enrolled(town: Town) -> None:
    town.settle_in(EVERYBODY, undrilled={WEST_LEADER})
    sms, voice = town.add_drill_channels()
    drill = plan(town)
    town.tick(minutes=TEN - 1)
    assert sms.outbox == voice.outbox == []
    town.tick(minutes=2)
    assert look(town, drill).state is DrillState.BEGUN
    assert EAST_LEADER in phones(sms)
    assert WEST_LEADER not in phones(sms)
    assert town.sms.outbox == town.voice.outbox == []
    assert sms.outbox[0].text.count("演练") >= 2


def test_asked_for_twice_it_is_one_and_begins_once(town: Town) -> None:
    sms, _ = town.add_drill_channels()
    at = morning(town)
    assert plan(town, at) == plan(town, at)
    town.tick(minutes=TEN + 1)
    sent = len(sms.outbox)
    world = town.world
    for _ in range(3):
        tick(world, town.now)
        drill_plan.begin_due(world, town.now)
    town.tick(minutes=1)
    assert len(sms.outbox) == sent
    with town.db.read() as tx:
        assert len(planned_drills.listed(tx)) == 1


def test_killed_before_its_commit_it_begins_once_afterwards(town: Town) -> None:
    sms, _ = town.add_drill_channels()
    drill = plan(town)
    town.now = morning(town)
    with pytest.raises(RuntimeError), town.db.write() as tx:
        new = drill_plan.looked_at(town.world, tx, look(town, drill))
        drill_plan.start(town.world, tx, new, town.now)
        planned_drills.move(tx, drill, DrillState.BEGUN)
        raise RuntimeError("killed")
    assert look(town, drill).state is DrillState.PLANNED
    town.tick(minutes=1)
    assert look(town, drill).state is DrillState.BEGUN
    assert phones(sms).count(EAST_LEADER) == 1


@pytest.mark.parametrize(("late", "state"), [(59, "begun"), (61, "missed")])
def test_where_nothing_ran_it_begins_within_an_hour_or_not_at_all(
    town: Town, late: float, state: str
) -> None:
    sms, _ = town.add_drill_channels()
    drill = plan(town)
    town.now = morning(town, late)
    town.tick(minutes=1)
    assert look(town, drill).state == state
    assert bool(sms.outbox) is (state == "begun")
    assert bool(look(town, drill).why) is (state == "missed")


def test_late_into_the_night_it_does_not_begin(town: Town) -> None:
    sms, _ = town.add_drill_channels()
    drill = plan(town, morning(town, 9 * 60 + 50))  # 19:50
    town.now = morning(town, 10 * 60 + 5)
    town.tick(minutes=1)
    assert look(town, drill).state is DrillState.MISSED
    assert sms.outbox == []


def test_what_has_not_left_by_the_evening_does_not_leave(town: Town) -> None:
    _, voice = town.add_drill_channels()
    plan(town, morning(town, 9 * 60 + 55))  # 19:55, calls come later
    town.tick(minutes=TEN + 10 * 60 + 1)
    called = len(voice.outbox)
    town.tick(minutes=120)
    assert len(voice.outbox) == called


@pytest.mark.parametrize(
    ("minutes", "why"),
    [
        (12 * 60, "夜间（20:00-09:00）不安排演练"),
        (-TEN - 1, "时间已经过了"),
        (400 * 24 * 60, "最多提前 366 天"),
    ],
)
def test_at_night_in_the_past_or_too_far_ahead_is_refused(
    town: Town, minutes: float, why: str
) -> None:
    with pytest.raises(CanNotStart, match=why):
        plan(town, morning(town, minutes))
    with town.db.read() as tx:
        assert planned_drills.listed(tx) == []


def test_other_hours_may_be_configured(town: Town) -> None:
    town.configure(drills={"night": "12:00-14:00"})
    with pytest.raises(CanNotStart, match="12:00-14:00"):
        plan(town, morning(town, 150))
    assert plan(town, morning(town, 12 * 60))


def test_where_nobody_is_enrolled_it_is_refused(town: Town) -> None:
    town.settle_in(EVERYBODY, undrilled={phone for phone, _, _ in EVERYBODY})
    with pytest.raises(CanNotStart, match="没有登记参加演练的人"):
        plan(town)


def test_called_off_it_does_not_begin(town: Town) -> None:
    sms, _ = town.add_drill_channels()
    drill = plan(town)
    assert drill_plan.cancel(town.world, drill, "li", town.now)
    assert not drill_plan.cancel(town.world, drill, "li", town.now)
    town.tick(minutes=TEN + 1)
    assert look(town, drill).state is DrillState.CANCELLED
    assert sms.outbox == []


def test_what_can_not_begin_any_more_says_why_and_stops_nothing_else(town: Town) -> None:
    sms, _ = town.add_drill_channels()
    bad, good = plan(town), plan(town, morning(town), SOUTH, key="k2")
    with town.db.write() as tx:
        table = planned_drills.planned_drill
        tx.execute(table.update().where(table.c.id == bad).values(codes=["441224999"]))
    town.tick(minutes=TEN + 1)
    assert look(town, bad).state is DrillState.FAILED
    assert "没有选中任何网格" in (look(town, bad).why or "")
    assert look(town, good).state is DrillState.BEGUN
    assert SOUTH_LEADER in phones(sms)


def test_it_is_compared_with_the_last_one_there(town: Town) -> None:
    town.add_drill_channels()
    first, other = plan(town), plan(town, morning(town), SOUTH, key="k2")
    town.tick(minutes=TEN + 1)
    town.write_down_in(look(town, first).broadcast_id or 0, EAST_LEADER)
    second = plan(town, town.now + timedelta(hours=2), EAST, key="k3")
    town.tick(minutes=121)
    with town.db.read() as tx:
        this, last = drill_plan.compare(tx, look(town, second).broadcast_id or 0)
        _, none = drill_plan.compare(tx, look(town, other).broadcast_id or 0)
    assert this["broadcast_id"] == look(town, second).broadcast_id
    assert this["grids"]["answered"] == 0
    assert last is not None
    assert last["broadcast_id"] == look(town, first).broadcast_id
    assert (last["grids"]["total"], last["grids"]["answered"]) == (2, 1)
    assert none is None
