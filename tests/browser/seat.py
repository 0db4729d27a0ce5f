"""A browser window of one size, and an officer in front of it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, Request, expect

from tests.web.site import PASSWORD

SIZES = {"wide": (1366, 768), "narrow": (360, 740)}
AXE = (Path(__file__).parent / "vendor/axe/axe.min.js").read_text("utf-8")
REFUSED = (400, 409)
"""How a page that is shown again, with what was wrong, answers."""

GRAVE = ("serious", "critical")


class Seat:
    """What its console complains of is kept."""

    def __init__(self, page: Page, url: str, pictures: Path) -> None:
        self.page, self.url, self.pictures = page, url, pictures
        self.complaints: list[str] = []
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("requestfailed", self._failed)

    def log_in(self, name: str = "officer") -> None:
        self.page.goto(f"{self.url}/login")
        self.page.get_by_label("用户名").fill(name)
        self.page.get_by_label("密码").fill(PASSWORD)
        self.page.get_by_role("button", name="登录").click()
        expect(self.page.get_by_role("link", name="当前")).to_be_visible()
        self.page.wait_for_load_state("load")  # and what it does by itself has begun

    def go(self, path: str) -> None:
        """Open a page, and wait for its map if it has one."""
        self.page.goto(f"{self.url}{path}")
        for frame in self.page.locator("[data-map]").all():
            expect(frame).to_have_attribute("data-drawn", "yes")

    def look(self, name: str) -> None:
        """Keep a picture, and see that nothing sticks out to the right."""
        self.page.screenshot(path=self.pictures / f"{name}.png", full_page=True)
        wide = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0, f"{name}: {wide} px too wide"

    def is_for_everybody(self) -> None:
        """See that nothing on this page is hard to use for people who can not see it well."""
        self.page.evaluate(AXE)
        found = self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        grave = [_said(one) for one in found["violations"] if one["impact"] in GRAVE]
        assert grave == [], f"{self.page.url}: {grave}"

    def _failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # what was asked for when the page was left
            self.complaints.append(f"{request.url}: {request.failure}")

    def _heard(self, message: Any) -> None:
        is_answer = any(f"status of {one}" in message.text for one in REFUSED)
        if message.type in ("error", "warning") and not is_answer:
            self.complaints.append(message.text)


def _said(violation: dict[str, Any]) -> tuple[str, str, Sequence[str]]:
    nodes = [node["html"] for node in violation["nodes"]]
    return violation["id"], violation["help"], nodes[:5]
