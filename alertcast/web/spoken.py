"""口头应答: what officers write down of a person; asked once, by name and place."""

from dataclasses import dataclass

from flask import flash, request

from alertcast.core.callout import ANSWERS, NEEDS_HELP, UNDERSTOOD
from alertcast.core.task import AttemptState
from alertcast.dispatch import answers
from alertcast.store import said
from alertcast.store.db import Tx
from alertcast.store.report_faces import Faces
from alertcast.store.report_facts import BroadcastFacts, PersonFacts
from alertcast.store.report_manual import ManualFacts, manual_list
from alertcast.store.report_people import shown, standings
from alertcast.web import context
from alertcast.web.asking import ask
from alertcast.web.context import me, now, world
from alertcast.web.show import role_name, word
from alertcast.web.words import gettext

IN_VAIN = {
    "no_answer": AttemptState.NO_ANSWER,
    "busy": AttemptState.BUSY,
    "failed": AttemptState.FAILED,
}
"""How a call made by hand can end without an answer."""

PLACES = 3
"""Most places by which a person is named."""

MOST = 10_000
"""Most numbers to be dialled for one broadcast among which a person is looked for."""

LONGEST_NOTE = 500


@dataclass(frozen=True, slots=True)
class Whom:
    """Of whom it is written down, as pages name him: masked."""

    person_id: int
    name: str
    phone: str
    roles: list[str]
    places: list[str]

    def __str__(self) -> str:
        """Return the name with the place."""
        listed = "、".join(self.places[:PLACES])
        if len(self.places) > PLACES:
            listed += " " + gettext("等 %(n)s 处") % {"n": len(self.places)}
        return f"{self.name}（{listed}）" if listed else self.name


def is_known(outcome: str) -> bool:
    """Say whether a form names an outcome that there is."""
    return outcome in ANSWERS or outcome in IN_VAIN


def whom(tx: Tx, broadcast_id: int, person_id: int) -> Whom | None:
    """Return who answers in a broadcast, or is to be dialled for it; None if nobody is."""
    faces, area = Faces(world().db.vault), me().area
    found = shown(tx, faces, broadcast_id, standings(tx, broadcast_id, area, only=[person_id]))
    if found:
        return _named(found[0])
    listed = manual_list(tx, faces, now(), area=area, broadcast_id=broadcast_id, limit=MOST)
    return next((_named(one) for one in listed if one["person_id"] == person_id), None)


def _named(one: PersonFacts | ManualFacts) -> Whom:
    return Whom(one["person_id"], one["name"], one["phone"], one["roles"], one["places"])


def question(tx: Tx, broadcast: BroadcastFacts, one: Whom, outcome: str, back: str) -> str:
    """Return the page that asks whether it is meant, and of whom."""
    if outcome in ANSWERS:
        seen = said.times_answered(tx, broadcast["id"], one.person_id, outcome)
    else:
        seen = said.times_dialled(tx, broadcast["id"], one.person_id)
    asked, follows = _words(outcome)
    posts = "、".join(role_name(role) for role in one.roles)
    note = request.form.get("note", "").strip()[:LONGEST_NOTE]
    return ask(
        asked.format(who=one),
        button=_button(outcome),
        back=back,
        is_grave=outcome == NEEDS_HELP,
        about=[
            " · ".join(part for part in (posts, one.phone) if part),
            follows,
            *([f"{gettext('备注')}：{note}"] if note else []),
        ],
        broadcast=broadcast,
        more={"seen": seen},
    )


def write_down(broadcast_id: int, one: Whom, outcome: str) -> None:
    """Write it down, once for one page that asked, and say of whom it was written."""
    seen = request.form.get("seen", type=int)
    try:
        if outcome in ANSWERS:
            _answered(broadcast_id, one, outcome, seen)
        else:
            answers.dialled(
                world(),
                broadcast_id=broadcast_id,
                person_id=one.person_id,
                outcome=IN_VAIN[outcome],
                user=me().name,
                now=now(),
                seen=seen,
            )
            flash(gettext("已登记：{who}没有叫通，排到后面。").format(who=one), "done")
    except answers.SaidAlreadyError:
        text = gettext("{who}：此前已有“{what}”的应答（按键、短信或登记），没有重复登记。")
        flash(text.format(who=one, what=_button(outcome)), "error")


def _answered(broadcast_id: int, one: Whom, value: str, seen: int | None) -> None:
    done = answers.write_down(
        world(),
        broadcast_id=broadcast_id,
        person_id=one.person_id,
        value=value,
        user=me().name,
        note=request.form.get("note", "").strip()[:LONGEST_NOTE],
        now=now(),
        seen=seen,
    )
    context.desk().wake("")
    if value == UNDERSTOOD:
        flash(gettext("已登记：{who}已知悉。").format(who=one), "done")
    elif done.help_id is not None:
        flash(gettext("已登记{who}求助，正在通知值班室。").format(who=one), "done")
    else:
        text = gettext("已登记{who}需要支援。此人没有负责的网格，系统没有通知值班室，请直接联系。")
        flash(text.format(who=one), "error")


def _button(outcome: str) -> str:
    return word("value" if outcome in ANSWERS else "dialled", outcome)


def _words(outcome: str) -> tuple[str, str]:
    """Return the question, and what follows if it is meant."""
    if outcome == UNDERSTOOD:
        return (
            gettext("{who}已知悉？"),
            gettext("此人负责的网格都算他已应答，他的电话不再拨打。"),
        )
    if outcome == NEEDS_HELP:
        return (
            gettext("{who}需要支援？"),
            gettext("立即登记求助，并打电话给值班室。此人算已应答，他的电话不再拨打。"),
        )
    return (
        gettext("{who}没有叫通？") + f" ({_button(outcome)})",
        gettext("记一次没有叫通，此人排到人工拨打名单的后面。"),
    )
