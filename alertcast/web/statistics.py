"""叫应统计: how fast people were called and answered, as plots with the figures beside them."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from flask import Blueprint, json, render_template, request
from werkzeug.wrappers import Response

from alertcast.core.statistics import Measure
from alertcast.dispatch.statistics import Statistics, statistics
from alertcast.grids.shifts import read_date
from alertcast.web.context import me, needs, now, world

pages = Blueprint("statistics", __name__)

USUAL = timedelta(days=90)
"""What is shown where no time is named."""

PARTS = ("5", "15", "60", "later", "never")
"""Parts of a bar: answered within so many minutes, later, or not at all."""


@pages.get("/statistics")
@needs("see")
def page() -> str:
    """Show the statistics of a time, of live broadcasts or of drills."""
    since, until = _days()
    return render_template(
        "statistics/page.html",
        facts=_facts(since, until),
        since=since,
        until=until,
        parts=PARTS,
        parts_of=parts_of,
    )


@pages.get("/statistics.json")
@needs("see")
def facts() -> Response:
    """Return the same as JSON."""
    found = _facts(*_days())
    text = json.dumps(found, ensure_ascii=False, default=datetime.isoformat)
    return Response(text, mimetype="application/json")


def parts_of(one: Measure) -> list[int]:
    """Return how many fall into each of PARTS."""
    at = (0, one["answered_5"], one["answered_15"], one["answered_60"], one["answered"])
    steps = [later - earlier for earlier, later in pairwise(at)]
    return [*steps, one["total"] - one["answered"]]


def _facts(since: date, until: date) -> Statistics:
    mode = "drill" if request.args.get("mode") == "drill" else "live"
    begin, end = _midnight(since), _midnight(until + timedelta(days=1))
    with world().db.read() as tx:
        return statistics(world(), tx, begin, end, mode=mode, area=me().area)


def _days() -> tuple[date, date]:
    """Return the first and the last day, local."""
    today = world().local(now()).date()
    until = read_date(request.args.get("until", "")) or today
    since = read_date(request.args.get("since", "")) or until - USUAL
    return min(since, until), max(since, until)


def _midnight(day: date) -> datetime:
    zone = world().config.main.office.zone
    return datetime.combine(day, time(), zone).astimezone(UTC)
