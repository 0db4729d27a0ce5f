"""Each test on every database there is."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import KINDS, POSTGRESQL, MovableDatabase, database

collect_ignore = [] if POSTGRESQL else ["test_playground.py"]  # of SQLite a file is copied


@pytest.fixture(params=KINDS)
def db(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MovableDatabase]:
    """An empty database of the newest version."""
    with database(request.param, tmp_path) as opened:
        yield opened
