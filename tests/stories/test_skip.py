"""An officer skips to the next rung: it begins now, once, and nothing that was stopped begins."""

from datetime import timedelta
from functools import partial

from alertcast.dispatch.skip import Stage, skip, stages
from tests.dispatch.test_at_once import at_once
from tests.stories.seen import EAST, SOUTH, WEST
from tests.stories.town import (
    EAST_DEPUTY,
    EAST_LEADER,
    EAST_SECRETARY,
    IN_EAST,
    WEST_LEADER,
    Town,
    phones,
)

BOTH = [EAST_LEADER, EAST_SECRETARY]


def skipped(town: Town, *codes: str, rung: int = 0) -> int:
    """Let an officer skip `rung` for these grids, before anything else can happen."""
    return skip(
        town.world, broadcast_id=town.last, codes=codes, rung=rung, user="wang", now=town.now
    )


def looked_at(town: Town, *codes: str) -> list[Stage]:
    """Return what the page says would follow."""
    with town.db.read() as tx:
        return stages(town.world, tx, town.last, codes, town.now)


def test_the_next_rung_begins_now(town: Town) -> None:
    town.warn(over=IN_EAST)
    (stage,) = looked_at(town, EAST)
    assert (stage.rung, stage.follows, stage.kinds, stage.codes) == (0, 1, ("voice",), (EAST,))
    assert skipped(town, EAST) == 1
    town.tick()
    assert sorted(phones(town.voice)) == BOTH
    assert town.audited() == [("wang", "skip")]


def test_twice_is_once(town: Town) -> None:
    town.warn(over=IN_EAST)
    assert (skipped(town, EAST), skipped(town, EAST)) == (1, 0)
    town.tick()
    assert skipped(town, EAST) == 0  # sent late: it is on the next rung
    town.tick()
    assert EAST_DEPUTY not in phones(town.sms)
    assert town.audited() == [("wang", "skip")]


def test_two_officers_at_one_moment_skip_one_rung(town: Town) -> None:
    town.warn(over=IN_EAST)
    worlds, last, now = [town.world, town.world], town.last, town.now
    wish = partial(skip, broadcast_id=last, codes=[EAST], rung=0, user="wang", now=now)
    assert sum(at_once([partial(wish, one) for one in worlds])) == 1
    town.tick()
    assert sorted(phones(town.voice)) == BOTH


def test_killed_right_after_it_the_next_rung_begins_once(town: Town) -> None:
    town.warn(over=IN_EAST)
    skipped(town, EAST)
    town.now += timedelta(minutes=2)  # nobody was there for a while
    town.tick()
    town.tick()
    assert sorted(phones(town.voice)) == BOTH


def test_the_repeats_of_a_rung_are_skipped_with_it(town: Town) -> None:
    town.change_rung("orange", 0, repeat=2, every=timedelta(minutes=2))
    town.warn(over=IN_EAST)
    skipped(town, EAST)
    town.tick()
    assert sorted(phones(town.sms)) == BOTH
    assert sorted(phones(town.voice)) == BOTH


def test_after_the_last_rung_somebody_must_go_there(town: Town) -> None:
    town.warn(over=IN_EAST)
    for rung in range(3):
        assert skipped(town, EAST, rung=rung) == 1
        town.tick()
        if rung == 1:
            (last,) = looked_at(town, EAST)
            assert (last.follows, last.tells) == (None, None)
    assert town.states() == {"东村": "unreached"}
    town.press_1(EAST_LEADER)  # what was sent is still on its way
    assert town.states() == {"东村": "answered"}


def test_only_the_grids_that_were_chosen(town: Town) -> None:
    town.warn()
    assert skipped(town, EAST, SOUTH) == 2
    town.tick()
    assert WEST_LEADER not in phones(town.voice)
    assert EAST_LEADER in phones(town.voice)
    (stage,) = looked_at(town, WEST)
    assert (stage.codes, stage.follows) == ((WEST,), 1)


def test_who_has_answered_meanwhile_is_not_skipped(town: Town) -> None:
    town.warn(over=IN_EAST)
    town.write_down(EAST_LEADER)
    assert looked_at(town, EAST) == []
    assert skipped(town, EAST) == 0
    assert town.audited() == [("wang", "answer")]


def test_stopping_the_calling_wins(town: Town) -> None:
    town.warn(over=IN_EAST)
    skipped(town, EAST)
    town.stop()
    assert skipped(town, EAST) == 0
    assert looked_at(town, EAST) == []
    town.tick(minutes=30)
    assert town.voice.outbox == []
