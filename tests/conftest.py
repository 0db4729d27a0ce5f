"""What all tests share: a quiet log, and which groups of tests are collected.

Three groups are collected only where their variable is set; without it they do not exist, so that
a run has no skipped tests:

- ALERTCAST_CORPORA: the folder of the corpora of real alerts and of the providers' own API
  descriptions; see `collect_ignore` in tests/conformance/conftest.py and its neighbours.
- ALERTCAST_TEST_DATABASE_URL: an empty PostgreSQL database that may be wiped; every test that takes
  a database is run on it as well, see tests/databases.py.
- ALERTCAST_BROWSER: a Chromium that Playwright may start; see tests/browser/conftest.py.
"""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from sqlalchemy import Engine, create_engine

from alertcast.store import db

structlog.configure(
    processors=[
        structlog.processors.add_log_level,
        structlog.processors.format_exc_info,
        structlog.processors.KeyValueRenderer(key_order=["level", "event"]),
    ]
)


STATEMENTS = 3_000
"""How many statements stay compiled for each kind of database."""


@pytest.fixture(autouse=True, scope="session")
def compiled_once() -> Iterator[None]:
    """Let all databases of a kind share what is compiled: each test opens one of its own."""
    first: dict[str, Engine] = {}

    def created(*where: Any, **options: Any) -> Engine:
        made = create_engine(*where, query_cache_size=STATEMENTS, **options)
        shared = first.get(made.dialect.name)
        if shared is None or shared.dialect.server_version_info is None:  # nobody has opened it
            first[made.dialect.name] = made
        else:
            made.dialect, made._compiled_cache = shared.dialect, shared._compiled_cache
        return made

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(db, "create_engine", created)
        yield


@pytest.fixture(autouse=True)
def log_as_before() -> Iterator[None]:
    """Let no test change how those after it log: a command run in this process sets it up anew."""
    before, root = structlog.get_config(), logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    structlog.configure(**before)
    root.handlers[:] = handlers
    root.setLevel(level)
