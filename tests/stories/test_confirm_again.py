"""What comes while a warning waits for a human, or after it was refused, is not lost by that.

People were told of orange; red is doubtful, and waits. An update, a second source, a source that
contradicts, a refusal: none of them may leave everybody at orange in silence.
"""

import dataclasses

import pytest

from alertcast.core.broadcast import BroadcastState
from alertcast.core.rules import Rules
from alertcast.sources.folder import Folder
from tests.sources.signers import signer
from tests.stories.published import Warned, cap, info
from tests.stories.town import COUNTY_DESK, EAST_LEADER, HEAD, IN_EAST, IN_SOUTH, Town, phones

NATIONAL = "44122441600000_20261226172001"


def trust(town: Town, alone: str) -> None:
    def changed(rules: Rules) -> Rules:
        return dataclasses.replace(rules, confirm=dataclasses.replace(rules.confirm, alone=alone))

    town.rules = changed


def texts(town: Town) -> int:
    """Return how many texts the leader of the eastern grid was sent."""
    return phones(town.sms).count(EAST_LEADER)


@pytest.fixture
def orange(town: Town) -> Warned:
    """Orange, of which everybody was told; what comes next is asked about."""
    warned = town.warn(IN_EAST, "orange")
    assert texts(town) == 1
    town.limit_people(1)
    return warned


def test_an_update_of_a_red_that_waits_is_told_by_the_clock(town: Town, orange: Warned) -> None:
    red = town.warn(IN_EAST, "red", replaces=orange)
    assert town.decision(red.identifier)[0] == "confirm"
    update = town.warn(IN_EAST, "red", replaces=red)
    assert town.decision(update.identifier)[0] == "confirm"
    town.tick(minutes=5)
    assert texts(town) == 2


def test_an_update_of_a_red_that_waits_is_told_when_it_is_confirmed(
    town: Town, orange: Warned
) -> None:
    red = town.warn(IN_EAST, "red", replaces=orange)
    town.warn(IN_EAST, "red", replaces=red)
    town.press_1(COUNTY_DESK)
    assert texts(town) == 2
    town.tick(minutes=30)
    assert texts(town) == 2


def test_updates_that_keep_coming_do_not_hold_it_back(town: Town, orange: Warned) -> None:
    newest, began = orange, town.now
    for _ in range(3):
        newest = town.warn(IN_EAST, "red", replaces=newest)
        town.tick(minutes=1)
    assert texts(town) == 2
    assert town.broadcast(town.last).starts_at == began + town.world.config.rules.confirm.wait


def test_an_update_at_the_very_moment_of_the_clock_goes_out_with_it(
    town: Town, orange: Warned
) -> None:
    red = town.warn(IN_EAST, "red", replaces=orange)
    town.now += town.world.config.rules.confirm.wait
    town.warn(IN_EAST, "red", replaces=red)
    assert texts(town) == 2
    town.press("2", COUNTY_DESK)
    assert town.states() == {"东村": "cancelled"}


def test_a_rise_is_not_hurried_by_the_clock_of_what_was_lower(town: Town) -> None:
    town.limit_people(1, unanswered="orange")
    low = town.warn(IN_EAST, "orange")
    town.tick(minutes=2)
    town.warn(IN_EAST, "red", replaces=low)
    town.tick(minutes=2)
    assert texts(town) == 0
    town.tick(minutes=1.5)
    assert texts(town) == 1


def test_a_downgrade_while_it_waits_is_quiet_and_withdraws_it(town: Town, orange: Warned) -> None:
    red = town.warn(IN_EAST, "red", replaces=orange)
    waiting = town.last
    down = town.warn(IN_EAST, "orange", replaces=red)
    assert town.decision(down.identifier)[0] == "quiet"
    town.tick(minutes=5)
    assert (texts(town), town.broadcast(waiting).state) == (1, BroadcastState.CANCELLED)


def test_orange_said_again_while_red_waits_tells_nobody_twice(town: Town, orange: Warned) -> None:
    town.warn(IN_EAST, "red")
    town.limit_people(0)
    again = town.warn(IN_EAST, "orange", replaces=orange)
    assert town.decision(again.identifier)[0] == "quiet"
    assert texts(town) == 1


def test_red_without_a_doubt_is_told_although_another_red_was_refused(
    town: Town, orange: Warned
) -> None:
    town.warn(IN_EAST, "red")
    town.press("2", HEAD)
    town.limit_people(0)
    town.warn(IN_EAST, "orange", source="second")
    assert texts(town) == 1
    red = town.warn(IN_EAST, "red", source="second")
    assert (town.decision(red.identifier)[0], texts(town)) == ("broadcast", 2)


def test_refused_before_the_clock_what_people_know_is_not_told_again(
    town: Town, orange: Warned
) -> None:
    red = town.warn(IN_EAST, "red", replaces=orange)
    town.press("2", HEAD)
    town.limit_people(0)
    town.warn(IN_EAST, "orange", replaces=red)
    assert texts(town) == 1


def test_refused_after_the_clock_the_next_warning_is_news_at_the_same_level(town: Town) -> None:
    trust(town, "orange")
    town.warn(IN_EAST, "red")
    town.tick(minutes=4)
    assert texts(town) == 1
    town.press("2", COUNTY_DESK)
    trust(town, "red")
    again = town.warn(IN_EAST, "red", source="second")
    assert (town.decision(again.identifier)[0], texts(town)) == ("broadcast", 2)


@pytest.mark.parametrize(
    ("level", "place", "status"),
    [("blue", IN_EAST, "Actual"), ("red", IN_EAST, "Test"), ("red", IN_SOUTH, "Actual")],
    ids=["level", "status", "area"],
)
def test_a_source_that_contradicts_confirms_nothing(
    town: Town, level: str, place: object, status: str
) -> None:
    trust(town, "yellow")
    warned = Warned(NATIONAL, town.now)
    town.publish(cap(warned, info(town.now, IN_EAST, "red")))
    town.publish(cap(warned, info(town.now, place, level), status=status), "second")  # type: ignore[arg-type]
    assert (texts(town), town.audited()) == (0, [])
    town.tick(minutes=4)
    assert texts(town) == 1, "its clock runs all the same"


def test_two_that_agree_wait_on_while_a_third_contradicts(town: Town) -> None:
    trust(town, "none")
    warned = Warned(NATIONAL, town.now)
    document = cap(warned, info(town.now, IN_EAST, "orange"))
    town.publish(document)
    town.publish(cap(warned, info(town.now, IN_EAST, "orange"), status="Test"), "second")
    town.publish(document, "third")
    assert texts(town) == 0
    town.press_1(COUNTY_DESK)
    assert texts(town) == 1


def test_one_that_agrees_and_one_that_contradicts_in_one_poll_are_asked_about(town: Town) -> None:
    trust(town, "none")
    warned = Warned(NATIONAL, town.now)
    town.keep(cap(warned, info(town.now, IN_EAST, "orange")))
    town.publish(cap(warned, info(town.now, IN_EAST, "blue")), "second")
    assert town.decision(NATIONAL)[0] == "approval"


def test_a_source_whose_own_signature_is_not_believed_confirms_nothing(town: Town) -> None:
    trust(town, "none")
    pinned = [signer("observatory").write(town.folder)]
    rules = Folder.Settings(path=town.folder, certificates=pinned, must_be_signed=True)
    town.signed["second"] = rules
    document = cap(Warned(NATIONAL, town.now), info(town.now, IN_EAST, "orange"))
    town.publish(document)
    town.publish(document, "second")
    assert texts(town) == 0
    town.publish(document, "third")
    assert texts(town) == 1
