"""Whether an alert may be believed without a human: who brought it, and is it theirs to say."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from alertcast.core.alert import Alert
from alertcast.core.confirm import Doubt
from alertcast.core.jurisdiction import Jurisdiction
from alertcast.core.plan import highest
from alertcast.dispatch import events, signatures
from alertcast.dispatch.confirm import contradictions, is_alone
from alertcast.dispatch.start import Start, told_first
from alertcast.dispatch.world import World
from alertcast.store import alerts, references, witnesses
from alertcast.store.db import Tx


def why_held(world: World, tx: Tx, message: Alert, row: Mapping[Any, Any]) -> str | None:
    """Return why an alert may do nothing by itself, in the officer's words; None: it may.

    `row` are its facts: the signature rules of its sources, its scope, its jurisdiction.
    """
    alert_id = int(row["id"])
    if not row["is_trusted"]:
        return signatures.why_held(tx, alert_id)
    if message.scope != "Public":
        said = f"（{message.restriction}）" if message.restriction else ""
        return f"发布范围为 {message.scope}{said}，不是向公众发布的，请值班员处理。"
    return out_of_place(world, tx, alert_id, message)


def out_of_place(world: World, tx: Tx, alert_id: int, message: Alert) -> str | None:
    """Return why an alert is not for any of its sources to say, in the officer's words.

    None if one of them may say it, or declares no jurisdiction: then nothing is known against it.
    """
    faults = []
    for one in witnesses.of_alert(tx, alert_id):
        fault = fault_of(world, tx, one["source"], alert_id, message)
        if fault is None:
            return None
        faults.append(f"来源 {one['source']}：{fault}")
    return f"{'；'.join(faults)}。请值班员向发布单位核实后处理。" if faults else None


def fault_of(world: World, tx: Tx, source: str, alert_id: int, message: Alert) -> str | None:
    """Return what of a message is not for `source` to say, as a Chinese clause; None: nothing is.

    Nor is it to end or replace a warning of a place that it may not warn of. Only what nobody else
    brought may be updated from outside: a storm that moves in is no less of a danger.
    """
    section = world.config.main.sources.get(source, {}).get("jurisdiction")
    if section is None:
        return None
    may = Jurisdiction.read(section)
    if fault := may.fault(message):
        return fault
    replaced = events.kin_of(tx, alert_id, message).replaced
    for earlier in dict.fromkeys((*references.referenced(tx, message), *replaced)):
        brought = {one["source"] for one in witnesses.of_alert(tx, earlier)}
        if brought == {source} and not message.is_end():
            continue
        if fault := may.fault(alerts.load(tx, earlier)):
            return f"所更新或解除的预警不归它管，{fault}"
    return None


def doubts(
    world: World, tx: Tx, new: Start, unsure: str | None, whole: str, now: datetime
) -> dict[Doubt, str]:
    """Return why a human is to look before an alert is told, each in one Chinese sentence.

    `unsure` is what could not be read of its towns, `whole` that it is drawn over all grids. Raises
    CanNotStart.
    """
    rules = world.config.rules
    level = highest((hit.level for hit in new.hits), rules.levels)
    found = {Doubt.TOWNS: unsure} if unsure else {}
    if words := _other_status(world, tx, new.alerts[0]):
        found[Doubt.STATUS] = f"有来源说它只是{words}，有来源说它是正式预警。"
    most = rules.max_people
    if most and (told := told_first(world, tx, new, now)) > most:
        found[Doubt.PEOPLE] = f"首轮涉及 {told} 人，超过上限 {most} 人。"
    if rules.confirm.needs_another(level, rules.levels) and is_alone(world, tx, new.alerts[0]):
        named = world.config.hazards.level_name(level) if level else "这条"
        found[Doubt.ALONE] = f"只有一个未签名的来源，{named}预警不能由它单独下发。"
    if whole and rules.confirm.whole_layer:
        found[Doubt.WHOLE] = whole
    return found


def _other_status(world: World, tx: Tx, alert_id: int) -> str:
    """Return what a source that is believed calls an alert instead of a real one, in Chinese."""
    against = [one for one in contradictions(world, tx, alert_id) if one["what"] == "status"]
    said = {word for one in against for word in (one["kept"], one["said"])}
    return "、".join(_STATUS_WORDS.get(one, one) for one in sorted(said - {"Actual"}))


_STATUS_WORDS = {"Exercise": "演练", "Test": "测试", "System": "系统消息", "Draft": "草稿"}
