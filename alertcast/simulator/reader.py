"""What a text with a link meets: a telephone that previews it by itself, and a reader who presses.

The page is read as an old browser reads it: its forms, their fields and buttons, no script. Only
addresses on this machine are opened.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime
from html.parser import HTMLParser
from urllib.parse import urljoin

from alertcast.simulator.ledger import Visit
from alertcast.simulator.network import Network
from alertcast.simulator.webhooks import Answer, is_loopback

_ADDRESS = re.compile(r"https?://[!-~]+")

UNDERSTOOD, NEEDS_HELP = ("收到", "I have understood"), ("需要支援", "Needs help")
"""What the buttons say that a reader looks for."""

PREVIEW = {"User-Agent": "facebookexternalhit/1.1", "Purpose": "preview", "Accept": "text/html"}
BROWSER = {"User-Agent": "Mozilla/5.0 (Linux; Android 4.4.2)", "Accept": "text/html"}


def link_in(body: str) -> str | None:
    """Return the first address in a text that is on this machine, or None."""
    return next((url for url in _ADDRESS.findall(body) if is_loopback(url)), None)


def preview(network: Network, phone: str, url: str, at: datetime) -> None:
    """Let a telephone fetch an address by itself, as it shows a picture of the page."""
    for method in ("HEAD", "GET"):
        answer = network.webhooks.fetch(method, url, PREVIEW)
        network.ledger.visit(Visit(phone, url, "preview", at, answer.status))


def press(
    network: Network, phone: str, url: str, reply: str, counts: tuple[int, int] | None, at: datetime
) -> None:
    """Let the reader open an address and press the button for `reply`, with counts if asked for.

    A page without that button is only looked at.
    """
    answer = network.webhooks.fetch("GET", url, BROWSER)
    network.ledger.visit(Visit(phone, url, "opened", at, answer.status))
    chosen = _choose(answer, reply, counts)
    if chosen is not None:
        action, fields = chosen
        answer = network.webhooks.fetch("POST", urljoin(url, action), BROWSER, fields)
        network.ledger.visit(Visit(phone, url, "pressed", at, answer.status))


def _choose(
    answer: Answer, reply: str, counts: tuple[int, int] | None
) -> tuple[str, dict[str, str]] | None:
    if not answer.is_good:
        return None
    page = _Page()
    page.feed(answer.body.decode("utf-8", "replace"))
    if counts is not None:
        for form in page.forms:
            if len(form.numbers) >= 2 and form.buttons:
                said = zip(form.numbers, (*counts, *[""] * len(form.numbers)), strict=False)
                fields = {name: str(number) for name, number in said}
                return form.action, fields | {form.buttons[-1].name: form.buttons[-1].value}
    wanted = NEEDS_HELP if reply in ("2", "求助") else UNDERSTOOD
    for form in page.forms:
        for button in form.buttons:
            if button.says in wanted:
                return form.action, {button.name: button.value}
    return None


@dataclass(slots=True)
class _Button:
    name: str
    value: str
    says: str = ""


@dataclass(slots=True)
class _Form:
    action: str
    numbers: list[str] = field(default_factory=list)
    buttons: list[_Button] = field(default_factory=list)


class _Page(HTMLParser):
    """The forms of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[_Form] = []
        self._in_button = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a form, a number to be filled in, a button."""
        has = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(_Form(has.get("action", "")))
        elif self.forms and tag == "input" and has.get("type") == "number":
            self.forms[-1].numbers.append(has.get("name", ""))
        elif self.forms and tag == "button":
            self.forms[-1].buttons.append(_Button(has.get("name", ""), has.get("value", "")))
            self._in_button = True

    def handle_endtag(self, tag: str) -> None:
        """Note that a button has been read."""
        if tag == "button":
            self._in_button = False

    def handle_data(self, data: str) -> None:
        """Note what a button says."""
        if self._in_button:
            self.forms[-1].buttons[-1].says += data.strip()
