"""The facts of the pages as JSON, behind the same log-in; numbers and names always masked."""

from datetime import datetime
from typing import Any

from flask import Blueprint, Flask, abort, jsonify
from flask.json.provider import DefaultJSONProvider
from flask.typing import ResponseReturnValue

from alertcast.dispatch import estimate, watch
from alertcast.store.report_areas import touches
from alertcast.store.reports import delivery_report, status
from alertcast.web.context import me, needs, now, world

pages = Blueprint("api", __name__, url_prefix="/api")


class IsoTimes(DefaultJSONProvider):
    """Writes times as ISO 8601 with offset, and Chinese as itself."""

    ensure_ascii = False

    @staticmethod
    def default(item: Any) -> Any:
        """Return what stands for a value that JSON does not know."""
        return item.isoformat() if isinstance(item, datetime) else DefaultJSONProvider.default(item)


def install(app: Flask) -> None:
    """Let `app` write JSON so."""
    app.json = IsoTimes(app)


@pages.get("/now")
@needs("see")
def now_page() -> ResponseReturnValue:
    """Return what the first page shows."""
    with world().db.read() as tx:
        return jsonify(watch.first_page(world(), tx, now(), me().area))


@pages.get("/broadcasts")
@needs("see")
def listed() -> ResponseReturnValue:
    """Return the newest broadcasts."""
    with world().db.read() as tx:
        return jsonify(broadcasts=status(tx, area=me().area))


@pages.get("/broadcasts/<int:broadcast_id>")
@needs("see")
def one(broadcast_id: int) -> ResponseReturnValue:
    """Return the delivery report of a broadcast; before it begins, what it would send as well."""
    area = me().area
    with world().db.read() as tx:
        report = delivery_report(tx, world().db.vault, broadcast_id, area=area)
        if report is None or not touches(tx, broadcast_id, area):
            abort(404)
        expected = estimate.of_broadcast(world(), tx, broadcast_id, now())
    return jsonify({**report, "estimate": expected and expected.as_facts()})
