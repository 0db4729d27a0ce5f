"""一条预警: as it came, what was decided on it, what it touches; start it, live or as a drill."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from alertcast.core.access import lies_in
from alertcast.core.by_town import ByTown
from alertcast.core.grid import Hit
from alertcast.dispatch import by_hand, desk, estimate, explain
from alertcast.dispatch import confirm_end as ending
from alertcast.dispatch import lift as lifting
from alertcast.dispatch import note as noting
from alertcast.dispatch.preview import preview
from alertcast.dispatch.start import CanNotStart
from alertcast.dispatch.towns import match, reach
from alertcast.store import alerts, broadcasts, grids
from alertcast.store.db import Tx
from alertcast.store.report_alerts import WarningFacts, warning
from alertcast.web import confirming, context
from alertcast.web.asking import ask, is_sure
from alertcast.web.broadcasts import TownRow
from alertcast.web.context import allow, me, needs, now, world
from alertcast.web.deeds import deed
from alertcast.web.maps import sheet
from alertcast.web.show import local_time
from alertcast.web.subjects import subject_text
from alertcast.web.where import Where, single, where
from alertcast.web.words import gettext, refused

pages = Blueprint("start", __name__)


@pages.get("/alerts/<int:alert_id>/start")  # of a preview, opened anew
@pages.get("/alerts/<int:alert_id>")
@needs("see")
def alert(alert_id: int) -> str:
    """Show one alert as it came, what was decided on it, what it touches, and the form to start."""
    return _alert(alert_id)


@pages.post("/alerts/<int:alert_id>/start")
@needs("start")
def from_alert(alert_id: int) -> Response | tuple[str, int]:
    """Show what starting an alert would do; confirmed, start it. Twice is one broadcast."""
    mode = confirming.mode()
    with world().db.read() as tx:
        if warning(tx, alert_id) is None:
            abort(404)
        layer = grids.active_layer(tx)
        chosen = where(tx, layer["id"], _codes(tx, alert_id)) if layer else Where()
        if layer:
            confirming.allow_codes(tx, layer["id"], chosen.codes)
    if request.form.get("do") == "edit":
        return _alert(alert_id, chosen.codes), 200
    if mode is None or not chosen.is_fine:
        flash(chosen.wrong or gettext("请选择正式或演练，并至少选择一个镇街。"), "error")
        return _alert(alert_id, chosen.codes), 400
    try:
        with world().db.read() as tx:
            new, _ = by_hand.of_alert(
                world(),
                tx,
                alert_id,
                user=me().name,
                mode=mode,
                key="",
                now=now(),
                only=chosen.codes,
                policy=confirming.policy(),
            )
            looked = preview(world(), tx, new, now())
            before = confirming.begun(tx, looked)
            if not confirming.is_confirmed(tx, looked):
                return confirming.page(tx, looked, chosen.codes)
        begun = desk.start_from_alert(
            world(),
            alert_id,
            user=me().name,
            mode=mode,
            key=confirming.key_of(looked),
            now=now(),
            only=chosen.codes,
            policy=confirming.policy(),
            night_why=confirming.night_why() if confirming.is_at_night(looked) else "",
        )
    except CanNotStart as error:
        flash(refused(error), "error")
        return _alert(alert_id, chosen.codes), 409
    return confirming.started(looked, *begun, before)


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
def lift(alert_id: int) -> Response | str:
    """Relay an end that named no warning, as that of the warnings an officer chose; asked once."""
    allow("start", [""])
    chosen = request.form.getlist("lifted", type=int)
    with world().db.read() as tx:
        if warning(tx, alert_id) is None:
            abort(404)
        lifted = [one for one in (warning(tx, id_) for id_ in chosen) if one is not None]
    if lifted and not is_sure():
        return ask(
            gettext("作为这些预警的解除转告？"),
            button=gettext("作为所选预警的解除转告"),
            back=url_for("start.alert", alert_id=alert_id),
            is_grave=True,
            about=[
                *(f"{_named(one)} {local_time(one['sent'])}" for one in lifted),
                gettext("立即停止叫应，并转告此前收到预警的人；不能撤回。"),
            ],
        )
    try:
        if lifting.lift(world(), alert_id, chosen, me().name, now()):
            context.desk().wake("")
            flash(gettext("已作为所选预警的解除处理。"), "done")
        else:
            flash(gettext("这条预警不在等待处理。"), "error")
    except CanNotStart as error:
        flash(refused(error), "error")
    return redirect(url_for("start.alert", alert_id=alert_id))


@pages.post("/alerts/<int:alert_id>/confirm-end")
@needs("start")
def confirm_end(alert_id: int) -> Response | str | tuple[str, int]:
    """Relay the end of a warning of which its issuer told an officer; asked once."""
    allow("start", [""])
    with world().db.read() as tx:
        found = warning(tx, alert_id)
    if found is None:
        abort(404)
    at = _local(request.form.get("at", ""))
    if at is None:
        flash(gettext("请写明告知解除的时间"), "error")
        return _alert(alert_id), 400
    word = ending.Word(_words("said_by"), at, _words("document"))
    if word.said_by and word.document and not is_sure():
        return ask(
            gettext("转告这条预警已解除？"),
            button=gettext("已向发布单位核实，转告解除"),
            back=url_for("start.alert", alert_id=alert_id),
            is_grave=True,
            about=[
                f"{_named(found)} {local_time(found['sent'])}",
                f"{word.said_by} · {local_time(at)} · {word.document}",
                gettext("立即停止叫应，并转告此前收到预警的人；不能撤回。"),
            ],
        )
    try:
        said = ending.confirm_end(world(), alert_id, word, me().name, now())
    except CanNotStart as error:
        flash(refused(error), "error")
        return _alert(alert_id), 409
    context.desk().wake("")
    flash(gettext("已登记解除。") + said, "done")
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


def _named(one: WarningFacts) -> str:
    said = next(iter(one["infos"]), None)
    return (said["headline"] or said["event"]) if said else one["identifier"]


def _alert(alert_id: int, codes: Sequence[str] = ()) -> str:
    with world().db.read() as tx:
        found = warning(tx, alert_id)
        if found is None:
            abort(404)
        sent_on = broadcasts.of_alert(tx, alert_id)
        towns, read = _touched(tx, alert_id), _read(tx, alert_id)
        is_held_end = found["decision"] in desk.HELD and alerts.load(tx, alert_id).may_be_end()
        in_force = [row["id"] for row in alerts.in_force(tx)] if is_held_end else []
        lifts = [warning(tx, one) for one in in_force if one != alert_id]
        expected = estimate.of_alert(world(), tx, alert_id, now(), area=me().area)
        explained = explain.explain(world(), tx, alert_id)
        may_be_confirmed = ending.may_be_confirmed(tx, alerts.facts(tx, alert_id))
        layer = grids.active_layer(tx)
        cells = world().index(tx, layer["id"]).grids if layer else ()
        drawn = sheet(tx, layer["id"] if layer else None)
        hits = match(world(), tx, layer["id"], alerts.load(tx, alert_id)).hits if layer else ()
    return render_template(
        "start/alert.html",
        warning=found,
        towns=towns,
        read=read,
        sent_on=sent_on,
        is_held_end=is_held_end,
        lifts=lifts,
        may_be_confirmed=may_be_confirmed,
        moment=f"{world().local(now()):%Y-%m-%dT%H:%M}",
        explained=explained,
        deed=deed,
        subject_text=subject_text,
        levels=[*world().config.hazards.ordered, None],
        chosen=set(codes) or {town.code for town in towns},
        singles=single(codes, cells),
        sheet=drawn,
        groups=_groups(hits),
        policies=world().config.rules.policies,
        policy=confirming.policy(),
        key=confirming.key(),
        estimate=expected,
    )


def _words(name: str) -> str:
    return " ".join(request.form.get(name, "").split())[: ending.LONGEST]


def _local(text: str) -> datetime | None:
    """Return what a form gives as a time, in the office's zone; None: it is none."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at.replace(tzinfo=world().config.main.office.zone) if at.tzinfo is None else at


