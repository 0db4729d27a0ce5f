"""The pictures of docs/images: every page of the desk, on a wide screen and on a phone.

    python -m tests.browser.pictures            # all of them
    python -m tests.browser.pictures now people # these

ALERTCAST_BROWSER names the Chromium. The night is the same every time, so a picture changes only
with its page (and with the fonts of the machine).
"""

import logging
import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import structlog
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import make_server

from alertcast.core.written import digest
from alertcast.dispatch import reload
from alertcast.dispatch.reload import OnDisk
from alertcast.store import configurations
from alertcast.store.configurations import Process
from tests.browser.night import DRILLED, Night
from tests.browser.night import at as moment
from tests.browser.seat import Seat
from tests.web.site import Disk, Site

FOLDER = Path(__file__).parents[2] / "docs/images"
SIZES = {"": (1366, 768), "-phone": (390, 800)}
"""What a name ends with, and the size of the window."""

COLOURS = 32
"""Of a picture: enough for text and signals, and a third of the bytes."""

NO_PORT = """() => {
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const text = walk.currentNode;
    text.data = text.data.replace(/http:..127.0.0.1:[0-9]+/, "http://feed.example");
  }
}"""
"""Writes an address for the one of the publisher, which is another each time."""

NEAR, FEW = 24, 30
"""Of 255, what two colours may be apart to be the same; and dots that may be others."""

Step = Callable[[Page], None]


def prepared(page: Page) -> None:
    """Write a notice for a town, and look at what would happen."""
    page.locator("textarea[name=text]").fill("今晚到明早有严重霜冻，请逐户提醒独居老人。")
    page.locator("input[name=mode][value=live]").check()
    page.locator(f"input[name=place][value='{DRILLED}']").evaluate("box => (box.checked = true)")
    page.locator("#notice button.primary").click()
    page.wait_for_url("**/start/notice")


def at(selector: str) -> Step:
    """Return a step that scrolls to something."""
    return lambda page: page.locator(selector).first.evaluate("it => it.scrollIntoView()")


def clicked(selector: str) -> Step:
    """Return a step that goes where a link or a button leads."""

    def step(page: Page) -> None:
        page.locator(selector).first.click()
        page.wait_for_load_state("load")

    return step


PAGES: Mapping[str, tuple[str, str, Step | None]] = {
    "now": ("approver", "/", None),
    "map": ("approver", "/", at("#map")),
    "broadcasts": ("approver", "/broadcasts", None),
    "broadcast": ("approver", "/broadcasts/{red}", None),
    "progress": ("approver", "/broadcasts/{red}", at("[data-refresh]")),
    "people": ("approver", "/broadcasts/{red}/people?state=unanswered", None),
    "grids": ("approver", "/broadcasts/{red}/grids", None),
    "call-list": ("approver", "/broadcasts/{red}/calllist", None),
    "record": ("approver", "/broadcasts/{red}/record", None),
    "correct": ("approver", "/broadcasts/{red}/correct", None),
    "stop": ("approver", "/broadcasts/{red}/stop", None),
    "skip": ("approver", "/broadcasts/{red}/skip", None),
    "households": ("approver", "/broadcasts/{red}/relay", None),
    "manual": ("approver", "/manual", None),
    "messages": ("approver", "/messages?broadcast={red}", None),
    "message": (
        "approver",
        "/messages?broadcast={red}&kind=voice",
        clicked("td a[href*='/messages/']"),
    ),
    "roster": ("approver", "/roster", None),
    "roster-people": ("approver", "/roster/people", None),
    "roster-grids": ("approver", "/roster/grids", None),
    "stations": ("approver", "/stations", None),
    "duty": ("approver", "/duty", None),
    "log": ("approver", "/duty/log", None),
    "hand-over": ("approver", "/duty/handover/1", None),
    "drills": ("approver", "/drills", None),
    "drill": ("approver", "/drills/2", None),
    "statistics": ("approver", "/statistics", None),
    "start": ("approver", "/start", None),
    "draw": ("approver", "/start", at("[data-map]")),
    "preview": ("approver", "/start", prepared),
    "alert": ("approver", "/alerts/3", None),
    "response": ("approver", "/response", None),
    "unreadable": ("approver", "/quarantine/1", None),
    "account": ("approver", "/account", None),
    "configuration": ("admin", "/configuration", None),
    "changes": ("admin", "/configuration/reload", None),
    "users": ("admin", "/users", None),
    "user": ("admin", "/users/1", None),
    "tokens": ("admin", "/tokens", None),
    "channels": ("admin", "/channels", None),
    "sources": ("admin", "/sources", None),
    "imports": ("admin", "/uploads", None),
    "import": ("admin", "/uploads/1", None),
    "audit": ("auditor", "/audit", None),
    "log-in": ("", "/login", None),
}
"""Name -> who looks, where, and what is done there before the picture is taken."""


