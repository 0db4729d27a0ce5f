"""Links over real HTTP: the SDK, a carrier, telephones that preview, and readers who press."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from alertcast.simulator.faults import Fault
from alertcast.simulator.people import Behaviour, Hearing, Pickup, Reading
from tests.databases import KINDS, database
from tests.stories.http_town import HttpTown
from tests.stories.town import EAST_LEADER, EAST_SECRETARY, IN_EAST

NOBODY = (Hearing(Pickup.NO_ANSWER, ()),)
PREVIEWS = Behaviour(sms=Reading(previews=True), calls=NOBODY)


@pytest.fixture(params=KINDS)
def town(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[HttpTown]:
    with database(request.param, tmp_path) as db, HttpTown(db, tmp_path) as found:
        sms = found.channels[0]
        way = {"two_way": False, "links": True, "links_for_mainland": True}
        sms.settings = sms.settings.model_copy(update=way)  # type: ignore[misc]
        for phone in (EAST_LEADER, EAST_SECRETARY):
            found.carrier.people.let(phone, PREVIEWS)
        yield found


def visits(town: HttpTown) -> list[tuple[str, int | None]]:
    return [(one.what, one.answer) for one in town.carrier.ledger.visits()]


def reads(reply: str = "1", counts: tuple[int, int] | None = None) -> Behaviour:
    """Return somebody whose telephone previews, and who presses after half a minute."""
    reading = Reading(previews=True, reply=reply, reply_after=30.0, counts=counts)
    return Behaviour(sms=reading, calls=NOBODY)


def test_previews_answer_nothing(town: HttpTown) -> None:
    town.warn(IN_EAST, "yellow")
    town.tick(minutes=2)
    assert visits(town) == [("preview", 200)] * 4
    assert town.states() == {"东村": "open"}
    assert town.answers() == []


def test_a_press_after_a_preview_answers_once(town: HttpTown) -> None:
    town.carrier.people.let(EAST_LEADER, reads())
    town.warn(IN_EAST, "yellow")
    town.tick(minutes=2)
    assert visits(town).count(("pressed", 303)) == 1
    assert town.states() == {"东村": "answered"}
    assert town.answers() == [(EAST_LEADER, "link", "1")]


def test_the_button_for_help(town: HttpTown) -> None:
    town.carrier.people.let(EAST_LEADER, reads("2"))
    town.warn(IN_EAST, "yellow")
    town.tick(minutes=2)
    assert len(town.help_requests()) == 1


def test_households_are_told_with_the_press(town: HttpTown) -> None:
    town.carrier.people.let(EAST_LEADER, reads(counts=(120, 30)))
    town.warn(IN_EAST, "yellow")
    town.tick(minutes=2)
    assert town.answers() == [(EAST_LEADER, "link", "1")]
    assert town.relayed() == {"东村": (120, 30)}


def test_a_stopped_warning_is_read_and_not_answered(town: HttpTown) -> None:
    town.carrier.people.let(EAST_LEADER, reads())
    town.warn(IN_EAST, "yellow")
    town.stop()
    town.tick(minutes=2)
    assert ("opened", 200) in visits(town)
    assert "pressed" not in [what for what, _ in visits(town)]
    assert town.answers() == []


def test_a_text_found_at_the_carrier_after_a_lost_answer_has_a_link_that_works(
    town: HttpTown,
) -> None:
    town.carrier.people.let(EAST_LEADER, reads())
    town.carrier.people.let(EAST_SECRETARY, reads())
    town.carrier.faults.set(Fault("reset_after", "message"), Fault("receipts_none"))
    town.warn(IN_EAST, "yellow")
    town.after_the_grace()
    town.tick(minutes=2)
    bodies = [one.body or "" for one in town.carrier.ledger.messages()]
    assert len(bodies) == len(set(bodies)) == 2
    assert sorted(town.answers()) == [(EAST_LEADER, "link", "1"), (EAST_SECRETARY, "link", "1")]


def test_a_text_sent_again_carries_the_same_link(town: HttpTown) -> None:
    town.carrier.people.let(EAST_LEADER, reads())
    town.carrier.people.let(EAST_SECRETARY, reads())
    town.carrier.faults.set(Fault("throttled", "message", nth=1, seconds=1))
    town.warn(IN_EAST, "yellow")
    town.after_the_grace()
    town.tick(minutes=2)
    assert len(town.carrier.ledger.messages()) == 2
    assert len(town.answers()) == 2
