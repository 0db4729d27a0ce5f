"""An office tells an officer that a warning is lifted (解除); China's lists would never say so.

He writes down who said it, when, and by which document. What is relayed is that word and no other:
whoever was told hears that the officer has checked it with the issuer, and the calling stops.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from alertcast.core.alert import Alert
from alertcast.core.refusal import sentence
from alertcast.core.wording import local_time
from alertcast.dispatch.decision import episodes_of
from alertcast.dispatch.desk import HELD
from alertcast.dispatch.end import end_of
from alertcast.dispatch.start import CanNotStart
from alertcast.dispatch.world import World
from alertcast.store import alerts, audit, broadcasts, turns
from alertcast.store.db import Tx

LONGEST = 200
"""Characters of who said it, and of the document."""


@dataclass(frozen=True, slots=True)
class Word:
    """What an officer was told of an end, and can be asked about later."""

    said_by: str  # unit, and name or post of whoever said it
    at: datetime  # aware
    document: str  # its number or name; of a call, how it was checked


def confirm_end(world: World, alert_id: int, word: Word, user: str, now: datetime) -> str:
    """Relay the end of a warning by the word of its issuer; return in Chinese what came of it.

    From here it is an all-clear like any other: where other warnings of the episode hold, it is
    quiet. It is recorded. Raises CanNotStart, also the second time.
    """
    return world.db.together(lambda tx: _confirm(world, tx, alert_id, word, user, now))


def may_be_confirmed(tx: Tx, row: Mapping[Any, Any]) -> bool:
    """Say whether an end of this alert (its row) would be news: it holds, or has only run out."""
    if row["status"] != "Actual" or row["msg_type"] not in ("Alert", "Update"):
        return False
    has_run_out = row["standing"] == "expired" and bool(episodes_of(tx, [row["id"]]))
    return row["decision"] not in HELD and (row["standing"] == "in_force" or has_run_out)


def _confirm(world: World, tx: Tx, alert_id: int, word: Word, user: str, now: datetime) -> str:
    turns.take(tx, "decide")
    row = alerts.facts(tx, alert_id, lock=True)
    message = alerts.load(tx, alert_id)
    if message.is_end() or not may_be_confirmed(tx, row):
        msg = sentence("这条预警没有在生效，或还在等待处理，不能登记解除")
        raise CanNotStart(msg)
    if not word.said_by or not word.document:
        msg = sentence("请写明是谁告知的、以什么文件或怎样核实")
        raise CanNotStart(msg)
    if not message.sent.replace(second=0, microsecond=0) <= word.at <= now:
        msg = sentence("告知解除的时间须在预警发布之后，且不晚于现在")
        raise CanNotStart(msg)
    said = _said(world, message, word)
    key = f"{message.key}:confirmed:{len(broadcasts.of_alert(tx, alert_id))}"
    made = end_of(world, tx, alert_id, said, [alert_id], episodes_of(tx, [alert_id]), now, key)
    when = local_time(world.local(word.at))
    why = f"{when} {word.said_by}告知已解除（{word.document}），{user} 登记：{made.why}"
    decision, decided_at = row["decision"], row["decided_at"] or now
    alerts.decide(tx, alert_id, decision=decision or made.word, why=why, now=decided_at)
    told = {"said_by": word.said_by, "said_at": word.at.isoformat(), "document": word.document}
    audit.record(tx, user, "confirm_end", f"alert:{alert_id}", now, **told)
    return why


def _said(world: World, message: Alert, word: Word) -> Alert:
    """Return the warning with headlines that say it was lifted, and how we know; it is not kept."""
    infos = []
    for info in message.infos:
        language = "en" if info.language.lower().startswith("en") else "zh"
        slots = {"headline": info.headline or info.event}
        slots["time"] = local_time(world.local(word.at), language)
        headline = world.config.texts.render("lifted_by_word", language, slots)
        infos.append(replace(info, headline=headline))
    return replace(message, infos=tuple(infos))
