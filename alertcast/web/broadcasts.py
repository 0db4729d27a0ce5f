"""下发: one broadcast: its progress, its grids, help, stop, approve."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from urllib.parse import quote

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from alertcast.core.broadcast import BROADCAST_MOVES, Purpose
from alertcast.dispatch import answers, call_list, desk, estimate
from alertcast.dispatch.confirm import is_unconfirmed
from alertcast.store import alerts, alone, call_lists, helps
from alertcast.store.broadcasts import alerts_of, get
from alertcast.store.call_lists import EVERYWHERE
from alertcast.store.db import Tx
from alertcast.store.report_alerts import warning
from alertcast.store.report_areas import touches, towns_of
from alertcast.store.report_counts import count_people
from alertcast.store.report_facts import BroadcastFacts, GridFacts, Progress
from alertcast.store.report_help import named
from alertcast.store.report_texts import texts_back
from alertcast.store.report_unreached import unreached_grids
from alertcast.store.reports import progress, uncorrected
from alertcast.web import context
from alertcast.web.context import allow, can, me, needs, now, shared, watched, world
from alertcast.web.maps import sheet
from alertcast.web.words import gettext

pages = Blueprint("broadcasts", __name__)

PER_PAGE = 200
"""Rows of one page of a long list."""


TO_VISIT = 20
"""Grids whose people the page of a broadcast names; all are on the call list."""


@dataclass(slots=True)
class TownRow:
    """How far the grids of one town are."""

    code: str
    name: str
    county: str
    total: int = 0
    by_state: dict[str, int] = field(default_factory=dict)
    levels: dict[str | None, None] = field(default_factory=dict)


@dataclass(slots=True)
class StepRow:
    """The open grids of one rung."""

    rung: int  # -1 before the first
    grids: int
    next_at: datetime  # when the first of them goes on


@pages.get("/broadcasts/<int:broadcast_id>")
@needs("see")
def one(broadcast_id: int) -> str:
    """Show one broadcast: how far it is, who asks for help, whom nobody reached."""
    subject = f"broadcast:{broadcast_id}"
    with world().db.write() if context.numbers_shown(subject) else world().db.read() as tx:
        faces = context.faces(tx, subject)
        report, counts = _counted(broadcast_id)
        found = get(tx, broadcast_id)
        asking = named(tx, faces, report["help_requests"])
        towns = towns_of(tx, broadcast_id)
        area = me().area
        unreached = unreached_grids(tx, faces, broadcast_id, area=area, limit=TO_VISIT)
        is_correction = found is not None and found.purpose is Purpose.CORRECTION
        missed, missing = (
            uncorrected(tx, faces, broadcast_id, area, limit=PER_PAGE) if is_correction else ([], 0)
        )
        back = texts_back(tx, faces, broadcast_id, area)
        lists = call_lists.of_broadcast(tx, broadcast_id)
        doubt = _doubt(tx, broadcast_id)
        relayed = [one for one in map(partial(warning, tx), alerts_of(tx, broadcast_id)) if one]
        begun_alone = alone.of(tx, broadcast_id)
        expected = estimate.of_broadcast(world(), tx, broadcast_id, now())
        drawn = sheet(tx, found.layer_id if found else None)
    return render_template(
        "broadcasts/one.html",
        sheet=drawn if report["grids"]["total"] else None,
        report=report,
        people=counts,
        help_requests=asking,
        unreached=unreached,
        uncorrected=missed,
        missing=missing,
        texts_back=back,
        scripts=found.scripts if found else {},
        is_open=faces.is_open,
        lists={
            code: one
            for code, one in lists.items()
            if can("unmask", ["" if code == EVERYWHERE else code])
        },
        may_stop=can("stop", towns),
        may_correct=can("correct", towns),
        may_approve=can("approve", towns),
        may_start=can("start", towns),
        alone=begun_alone,
        estimate=expected,
        doubt=doubt,
        relayed=relayed,
        **_summary(report),
    )


@pages.get("/broadcasts/<int:broadcast_id>/live")
@needs("see")
def live(broadcast_id: int) -> Response:
    """Return the part of a broadcast's page that changes by itself."""

    def made() -> str:
        report, counts = _counted(broadcast_id)
        return render_template(
            "broadcasts/live.html", report=report, people=counts, **_summary(report)
        )

    return watched(made)


