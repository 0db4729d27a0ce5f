"""People are to be told now: one task per phone and kind, on a channel that can carry it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from alertcast.core.broadcast import Broadcast, priority
from alertcast.core.plan import Telling, in_one
from alertcast.core.wording import Texts
from alertcast.dispatch.world import World
from alertcast.store import orders, others, tellings
from alertcast.store.db import Tx
from alertcast.store.tellings import Alike

SMS_TRIES = 2
"""Attempts at a text message that failed for a passing reason."""


@dataclass(frozen=True, slots=True)
class Way:
    """How people are told: those told alike get one message for all they stand for."""

    broadcast_id: int
    kinds: tuple[str, ...]
    calls: int = 1
    every: float = 100.0  # product seconds
    is_repeat: bool = False
    due_at: datetime | None = None  # None: now
    reason: str | None = None  # kind manual: why no channel carries it


class Ways:
    """Ways by number."""

    def __init__(self) -> None:
        self.all: list[Way] = []

    def add(self, way: Way) -> int:
        """Return the number of a new way."""
        self.all.append(way)
        return len(self.all) - 1

    def number(self, way: Way) -> int:
        """Return the number of a way, which is new if it was not known."""
        return self.all.index(way) if way in self.all else self.add(way)


def tell(
    world: World,
    tx: Tx,
    broadcast: Broadcast,
    those: Iterable[Telling],
    kinds: Sequence[str],
    now: datetime,
    *,
    calls: int = 1,
    every: float = 100.0,
    is_repeat: bool = False,
    due_at: datetime | None = None,
) -> int:
    """Plan the tasks that tell these people by `kinds`; return how many are new; see `tell_all`."""
    ways = Ways()
    way = Way(broadcast.id, tuple(kinds), calls, every, is_repeat, due_at)
    tellings.begin(tx)
    tellings.put(tx, those, ways.number(way))
    return tell_all(world, tx, {broadcast.id: broadcast}, ways, now)


def tell_all(
    world: World, tx: Tx, running: Mapping[int, Broadcast], ways: Ways, now: datetime
) -> int:
    """Plan the tasks that tell all who stand in `store.tellings`; return how many are new.

    Where no channel carries a kind to a phone, the person's other number is told by it; where none
    carries it to that either, and no call can be made instead, the person goes to the officer's
    list (kind manual) with the reason. Twice plans the same tasks once, as long as
    none of them has left. A repeat leaves out whoever is still being told by that kind: a slow
    channel must not make two calls of one.
    """
    written = 0
    _find_lines(world, tx, running, ways)
    languages: dict[int, set[str]] = {}
    for one in tellings.alike(tx, range(len(ways.all))):
        languages.setdefault(one.way, set()).add(one.language)
    for number, said in sorted(languages.items()):
        _bring_together(world, tx, number)
        way = ways.all[number]
        for kind in way.kinds:
            order = _order(world, running[way.broadcast_id], way, kind, said, now)
            written += orders.write(tx, order, number, now)
    return written


def _order(
    world: World, broadcast: Broadcast, way: Way, kind: str, said: Iterable[str], now: datetime
) -> orders.Order:
    levels, texts = world.config.hazards.ordered, Texts(broadcast.wording)
    template = template_of(broadcast.purpose, kind)
    ranks = [priority(broadcast.purpose, broadcast.mode, n) for n in range(len(levels) + 1)]
    return orders.Order(
        broadcast_id=broadcast.id,
        kind=kind,
        purpose=broadcast.purpose,
        template=template,
        due_at=way.due_at or now,
        expires_at=broadcast.expires_at,
        priorities=dict(zip(levels, ranks, strict=False)),
        priority=ranks[-1],
        languages={one: texts.chosen(template, one) for one in said},
        calls=way.calls if kind == "voice" else SMS_TRIES,
        every=way.every,
        reason=way.reason,
        is_repeat=way.is_repeat,
    )


def _bring_together(world: World, tx: Tx, number: int) -> None:
    """Let those who share a phone be told of in one task."""
    leads: dict[int, str | None] = {}
    shares: list[int] = []
    for rows in tellings.sharing(tx, number):
        told = in_one([one.told for one in rows], world.config.hazards.ordered)
        leads[rows[0].id] = told.level
        shares += [one.id for one in rows[1:]]
    tellings.share(tx, leads, shares)


def _find_lines(world: World, tx: Tx, running: Mapping[int, Broadcast], ways: Ways) -> None:
    """Let those whom no channel can tell be told on another number, or by an officer."""
    numbers: dict[str, str] = {}  # one for all that go the same way
    asked = range(len(ways.all))
    for those in tellings.alike(tx, asked):
        way = ways.all[those.way]
        mode = running[way.broadcast_id].mode
        if not all(world.is_told_by(those.begins, kind, mode) for kind in way.kinds):
            _look(world, tx, those, numbers)
    for those in tellings.alike(tx, asked):
        way = ways.all[those.way]
        broadcast, phone = running[way.broadcast_id], numbers.get(those.begins, those.begins)
        missing = _missing(world, broadcast, way.kinds, those.language, phone)
        if missing:
            _go_elsewhere(world, tx, broadcast, ways, those, missing)


def _look(world: World, tx: Tx, those: Alike, numbers: dict[str, str]) -> None:
    """Open the numbers of these, and name them by one of those that every channel treats alike."""
    known = {world.refusals(phone): name for name, phone in numbers.items()}
    names: dict[int, str] = {}
    for one, phone in tellings.numbers(tx, world.db.vault, those).items():
        name = known.setdefault(world.refusals(phone), f"#{len(known)}")
        numbers.setdefault(name, phone)
        names[one] = name
    tellings.name(tx, names)


def _go_elsewhere(
    world: World,
    tx: Tx,
    broadcast: Broadcast,
    ways: Ways,
    those: Alike,
    missing: Mapping[str, str],
) -> None:
    """Tell these by the kinds that reach them; by those `missing` on other numbers, or by hand."""
    way = ways.all[those.way]
    stuck = tellings.take_out(tx, those)
    second = others.of(tx, world.db.vault, {one.person_id for one in stuck})
    told: dict[Way, list[Telling]] = {}
    kept = tuple(kind for kind in way.kinds if kind not in missing)
    if kept:
        told[replace(way, kinds=kept)] = stuck
    for one in stuck:
        left = dict(missing)
        if found := second.get(one.person_id):
            other = one._replace(person_id=found.person_id, phone_index=found.phone_index)
            refused = _missing(world, broadcast, tuple(missing), one.language, found.phone)
            for kind in missing.keys() - refused.keys():
                told.setdefault(replace(way, kinds=(kind,)), []).append(other)
                del left[kind]
        is_called = "voice" in way.kinds and "voice" not in left
        if left and not is_called:
            by_hand = replace(way, kinds=("manual",), reason=next(iter(left.values())))
            told.setdefault(by_hand, []).append(one)
    for how, listed in told.items():
        tellings.put(tx, listed, ways.number(how))


def _missing(
    world: World, broadcast: Broadcast, kinds: Iterable[str], language: str, phone: str
) -> dict[str, str]:
    """Return by which of `kinds` no channel tells this phone in this language, and why not."""
    missing: dict[str, str] = {}
    for kind in kinds:
        text_id = template_of(broadcast.purpose, kind)
        text = (text_id, Texts(broadcast.wording).chosen(text_id, language))
        channel, reason = world.route(kind, broadcast.mode, phone, text=text)
        if channel is None:
            missing[kind] = reason
    return missing


def template_of(purpose: str, kind: str) -> str:
    """Return the id of the text by which `kind` tells something."""
    return f"{purpose}.{spoken_as(kind)}"


def spoken_as(kind: str) -> str:
    """Return the kind whose texts are used: a robot writes an SMS, an officer reads out a call."""
    return _SPEAKS_LIKE.get(kind, kind)


_SPEAKS_LIKE = {"manual": "voice", "robot": "sms"}
