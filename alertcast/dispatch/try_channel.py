"""A channel is tried out: one text or call over its real provider, to a number that is typed.

It says that it is no warning, and serves no broadcast. Its receipts belong to no message of ours;
they are kept as all are. It waits its turn: no slot is taken from what is urgent but this one.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime

from alertcast.channels.base import Channel, Outcome, Request, Sent
from alertcast.core.wording import spoken_number
from alertcast.dispatch.world import World
from alertcast.store import audit, channels, retention


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of it: an outcome of the provider, or why it was not even asked."""

    outcome: Outcome | None
    reason: (
        str | None
    )  # key of REASONS, or "busy_now": no slot is free, "at_work": a broadcast runs
    detail: str = ""


def try_channel(world: World, channel: Channel, phone: str, user: str, now: datetime) -> Trial:
    """Send one message to `phone` (E.164) over this channel and no other; recorded first."""
    mode = "drill" if channel.is_drill else "live"
    text_id = f"test.{channel.kind}"
    others = {one.name for one in world.channels} - {channel.name}
    able, why = world.route(channel.kind, mode, phone, never=others, text=(text_id, "zh"))
    if able is None:
        return Trial(None, why)
    settings = channel.settings
    with world.db.write() as tx:
        if retention.is_at_work(tx):
            return Trial(None, "at_work")
        real_now = world.db.real_now(tx)
        rate = {"rate": settings.rate, "burst": settings.burst}
        if not channels.take(tx, channel.name, 1, **rate, real_now=real_now):
            return Trial(None, "busy_now")
        number = world.db.vault.index(phone)[:12]
        audit.record(tx, user, "try_channel", f"channel:{channel.name}", now, number=number)
    (sent,) = channel.send([_request(world, text_id, phone)])
    with world.db.write() as tx:
        said = {"outcome": sent.outcome.value, "reason": sent.reason}
        audit.record(tx, user, "channel_tried", f"channel:{channel.name}", now, **said)
    return _trial(sent)


def _request(world: World, text_id: str, phone: str) -> Request:
    office = world.config.main.office
    slots = {
        "office": office.short_name if text_id.endswith(".sms") else office.name,
        "check": office.check_number,
        "check_spoken": spoken_number(office.check_number),
        "answer": "",
    }
    text = world.config.texts.render(text_id, "zh", slots)
    token = secrets.token_urlsafe(18)
    return Request(token, phone, text, text_id, slots, language="zh")


def _trial(sent: Sent) -> Trial:
    return Trial(sent.outcome, sent.reason, " ".join(filter(None, (sent.code, sent.detail))))
