"""A person sent us a text: understood, a cry for help, or words that an officer must read."""

import json
from dataclasses import replace
from datetime import datetime

from alertcast.channels.events import InboundEvent
from alertcast.core.callout import NEEDS_HELP, UNDERSTOOD
from alertcast.dispatch import stations
from alertcast.dispatch.answers import answer_task
from alertcast.dispatch.world import World
from alertcast.store import attempts, callers, heard, receipts
from alertcast.store.db import Tx

UNDERSTOOD_WORDS = frozenset({"1", "收到", "已收到", "明白", "ok"})
HELP_WORDS = frozenset({"2", "求助", "支援", "需要支援"})
STATION_WORDS = {
    **dict.fromkeys(("开放", "开", "今晚开放", "open"), stations.OPEN),
    **dict.fromkeys(("不开", "不开放", "今晚不开放", "关", "closed"), stations.CLOSED),
}
"""What a keeper says of a station: never of a grid, as no other word is of a station."""


def texted(
    world: World, tx: Tx, event: InboundEvent, came: receipts.Arrived, now: datetime
) -> None:
    """Take a text as the answer to what its phone was told, and keep it with that.

    What can not be read is kept with it too, and shown to the officer: nothing is guessed. What a
    provider delivers again answers nothing: something else may have been told since.
    """
    came = replace(
        came,
        provider_ref=event.provider_ref,
        raw=json.dumps({**json.loads(came.raw), "text": event.text}),
    )
    if event.provider_ref and not heard.is_first(tx, came.channel, event.provider_ref, now):
        receipts.keep(tx, world.db.vault, [came], now, effect="repeated")
        return
    word = event.text.translate(_FULL_WIDTH).strip(_AROUND).lower()
    value = UNDERSTOOD if word in UNDERSTOOD_WORDS else NEEDS_HELP if word in HELP_WORDS else None
    phone_index = world.db.vault.index(event.phone)
    if word in STATION_WORDS:
        value, found = STATION_WORDS[word], callers.asked(tx, phone_index, now)
    else:
        found = callers.crying(tx, phone_index, now) if value == NEEDS_HELP else []
        found = found or callers.understood(tx, phone_index, now)
    effect = "applied" if value and found else "unmatched" if value else "unreadable"
    asked = [one.id for each in found if (one := attempts.latest(tx, each.id)) is not None]
    receipts.keep(
        tx,
        world.db.vault,
        [came],
        now,
        effect=effect,
        attempt_id=max(asked, default=None),
    )
    if value is not None:
        for task in found:
            answer_task(world, tx, task, value, "sms", now)


_AROUND = " \t\r\n\u3000.,!。，！"
"""What people put around the one word that is asked of them."""

_FULL_WIDTH = {0xFF10 + digit: str(digit) for digit in range(10)}
