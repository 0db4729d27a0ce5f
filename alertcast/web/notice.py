"""启动: the latest alerts to start from, and an officer's own notice (内部通知), live or drill."""

from collections.abc import Collection, Mapping, Sequence

from flask import Blueprint, flash, render_template, request
from werkzeug.wrappers import Response

from alertcast.core.wording import filled
from alertcast.dispatch import by_hand, desk, drafts
from alertcast.dispatch.preview import preview
from alertcast.dispatch.start import CanNotStart
from alertcast.store import grids
from alertcast.store.db import Tx
from alertcast.store.report_alerts import latest_warnings
from alertcast.store.report_areas import CountyFacts, counties
from alertcast.web import confirming
from alertcast.web.context import me, needs, now, world
from alertcast.web.maps import sheet
from alertcast.web.where import Where, search, single, where
from alertcast.web.words import gettext, refused

pages = Blueprint("notice", __name__)

LONGEST = 1000  # characters of a notice
SLOT = "slot-"
"""How the names of the fields begin that fill a template."""


@pages.get("/start/notice")  # of a preview, opened anew
@pages.get("/start")
@needs("start")
def page() -> str:
    """Show the latest alerts to start from, and the form of an internal notice."""
    return _page(Where())


@pages.post("/start/notice")
@needs("start")
def notice() -> Response | tuple[str, int]:
    """Show what a notice would be; confirmed, start it. The same form twice is one broadcast."""
    with world().db.read() as tx:
        layer = grids.active_layer(tx)
        chosen = where(tx, layer["id"]) if layer else Where()
        if layer:
            confirming.allow_codes(tx, layer["id"], chosen.codes)
    if request.form.get("do") in ("search", "fill", "edit"):
        return _page(chosen), 200
    mode, text = confirming.mode(), _text()
    if mode is None or not text or len(text) > LONGEST or not chosen.is_fine:
        _complain(chosen)
        return _page(chosen), 400
    try:
        with world().db.read() as tx:
            new = by_hand.of_notice(
                world(),
                tx,
                text=text,
                codes=chosen.codes,
                user=me().name,
                mode=mode,
                key="",
                now=now(),
                policy=confirming.policy(),
            )
            looked = preview(world(), tx, new, now())
            before = confirming.begun(tx, looked)
            if not confirming.is_confirmed(tx, looked):
                return confirming.page(tx, looked, chosen.codes, text)
        begun = desk.start_notice(
            world(),
            text=text,
            codes=chosen.codes,
            user=me().name,
            mode=mode,
            key=confirming.key_of(looked),
            now=now(),
            policy=confirming.policy(),
            night_why=confirming.night_why() if confirming.is_at_night(looked) else "",
            again=confirming.is_again(),
        )
    except CanNotStart as error:
        flash(refused(error), "error")
        return _page(chosen), 409
    return confirming.started(looked, *begun, before)


def _text() -> str:
    """Return the officer's words: his own, or those of a template that is filled wholly."""
    template = drafts.approved(world().config).get(request.form.get("template", ""))
    if template is None:
        return request.form.get("text", "").strip()
    values = _values(template)
    return filled(template, values) if all(values.values()) else ""


def _values(template: str) -> dict[str, str]:
    asked = drafts.blanks(template)
    return {name: request.form.get(SLOT + name, "").strip()[:100] for name in asked}


def _complain(chosen: Where) -> None:
    if chosen.wrong:
        flash(chosen.wrong, "error")
    if chosen.unknown:
        said = gettext("当前网格图层里没有这些编码：{codes}")
        flash(said.format(codes="、".join(chosen.unknown)), "error")
    if not chosen.wrong and not chosen.unknown:
        flash(gettext("请选择正式或演练，选择地点，并填写不超过 1000 字的内容。"), "error")


def _page(chosen: Where) -> str:
    with world().db.read() as tx:
        layer = grids.active_layer(tx)
        facts = _places(tx, layer["id"], chosen) if layer else {}
        latest = latest_warnings(tx)
    templates = drafts.approved(world().config)
    template = templates.get(request.form.get("template", ""))
    return render_template(
        "start/page.html",
        latest=latest,
        layer=layer,
        text=request.form.get("text", ""),
        templates=templates,
        template=request.form.get("template", "") if template else "",
        slots=_values(template) if template else {},
        policies=world().config.rules.policies,
        policy=confirming.policy() or world().config.rules.desk,
        key=confirming.key(),
        longest=LONGEST,
        **facts,
    )


def _places(tx: Tx, layer_id: int, chosen: Where) -> Mapping[str, object]:
    cells = world().index(tx, layer_id).grids
    places = counties(tx, layer_id, me().area)
    words = request.form.get("search", "").strip()[:100]
    found, total = search(words, cells)
    return {
        "sheet": sheet(tx, layer_id),
        "counties": places,
        "chosen": set(chosen.codes),
        "opened": _opened(places, set(chosen.codes)),
        "singles": single(chosen.codes, cells),
        "found": found,
        "found_total": total,
        "search": words,
    }


def _opened(places: Sequence[CountyFacts], chosen: Collection[str]) -> set[str]:
    """Return the codes of the counties whose towns are to be seen at once."""
    return {
        county["code"]
        for county in places
        if len(places) == 1
        or {county["code"], *(town["code"] for town in county["towns"])} & set(chosen)
    }
