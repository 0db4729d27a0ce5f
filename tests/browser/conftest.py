"""The pages in a real browser, collected only where ALERTCAST_BROWSER names its program."""

import gc
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright
from werkzeug.serving import make_server

from tests.browser.seat import SIZES, Seat
from tests.databases import database
from tests.stories.town import Town
from tests.web.site import Site

PROGRAM = os.environ.get("ALERTCAST_BROWSER", "")
collect_ignore_glob = [] if PROGRAM else ["test_*.py"]
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


LEFT = "ignore:Exception ignored in.*web/static:pytest.PytestUnraisableExceptionWarning"
"""The server of these tests leaves a file open whose reader went to another page meanwhile."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.filterwarnings(LEFT))


@dataclass(frozen=True)
class Served:
    """The pages of the small town at an address."""

    site: Site
    url: str

    @property
    def town(self) -> Town:
        return self.site.town


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=PROGRAM, args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with database("sqlite", tmp_path) as db:
        site = Site(Town(db, tmp_path), is_demo=True)
        server = make_server("127.0.0.1", 0, site.app, threaded=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield Served(site, f"http://127.0.0.1:{server.port}")
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
            gc.collect()  # what a reader left is noticed here


@pytest.fixture(params=SIZES)
def seat(
    request: pytest.FixtureRequest, browser: Browser, served: Served, tmp_path: Path
) -> Iterator[Seat]:
    width, height = SIZES[request.param]
    context = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
    pictures = tmp_path / request.param
    pictures.mkdir()
    seat = Seat(context.new_page(), served.url, pictures)
    yield seat
    context.close()
    assert seat.complaints == []
