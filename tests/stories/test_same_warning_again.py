"""People are told again only when it gets worse where they are, or when they are newly inside."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from alertcast.store.schema import alert
from tests.stories.published import Warned, cap, info
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


def test_the_same_warning_by_two_feeds_calls_once(town: Town) -> None:
    warned = town.warn(over=IN_EAST)
    town.warn(over=IN_EAST, identifier=warned.identifier, source="another")
    assert sorted(phones(town.sms)) == [EAST_LEADER, EAST_SECRETARY]
    assert town.count() == 1


def test_an_update_at_the_same_level_is_quiet(town: Town) -> None:
    first = town.warn(over=IN_EAST)
    second = town.warn(over=IN_EAST, replaces=first)
    assert len(town.sms.outbox) == 2
    assert town.decision(second.identifier)[0] == "quiet"


def test_a_warning_of_the_county_after_that_of_the_city_is_quiet(town: Town) -> None:
    town.warn(over=ALL, source="city")
    before = len(town.sms.outbox)
    second = town.warn(over=IN_EAST, source="county")
    assert len(town.sms.outbox) == before
    assert town.decision(second.identifier)[0] == "quiet"


def test_an_upgrade_tells_again_and_takes_over(town: Town) -> None:
    first = town.warn(over=IN_EAST, level="yellow")
    yellow = town.last
    town.warn(over=IN_EAST, level="orange", replaces=first)
    assert town.states(yellow) == {"东村": "superseded"}
    assert town.states() == {"东村": "open"}
    assert phones(town.sms).count(EAST_LEADER) == 2
    town.tick(minutes=75)
    assert phones(town.voice).count(EAST_LEADER) == 1


def test_an_answer_to_yellow_does_not_answer_orange(town: Town) -> None:
    town.sms.takes_replies = True
    first = town.warn(over=IN_EAST, level="yellow")
    town.text_back(EAST_LEADER, "1")
    town.warn(over=IN_EAST, level="orange", replaces=first)
    assert town.states() == {"东村": "open"}


def test_an_upgrade_takes_over_what_nobody_reached(town: Town) -> None:
    first = town.warn(over=IN_EAST, level="yellow")
    yellow = town.last
    town.tick(minutes=75)
    assert town.states(yellow) == {"东村": "unreached"}
    town.warn(over=IN_EAST, level="orange", replaces=first)
    assert town.states(yellow) == {"东村": "superseded"}


def test_a_downgrade_is_quiet_and_getting_worse_again_is_not(town: Town) -> None:
    first = town.warn(over=IN_EAST, level="orange")
    second = town.warn(over=IN_EAST, level="yellow", replaces=first)
    assert len(town.sms.outbox) == 2
    town.warn(over=IN_EAST, level="orange", replaces=second)
    assert len(town.sms.outbox) == 4


def test_only_the_grids_that_are_newly_inside_are_told(town: Town) -> None:
    first = town.warn(over=IN_EAST)
    town.warn(over=[(IN_EAST, "orange"), (IN_WEST, "orange")], replaces=first)
    assert phones(town.sms).count(EAST_LEADER) == 1
    assert phones(town.sms).count(WEST_LEADER) == 1
    assert town.states() == {"西村": "open"}


def test_the_next_cold_after_one_that_ran_out_is_news(town: Town) -> None:
    town.warn(over=IN_EAST, hours=2)
    town.tick(minutes=180)
    second = town.warn(over=IN_EAST)
    assert town.decision(second.identifier)[0] == "broadcast"
    assert phones(town.sms).count(EAST_LEADER) == 2


def test_nobody_counts_as_told_by_a_warning_that_was_held(town: Town) -> None:
    town.configure(dispatch={"automatic": False})
    first = town.warn(over=IN_EAST)
    assert town.decision(first.identifier)[0] == "held"
    town.configure(dispatch={"automatic": True})
    town.warn(over=IN_EAST, replaces=first)
    assert sorted(phones(town.sms)) == [EAST_LEADER, EAST_SECRETARY]


@pytest.mark.parametrize("status", ["Test", "Exercise", "System", "Draft"])
def test_what_is_not_actual_is_never_sent_live(town: Town, status: str) -> None:
    warned = town.warn(status=status)
    assert phones(town.sms) == []
    assert town.decision(warned.identifier)[0] == "not_actual"


@pytest.mark.parametrize("msg_type", ["Ack", "Error"])
def test_messages_between_systems_are_never_sent(town: Town, msg_type: str) -> None:
    warned = town.warn(msg_type=msg_type)
    assert phones(town.sms) == []
    assert town.decision(warned.identifier)[0] == "not_a_warning"


def test_a_warning_that_had_run_out_when_it_came_is_not_sent(town: Town) -> None:
    old = Warned("44122441600000_20261224172001", town.now - timedelta(days=2))
    town.publish(cap(old, info(old.sent, IN_EAST, "orange", hours=24)))
    assert phones(town.sms) == []
    assert town.decision(old.identifier)[0] == "expired"


def test_a_document_that_can_not_be_read_is_put_aside_and_the_next_one_sent(town: Town) -> None:
    taken = town.publish(b"<alert>")
    assert taken.refused == 1
    town.warn(over=IN_EAST)
    assert len(town.sms.outbox) == 2


def test_an_alert_that_breaks_our_program_does_not_hold_up_the_next_one(town: Town) -> None:
    broken = Warned("44122441600000_20261226172099", town.now - timedelta(minutes=1))
    town.keep(cap(broken, info(town.now, IN_WEST, "orange")))
    with town.db.write() as tx:
        tx.execute(update(alert).values(references=[{"not": "a reference"}]))
    town.warn(over=IN_EAST)
    assert sorted(phones(town.sms)) == [EAST_LEADER, EAST_SECRETARY]
    assert town.decision(broken.identifier)[0] == "fault"
    with town.db.write() as tx:
        tx.execute(update(alert).values(references=[]))
    town.tick()
    assert WEST_LEADER in phones(town.sms)


def test_deciding_and_ticking_twice_changes_nothing(town: Town) -> None:
    town.warn(over=IN_EAST)
    town.tick()
    town.tick()
    assert (len(town.sms.outbox), town.count()) == (2, 1)
