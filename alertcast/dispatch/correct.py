"""A message was wrong (更正): whoever was told, or may have been, is told so before all else.

One action stops what was wrong and writes the correction. The first of those who were told are
planned in the same transaction, the others in short ones by `retell`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from alertcast.core.alert import Alert
from alertcast.core.broadcast import Broadcast, BroadcastState, Purpose
from alertcast.core.correction import Fault, faults_of
from alertcast.core.refusal import sentence
from alertcast.core.text_lint import notice_faults
from alertcast.dispatch import scripts
from alertcast.dispatch.compose import correction_slots
from alertcast.dispatch.desk import relay
from alertcast.dispatch.retell import FIRST, tell_next
from alertcast.dispatch.sample import sample
from alertcast.dispatch.start import EVERY_TEXT, CanNotStart
from alertcast.dispatch.world import World
from alertcast.store import (
    alerts,
    audit,
    broadcasts,
    callouts,
    corrections,
    reaches,
    references,
    tasks,
    told,
    turns,
)
from alertcast.store.db import Tx

log = structlog.get_logger()

LONGEST = 60
"""Characters an officer may add to the approved reason."""

ENDS = (Purpose.ALL_CLEAR, Purpose.PART_CLEAR)
"""What relays an official end, of a whole warning or in some places."""

_IN_PLACES = (Purpose.PART_CLEAR, Purpose.DOWNGRADE)
"""What tells each of his own places alone."""

TAKES_BACK = (*ENDS, Purpose.CORRECTION)
"""Correcting one of these, an officer is asked which warnings are to be called again: it stopped
the calling for them."""


@dataclass(frozen=True, slots=True)
class Corrected:
    """What a correction did."""

    broadcast_id: int  # the correction
    is_new: bool = True  # False: it was there already, and nothing was done
    dropped: int = 0  # wrong messages that will not leave
    gone: int = 0  # wrong messages that had left already
    again: tuple[int, ...] = ()  # broadcasts that call again for a warning in force
    not_again: str = ""  # why one of them could not be started; the officer has to


@dataclass(frozen=True, slots=True)
class Effect:
    """What a correction would do, for the officer to see before it is done."""

    told: Mapping[str, int]  # phones: how many were told in all, then by kind
    text: str  # the whole text message that people will get, in the office's language
    may_call_again: tuple[int, ...]  # alerts that hold, or held until the wrong all-clear
    must_choose: bool  # the officer has to say which of them are called again


def correct(
    world: World,
    wrong_id: int,
    fault: Fault,
    *,
    user: str,
    now: datetime,
    detail: str = "",
    again: Sequence[int] | None = None,
) -> Corrected:
    """Correct a broadcast: stop it, and tell everybody whom it told, or may have told.

    `again` are the alerts whose ladders begin anew; None: the officer was not asked, which is
    refused where he has to be. A broadcast is corrected once: the second time returns what the
    first one made. Raises CanNotStart.
    """
    done = world.db.together(
        lambda tx: _correct(world, tx, wrong_id, fault, detail, again, user, now)
    )
    log.info("broadcast corrected", broadcast=wrong_id, correction=done.broadcast_id)
    return done


def effect_of(
    world: World, tx: Tx, wrong_id: int, now: datetime, fault: Fault = Fault.MISTAKE
) -> Effect:
    """Return what correcting a broadcast would do now; changes nothing. Raises CanNotStart."""
    wrong = _correctable(broadcasts.get(tx, wrong_id))
    choice = _choice(tx, wrong, now)
    holding = [alerts.load(tx, one) for one in reversed(choice)] or _holding(tx, wrong, now)
    begun = _new(world, wrong, fault, "", holding, "", now)
    return Effect(
        told=corrections.counts(tx, wrong_id),
        text=sample(world, tx, begun, "sms", None, (), now),
        may_call_again=tuple(choice),
        must_choose=bool(choice) and wrong.purpose in TAKES_BACK,
    )


def _correct(
    world: World,
    tx: Tx,
    wrong_id: int,
    fault: Fault,
    detail: str,
    again: Sequence[int] | None,
    user: str,
    now: datetime,
) -> Corrected:
    turns.take(tx, "decide")
    found = broadcasts.get(tx, wrong_id, lock=True)
    known = corrections.of(tx, wrong_id)
    if known is not None:
        return Corrected(known, is_new=False)
    wrong, chosen = _checked(world, tx, found, fault, detail, again, now)
    dropped = _stop(tx, wrong, now)
    gone = tasks.left(tx, wrong_id)
    _take_back(tx, wrong, chosen, now)
    correction = _written(world, tx, wrong, fault, detail, user, now)
    tell_next(world, tx, correction, FIRST, now)
    started, not_again = _call_again(world, tx, correction, chosen, _places(tx, wrong), user, now)
    audit.record(
        tx,
        user,
        "correct",
        f"broadcast:{wrong_id}",
        now,
        correction=correction.id,
        fault=fault.value,
        dropped=dropped,
        gone=gone,
        again=list(started),
    )
    return Corrected(correction.id, True, dropped, gone, started, not_again)


def _checked(
    world: World,
    tx: Tx,
    found: Broadcast | None,
    fault: Fault,
    detail: str,
    again: Sequence[int] | None,
    now: datetime,
) -> tuple[Broadcast, list[int]]:
    """Return the wrong broadcast and the alerts to be called again; raises CanNotStart."""
    wrong = _correctable(found)
    if fault not in faults_of(wrong.purpose):
        msg = sentence("内部通知没有等级，请选择其他原因")
        raise CanNotStart(msg)
    for mistake in notice_faults(detail, is_authority=world.config.main.office.is_authority):
        raise CanNotStart(mistake)
    if len(detail) > LONGEST:
        msg = sentence("补充说明不得超过 {most} 字", most=LONGEST)
        raise CanNotStart(msg)
    choice = _choice(tx, wrong, now)
    if again is None and choice and wrong.purpose in TAKES_BACK:
        msg = sentence("请先选择：此前的预警是否仍然有效，要不要重新叫应")
        raise CanNotStart(msg)
    unknown = set(again or ()) - set(choice)
    if unknown:
        msg = sentence("预警 {id} 已不再有效，不能重新叫应", id=min(unknown))
        raise CanNotStart(msg)
    return wrong, [one for one in choice if one in (again or ())]


def _correctable(found: Broadcast | None) -> Broadcast:
    if found is None:
        msg = sentence("没有这次下发")
        raise CanNotStart(msg)
    if found.purpose is Purpose.CONFIRM:
        msg = sentence("这是给值班人员的电话请示，没有可更正的内容")
        raise CanNotStart(msg)
    if found.purpose is Purpose.STATION:
        msg = sentence("这是给驿站负责人的询问，没有可更正的内容：开放与否请到驿站页面登记")
        raise CanNotStart(msg)
    if found.state in (BroadcastState.DRAFT, BroadcastState.APPROVAL, BroadcastState.WAITING):
        msg = sentence("这次下发还没有开始，没有人收到：停止叫应即可，不必更正")
        raise CanNotStart(msg)
    return found


def _choice(tx: Tx, wrong: Broadcast, now: datetime) -> list[int]:
    """Return the alerts for which people may be called again.

    Those that hold, and, if the wrong message was an all-clear, those it may have lifted.
    """
    first = broadcasts.get(tx, corrections.root(tx, wrong.id))
    if first is None or first.episode_id is None or first.mode != "live":
        return []
    lifted = wrong.purpose in ENDS
    found = corrections.holding(tx, first.episode_id, now, or_ended=lifted)
    return _before_part(tx, wrong, found, now) if wrong.purpose is Purpose.PART_CLEAR else found


def _before_part(tx: Tx, wrong: Broadcast, found: Sequence[int], now: datetime) -> list[int]:
    """Return the alerts that held, before an end in part, in the places it was told in."""
    ends, places = broadcasts.alerts_of(tx, wrong.id), told.grids_of(tx, [wrong.id])
    replaced = [one for end in ends for one in references.referenced(tx, alerts.load(tx, end))]
    known = [one for one in replaced if not _is_over(tx, one, now)]
    return [
        one
        for one in dict.fromkeys((*found, *known))
        if (one not in ends or not _is_end(tx, one)) and places & reaches.touched(tx, one)
    ]


def _is_end(tx: Tx, alert_id: int) -> bool:
    return alerts.load(tx, alert_id).may_be_end()


def _holding(tx: Tx, wrong: Broadcast, now: datetime) -> list[Alert]:
    """Return the official warnings in force that people were told of, the newest first."""
    first = corrections.root(tx, wrong.id)
    found = broadcasts.get(tx, first)
    if found is not None and found.episode_id is not None:
        ids = corrections.holding(tx, found.episode_id, now)
    else:
        ids = [one for one in broadcasts.alerts_of(tx, first) if _holds(tx, one, now)]
    return [alerts.load(tx, one) for one in reversed(ids)]


def _holds(tx: Tx, alert_id: int, now: datetime) -> bool:
    row = alerts.facts(tx, alert_id)
    is_real = row["status"] == "Actual" and row["standing"] == "in_force"
    return is_real and not _is_over(tx, alert_id, now)


def _is_over(tx: Tx, alert_id: int, now: datetime) -> bool:
    expires = alerts.facts(tx, alert_id)["expires"]
    return expires is not None and expires <= now


def _stop(tx: Tx, wrong: Broadcast, now: datetime) -> int:
    """Stop what was wrong: its messages, its ladders, its list of doors; return what stays here.

    Calls for help go on. What is told of these grids next is news: nobody knows what holds there.
    """
    broadcasts.move(tx, wrong.id, BroadcastState.CANCELLED, now)
    callouts.cancel_all(tx, wrong.id, now)
    if wrong.episode_id is not None and wrong.mode == "live":
        broadcasts.forget_standings(tx, wrong.episode_id, wrong.id)
    return tasks.drop_all(tx, wrong.id, "corrected")


def _take_back(tx: Tx, wrong: Broadcast, chosen: Sequence[int], now: datetime) -> None:
    """Undo an all-clear: the chosen alerts hold again, and its own message waits for a human."""
    if wrong.purpose not in ENDS or not chosen or wrong.episode_id is None:
        return
    ends = broadcasts.alerts_of(tx, wrong.id)
    alerts.reinstate(tx, chosen, ends)
    broadcasts.reopen_episode(tx, wrong.episode_id)
    for one in ends:
        if alerts.facts(tx, one)["standing"] == "in_force" or not _is_end(tx, one):
            continue  # it warns: in other places, or until an officer was told of its end
        why = "它的解除转告已被更正，请值班员核实它解除的是哪一条预警。"
        alerts.decide(tx, one, decision="held", why=why, now=now)


def _written(
    world: World, tx: Tx, wrong: Broadcast, fault: Fault, detail: str, user: str, now: datetime
) -> Broadcast:
    new = _new(world, wrong, fault, detail, _holding(tx, wrong, now), user, now)
    made = broadcasts.get(tx, broadcasts.create(tx, new)[0])
    if made is None:
        msg = f"broadcast {wrong.id}: its correction is gone"
        raise LookupError(msg)
    return made


def _new(
    world: World,
    wrong: Broadcast,
    fault: Fault,
    detail: str,
    holding: Sequence[Alert],
    user: str,
    now: datetime,
) -> Broadcast:
    """Return the correction with its words, which nobody has written down yet."""
    new = Broadcast(
        id=0,
        key=f"correction:{wrong.id}",
        purpose=Purpose.CORRECTION,
        mode=wrong.mode,
        state=BroadcastState.RUNNING,
        episode_id=None,  # an all-clear of the episode must not end it
        layer_id=wrong.layer_id,
        roster_id=wrong.roster_id,
        hazard=None,
        title=f"更正：{wrong.title}",
        slots=correction_slots(world, wrong, fault, detail, holding),
        policies={},
        wording={},
        created_at=now,
        created_by=user,
        starts_at=now,
        expires_at=None,
        corrects_id=wrong.id,
    )
    new = scripts.frozen(world, new, ("correction.", *EVERY_TEXT))
    if world.config.rules.correction.asks:
        texts = new.wording["correction.sms"].items()
        asking = {language: text + "{answer}" for language, text in texts}
        new = replace(new, wording={**new.wording, "correction.sms": asking})
    return new


def _places(tx: Tx, wrong: Broadcast) -> list[str]:
    """Return the codes of the grids that only a part of a warning was told in; empty: all."""
    return sorted(told.grids_of(tx, [wrong.id])) if wrong.purpose in _IN_PLACES else []


def _call_again(
    world: World,
    tx: Tx,
    correction: Broadcast,
    chosen: Sequence[int],
    only: Sequence[str],
    user: str,
    now: datetime,
) -> tuple[tuple[int, ...], str]:
    """Start the ladders of the chosen alerts anew; one that can not start stops nothing else.

    With `only`, in those grids alone: people of others were not told anything wrong.
    """
    started: list[int] = []
    why = ""
    for alert_id in chosen:
        key = f"again:{correction.id}:{alert_id}"
        try:
            made, _ = relay(world, tx, alert_id, user=user, key=key, now=now, only=only)
            started.append(made)
        except CanNotStart as error:
            why = str(error)
    return tuple(started), why
