from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import KINDS, database
from tests.stories.town import Town
from tests.web.site import Site


@pytest.fixture(params=KINDS)
def town(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Town]:
    with database(request.param, tmp_path) as db:
        town = Town(db, tmp_path)
        town.configure(web={"public_base_url": "http://127.0.0.1"})
        yield town


@pytest.fixture
def site(town: Town) -> Site:
    return Site(town)
