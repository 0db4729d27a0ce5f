"""A provider that calls nobody: receipts are fetched, kept, applied once, then acknowledged."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from alertcast.dispatch import examine, pull, receive
from alertcast.simulator.faults import Fault
from alertcast.simulator.people import Behaviour, Hearing, Reading
from tests.databases import KINDS, database
from tests.stories.gateway_town import GatewayTown, fetched
from tests.stories.served_town import SILENT
from tests.stories.town import ALL, EAST_DEPUTY, EAST_LEADER, EAST_SECRETARY, IN_EAST


@pytest.fixture(params=KINDS)
def town(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[GatewayTown]:
    with database(request.param, tmp_path) as db, GatewayTown(db, tmp_path) as found:
        found.connect("sms", fetched(found.base, "sms"))
        found.connect("voice", fetched(found.base, "voice"))
        yield found


def test_a_provider_that_only_waits_to_be_asked_works_the_whole_ladder(town: GatewayTown) -> None:
    town.carrier.people.let(EAST_SECRETARY, SILENT)
    town.warn(ALL, "orange")
    town.tick(minutes=15)
    assert set(town.states().values()) == {"answered"}
    assert set(town.texted().values()) == {"delivered"}
    assert EAST_DEPUTY not in [one.to for one in town.carrier.ledger.calls()]
    assert town.fetch() == 0


def test_killed_between_fetching_and_acknowledging_it_is_fetched_twice_and_applied_once(
    town: GatewayTown,
) -> None:
    town.carrier.people.let(EAST_LEADER, Behaviour(calls=(Hearing(keys=("2",)),)))
    town.carrier.people.let(EAST_SECRETARY, SILENT)
    keys = fetched(town.base, "voice")
    unheard = dict(keys["pull"], limit=100)
    del unheard["acknowledge"]  # killed each time before it could be said
    town.connect("voice", keys | {"pull": unheard})
    town.warn(IN_EAST, "red")
    town.tick(minutes=3)
    assert len(town.help_requests()) == 1
    town.connect("voice", keys)
    assert town.fetch() > 0
    town.tick(minutes=1)
    assert len(town.help_requests()) == 1
    assert town.fetch() == 0


def test_a_key_that_came_before_our_own_record_still_counts(town: GatewayTown) -> None:
    town.carrier.people.let(EAST_SECRETARY, SILENT)
    keys = fetched(town.base, "voice")
    del keys["pull"]["ref"]  # it reports under its own id alone
    town.connect("voice", keys)
    town.carrier.faults.set(Fault("reset_after", "call", nth=1))
    town.warn(IN_EAST, "red")
    town.tick(minutes=2)
    assert town.fetch() == 0  # the key is here, and nobody knows whose it is
    assert town.states() == {"东村": "open"}
    town.after_the_grace()
    town.tick()
    assert town.states() == {"东村": "answered"}
    assert [one.to for one in town.carrier.ledger.calls()].count(EAST_LEADER) == 1


def test_a_key_that_could_not_be_applied_is_tried_again(
    town: GatewayTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        msg = "not today"
        raise RuntimeError(msg)

    town.carrier.people.let(EAST_SECRETARY, SILENT)
    with monkeypatch.context() as patched:
        patched.setattr(receive, "answer_task", fails)
        patched.setattr(pull, "answer_task", fails)
        town.warn(IN_EAST, "red")
        town.tick(minutes=2)
    assert town.states() == {"东村": "open"}
    with town.db.read() as tx:
        advice = {one.key: one.count for one in examine.examine(town.world, tx, town.now)}
    assert advice["receipts_broken"]
    town.tick(seconds=30)
    assert town.states() == {"东村": "answered"}
    with town.db.read() as tx:
        assert "receipts_broken" not in {
            one.key for one in examine.examine(town.world, tx, town.now)
        }


def test_a_provider_that_can_not_be_reached_is_asked_again(town: GatewayTown) -> None:
    town.carrier.people.let(EAST_LEADER, Behaviour(sms=Reading(after=2)))
    keys = fetched(town.base, "sms")
    broken = keys | {"pull": keys["pull"] | {"url": "http://127.0.0.1:9/none"}}
    town.connect("sms", broken)
    town.warn(IN_EAST, "orange")
    town.tick(minutes=1)
    assert set(town.texted().values()) == {"underway"}
    town.connect("sms", keys)
    town.fetch()
    receive.apply_kept(town.world, town.now)
    assert set(town.texted().values()) == {"delivered"}


def test_a_channel_that_is_not_fetched_from_is_left_alone(town: GatewayTown) -> None:
    assert pull.pull(town.world, "nobody", town.now) == pull.Fetched()
