"""The pages over the small town, on one of the databases by turns.

What pages ask of the database, several tests ask; that every question is right on each of them is
shown below the pages (tests/store, tests/dispatch, tests/stories) and by the tests here that go
through all addresses (`every_database`).
"""

from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

import pytest

from tests.databases import KINDS, database
from tests.stories.town import Town
from tests.web.site import Site


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Let each test have one kind of database, always the same, or every kind."""
    if "kept_in" in metafunc.fixturenames:
        turn = crc32(metafunc.definition.nodeid.encode()) % len(KINDS)
        every = metafunc.definition.get_closest_marker("every_database")
        metafunc.parametrize("kept_in", KINDS if every else [KINDS[turn]])


@pytest.fixture
def town(kept_in: str, tmp_path: Path) -> Iterator[Town]:
    with database(kept_in, tmp_path) as db:
        town = Town(db, tmp_path)
        town.configure(web={"public_base_url": "http://127.0.0.1"})
        yield town


@pytest.fixture
def site(town: Town) -> Site:
    return Site(town)
