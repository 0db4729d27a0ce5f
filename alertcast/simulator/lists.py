"""Lists of warnings on localhost: of CMA's map, of NMC, QWeather's answers, a platform's own.

They hold what a test shows them, each in the publisher's own envelope, with an ETag; a warning that
is dropped just disappears, as it does there. The platform's words are whatever its items say. Each
can be let fail like the index (`feed.Failure`).
"""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from flask import Blueprint, Response, request

from alertcast.simulator.feed import Failure, answered

CMA, NMC = "/api/map/alarm", "/rest/findAlarm"
QWEATHER, QWEATHER_V7 = "/weatheralert/v1/current", "/v7/warning/now"
PLATFORM = "/platform/warnings"
"""Where each list is, below the simulator's address."""

PATHS = (CMA, NMC, QWEATHER, QWEATHER_V7, PLATFORM)

Item = Mapping[str, object]


@dataclass(slots=True)
class _List:
    items: dict[tuple[str, str], Item] = field(default_factory=dict)  # (identifier, point) -> item
    failure: Failure | None = None
    seconds: float = 0.0


class Lists:
    """What is listed. `closing` is set when the server goes down, and ends every wait."""

    def __init__(self, closing: threading.Event | None = None) -> None:
        self._lock = threading.Lock()
        self._lists = {path: _List() for path in PATHS}
        self._closing = closing or threading.Event()
        self.asked = 0  # requests so far

    def show(self, path: str, identifier: str, item: Item, point: str = "") -> None:
        """List an item at `path`; the same identifier again replaces it.

        `point` is QWeather's: "23.91,112.18", or "" for all of them.
        """
        with self._lock:
            self._lists[path].items[identifier, point] = dict(item)

    def drop(self, path: str, identifier: str) -> None:
        """List an item no more; unknown is fine."""
        with self._lock:
            items = self._lists[path].items
            for key in [key for key in items if key[0] == identifier]:
                del items[key]

    def fail(self, path: str, failure: Failure | str, seconds: float = 0.0) -> None:
        """From now on a list fails; `seconds` (real) is the wait of a slow one."""
        with self._lock:
            self._lists[path].failure = Failure(failure)
            self._lists[path].seconds = seconds

    def mend(self, path: str) -> None:
        """From now on a list is whole."""
        with self._lock:
            self._lists[path].failure = None

    def blueprint(self) -> Blueprint:
        """Return the pages, to be registered without a prefix."""
        pages = Blueprint("lists", __name__)
        pages.add_url_rule(CMA, "cma", self.cma)
        pages.add_url_rule(NMC, "nmc", self.nmc)
        pages.add_url_rule(f"{QWEATHER}/<lat>/<lon>", "qweather", self.qweather)
        pages.add_url_rule(QWEATHER_V7, "qweather_v7", self.qweather_v7)
        pages.add_url_rule(PLATFORM, "platform", self.platform)
        return pages

    def cma(self) -> Response:
        """Answer with the map's list."""
        return self._answer(CMA, lambda items: {"msg": "success", "code": 0, "data": items})

    def nmc(self) -> Response:
        """Answer with one page of the centre's list."""
        number = request.args.get("pageNo", 1, type=int)
        size = request.args.get("pageSize", 30, type=int)

        def page(items: list[Item]) -> Item:
            shown = items[(number - 1) * size : number * size]
            inner = {"pageNo": number, "pageSize": size, "count": len(items), "list": shown}
            return {"msg": "success", "code": 0, "data": {"page": inner}}

        return self._answer(NMC, page)

    def qweather(self, lat: str, lon: str) -> Response:
        """Answer with the warnings at a point, in the form of v1."""
        attributions = ["https://developer.qweather.com/attribution.html"]

        def envelope(items: list[Item]) -> Item:
            metadata = {"tag": "simulated", "zeroResult": not items, "attributions": attributions}
            return {"metadata": metadata, "alerts": items}

        return self._known() or self._answer(QWEATHER, envelope, f"{lat},{lon}")

    def qweather_v7(self) -> Response:
        """Answer with the warnings at a point, in the form of v7."""
        lon, _, lat = request.args.get("location", "").partition(",")
        refer = {"sources": ["12379"], "license": ["QWeather Developers License"]}

        def envelope(items: list[Item]) -> Item:
            return {"code": "200", "warning": items, "refer": refer}

        return self._known() or self._answer(QWEATHER_V7, envelope, f"{lat},{lon}")

    def platform(self) -> Response:
        """Answer as a municipal platform may; the items are in whatever form they were shown."""

        def envelope(items: list[Item]) -> Item:
            return {"status": "ok", "result": {"total": len(items), "rows": items}}

        return self._known() or self._answer(PLATFORM, envelope)

    def _known(self) -> Response | None:
        """Refuse who brings neither key nor token; which one does not matter here."""
        token = request.headers.get("Authorization", "").startswith("Bearer ")
        if token or request.headers.get("X-QW-Api-Key"):
            return None
        return Response('{"error": {"status": 401}}', 401, mimetype="application/json")

    def _answer(
        self, path: str, envelope: Callable[[list[Item]], Item], point: str = ""
    ) -> Response:
        with self._lock:
            self.asked += 1
            listed = self._lists[path]
            failure, seconds = listed.failure, listed.seconds
            items = [item for (_, at), item in listed.items.items() if at in ("", point)]
        body = envelope([] if failure is Failure.EMPTY else items)
        raw = json.dumps(body, ensure_ascii=False).encode()
        return answered(raw, "application/json;charset=UTF-8", failure, seconds, self._closing)
