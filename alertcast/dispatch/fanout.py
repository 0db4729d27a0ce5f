"""A kept alert becomes a broadcast: matched to grids, weighed in its episode, planned in one go.

Each alert is decided exactly once, in the transaction that writes what follows from it. Killed
before the commit: nothing was written, and the next tick decides it again. Every decision is kept
with one sentence that says why the alert was, or was not, sent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from alertcast.core.alert import Alert, Info
from alertcast.core.broadcast import BroadcastState, Purpose
from alertcast.core.episode import turn
from alertcast.core.grid import Hit
from alertcast.core.plan import highest
from alertcast.dispatch import all_clear
from alertcast.dispatch.compose import title_of, warning_slots
from alertcast.dispatch.start import CanNotStart, Start, start
from alertcast.dispatch.world import World
from alertcast.store import alerts, broadcasts
from alertcast.store import grids as layers
from alertcast.store.db import Tx

log = structlog.get_logger()


def decide_all(world: World, now: datetime) -> int:
    """Decide on every alert that nobody has decided on, oldest first; return how many.

    One that raises is shown to the officer with the fault, and tried again at the next tick; it
    never keeps the others waiting.
    """
    with world.db.read() as tx:
        waiting = alerts.undecided(tx)
    decided = 0
    for alert_id in waiting:
        try:
            decide(world, alert_id, now)
            decided += 1
        except Exception as error:
            log.exception("alert could not be decided", alert=alert_id)
            with world.db.write() as tx:
                alerts.fault(tx, alert_id, f"处理出错，正在重试（{type(error).__name__}）。")
    return decided


def decide(world: World, alert_id: int, now: datetime) -> str:
    """Decide on one alert and write all that follows; return the decision. Twice is once."""
    with world.db.write() as tx:
        row = alerts.facts(tx, alert_id, lock=True)
        if row["decided_at"] is not None:
            return str(row["decision"])
        message = alerts.load(tx, alert_id)
        made = _decide(world, tx, alert_id, message, row["expires"], now)
        alerts.decide(
            tx, alert_id, decision=made.word, why=made.why, now=now, episode_id=made.episode_id
        )
    log.info("alert decided", alert=alert_id, decision=made.word)
    return made.word


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided on an alert, and why, in one sentence."""

    word: str
    why: str
    episode_id: int | None = None


def _decide(
    world: World, tx: Tx, alert_id: int, message: Alert, expires: datetime | None, now: datetime
) -> Decision:
    if message.status != "Actual":
        alerts.end(tx, [alert_id], "ended")
        return Decision("not_actual", f"状态为 {message.status}，不是正式预警，不发送。")
    if message.msg_type in ("Ack", "Error"):
        alerts.end(tx, [alert_id], "ended")
        return Decision("not_a_warning", f"类型为 {message.msg_type}，不发送。")
    earlier = alerts.referenced(tx, message)
    if message.is_end():
        return _end(world, tx, alert_id, message, earlier, now)
    alerts.end(tx, earlier, "superseded")
    if expires is not None and expires <= now:
        alerts.end(tx, [alert_id], "expired")
        return Decision("expired", "收到时已过有效期，不发送。")
    if not message.infos:
        return Decision("held", "预警没有内容（info），请值班员处理。")
    layer = layers.active_layer(tx)
    if layer is None:
        return Decision("held", "尚未导入网格，无法匹配，请值班员处理。")
    return _warn(world, tx, alert_id, message, layer["id"], earlier, expires, now)


def _end(
    world: World, tx: Tx, alert_id: int, message: Alert, earlier: Sequence[int], now: datetime
) -> Decision:
    alerts.end(tx, [alert_id], "ended")
    if not earlier:
        return Decision("held", "解除信息没有指明所解除的预警，请值班员核实。")
    alerts.end(tx, earlier, "ended")
    found = {alerts.facts(tx, one)["episode_id"] for one in earlier} - {None}
    if not found:
        return Decision("ended", "所解除的预警没有下发过，不必通知。")
    episode_id = min(found)
    if broadcasts.is_ended(tx, episode_id):
        return Decision("ended", "这一轮预警已经解除过，不再重复通知。", episode_id)
    others = alerts.in_episode(tx, episode_id)
    if others:
        return Decision("ended", f"同一轮还有 {len(others)} 条预警生效，暂不通知解除。", episode_id)
    told = all_clear.start(world, tx, alert_id, message, episode_id, now)
    return Decision("all_clear", f"官方解除，转告此前收到预警的 {told} 个号码。", episode_id)