@pages.route("/broadcasts/<int:broadcast_id>/stop", methods=["GET", "POST"])
@needs("stop")
def stop(broadcast_id: int) -> Response | str:
    """Stop the calling, after it was asked for once more; what has not begun, by one press."""
    with world().db.read() as tx:
        report = visible(tx, broadcast_id)
        allow("stop", towns_of(tx, broadcast_id))
    if request.method == "GET":
        return render_template("broadcasts/stop.html", report=report)
    unbegun = request.form.get("undo") == "yes"
    stopped = desk.cancel(world(), broadcast_id, me().name, now(), unbegun=unbegun)
    if stopped is None and unbegun and _goes_on(broadcast_id):
        flash(gettext("撤回时间已过，叫应已经开始，没有停止。"), "error")
        return render_template("broadcasts/stop.html", report=report)
    if stopped is None:
        flash(gettext("这次下发已经结束，不必停止。"), "error")
    else:
        said = gettext("已停止叫应：{dropped} 条未发出的不再发出，{gone} 条此前已经发出。")
        flash(said.format(dropped=stopped.dropped, gone=stopped.gone), "done")
    return redirect(url_for("broadcasts.one", broadcast_id=broadcast_id))


@pages.post("/broadcasts/<int:broadcast_id>/call-list")
@needs("unmask")
def fetch_call_list(broadcast_id: int) -> Response:
    """Return the offline call list of a county, with the user's name on it; recorded."""
    with world().db.read() as tx:
        report = visible(tx, broadcast_id)
    county, form = request.form.get("county", ""), request.form.get("form", "pdf")
    allow("unmask", ["" if county == EVERYWHERE else county])
    if form not in call_list.FORMATS:
        abort(400)
    try:
        found = call_list.fetch_recorded(world(), broadcast_id, county, form, me().name, now())
    except call_list.NoList:
        flash(gettext("这台机器上没有这份离线名单。"), "error")
        return redirect(url_for("broadcasts.one", broadcast_id=broadcast_id))
    answer = Response(found, mimetype={"pdf": "application/pdf", "csv": "text/csv"}[form])
    return handed_out(answer, report["broadcast"], f"{broadcast_id}-{county}.{form}")


@pages.post("/help/<int:help_id>/close")
@needs("close_help")
def close_help(help_id: int) -> Response:
    """Close a help request with what was done."""
    with world().db.read() as tx:
        row = helps.get(tx, help_id)
    if row is None:
        abort(404)
    allow("close_help", [row["area"]])
    done = request.form.get("done", "").strip()[:2000]
    seen = request.form.getlist("seen", type=int)
    if not done:
        flash(gettext("请写明处置情况再关闭求助。"), "error")
    elif answers.close_help(world(), help_id, me().name, done, now(), seen):
        flash(gettext("求助已关闭。"), "done")
    else:
        flash(gettext("这条求助此前已经关闭。"), "error")
    anchor = f"help-{help_id}"
    return redirect(url_for("broadcasts.one", broadcast_id=row["broadcast_id"], _anchor=anchor))


def visible(tx: Tx, broadcast_id: int) -> Progress:
    """Return how far a broadcast is; 404 if there is none, or none of it in the user's area."""
    report = progress(tx, broadcast_id, area=me().area)
    if report is None or not touches(tx, broadcast_id, me().area):
        abort(404)
    return report


def _goes_on(broadcast_id: int) -> bool:
    with world().db.read() as tx:
        found = get(tx, broadcast_id)
    return found is not None and bool(BROADCAST_MOVES[found.state])


