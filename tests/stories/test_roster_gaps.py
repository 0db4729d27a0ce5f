"""What the roster lacks is found every day, and a number is confirmed by an answer from it."""

from datetime import timedelta

import pytest

from alertcast.channels.base import Outcome, Request, Sent
from alertcast.core.roster import Person, Post
from alertcast.core.roster_gaps import Gap
from alertcast.dispatch import confirm_round, roster_check
from alertcast.dispatch.start import CanNotStart
from alertcast.store import roster_gaps
from tests.stories.town import (
    EAST,
    EAST_LEADER,
    IN_EAST,
    SOUTH,
    WEST,
    WEST_LEADER,
    Town,
    phones,
)

LANDLINE = "+867582231234"
YEAR = timedelta(days=366)


def counts(town: Town, area: str = "") -> dict[Gap, int]:
    with town.db.read() as tx:
        scope = roster_check.scope(town.world, tx, town.now, area)
        assert scope is not None
        return roster_gaps.counts(tx, scope)


def places(town: Town, gap: Gap) -> list[tuple[str, str, int]]:
    with town.db.read() as tx:
        scope = roster_check.scope(town.world, tx, town.now)
        assert scope is not None
        found = roster_gaps.rows(tx, town.db.vault, gap, scope)
    return [(one["place"], one["name"], one["count"]) for one in found]


def ask(town: Town, kind: str = "sms", most: int | None = None) -> confirm_round.Round:
    return confirm_round.start(town.world, kind, most, "li", town.now)


@pytest.fixture
def sparse(town: Town) -> Town:
    """The town with one leader for two grids, none for the third, and a shared telephone."""
    folk = [
        Person("a", "某甲", EAST_LEADER, drills=True),
        Person("b", "某乙", WEST_LEADER, drills=True, other_phone=LANDLINE),
        Person("c", "某丙", WEST_LEADER),
    ]
    held = [
        Post("a", "branch_leader", EAST),
        Post("a", "branch_leader", SOUTH),
        Post("b", "deputy", WEST),
        Post("c", "deputy", EAST),
    ]
    town.enrol(folk, held)
    return town


def test_grids_without_a_leader_leaders_of_several_and_shared_numbers_are_named(
    sparse: Town,
) -> None:
    assert counts(sparse) == {
        Gap.NO_LEADER: 1,
        Gap.SEVERAL: 1,
        Gap.SHARED: 2,
        Gap.UNREACHED: 0,
        Gap.UNCONFIRMED: 3,
        Gap.ENDS: 0,
    }
    assert places(sparse, Gap.NO_LEADER) == [(WEST, "西村", 1)]
    assert places(sparse, Gap.SEVERAL) == [(min(EAST, SOUTH), "某*", 2)]
    assert [n for _, _, n in places(sparse, Gap.SHARED)] == [2, 2]


def test_an_area_sees_its_own_gaps_only(sparse: Town) -> None:
    found = counts(sparse, WEST[:9])
    assert (found[Gap.NO_LEADER], found[Gap.SHARED]) == (1, 2)
    nothing = counts(sparse, "441225")
    assert set(nothing.values()) == {0}


def test_who_was_reached_by_none_of_the_last_three_is_named(sparse: Town) -> None:
    def wrong(one: Request) -> Sent:
        if one.phone == EAST_LEADER:
            return Sent(one.token, Outcome.REFUSED, code="21211", reason="wrong_number")
        return Sent(one.token, Outcome.DELIVERED, f"ref-{one.token}")

    for number in range(3):
        assert counts(sparse)[Gap.UNREACHED] == 0, number
        sparse.sms.answers.extend([wrong] * 9)
        sparse.voice.answers.extend([wrong] * 9)
        sparse.notice("检验流程。", EAST, WEST, key=f"k{number}")
        sparse.tick(minutes=240)
    assert places(sparse, Gap.UNREACHED) == [(min(EAST, SOUTH), "某*", 3)]
    sparse.sms.answers.clear()
    sparse.notice("检验流程。", EAST, key="again")
    sparse.report(sparse.sms, EAST_LEADER, "delivered")
    assert counts(sparse)[Gap.UNREACHED] == 0