def _warn(
    world: World,
    tx: Tx,
    alert_id: int,
    message: Alert,
    layer_id: int,
    earlier: Sequence[int],
    expires: datetime | None,
    now: datetime,
) -> Decision:
    rules = world.config.rules
    infos = message.infos_in(world.config.main.office.language)
    hazard = next((info.hazard for info in infos if info.hazard), None)
    hits = match(world, tx, layer_id, infos)
    if not hits:
        return Decision("no_grid", "预警范围没有碰到本地网格，不发送。")
    if hazard is None:
        return Decision("held", "灾种未能识别，请值班员处理。")
    told = {h.grid.code: h for h in hits if rules.is_told(hazard, h.level)}
    if not told:
        level = highest((h.level for h in hits), rules.levels)
        return Decision("below_threshold", f"等级 {level or '未知'} 未达到自动下发门槛。")
    episode_id = episode_of(world, tx, hazard, earlier, set(told), now)
    levels = {code: hit.level for code, hit in told.items()}
    change = turn(levels, broadcasts.standings(tx, episode_id), rules.levels)
    if not change.tell:
        broadcasts.write_standings(tx, episode_id, change.standings)
        return Decision("quiet", "等级没有升高，也没有新增网格，不再重复通知。", episode_id)
    if not world.config.main.dispatch.automatic:
        return Decision("held", "自动下发已关闭，请值班员启动。", episode_id)
    new = Start(
        key=f"warning:{message.key}",
        purpose=Purpose.WARNING,
        mode="live",
        hits=[told[code] for code in sorted(change.tell)],
        layer_id=layer_id,
        title=title_of(message, world.config.main.office.language),
        slots=warning_slots(world, message),
        created_by="scheduler",
        hazard=hazard,
        episode_id=episode_id,
        alerts=(alert_id,),
        expires_at=expires,
    )
    try:
        _, state = start(world, tx, new, now)
    except CanNotStart as error:
        return Decision("held", f"{error}，请值班员处理。", episode_id)
    broadcasts.write_standings(tx, episode_id, change.standings)
    if state is BroadcastState.APPROVAL:
        return Decision("approval", f"涉及人数超过上限 {rules.max_people}，等待确认。", episode_id)
    why = f"触及 {len(hits)} 个网格，其中 {len(change.tell)} 个需要叫应。"
    return Decision("broadcast", why, episode_id)


def match(world: World, tx: Tx, layer_id: int, infos: Sequence[Info]) -> tuple[Hit, ...]:
    """Return the grids of a layer that these infos touch, each at the level that holds there."""
    areas = [(area, area.level or info.level) for info in infos for area in info.areas]
    return (
        world.index(tx, layer_id)
        .match(
            areas,
            levels=world.config.hazards.ordered,
            min_share=world.config.main.match.min_share,
        )
        .hits
    )


def episode_of(
    world: World, tx: Tx, hazard: str | None, earlier: Sequence[int], codes: set[str], now: datetime
) -> int:
    """Return the episode that a warning belongs to, or open a new one.

    It goes on with that of the alerts it refers to, else with one of the same hazard family of
    which a warning is still in force over any of the grids `codes`: what ran out is over, and the
    next warning is news.
    """
    for one in earlier:
        known = alerts.facts(tx, one)["episode_id"]
        if known is not None and not broadcasts.is_ended(tx, known):
            return int(known)
    if hazard is None:
        return broadcasts.open_episode(tx, "unknown", now)
    family = world.config.hazards.family(hazard) or hazard
    for episode_id in broadcasts.open_episodes(tx, family):
        is_over = not alerts.in_episode(tx, episode_id)
        if not is_over and codes & broadcasts.standings(tx, episode_id).keys():
            return episode_id
    return broadcasts.open_episode(tx, family, now)
