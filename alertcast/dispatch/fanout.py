"""A kept alert becomes a broadcast: matched to grids, weighed in its episode, planned in one go.

Each alert is decided exactly once, in the transaction that writes what follows from it. Killed
before the commit: nothing was written, and the next tick decides it again. Every decision is kept
with one sentence that says why the alert was, or was not, sent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

import structlog

from alertcast.core.alert import Alert, Info, ReasonKind
from alertcast.core.broadcast import Purpose
from alertcast.core.episode import turn
from alertcast.core.grid import Matched
from alertcast.core.match_reasons import NOTHING
from alertcast.core.plan import highest
from alertcast.core.waiting import in_turn
from alertcast.dispatch import downgrade, events, extent, levels, part_clear, towns, trust
from alertcast.dispatch.compose import title_of, warning_slots
from alertcast.dispatch.decision import Decision, episodes_of, unclear
from alertcast.dispatch.end import end, end_partly, waiting_for, withdraw
from alertcast.dispatch.episodes import episode_of
from alertcast.dispatch.ring import ask
from alertcast.dispatch.start import CanNotStart, Start, start
from alertcast.dispatch.world import World
from alertcast.store import alerts, broadcasts, reaches, references, turns
from alertcast.store import grids as layers
from alertcast.store.again import begun_again
from alertcast.store.db import Tx

log = structlog.get_logger()

_REPLACES_NOTHING = ("held", "expired", "superseded", "not_a_warning")
"""Decisions after which a message says nothing of what others leave out, though they waited."""


def decide_all(world: World, now: datetime) -> int:
    """Decide on every alert that nobody has decided on (`core.waiting`); return how many.

    One that raises is shown to the officer with the fault, and tried again at the next tick; it
    never keeps the others waiting.
    """
    with world.db.read() as tx:
        waiting = in_turn(alerts.undecided(tx), world.config.rules.levels)
    if waiting:
        _have_read(world)
    decided = 0
    for alert_id in waiting:
        try:
            decide(world, alert_id, now)
            decided += 1
        except Exception as error:
            log.exception("alert could not be decided", alert=alert_id)
            with world.db.write() as tx:
                why = f"处理出错，正在重试（{type(error).__name__}）。"
                if alerts.fault(tx, alert_id, why):
                    references.decide_again(tx, alert_id)
    return decided


@begun_again
def decide(world: World, alert_id: int, now: datetime) -> str:
    """Decide on one alert and write all that follows; return the decision. Twice is once."""
    with world.db.write() as tx:
        turns.take(tx, "decide")  # two warnings of one episode, decided at once, would make two
        row = alerts.facts(tx, alert_id, lock=True)
        if row["decided_at"] is not None:
            return str(row["decision"])
        message = alerts.load(tx, alert_id)
        made = _decide(world, tx, message, row, now)
        alerts.decide(
            tx, alert_id, decision=made.word, why=made.why, now=now, episode_id=made.episode_id
        )
        if made.word in _REPLACES_NOTHING:
            part_clear.leave_out_beside(world, tx, alert_id, message, now)
    log.info("alert decided", alert=alert_id, decision=made.word)
    return made.word


def _decide(
    world: World, tx: Tx, message: Alert, row: Mapping[Any, Any], now: datetime
) -> Decision:
    alert_id, expires = int(row["id"]), row["expires"]
    if message.status != "Actual":
        alerts.end(tx, [alert_id], "ended")
        return Decision("not_actual", f"状态为 {message.status}，不是正式预警，不发送。")
    if message.msg_type in ("Ack", "Error"):
        alerts.end(tx, [alert_id], "ended")
        return Decision("not_a_warning", f"类型为 {message.msg_type}，不发送。")
    why_held = trust.why_held(world, tx, message, row)
    if why_held is not None:  # it may not end or replace anything either
        alerts.end(tx, [alert_id] if message.is_end() else [], "ended")
        references.decide_again(tx, alert_id)
        return Decision("held", why_held)
    kin = events.kin_of(tx, alert_id, message)
    earlier = list(dict.fromkeys((*references.referenced(tx, message), *kin.replaced)))
    so_far = episodes_of(tx, [*earlier, *kin.partly(earlier)])
    if message.is_end() and not towns.is_partial_end(world, tx, message):
        return end(world, tx, alert_id, message, earlier, kin, now)
    ended_by = waiting_for(world, tx, alert_id)
    if ended_by or kin.is_outdated or references.later_than(tx, message):
        alerts.decide_again(tx, ended_by)  # now they name something
        alerts.end(tx, [alert_id], "superseded")
        first = min(so_far, default=None)
        return Decision("superseded", "它的更新或解除已经先到，不再发送。", first)
    replaced = [one for one in earlier if one not in kin.wider]
    partly = kin.partly(earlier)
    made = _warn(world, tx, alert_id, message, replaced, partly, kin.beside, expires, now)
    if not made.is_understood:
        references.decide_again(tx, alert_id)
        return made
    alerts.end(tx, replaced, "superseded")
    if made.word != "expired":
        made = _leave_out(world, tx, alert_id, message, made, replaced, so_far, now)
    return made if made.episode_id else replace(made, episode_id=min(so_far, default=None))


def _leave_out(
    world: World,
    tx: Tx,
    alert_id: int,
    message: Alert,
    made: Decision,
    replaced: Sequence[int],
    episodes: set[int],
    now: datetime,
) -> Decision:
    """Relay the end to the places that a message leaves out of what it replaces."""
    carried = withdraw(tx, replaced, now) if made.word != "held" else set()
    is_to_confirm = made.word in ("confirm", "approval")
    phones = part_clear.leave_out(
        world,
        tx,
        alert_id,
        message,
        replaced,
        episodes,
        reaches.reach_of(tx, [alert_id]).keys(),
        now,
        only=made.over,
        carried=carried,
        is_to_confirm=is_to_confirm,
    )
    said = part_clear.relayed(phones, is_to_confirm=is_to_confirm)
    return replace(made, why=f"{made.why}{said}")


def _warn(
    world: World,
    tx: Tx,
    alert_id: int,
    message: Alert,
    earlier: Sequence[int],
    partly: Sequence[int],
    beside: Sequence[int],
    expires: datetime | None,
    now: datetime,
) -> Decision:
    """Decide on a message that warns; what it replaces (`earlier`) is still in force here.

    `partly` are alerts that it replaces in its own places only, `beside` other alerts of the same
    event, for other places.
    """
    if expires is not None and expires <= now:
        alerts.end(tx, [alert_id], "expired")
        return Decision("expired", "收到时已过有效期，不发送。")
    if not message.infos:
        return unclear("预警没有内容（info）")
    layer = layers.active_layer(tx)
    if layer is None:
        return unclear("尚未导入网格，无法匹配")
    infos = message.warns_in(world.config.main.office.language)
    hazard = next((info.hazard for info in infos if info.hazard), None)
    reach = towns.reach(world, tx, layer["id"], message)
    matched, read = reach.matched, reach.by_town
    told = {h.grid.code: h for h in matched.hits if world.config.rules.is_told(hazard, h.level)}
    vague = extent.without_level(matched)
    doubt = _doubt(message, infos, reach, hazard, "" if told else vague)
    if doubt is not None:
        return doubt
    here = {hit.grid.code: hit.level for hit in matched.hits}
    reaches.write_reach(tx, alert_id, here)
    lost = f"{towns.lost_in(matched)}{vague}"
    over = towns.over_in(reach)
    if not told:
        made = _too_low(world, tx, alert_id, message, hazard, earlier, partly, here, now)
        return replace(made, over=over)
    episode_id = episode_of(world, tx, hazard, [*earlier, *partly, *beside], set(told), now)
    before = _held_before(world, tx, episode_id, earlier, now)
    end_partly(world, tx, alert_id, message, partly, "superseded")
    after = levels.joined(world, levels.in_force(world, tx, episode_id, without=earlier), here)
    known = broadcasts.standings(tx, episode_id)
    standings = {code: replace(one, level=before.get(code)) for code, one in known.items()}
    now_here, said = ({code: one[code] for code in told} for one in (after, here))
    change = turn(now_here, standings, world.config.rules.levels, said)
    levels.stop_untold(world, tx, episode_id, hazard, after, now)
    levels.stop_gone(tx, episode_id, reach.lifted, after, now)
    fall = partial(
        downgrade.plan,
        world,
        tx,
        alert_id,
        message,
        episode_id,
        before,
        after,
        here,
        [*earlier, *partly],
        now,
    )
    if not change.tell:
        broadcasts.write_standings(tx, episode_id, change.standings)
        if expires is not None:
            broadcasts.extend(tx, episode_id, expires)
        why = f"等级没有升高，也没有新增网格，不再重复通知。{fall()}{vague}"
        return Decision("held" if vague else "quiet", why, episode_id, over=over)
    if not world.config.main.dispatch.automatic:
        return Decision("held", "自动下发已关闭，请值班员启动。", episode_id, over=over)
    new = Start(
        key=f"warning:{message.key}",
        purpose=Purpose.WARNING,
        mode="live",
        hits=[told[code] for code in sorted(change.tell)],
        layer_id=layer["id"],
        title=title_of(message, world.config.main.office.language),
        slots=warning_slots(world, message),
        created_by="scheduler",
        hazard=hazard,
        episode_id=episode_id,
        alerts=(alert_id,),
        expires_at=expires,
    )
    made = _start(world, tx, new, message, f"{read.doubt or ''}{lost}", matched, earlier, now)
    fallen = fall() if made.word != "held" else ""
    return replace(made, why=f"{made.why}{fallen}", over=over)


def _held_before(
    world: World, tx: Tx, episode_id: int, earlier: Sequence[int], now: datetime
) -> levels.Levels:
    """Return what holds before a message: by what is in force, else by what it replaces.

    One alert may be replaced by two messages, each for a part of its places: where the first of
    them says nothing, the people of the second know already.
    """
    rows = ((one, alerts.facts(tx, one)) for one in earlier)
    replaced = [
        one
        for one, row in rows
        if row["standing"] == "superseded" and (row["expires"] is None or row["expires"] > now)
    ]
    ladder = world.config.rules.levels
    known = {code: highest(found, ladder) for code, found in reaches.reach_of(tx, replaced).items()}
    return {**known, **levels.in_force(world, tx, episode_id)}


def _start(
    world: World,
    tx: Tx,
    new: Start,
    message: Alert,
    unsure: str,
    matched: Matched,
    earlier: Sequence[int],
    now: datetime,
) -> Decision:
    why = extent.touched(matched, len(new.hits))
    try:
        doubts = trust.doubts(world, tx, new, unsure or None, extent.whole(matched), now)
        if doubts:
            word, asked = ask(world, tx, new, message, doubts, earlier, now)
            made = Decision(word, f"{unsure}{why}{asked}", new.episode_id)
        else:
            start(world, tx, new, now)
            made = Decision("broadcast", why, new.episode_id)
    except CanNotStart as error:
        return Decision("held", f"{error}，请值班员处理。", new.episode_id)
    if new.episode_id is not None and new.expires_at is not None:
        broadcasts.extend(tx, new.episode_id, new.expires_at)
    return made


def _doubt(
    message: Alert, infos: Sequence[Info], reach: towns.Reach, hazard: str | None, vague: str
) -> Decision | None:
    """Return the decision on a message that says nothing of our grids, or nothing clear.

    `vague` says of which grids it gives no level; "" where others are told.
    """
    matched = reach.matched
    if not any(info.areas for info in infos):
        return unclear("预警没有写明范围（area）")
    if message.may_be_end() and not towns.is_read(reach.by_town):
        return unclear("标题说解除，正文又有仍在生效的，不能确定是全部还是部分解除")
    lost = [reason for reason in matched.reasons if reason.kind is ReasonKind.ERROR]
    if not matched.hits and any(reason.code == NOTHING for reason in lost):
        return unclear(f"预警的图形没有碰到本地网格{extent.untouched(matched)}，编码却指的是本地")
    if not matched.hits and lost:
        return unclear(f"预警范围无法定位（{lost[0].message}）")
    if not matched.hits:
        return Decision("no_grid", f"预警范围没有碰到本地网格{extent.untouched(matched)}，不发送。")
    if hazard is None:
        return unclear("灾种未能识别")
    if all(hit.level is None for hit in matched.hits):
        return unclear("等级未能识别")
    return unclear(vague.rstrip("。")) if vague else None


def _too_low(
    world: World,
    tx: Tx,
    alert_id: int,
    message: Alert,
    hazard: str | None,
    earlier: Sequence[int],
    partly: Sequence[int],
    here: levels.Levels,
    now: datetime,
) -> Decision:
    """Decide on a message below the threshold; a downgrade to it stops the calling."""
    level = highest(here.values(), world.config.rules.levels)
    why = f"等级 {level or '未知'} 未达到自动下发门槛。"
    replaced = [*earlier, *partly]
    joins = min(episodes_of(tx, earlier) or episodes_of(tx, partly), default=None)
    before = _held_before(world, tx, joins, earlier, now) if joins is not None else {}
    end_partly(world, tx, alert_id, message, partly, "superseded")
    episodes = episodes_of(tx, earlier)
    for episode_id in episodes:
        others = levels.in_force(world, tx, episode_id, without=earlier)
        after = levels.joined(world, others, here)
        levels.stop_untold(world, tx, episode_id, hazard, after, now)
    if joins is not None:
        after = levels.joined(world, levels.in_force(world, tx, joins, without=earlier), here)
        why += downgrade.plan(
            world, tx, alert_id, message, joins, before, after, here, replaced, now
        )
    return Decision("below_threshold", why, joins)


def _have_read(world: World) -> None:
    """Read the grids before anything is locked; where that fails, each alert is told of it."""
    try:
        read_ahead(world)
    except Exception:
        log.exception("grids could not be read")


def read_ahead(world: World) -> None:
    """Read the grids now, so that the next warning need not wait for them; twice reads once."""
    with world.db.read() as tx:
        layer = layers.active_layer(tx)
        if layer is not None:
            world.index(tx, layer["id"])