class Edited:
    """Files in which somebody has changed one line."""

    name = "serve"

    def __init__(self, played: Night) -> None:
        self._channels = played.channels

    def on_disk(self) -> OnDisk:
        return replace(
            Disk().on_disk(),
            channels=tuple(one.name for one in self._channels),
            queues=frozenset(
                (one.kind, "drill" if one.is_drill else "live") for one in self._channels
            ),
        )


def main(wanted: Sequence[str]) -> None:
    """Take the pictures that are named; without names all of them."""
    unknown = [name for name in wanted if name not in PAGES]
    if unknown:
        sys.exit(f"no such picture: {' '.join(unknown)} (of {' '.join(PAGES)})")
    FOLDER.mkdir(exist_ok=True)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with night() as (night_, url), sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ["ALERTCAST_BROWSER"],
            args=["--no-sandbox", "--disable-gpu"],
        )
        for ending in SIZES:
            _take(browser, url, ending, wanted or [*PAGES], night_)
        browser.close()


@contextmanager
def night() -> Iterator[tuple[Night, str]]:
    """Play the night and serve its pages until the block ends."""
    with TemporaryDirectory() as folder:
        played = Night(Path(folder))
        played.play()
        _serving(played)
        site = Site(played, is_demo=True, files=Edited(played))
        server = make_server("127.0.0.1", 0, site.app, threaded=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield played, f"http://127.0.0.1:{server.port}"
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
            played.db.close()


def _serving(played: Night) -> None:
    """Let the process that serves have reported, as outside the demo, whose files differ."""
    runs_by = digest(reload.lines_of(played.world.config, played.db.vault))
    on_disk = Edited(played).on_disk().digest
    one = Process("desk:412", Edited.name, runs_by, moment(20, 9), on_disk, 0, played.now)
    with played.db.write() as tx:
        configurations.report(tx, one)


def _take(browser: Browser, url: str, ending: str, wanted: Sequence[str], played: Night) -> None:
    width, height = SIZES[ending]
    seats: dict[str, Seat] = {}
    for who in dict.fromkeys(who for who, _, _ in PAGES.values()):  # all: pages list who logged in
        context = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
        seats[who] = Seat(context.new_page(), url, FOLDER)
        seats[who].page.clock.set_fixed_time(played.now)
        if who:
            seats[who].log_in(who)
    for name in wanted:
        who, path, step = PAGES[name]
        seat = seats[who]
        seat.go(path.format(red=played.last))
        if step is not None:
            step(seat.page)
        _quiet(seat.page)
        _keep(seat.page.screenshot(), FOLDER / f"{name}{ending}.png")
    for seat in seats.values():
        seat.page.context.close()


def _quiet(page: Page) -> None:
    """Wait until everything is drawn, and put away the red bar: it would hide a part."""
    page.wait_for_load_state("networkidle")
    badge = page.locator("[data-red]")
    if badge.count():
        badge.wait_for(state="visible")  # what is red is known
    seen = page.locator("[data-seen]")
    if seen.count() and seen.is_visible():
        seen.click()
    page.evaluate(NO_PORT)
    page.mouse.move(0, 0)
    page.evaluate("document.activeElement?.blur()")


def _keep(picture: bytes, file: Path) -> None:
    """Write a picture with few colours, which is small, unless it is the one that is there."""
    pixels = np.asarray(Image.open(BytesIO(picture)).convert("RGB"))
    flat = pixels.reshape(-1, 3)
    colours, where, counts = np.unique(flat, axis=0, return_inverse=True, return_counts=True)
    chosen = _chosen(colours.astype(float), counts)
    nearest = np.argmin(
        ((colours[:, None, :].astype(float) - colours[chosen][None]) ** 2).sum(axis=2), axis=1
    )
    few = Image.fromarray(nearest[where.ravel()].reshape(pixels.shape[:2]).astype(np.uint8), "P")
    few.putpalette(colours[chosen].ravel().tolist())
    if not (file.exists() and _is_same(Image.open(file), few)):
        few.save(file, optimize=True)


def _is_same(one: Image.Image, other: Image.Image) -> bool:
    """Say whether two pictures differ in a few dots at most: edges are not always drawn alike."""
    if one.size != other.size:
        return False
    first, second = (np.asarray(each.convert("RGB")).astype(int) for each in (one, other))
    return bool((np.abs(first - second).max(axis=2) > NEAR).sum() <= FEW)


def _chosen(colours: NDArray[np.float64], counts: NDArray[np.int64]) -> list[int]:
    """Return which colours stand for all: again and again the one that is missed most."""
    found = [int(np.argmax(counts))]
    apart = ((colours - colours[found[0]]) ** 2).sum(axis=1)
    for _ in range(min(COLOURS, len(colours)) - 1):
        found.append(int(np.argmax(apart * np.sqrt(counts))))
        apart = np.minimum(apart, ((colours - colours[found[-1]]) ** 2).sum(axis=1))
    return found


if __name__ == "__main__":
    main(sys.argv[1:])
