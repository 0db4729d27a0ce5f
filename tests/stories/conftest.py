"""Each story is told on every database there is."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import KINDS, database
from tests.stories.town import Town


@pytest.fixture(params=KINDS)
def town(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Town]:
    """The small town, with its people and a carrier in memory."""
    with database(request.param, tmp_path) as db:
        yield Town(db, tmp_path)
