"""启动: one alert and what it touches; start it, or an internal notice, live or as a drill."""

import re
import secrets
from collections.abc import Sequence

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from alertcast.core.access import may
from alertcast.core.broadcast import BroadcastState
from alertcast.core.by_town import ByTown
from alertcast.dispatch import desk, drafts, estimate, explain
from alertcast.dispatch import lift as lifting
from alertcast.dispatch import note as noting
from alertcast.dispatch.estimate import Estimate
from alertcast.dispatch.start import CanNotStart
from alertcast.dispatch.towns import match, reach
from alertcast.store import alerts, broadcasts, grids
from alertcast.store.db import Tx
from alertcast.store.report_areas import CountyFacts, areas_of, counties
from alertcast.store.report_now import latest_warnings, warning
from alertcast.web import context
from alertcast.web.broadcasts import TownRow
from alertcast.web.context import allow, me, needs, now, world
from alertcast.web.words import gettext

pages = Blueprint("start", __name__)

MODES = ("live", "drill")
LONGEST = 1000  # characters of a notice


@pages.get("/start")
@needs("start")
def page() -> str:
    """Show the latest alerts to start from, and the form of an internal notice."""
    return _page()


@pages.get("/alerts/<int:alert_id>")
@needs("see")
def alert(alert_id: int) -> str:
    """Show one alert as it came, what was decided on it, what it touches, and the form to start."""
    return _alert(alert_id)


@pages.post("/alerts/<int:alert_id>/start")
@needs("start")
def from_alert(alert_id: int) -> Response | tuple[str, int]:
    """Start a broadcast of an alert for the chosen towns; the same form twice is one broadcast."""
    mode, towns = _mode(), request.form.getlist("town")
    with world().db.read() as tx:
        if warning(tx, alert_id) is None:
            abort(404)
    if not towns or mode is None:
        flash(gettext("请选择正式或演练，并至少选择一个镇街。"), "error")
        return _alert(alert_id), 400
    _allow(towns)
    try:
        broadcast_id, state = desk.start_from_alert(
            world(), alert_id, user=me().name, mode=mode, key=_key(), now=now(), only=towns
        )
    except CanNotStart as error:
        flash(str(error), "error")
        return _alert(alert_id), 409
    return _started(broadcast_id, state)


@pages.post("/alerts/<int:alert_id>/dismiss")
@needs("start")
def dismiss(alert_id: int) -> Response:
    """Write down why an alert that waits for a human is not sent."""
    allow("start", [""])
    with world().db.read() as tx:
        if warning(tx, alert_id) is None:
            abort(404)
    why = request.form.get("why", "").strip()[:500]
    if not why:
        flash(gettext("请写明不下发的理由。"), "error")
    elif desk.dismiss(world(), alert_id, me().name, why, now()):
        flash(gettext("已记录：这条预警不下发。"), "done")
    else:
        flash(gettext("这条预警不在等待处理。"), "error")
    return redirect(url_for("start.alert", alert_id=alert_id))


@pages.post("/alerts/<int:alert_id>/lift")
@needs("start")
def lift(alert_id: int) -> Response:
    """Relay an end that named no warning, as that of the warnings an officer chose."""
    allow("start", [""])
    with world().db.read() as tx:
        if warning(tx, alert_id) is None:
            abort(404)
    chosen = request.form.getlist("lifted", type=int)
    try:
        if lifting.lift(world(), alert_id, chosen, me().name, now()):
            context.desk().wake("")
            flash(gettext("已作为所选预警的解除处理。"), "done")
        else:
            flash(gettext("这条预警不在等待处理。"), "error")
    except CanNotStart as error:
        flash(str(error), "error")
    return redirect(url_for("start.alert", alert_id=alert_id))


@pages.post("/alerts/<int:alert_id>/note")
@needs("start")
def note(alert_id: int) -> Response:
    """Note that an officer has looked at what sources say differently, as far as he was shown."""
    allow("start", [""])
    with world().db.read() as tx:
        if warning(tx, alert_id) is None:
            abort(404)
    until = request.form.get("until", 0, type=int)
    if noting.note(world(), alert_id, until, me().name, now()):
        flash(gettext("已记录：来源说法不一，已知晓。"), "done")
    else:
        flash(gettext("没有尚待知晓的分歧。"), "error")
    return redirect(url_for("start.alert", alert_id=alert_id))