def _read(tx: Tx, alert_id: int) -> ByTown | None:
    """Return how the towns of an alert were read, if there is anything to be said of it."""
    layer = grids.active_layer(tx)
    if layer is None:
        return None
    read = reach(world(), tx, layer["id"], alerts.load(tx, alert_id)).by_town
    return read if read.reasons else None


def _groups(hits: Iterable[Hit]) -> list[dict[str, object]]:
    """Return the grids of an alert by their level, as a map draws them."""
    found: dict[str, list[str]] = {}
    for hit in hits:
        if lies_in(hit.grid.town_code, me().area):
            found.setdefault(hit.level or "none", []).append(hit.grid.code)
    return [{"level": level, "state": "", "codes": codes} for level, codes in found.items()]


def _touched(tx: Tx, alert_id: int) -> list[TownRow]:
    layer = grids.active_layer(tx)
    if layer is None:
        return []
    found: dict[str, TownRow] = {}
    for hit in match(world(), tx, layer["id"], alerts.load(tx, alert_id)).hits:
        cell = hit.grid
        if lies_in(cell.town_code, me().area):
            row = found.setdefault(cell.town_code, TownRow(cell.town_code, cell.town, cell.county))
            row.total += 1
            row.levels[hit.level] = None
    return [found[code] for code in sorted(found)]


def _codes(tx: Tx, alert_id: int) -> set[str]:
    """Return the codes of the grids that an alert touches."""
    layer = grids.active_layer(tx)
    if layer is None:
        return set()
    return {
        hit.grid.code for hit in match(world(), tx, layer["id"], alerts.load(tx, alert_id)).hits
    }
