"""One warning by several feeds: the fullest words are kept, contradictions are the officer's.

What was decided on an alert stays decided; a later witness changes what is shown, never who was
told. Every part of this may be done twice.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog

from alertcast.core.alert import Alert
from alertcast.core.national_id import NationalId
from alertcast.core.plan import highest, rank
from alertcast.core.witness import VITAL, Body, Difference, differences
from alertcast.dispatch import replace, towns, trust
from alertcast.dispatch.world import World
from alertcast.sources.parsed import Parsed
from alertcast.store import alerts, reaches, witnesses
from alertcast.store import grids as layers
from alertcast.store.db import Tx

log = structlog.get_logger()


def compare(
    world: World,
    tx: Tx,
    alert_id: int,
    item: Parsed,
    *,
    source: str,
    title: str,
    expires: datetime,
    is_new: bool,
    is_trusted: bool = True,
    now: datetime,
) -> bool:
    """Hold what `source` says against what is kept of the alert, and keep the fuller words.

    Return whether it is to be decided on anew, by these words.

    Only of one with a national identifier are there fuller words; of any other what came first
    stays, and whoever says something else under the same identifier and time is the officer's.
    `title` is what the source's index called the message, "" where it has none. What is not
    trusted, or not for its source to say, may contradict, and replaces nothing. What was not for
    any source before to say, and is for this one, begins anew; so does, with the words of the real
    one, what one calls an exercise or a test and the other real: duty desk and leader are asked.
    """
    message = item.alert
    if message is None:
        return False
    is_national = NationalId.read(message.identifier) is not None
    found: tuple[Difference, ...] = ()
    if not is_new:
        row = alerts.facts(tx, alert_id, lock=True)  # nobody may decide on half of the new words
        kept = alerts.load(tx, alert_id)
        language = world.config.main.office.language
        found = differences(kept, message, world.config.hazards, language)
        if is_trusted and _has_the_right(world, tx, alert_id, kept, message, source, row, now):
            alerts.begin_anew(tx, alert_id, message, expires, item.body)
            _turn_round(tx, alert_id, source, found, now)
            return True
        if is_trusted and kept.status != "Actual" and message.status == "Actual":
            _call_real(world, tx, alert_id, kept, item, source, expires, now)
        is_fuller = is_national and is_trusted and item.body.is_fuller_than(Body(row["body"]))
        is_fuller = is_fuller and not VITAL & {one.what for one in found}
        if is_fuller and not trust.fault_of(world, tx, source, alert_id, message):
            alerts.enrich(tx, alert_id, message, expires, item.body)
            if row["decided_at"] is not None and row["standing"] == "in_force":
                replace.by_words(world, tx, alert_id, now)
                if not any(one.what == "level" for one in found):
                    found += _worse_in_towns(world, tx, alert_id, message)
    if is_national and message.is_lifted_by(title):
        found = (*(one for one in found if one.what != "end"), Difference("end", "warning", title))
    for what in witnesses.differ(tx, alert_id, source, found, now):
        log.warning("witness disagrees", alert=alert_id, source=source, what=what)
    return False


def conclude(tx: Tx, source: str, listed: frozenset[str], life: timedelta, now: datetime) -> None:
    """Draw from a good poll of a list what it names no more; nobody is told of it.

    A warning of which no feed says until when it holds, holds on while it is listed, and for `life`
    after that. What it was dropped for is looked at afterwards, see `replace.in_list`.
    """
    witnesses.look(tx, source, listed, now)
    alerts.hold_on(tx, source, life, now)


def _has_the_right(
    world: World,
    tx: Tx,
    alert_id: int,
    kept: Alert,
    message: Alert,
    source: str,
    row: Mapping[Any, Any],
    now: datetime,
) -> bool:
    """Say whether `source`, just now, is the first of an alert's for which it is to say.

    What an officer has decided, or anybody was told of, stays as it is.
    """
    if row["decision"] not in (None, "held", "fault"):
        return False
    heard = {one["source"]: one["since"] for one in witnesses.of_alert(tx, alert_id)}
    others = heard.keys() - {source}
    if heard.get(source) != now or not others:
        return False
    if any(trust.fault_of(world, tx, one, alert_id, kept) is None for one in others):
        return False
    return trust.fault_of(world, tx, source, alert_id, message) is None


def _turn_round(
    tx: Tx, alert_id: int, source: str, found: Sequence[Difference], now: datetime
) -> None:
    """Write down as theirs in what the sources before contradict `source`, whose words stand."""
    theirs = [Difference(one.what, one.said, one.kept) for one in found]
    for one in witnesses.of_alert(tx, alert_id):
        if one["source"] != source:
            witnesses.differ(tx, alert_id, one["source"], theirs, now)


def _call_real(
    world: World,
    tx: Tx,
    alert_id: int,
    kept: Alert,
    item: Parsed,
    source: str,
    expires: datetime,
    now: datetime,
) -> None:
    """Ask about what came as an exercise or a test first, and is said to be real.

    An end is left to an officer: silence must not let it count.
    """
    message = item.alert
    if message is None or trust.fault_of(world, tx, source, alert_id, message):
        return
    if not message.is_end():
        alerts.begin_anew(tx, alert_id, message, expires, item.body)
        return
    alerts.enrich(tx, alert_id, message, expires, item.body)
    why = (
        f"先到的一份状态为 {kept.status}，来源 {source} 说它是正式预警，"
        "没有自动下发，请值班员立即核实。"
    )
    alerts.decide(tx, alert_id, decision="held", why=why, now=now)


def _worse_in_towns(world: World, tx: Tx, alert_id: int, message: Alert) -> tuple[Difference, ...]:
    """Return the towns in which the fuller words say worse than what was decided on."""
    layer = layers.active_layer(tx)
    if layer is None:
        return ()
    ladder = world.config.rules.levels
    held = reaches.reach_of(tx, [alert_id])
    worse: dict[str, str] = {}
    before: set[str | None] = set()
    for hit in towns.match(world, tx, layer["id"], message).hits:
        was = highest(held.get(hit.grid.code, ()), ladder)
        if hit.level is not None and rank(hit.level, ladder) < rank(was, ladder):
            worse[f"{hit.grid.town}:{hit.level}"] = hit.level
            before.add(was)
    if not worse:
        return ()
    kept = " ".join(sorted(f":{one}" for one in before if one)) or "-"
    return (Difference("towns", kept, " ".join(sorted(worse))),)
