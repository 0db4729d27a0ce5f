"""An official end while another warning holds is told once that one has run out, and only then."""

import pytest
from sqlalchemy import update

from alertcast.store.schema import alert
from tests.stories.published import Warned
from tests.stories.town import (
    ALL,
    EAST_LEADER,
    EAST_SECRETARY,
    IN_EAST,
    IN_WEST,
    WEST_LEADER,
    Town,
    phones,
)

LIFTED = "已由发布单位解除"
OVER_HERE = "不再生效"


def texts(town: Town, phone: str) -> list[str]:
    return [one.text for one in town.sms.outbox if one.phone == phone]


def two(town: Town, one: str = "orange", other: str = "orange") -> tuple[Warned, Warned]:
    """Warn by two feeds, under two identifiers; the second is in force for two hours."""
    return town.warn(IN_EAST, one), town.warn(IN_EAST, other, source="second", hours=2)


def test_the_end_is_told_when_the_copy_of_another_feed_has_run_out(town: Town) -> None:
    first, _ = two(town)
    town.tick(minutes=10)
    end = town.lift(first)
    assert town.decision(end.identifier)[0] == "ended"
    town.tick(minutes=60)
    assert not any(LIFTED in one.text for one in town.sms.outbox)
    town.tick(minutes=60)
    assert LIFTED in texts(town, EAST_LEADER)[-1]
    assert LIFTED in texts(town, EAST_SECRETARY)[-1]
    assert "到期" in town.decision(end.identifier)[1]
    before = len(town.sms.outbox)
    town.tick(minutes=60)
    assert len(town.sms.outbox) == before


def test_a_county_s_end_is_told_when_the_city_s_warning_has_run_out(town: Town) -> None:
    county = town.warn(IN_EAST)
    town.warn(ALL, source="city", hours=2)
    assert WEST_LEADER in phones(town.sms)
    town.lift(county)
    town.tick(minutes=130)
    assert OVER_HERE in texts(town, EAST_LEADER)[-1]
    assert "东村" in texts(town, EAST_LEADER)[-1]
    assert len(texts(town, WEST_LEADER)) == 1, "the city never lifted it there"


def test_what_ran_out_at_a_higher_level_is_not_over_by_the_end_of_a_lower(town: Town) -> None:
    first, _ = two(town, "orange", "red")
    town.lift(first)
    town.tick(minutes=130)
    assert len([one for one in texts(town, EAST_LEADER) if LIFTED in one or OVER_HERE in one]) == 0


def test_what_came_after_the_end_is_not_over_by_it(town: Town) -> None:
    first, _ = two(town)
    town.tick(minutes=1)
    town.lift(first)
    town.tick(minutes=1)
    town.warn(IN_EAST, source="second", hours=3)
    town.tick(minutes=300)
    assert not any(LIFTED in one or OVER_HERE in one for one in texts(town, EAST_LEADER))


def test_while_a_third_holds_nothing_is_told(town: Town) -> None:
    first, _ = two(town)
    town.warn(IN_EAST, "yellow", source="third", hours=24)
    town.lift(first)
    town.tick(minutes=130)
    assert not any(LIFTED in one or OVER_HERE in one for one in texts(town, EAST_LEADER))


def test_what_holds_elsewhere_leaves_the_end_to_the_places_that_were_lifted(town: Town) -> None:
    first, _ = two(town)
    town.warn(IN_WEST, source="third", hours=24)
    town.lift(first)
    town.tick(minutes=130)
    assert OVER_HERE in texts(town, EAST_LEADER)[-1] or LIFTED in texts(town, EAST_LEADER)[-1]
    assert len(texts(town, WEST_LEADER)) == 1


def test_where_its_relay_fails_it_has_run_out_all_the_same(town: Town) -> None:
    first, _ = two(town)
    end = town.lift(first)
    with town.db.write() as tx:
        rows = update(alert).where(alert.c.identifier == end.identifier)
        tx.execute(rows.values(references=[{"not": "a reference"}]))
    with pytest.raises(KeyError):
        town.tick(minutes=130)
    assert town.in_force() == []
