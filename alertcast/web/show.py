"""How facts look in a template: times, levels, states, roles, reasons, phone links."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Flask, url_for

from alertcast.channels.reasons import REASONS
from alertcast.core.access import may
from alertcast.core.callout import ADDED
from alertcast.store.report_areas import name_of
from alertcast.web.code_words import STATES
from alertcast.web.context import desk, me, shared, world
from alertcast.web.ladder import policy_line, policy_name
from alertcast.web.unread_words import poll_failure, unreadable
from alertcast.web.words import gettext, language

LEAST_SHARE = 0.01
"""Less of a grid is shown as less than this."""


def install(app: Flask) -> None:
    """Give the templates of `app` what they show facts with."""
    app.jinja_env.globals.update(
        word=word,
        words=STATES,
        level_name=level_name,
        level_keys=lambda: world().config.hazards.ordered,
        hazard_name=hazard_name,
        role_name=role_name,
        policy_name=policy_name,
        policy_line=lambda policy: policy_line(policy, STATES["kind"]),
        area_name=area_name,
        reason_text=reason_text,
        reason_besides=reason_besides,
        last_reason=last_reason,
        task_word=task_word,
        started_by=started_by,
        said_by=said_by,
        watched=watched,
        unreadable=unreadable,
        poll_failure=poll_failure,
        differing=differing,
        may=lambda action: may(me(), action, me().area),
        may_everywhere=lambda action: may(me(), action, ""),
        static=lambda name: url_for("static", filename=name),
    )
    app.jinja_env.filters.update(
        at=local_time,
        clock=local_clock,
        moment=local_moment,
        really=real_time,
        day=local_day,
        local_iso=local_iso,
        readable=readable,
        share=share,
    )
    app.context_processor(_every_page)


def word(kind: str, code: str | None) -> str:
    """Return what a code word is called on pages; an unknown one is shown as it is."""
    if code is None:
        return "—"
    known = STATES[kind].get(code)
    return code if known is None else gettext(known)


def share(part: float) -> str:
    """Return a share (0..1) in per cent; what is hardly anything is not shown as nothing."""
    return "<1%" if 0 < part < LEAST_SHARE else f"{part:.0%}"


def task_word(kind: str, state: str) -> str:
    """Return what has become of a message: a text is sent where a call is being made."""
    own = STATES.get({"sms": "sms", "manual": "by_hand"}.get(kind, ""), {})
    return gettext(own[state]) if state in own else word("task", state)


def last_reason(task: Mapping[str, Any]) -> str:
    """Return why a message did not reach its person; of one that goes on, why the last try not."""
    said = reason_text(task["reason"])
    if said == task_word(task["kind"], task["state"]):
        return ""
    goes_on = task["state"] in ("queued", "leaving", "underway") and task["tries"]
    return gettext("上次：{why}").format(why=said) if said and goes_on else said


def reason_besides(key: str | None, said: str) -> str:
    """Return a reason in words, unless it says no more than what is `said` already."""
    found = reason_text(key)
    return "" if found == said else found


def started_by(name: str) -> str:
    """Return who started a broadcast."""
    return gettext("自动") if name == "scheduler" else name


def said_by(name: str) -> str:
    """Return who said whether a station is open, or let its keeper be asked."""
    return gettext("负责人按键") if name.startswith("phone:") else started_by(name)


def watched(what: str, subject: str) -> str:
    """Return which feed, or which messages, the watch means; nothing where there is one only."""
    if what != "worker":
        return subject
    kind, _, mode = subject.partition(" ")
    return f"{word('kind', kind)} {word('mode', mode)}"


def differing(what: str, said: str) -> str:
    """Return what a witness says of one thing, in the words of pages."""
    if what == "level":
        return level_name(said)
    if what == "towns":
        pairs = (one.rpartition(":") for one in said.split())
        return "、".join(f"{town}{level_name(level)}" for town, _, level in pairs)
    if what == "hazard":
        return "、".join(hazard_name(one) for one in said.split())
    if what == "end":
        return {"end": gettext("解除"), "warning": gettext("预警")}.get(said, said)
    return said


def readable(phone: str) -> str:
    """Return a phone (E.164) as it is dialled and read aloud: 138 0000 0011."""
    national = phone.removeprefix("+86")
    if national == phone or len(national) != 11:
        return phone
    return f"{national[:3]} {national[3:7]} {national[7:]}"


def level_name(level: str | None) -> str:
    """Return the word for a level; a warning without one says so."""
    if level is None:
        return gettext("无颜色")
    known = world().level_names(language()).get(level)
    return level if known is None else known


def hazard_name(hazard: str | None) -> str:
    """Return what people call a hazard."""
    if hazard is None or hazard not in world().config.hazards.hazards:
        return ""
    return world().config.hazards.name(hazard, language())


def role_name(key: str) -> str:
    """Return what a post is called."""
    if key == ADDED:
        return gettext("增派")
    known = world().config.roles.get(key)
    if known is None:
        return key
    return known.en if language() == "en" else known.zh


def reason_text(key: str | None) -> str:
    """Return why something did not reach a person, in the words an officer reads."""
    return gettext(REASONS[key]) if key in REASONS else (key or "")


def local_time(at: datetime | None) -> str:
    """Return date and time in the office's zone, to the minute."""
    return "—" if at is None else f"{world().local(at):%m-%d %H:%M}"


def real_time(at: datetime | None) -> str:
    """Return a moment of real time; where product time is another (a demo), it says so."""
    said = local_time(at)
    return gettext("实际时间 {at}").format(at=said) if at and desk().is_demo else said


def local_day(at: datetime | None) -> str:
    """Return the date in the office's zone."""
    return "—" if at is None else f"{world().local(at):%Y-%m-%d}"


def local_clock(at: datetime | None) -> str:
    """Return the time of day in the office's zone, to the second."""
    return "—" if at is None else f"{world().local(at):%H:%M:%S}"


def local_moment(at: datetime | None) -> str:
    """Return the time of day in the office's zone; with its date before it unless that is today."""
    if at is None or world().local(at).date() == world().local(desk().clock()).date():
        return local_clock(at)
    return local_time(at)


def local_iso(at: datetime) -> str:
    """Return the moment in the office's zone, for scripts."""
    return world().local(at).isoformat()


def area_name() -> str:
    """Return what the user's own area is called; its code where the layer has no such place."""

    def made() -> str:
        with world().db.read() as tx:
            return name_of(tx, me().area)

    return shared("area", made)


def _every_page() -> dict[str, Any]:
    return {"office": world().config.main.office, "is_demo": desk().is_demo, "at": desk().clock()}
