"""Once a year people are asked whether their numbers are right: a drill, by day; answers count.

It reaches those who are enrolled for drills, over channels of drills. What has not left by the
evening runs out: whoever was not asked is asked by the next round.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from alertcast.core.broadcast import Broadcast, BroadcastState, Purpose
from alertcast.core.phone import takes_texts
from alertcast.core.plan import Telling
from alertcast.core.refusal import sentence
from alertcast.core.roster_gaps import asking_hours
from alertcast.core.wording import local_time
from alertcast.dispatch import roster_check, scripts
from alertcast.dispatch.compose import LANGUAGES
from alertcast.dispatch.start import EVERY_TEXT, CanNotStart
from alertcast.dispatch.tell import tell
from alertcast.dispatch.world import World
from alertcast.store import audit, broadcasts, people, roster_gaps
from alertcast.store.db import Tx

KINDS = ("sms", "voice")
"""By what people may be asked."""


@dataclass(frozen=True, slots=True)
class Round:
    """What was planned."""

    broadcast_id: int | None  # None: nobody is to be asked
    is_new: bool
    asked: int  # people
    begins_at: datetime
    ends_at: datetime
    not_enrolled: int  # their numbers are not confirmed either, but a drill does not reach them
    later: int  # left for another round


def start(world: World, kind: str, most: int | None, user: str, now: datetime) -> Round:
    """Plan a round: ask up to `most` people by `kind`, those with a fixed line by a call.

    There is one a day for each kind; the same day again changes nothing. Raises CanNotStart.
    """
    kinds = {one for one, mode in world.kinds() if mode == "drill"}
    if kind not in kinds:
        raise CanNotStart(
            sentence("没有演练用的 {kind} 渠道（is_drill），号码核对发不出去", kind=kind)
        )
    begin, end = (one.astimezone(UTC) for one in asking_hours(world.local(now)))
    with world.db.write() as tx:
        scope = roster_check.scope(world, tx, now)
        if scope is None:
            raise CanNotStart(sentence("尚未导入网格和责任人名册"))
        found = roster_gaps.unconfirmed(tx, scope)
        enrolled = [(who, phone, tongue) for who, phone, tongue, drills in found if drills]
        chosen = enrolled[:most]
        key = f"numbers:{world.local(begin).date()}:{kind}"
        known = broadcasts.by_key(tx, key)
        if known is None and chosen:
            new_id = _begin(world, tx, key, kind, kinds, chosen, user, begin, end)
            audit.record(
                tx, user, "confirm_round", f"broadcast:{new_id}", now, kind=kind, asked=len(chosen)
            )
            return Round(
                new_id,
                True,
                len(chosen),
                begin,
                end,
                len(found) - len(enrolled),
                len(enrolled) - len(chosen),
            )
    return Round(known, False, 0, begin, end, len(found) - len(enrolled), len(enrolled))


def _begin(
    world: World,
    tx: Tx,
    key: str,
    kind: str,
    kinds: set[str],
    chosen: Sequence[tuple[int, str, str]],
    user: str,
    begin: datetime,
    end: datetime,
) -> int:
    new = Broadcast(
        id=0,
        key=key,
        purpose=Purpose.TEST,
        mode="drill",
        state=BroadcastState.RUNNING,
        episode_id=None,
        layer_id=None,
        roster_id=None,
        hazard=None,
        title="号码核对",
        slots={one: {"*": {"time": local_time(world.local(begin), one)}} for one in LANGUAGES},
        policies={},
        wording={},
        created_at=begin,
        created_by=user,
        starts_at=begin,
        expires_at=end,
    )
    broadcast_id, _ = broadcasts.create(tx, scripts.frozen(world, new, ("test.", *EVERY_TEXT)))
    kept = broadcasts.get(tx, broadcast_id)
    if kept is None:
        msg = f"broadcast {broadcast_id}: there is none"
        raise LookupError(msg)
    numbers = people.numbers(tx, world.db.vault, {who for who, _, _ in chosen})
    lines = {who for who, phone in numbers.items() if phone and not takes_texts(phone)}
    spoken = lines if kind == "sms" and "voice" in kinds else set()
    tellings = [Telling(None, who, phone, tongue, None) for who, phone, tongue in chosen]
    for by, told in (
        (kind, [one for one in tellings if one.person_id not in spoken]),
        ("voice", [one for one in tellings if one.person_id in spoken]),
    ):
        if told:
            tell(world, tx, kept, told, (by,), begin)
    return broadcast_id