def handed_out(answer: Response, broadcast: BroadcastFacts, rest: str) -> Response:
    """Return `answer` as a file of a broadcast: its name says whether it is a drill, and the day.

    Names of files in headers are ASCII; browsers take the other one, which is Chinese (RFC 6266).
    """
    named = f"alertcast-{world().local(broadcast['starts_at']):%Y%m%d}-{rest}"
    plain = whole = named
    if broadcast["mode"] == "drill":
        plain, whole = f"drill-{named}", f"{gettext('演练')}-{named}"
    said = f"attachment; filename={plain}; filename*=UTF-8''{quote(whole)}"
    answer.headers["Content-Disposition"] = said
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _counted(broadcast_id: int) -> tuple[Progress, dict[str, int]]:
    """Return how far a broadcast is, and how many people stand where; made for all of an area."""

    def made() -> tuple[Progress, dict[str, int]] | None:
        with world().db.read() as tx:
            report = progress(tx, broadcast_id, area=me().area)
            if report is None or not touches(tx, broadcast_id, me().area):
                return None
            return report, count_people(tx, broadcast_id, me().area)

    found = shared(f"broadcast:{broadcast_id}", made)
    if found is None:
        abort(404)
    return found


def _doubt(tx: Tx, broadcast_id: int) -> str:
    """Return why a warning that waits is in doubt, and who is being asked; "" for any other."""
    found = get(tx, broadcast_id)
    if found is None or not is_unconfirmed(found):
        return ""
    return " ".join(alerts.facts(tx, one)["why"] or "" for one in alerts_of(tx, broadcast_id))


def by_town(rows: Iterable[GridFacts]) -> list[TownRow]:
    """Return how far each town is, in the order of `rows`."""
    found: dict[str, TownRow] = {}
    for row in rows:
        code = row["town_code"]
        town = found.setdefault(code, TownRow(code, row["town"], row["county"]))
        town.total += 1
        town.by_state[row["state"]] = town.by_state.get(row["state"], 0) + 1
        town.levels[row["level"]] = None
    return list(found.values())


def steps(rows: Iterable[GridFacts]) -> list[StepRow]:
    """Return how many grids wait on each rung, and when the first of them goes on."""
    found: dict[int, StepRow] = {}
    for row in rows:
        at = row["next_step_at"]
        if row["state"] == "open" and at is not None:
            step = found.setdefault(row["rung"], StepRow(row["rung"], 0, at))
            step.grids += 1
            step.next_at = min(step.next_at, at)
    return [found[rung] for rung in sorted(found)]


def seconds_left(tasks: Mapping[str, Mapping[str, int]], mode: str) -> float | None:
    """Return how many real seconds the channels need for what waits, or None if nothing waits."""
    longest: float | None = None
    for kind, states in tasks.items():
        rate = sum(
            one.settings.rate
            for one in world().channels
            if one.kind == kind and one.is_drill == (mode == "drill")
        )
        waiting = states.get("queued", 0)
        if waiting and rate:
            longest = max(longest or 0.0, waiting / rate)
    return longest


def cards(report: Progress) -> str:
    """Return a word for what the cards above the numbers show, which do not change by themselves.

    They hold forms that may be half filled in; whoever looks at old ones is told.
    """
    asked = (f"{one['id']}{'-' if one['closed_at'] else '+'}" for one in report["help_requests"])
    unreached = report["grids"]["by_state"].get("unreached", 0)
    corrected = report["corrected_by"] or ""
    return f"{report['broadcast']['state']} {corrected} {unreached} {','.join(sorted(asked))}"


def _summary(report: Progress) -> dict[str, object]:
    levels = [*world().config.hazards.ordered, None]
    return {
        "cards": cards(report),
        "towns": by_town(report["grid_list"]),
        "levels": levels,
        "seconds_left": seconds_left(report["tasks"], report["broadcast"]["mode"]),
        "steps": steps(report["grid_list"]) if report["broadcast"]["state"] == "running" else [],
        "matched": Counter(one["matched_by"] for one in report["grid_list"]),
    }
