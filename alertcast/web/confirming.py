"""先看后发: what would happen is looked at, then confirmed, in proportion to what it reaches."""

import re
import secrets
from collections.abc import Sequence

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from alertcast.core.access import may
from alertcast.core.broadcast import BroadcastState
from alertcast.core.care import Care, Confirmation
from alertcast.dispatch import desk, drill_plan
from alertcast.dispatch.preview import Preview, digest
from alertcast.store.db import Tx
from alertcast.store.report_areas import areas_of
from alertcast.web import context
from alertcast.web.context import me
from alertcast.web.maps import sheet
from alertcast.web.show import word
from alertcast.web.words import gettext

MODES = ("live", "drill")

LONGEST_WHY = 200
"""Most characters of the reason for a drill at night."""


def mode() -> str | None:
    """Return whether the form says live or drill; neither is guessed."""
    said = request.form.get("mode", "")
    return said if said in MODES else None


def policy() -> str | None:
    """Return the policy that the form names, None: that of each level."""
    return request.form.get("policy") or None


def key() -> str:
    """Return the form's own token, a new one where there is none: it makes two clicks one."""
    kept = request.form.get("key", "")
    return kept if re.fullmatch(r"[\w-]{16,64}", kept) else secrets.token_urlsafe(18)


def key_of(looked: Preview) -> str:
    """Return the key under which it begins: the same form with another content is another one."""
    return f"{key()}:{digest(looked.new)[:16]}"


def allow_codes(tx: Tx, layer_id: int, codes: Sequence[str]) -> None:
    """Answer 403 unless the user may start something in all these places."""
    areas = areas_of(tx, layer_id, codes)
    if not all(may(me(), "start", area) for area in areas.values()):
        abort(403)


def begun(tx: Tx, looked: Preview) -> int | None:
    """Return the broadcast that this very form has begun before, or None."""
    return desk.begun_by(tx, key_of(looked))


def is_again() -> bool:
    """Say whether the form wants the same sent once more."""
    return "again" in request.form


def is_for_nobody(looked: Preview) -> bool:
    """Say whether this is a drill that reaches nobody: there is nothing to rehearse."""
    return looked.new.mode == "drill" and not looked.people


def is_at_night(looked: Preview) -> bool:
    """Say whether this is a drill in the hours in which no drill is scheduled to begin."""
    is_drill = looked.new.mode == "drill"
    return is_drill and drill_plan.is_night(context.world(), context.now())


def night_why() -> str:
    """Return why a drill is to begin at night; "": nobody said."""
    return " ".join(request.form.get("night_why", "").split())[:LONGEST_WHY]


def is_confirmed(tx: Tx, looked: Preview) -> bool:
    """Say whether this form confirms what was looked at; flashes what is still missing."""
    form = request.form
    if "seen" not in form:
        return False
    if form["seen"] != looked.seen:
        flash(gettext("内容在您查看之后有变化，请重新核对。"), "error")
    elif is_for_nobody(looked):
        flash(gettext("没有开始：所选地点没有登记参加演练的人，演练不会叫到任何人。"), "error")
    elif not looked.asked.is_met("sure" in form, form.get("word", "")):
        flash(_missing(looked.asked), "error")
    elif is_at_night(looked) and not night_why() and begun(tx, looked) is None:
        said = gettext("还没有开始：夜间（{hours}）不演练；一定要现在开始，请写明理由。")
        flash(said.format(hours=context.world().config.main.drills.night), "error")
    elif looked.earlier is not None and not is_again() and begun(tx, looked) is None:
        flash(gettext("还没有下发：请先看此前的下发，仍要再发就勾选“再下发一次”。"), "error")
    else:
        return True
    return False


def _missing(asked: Confirmation) -> str:
    if asked.care is Care.TYPED:
        return gettext("还没有下发：请输入“{word}”。").format(word=asked.word)
    return gettext("还没有下发：请勾选“已核对”。")


def page(tx: Tx, looked: Preview, codes: Sequence[str], text: str = "") -> tuple[str, int]:
    """Return the page on which it is looked at and confirmed; 409 if that was tried in vain."""
    groups: dict[str, list[str]] = {}
    for hit in looked.new.hits:
        groups.setdefault(hit.level or "none", []).append(hit.grid.code)
    is_notice = not looked.new.alerts
    shown = render_template(
        "start/preview.html",
        looked=looked,
        new=looked.new,
        is_notice=is_notice,
        sheet=sheet(tx, looked.new.layer_id),
        groups=[
            {"level": "" if is_notice else level, "state": "chosen", "codes": members}
            for level, members in groups.items()
        ],
        codes=" ".join(codes),
        text=text,
        key=key(),
        policy=policy(),
        is_for_nobody=is_for_nobody(looked),
        night=context.world().config.main.drills.night if is_at_night(looked) else "",
        longest_why=LONGEST_WHY,
    )
    return shown, 409 if "seen" in request.form else 200


def started(
    looked: Preview, broadcast_id: int, state: BroadcastState, before: int | None = None
) -> Response:
    """Go to the page of what has begun, and say whom it reaches, or that it had begun `before`."""
    if before == broadcast_id:
        flash(gettext("此前已提交过，没有再次下发：这是原来的 #{n}。").format(n=before), "error")
        return redirect(url_for("broadcasts.one", broadcast_id=broadcast_id))
    context.desk().wake("")
    said = {
        BroadcastState.WAITING: gettext("已登记，等撤回时间过后开始叫应。"),
        BroadcastState.APPROVAL: gettext("已登记，等第二人确认后开始叫应。"),
    }
    flash(said.get(state, gettext("已下发。")) + _reaching(looked), "done")
    return redirect(url_for("broadcasts.one", broadcast_id=broadcast_id))


def _reaching(looked: Preview) -> str:
    """Return how many grids and people it is for, and what the first round sends."""
    messages = looked.estimate.messages if looked.estimate else {}
    said = gettext("{grids} 个网格，{people} 人；首轮{messages}。")
    first = gettext("、").join(f"{word('kind', kind)} {n}" for kind, n in messages.items())
    return said.format(
        grids=len(looked.new.hits), people=looked.people, messages=first or gettext("没有消息")
    )
