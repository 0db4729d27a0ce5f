"""Each story is told on every database there is."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from alertcast.simulator.server import DEMO_ACCOUNTS, Simulator
from tests.databases import KINDS, database
from tests.stories.china import Publishers
from tests.stories.town import Town


@pytest.fixture(params=KINDS)
def town(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Town]:
    """The small town, with its people and a carrier in memory."""
    with database(request.param, tmp_path) as db:
        yield Town(db, tmp_path)


@pytest.fixture
def china(town: Town) -> Iterator[Publishers]:
    """The publishers of China's free feeds, which the town follows."""
    simulator = Simulator(DEMO_ACCOUNTS)
    simulator.start()
    yield Publishers(town, simulator)
    simulator.stop()