@pages.post("/start/notice")
@needs("start")
def notice() -> Response | tuple[str, int]:
    """Start an internal notice for the chosen places; the same form twice is one broadcast."""
    mode, text = _mode(), request.form.get("text", "").strip()
    codes = [*request.form.getlist("place"), *re.findall(r"\w+", request.form.get("codes", ""))]
    if mode is None or not codes or not text or len(text) > LONGEST:
        flash(gettext("请选择正式或演练，选择地点，并填写不超过 1000 字的内容。"), "error")
        return _page(text=text, chosen=codes), 400
    if "preview" in request.form:
        with world().db.read() as tx:
            expected = estimate.of_notice(world(), tx, codes, mode, now())
        draft = drafts.notice(world().config, text, mode)
        return _page(text=text, chosen=codes, draft=draft, expected=expected), 200
    unknown = _allow(codes)
    if unknown:
        said = gettext("当前网格图层里没有这些编码：{codes}")
        flash(said.format(codes="、".join(unknown)), "error")
        return _page(text=text, chosen=codes), 400
    try:
        broadcast_id, state = desk.start_notice(
            world(), text=text, codes=codes, user=me().name, mode=mode, key=_key(), now=now()
        )
    except CanNotStart as error:
        flash(str(error), "error")
        return _page(text=text, chosen=codes), 409
    return _started(broadcast_id, state)


def _page(
    text: str = "",
    chosen: Sequence[str] = (),
    draft: drafts.Draft | None = None,
    expected: Estimate | None = None,
) -> str:
    with world().db.read() as tx:
        layer = grids.active_layer(tx)
        places: list[CountyFacts] = counties(tx, layer["id"], me().area) if layer else []
        latest = latest_warnings(tx)
    return render_template(
        "start/page.html",
        latest=latest,
        counties=places,
        layer=layer,
        text=text,
        chosen=set(chosen),
        opened=_opened(places, set(chosen)),
        key=_key(),
        longest=LONGEST,
        draft=draft,
        estimate=expected,
    )


def _opened(places: Sequence[CountyFacts], chosen: set[str]) -> set[str]:
    """Return the codes of the counties whose towns are to be seen at once."""
    return {
        county["code"]
        for county in places
        if len(places) == 1
        or chosen & {county["code"], *(town["code"] for town in county["towns"])}
    }


def _alert(alert_id: int) -> str:
    with world().db.read() as tx:
        found = warning(tx, alert_id)
        if found is None:
            abort(404)
        sent_on = broadcasts.of_alert(tx, alert_id)
        towns, read = _touched(tx, alert_id), _read(tx, alert_id)
        is_held_end = found["decision"] in desk.HELD and alerts.load(tx, alert_id).is_end()
        in_force = [row["id"] for row in alerts.in_force(tx)] if is_held_end else []
        lifts = [warning(tx, one) for one in in_force]
        expected = estimate.of_alert(world(), tx, alert_id, now(), area=me().area)
        explained = explain.explain(world(), tx, alert_id)
    return render_template(
        "start/alert.html",
        warning=found,
        towns=towns,
        read=read,
        sent_on=sent_on,
        is_held_end=is_held_end,
        lifts=lifts,
        explained=explained,
        levels=[*world().config.hazards.ordered, None],
        chosen=set(request.form.getlist("town")) or {town.code for town in towns},
        key=_key(),
        estimate=expected,
    )


def _read(tx: Tx, alert_id: int) -> ByTown | None:
    """Return how the towns of an alert were read, if there is anything to be said of it."""
    layer = grids.active_layer(tx)
    if layer is None:
        return None
    read = reach(world(), tx, layer["id"], alerts.load(tx, alert_id)).by_town
    return read if read.reasons else None


def _touched(tx: Tx, alert_id: int) -> list[TownRow]:
    layer = grids.active_layer(tx)
    if layer is None:
        return []
    found: dict[str, TownRow] = {}
    for hit in match(world(), tx, layer["id"], alerts.load(tx, alert_id)).hits:
        cell = hit.grid
        if cell.town_code.startswith(me().area):
            row = found.setdefault(cell.town_code, TownRow(cell.town_code, cell.town, cell.county))
            row.total += 1
            row.levels[hit.level] = None
    return [found[code] for code in sorted(found)]


def _allow(codes: Sequence[str]) -> list[str]:
    with world().db.read() as tx:
        layer = grids.active_layer(tx)
        areas = areas_of(tx, layer["id"], codes) if layer else {}
    if not all(may(me(), "start", area) for area in areas.values()):
        abort(403)
    return [code for code in codes if code not in areas]


def _mode() -> str | None:
    mode = request.form.get("mode", "")
    return mode if mode in MODES else None


def _key() -> str:
    """Return the form's own token, a new one where there is none: it makes two clicks one."""
    kept = request.form.get("key", "")
    return kept if re.fullmatch(r"[\w-]{16,64}", kept) else secrets.token_urlsafe(18)


def _started(broadcast_id: int, state: BroadcastState) -> Response:
    context.desk().wake("")
    if state is BroadcastState.WAITING:
        flash(gettext("已登记，等撤回时间过后开始叫应。"), "done")
    else:
        flash(gettext("已下发。"), "done")
    return redirect(url_for("broadcasts.one", broadcast_id=broadcast_id))
