"""Our own feed hands on nothing that waits for a human's confirmation, and nothing he refused."""

import pytest

from tests.stories.test_restored import backed_up, burn_and_restore
from tests.stories.town import COUNTY_DESK, IN_EAST, IN_WEST, Town
from tests.web.served import served
from tests.web.test_feed import SENDER, ask, entries


@pytest.fixture(autouse=True)
def careful(town: Town) -> None:
    """Open the feed of a town in which nobody is told of anything before it is confirmed."""
    town.configure(republish={"enabled": True, "sender": SENDER})
    town.limit_people(1)


@pytest.mark.parametrize(("level", "decision"), [("orange", "approval"), ("red", "confirm")])
def test_what_waits_to_be_confirmed_is_not_handed_on_until_it_is(
    town: Town, level: str, decision: str
) -> None:
    warned = town.warn(IN_EAST, level)
    assert town.decision(warned.identifier)[0] == decision
    with served(town) as address:
        assert entries(address) == []
        assert ask(address, "/feed/alerts/1.xml").status_code == 404
        town.press_1(COUNTY_DESK)
        assert len(entries(address)) == 1
        assert ask(address, "/feed/alerts/1.xml").status_code == 200


def test_what_the_clock_lets_go_is_handed_on(town: Town) -> None:
    town.warn(IN_EAST, "red")
    town.tick(minutes=4)
    with served(town) as address:
        assert len(entries(address)) == 1


@pytest.mark.parametrize("level", ["orange", "red"])
def test_what_is_refused_is_never_handed_on(town: Town, level: str) -> None:
    warned = town.warn(IN_EAST, level)
    town.press("2", COUNTY_DESK)
    town.tick(minutes=30)
    assert town.decision(warned.identifier)[0] == "refused"
    with served(town) as address:
        assert entries(address) == []


def test_what_is_refused_after_the_clock_is_handed_on_no_more(town: Town) -> None:
    town.warn(IN_EAST, "red")
    town.tick(minutes=4)
    with served(town) as address:
        assert len(entries(address)) == 1
        town.press("2", COUNTY_DESK)
        assert entries(address) == []


def test_what_is_refused_is_not_handed_on_any_more_though_red_had_gone_out(town: Town) -> None:
    warned = town.warn([(IN_WEST, "red"), (IN_EAST, "orange")])
    running = town.last - 1
    town.tick(minutes=4)
    with served(town) as address:
        assert len(entries(address)) == 1
        town.press("2", COUNTY_DESK)
        assert town.decision(warned.identifier)[0] == "refused"
        assert town.broadcast(running).state == "cancelled"
        assert entries(address) == []


def test_what_an_officer_stops_while_it_waits_is_not_handed_on(town: Town) -> None:
    town.warn(IN_EAST)
    town.stop()
    town.tick(minutes=30)
    with served(town) as address:
        assert entries(address) == []


def test_what_waited_when_it_was_saved_and_was_restored_is_not_handed_on(town: Town) -> None:
    town.warn(IN_EAST, "red")
    burn_and_restore(town, backed_up(town))
    town.tick(minutes=30)
    assert (town.broadcast().state, set(town.states().values())) == ("held", {"planned"})
    with served(town) as address:
        assert entries(address) == []