def test_an_answer_confirms_a_number_for_a_year(sparse: Town) -> None:
    sparse.warn(over=IN_EAST)
    sparse.text_back(EAST_LEADER, "1")
    assert counts(sparse)[Gap.UNCONFIRMED] == 2
    sparse.now += YEAR
    assert counts(sparse)[Gap.UNCONFIRMED] == 3
    with sparse.db.read() as tx:
        scope = roster_check.scope(sparse.world, tx, sparse.now)
        assert scope is not None
        rows = roster_gaps.rows(tx, sparse.db.vault, Gap.UNCONFIRMED, scope)
    assert [one["since"] is not None for one in rows].count(True) == 1


def test_what_an_officer_wrote_down_confirms_no_number(sparse: Town) -> None:
    sparse.warn(over=IN_EAST)
    sparse.write_down(EAST_LEADER)
    assert counts(sparse)[Gap.UNCONFIRMED] == 3


def test_the_check_is_made_once_a_day_and_when_the_roster_is_another(sparse: Town) -> None:
    assert roster_check.check_due(sparse.world, sparse.now)
    assert not roster_check.check_due(sparse.world, sparse.now)
    with sparse.db.read() as tx:
        (found,) = roster_check.findings(tx)
    assert (found.what, found.count) == ("no_leader", 1)
    sparse.settle_in([(EAST_LEADER, "branch_leader", code) for code in (EAST, WEST, SOUTH)])
    assert roster_check.check_due(sparse.world, sparse.now)
    with sparse.db.read() as tx:
        assert roster_check.findings(tx) == []
    sparse.now += timedelta(days=1)
    assert roster_check.check_due(sparse.world, sparse.now)


def test_without_a_drill_channel_nobody_is_asked(sparse: Town) -> None:
    with pytest.raises(CanNotStart, match="演练用的 sms 渠道"):
        ask(sparse)
    assert sparse.to_dial() == []


def test_a_round_asks_whoever_is_enrolled_and_unconfirmed_and_an_answer_counts(
    sparse: Town,
) -> None:
    sms, voice = sparse.add_drill_channels()
    done = ask(sparse)
    assert (done.is_new, done.asked, done.not_enrolled) == (True, 2, 1)
    sparse.tick(minutes=1)
    assert sorted(phones(sms)) == sorted([EAST_LEADER, WEST_LEADER])
    assert phones(voice) == phones(sparse.sms) == phones(sparse.voice) == []
    assert all(one.text.startswith("演练") and "这不是预警" in one.text for one in sms.outbox)
    sparse.text_back(EAST_LEADER, "1")
    assert counts(sparse)[Gap.UNCONFIRMED] == 2


def test_a_key_in_a_call_counts_too_and_a_fixed_line_is_called(town: Town) -> None:
    sms, voice = town.add_drill_channels()
    town.settle_in([(LANDLINE, "branch_leader", EAST), (WEST_LEADER, "deputy", EAST)])
    ask(town)
    town.tick(minutes=1)
    assert (phones(sms), phones(voice)) == ([WEST_LEADER], [LANDLINE])
    town.press("1", LANDLINE, voice)
    assert counts(town)[Gap.UNCONFIRMED] == 1


def test_the_same_day_again_asks_nobody_twice(sparse: Town) -> None:
    sms, _ = sparse.add_drill_channels()
    first, again = ask(sparse), ask(sparse)
    assert (again.is_new, again.broadcast_id) == (False, first.broadcast_id)
    sparse.tick(minutes=5)
    assert len(phones(sms)) == 2


def test_at_night_it_begins_the_next_morning_and_ends_in_the_evening(sparse: Town) -> None:
    sms, _ = sparse.add_drill_channels()
    sparse.now += timedelta(hours=6)  # 23:20 in Huaiji
    done = ask(sparse)
    local = sparse.world.local(done.begins_at)
    assert (local.hour, local.day) == (9, sparse.world.local(sparse.now).day + 1)
    sparse.tick(minutes=9 * 60)
    assert phones(sms) == []
    sparse.tick(minutes=45)
    assert len(phones(sms)) == 2


def test_what_has_not_left_by_the_evening_is_left_for_another_day(sparse: Town) -> None:
    sms, _ = sparse.add_drill_channels()
    ask(sparse)
    sparse.now += timedelta(hours=3)  # 20:20: nobody was awake
    sparse.tick(minutes=1)
    assert phones(sms) == []
    assert sparse.messages(EAST_LEADER)[-1][1] == "expired"


def test_a_round_may_be_bounded(sparse: Town) -> None:
    sparse.add_drill_channels()
    done = ask(sparse, most=1)
    assert (done.asked, done.later) == (1, 1)
