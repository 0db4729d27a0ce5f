"""A publisher asks for patience and names no time: it is asked less and less often, in sight."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from alertcast.core.patience import LONGEST
from alertcast.dispatch import ingest
from alertcast.dispatch.watch import first_page
from alertcast.sources.base import Outcome, Polled, SourceSettings
from tests.stories.town import Town

MINUTE = timedelta(minutes=1)


class Publisher:
    """A source that answers what it is told to."""

    Settings = SourceSettings
    name = "observatory"

    def __init__(self) -> None:
        self.answer = Polled(Outcome.FAILED, (), "answered 500", is_busy=True)

    def poll(self, memory: Mapping[str, Any], now: datetime) -> Polled:
        return self.answer


def rests(town: Town, publisher: Publisher) -> timedelta | None:
    return ingest.poll(town.world, publisher, town.now).wait


def test_it_is_left_alone_longer_each_time_and_the_page_says_until_when(town: Town) -> None:
    publisher = Publisher()
    found = [rests(town, publisher) for _ in range(8)]
    for number, wait in enumerate(found):
        longest = min(MINUTE * 2**number, LONGEST)
        assert wait is not None
        assert longest * 0.75 <= wait <= longest
    with town.db.read() as tx:
        (failing,) = first_page(town.world, tx, town.now)["failing"]
        until = town.db.real_now(tx) + found[-1]
    assert (failing["name"], failing["failures"]) == ("observatory", 8)
    assert abs(failing["rests_until"] - until) < MINUTE


def test_an_answer_ends_it(town: Town) -> None:
    publisher = Publisher()
    for _ in range(4):
        rests(town, publisher)
    publisher.answer = Polled(Outcome.NO_DATA)
    assert rests(town, publisher) is None
    publisher.answer = Polled(Outcome.FAILED, (), "answered 500", is_busy=True)
    wait = rests(town, publisher)
    assert wait is not None
    assert wait <= MINUTE


def test_a_time_that_it_names_is_kept_and_no_other_failure_makes_it_wait(town: Town) -> None:
    publisher = Publisher()
    named = timedelta(seconds=7)
    publisher.answer = Polled(Outcome.FAILED, (), "answered 429", wait=named, is_busy=True)
    assert rests(town, publisher) == named
    publisher.answer = Polled(Outcome.FAILED, (), "timed out")
    assert rests(town, publisher) is None


def test_each_source_rests_for_itself(town: Town) -> None:
    one, other = Publisher(), Publisher()
    other.name = "other"
    for _ in range(5):
        rests(town, one)
    wait = rests(town, other)
    assert wait is not None
    assert wait <= MINUTE
