"""Is a station (驿站) open tonight? Its keeper says so by a key or a text, or an officer for him.

When a warning that needs shelter begins, the keepers of the touched towns are asked, once a night
unless they do not answer: a broadcast of its own, with no grids, so that no answer to it is one for
a grid. Nobody's silence is taken for an open door.
"""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime

import structlog

from alertcast.core.broadcast import Broadcast, BroadcastState, Purpose, gridless
from alertcast.core.plan import Telling
from alertcast.core.station import Said, night_end
from alertcast.core.task import Task, TaskState
from alertcast.dispatch import scripts
from alertcast.dispatch.compose import LANGUAGES, official_language
from alertcast.dispatch.start import EVERY_TEXT
from alertcast.dispatch.tell import tell, template_of
from alertcast.dispatch.world import World
from alertcast.store import audit, broadcasts, people, station_nights, tasks
from alertcast.store.again import begun_again
from alertcast.store.db import Tx
from alertcast.store.station_nights import Stands

log = structlog.get_logger()

OPEN, CLOSED = "1", "2"
"""The keys: open tonight, not open."""

_KEY = f"{Purpose.STATION.value}:"
_BY = {Said.OPEN: "station_open", Said.CLOSED: "station_closed"}


def ask_keepers(world: World, now: datetime) -> int:
    """Ask the keepers whom the warnings that run need, and let go of what nobody needs any more.

    Return how many questions began or ended. Killed at any point, the next tick does what is left.
    """
    with world.db.read() as tx:
        due = [one for one, _ in _due(world, tx, now)]
        needless = _needless(tx)
    done = 0
    for broadcast_id in due:
        with world.db.write() as tx:
            done += _ask(world, tx, broadcast_id, now)
    for question_id in needless:
        with world.db.write() as tx:
            tasks.drop_all(tx, question_id, "cancelled")
            done += broadcasts.move(tx, question_id, BroadcastState.CANCELLED, now)
    return done


def answer(world: World, tx: Tx, question: Broadcast, task: Task, value: str, now: datetime) -> str:
    """Take a keeper's answer for all stations he was asked about; return the id of what to say.

    It is about the night of the question. A later answer counts: he may have changed his mind.
    """
    said = Said.OPEN if value == OPEN else Said.CLOSED
    named = station_nights.asked(tx, question.id, task.person_id)
    until, by = question.expires_at or _until(world, now), "phone:驿站负责人"
    station_nights.say(
        tx,
        named,
        said,
        at=now,
        until=until,
        by=by,
        broadcast_id=question.id,
        person_id=task.person_id,
    )
    for code, _ in named:
        audit.record(tx, by, _BY[said], f"station:{code}", now, broadcast=question.id)
    _ask_no_more(tx, named, now)
    log.info("keeper answered", broadcast=question.id, stations=len(named), said=said.value)
    return f"station.{said.value}"


def is_unanswered(tx: Tx, task: Task, now: datetime) -> bool:
    """Say whether nobody has said of a station that a question asked about whether it is open."""
    known = {key for key, word in station_nights.said_of(tx, now).items() if word.said in _BY}
    return not known.issuperset(station_nights.asked(tx, task.broadcast_id, task.person_id))


@begun_again
def write_down(world: World, code: str, said: Said, user: str, now: datetime) -> Stands:
    """Write down an officer's word about a station for this night; raises LookupError."""
    with world.db.write() as tx:
        found = next((one for one in station_nights.listed(tx, now) if _code(one) == code), None)
        if found is None:
            msg = f"station {code}: the roster in use has none"
            raise LookupError(msg)
        named = [(code, found.station["name"])]
        until = _until(world, now)
        station_nights.say(tx, named, said, at=now, until=until, by=user)
        audit.record(tx, user, _BY[said], f"station:{code}", now)
        _ask_no_more(tx, named, now)
    return found


def _ask_no_more(tx: Tx, named: Sequence[tuple[str, str]], now: datetime) -> None:
    """Stop the calls to keepers all of whose stations are known by now."""
    known = {key for key, word in station_nights.said_of(tx, now).items() if word.said in _BY}
    for broadcast_id, person_id in station_nights.questions(tx, named, now):
        if known.issuperset(station_nights.asked(tx, broadcast_id, person_id)):
            left = station_nights.left(tx, broadcast_id, person_id)
            tasks.drop(tx, left, TaskState.CANCELLED, "answered")


def _code(one: Stands) -> str:
    return str(one.station["code"])


def _until(world: World, now: datetime) -> datetime:
    return night_end(world.local(now), world.config.rules.stations.until).astimezone(UTC)


def _due(world: World, tx: Tx, now: datetime) -> list[tuple[int, str | None]]:
    rules, table = world.config.rules.stations, world.config.hazards
    if not rules.levels:
        return []
    return [
        (one, hazard)
        for one, hazard in station_nights.unasked(tx, _KEY, rules.levels, now - rules.again)
        if rules.asks(hazard, table.family(hazard))
    ]


def _needless(tx: Tx) -> list[int]:
    """Return the questions whose warning was stopped: nobody is rung up for what is called off."""
    found = []
    for one in broadcasts.unfinished_of(tx, Purpose.STATION):
        asks_for = broadcasts.get(tx, int(one.key.removeprefix(_KEY)))
        if asks_for is None or asks_for.state is BroadcastState.CANCELLED:
            found.append(one.id)
    return found


def _ask(world: World, tx: Tx, broadcast_id: int, now: datetime) -> int:
    """Ask the keepers of the towns that a broadcast touches who have not said yet; 1 if any."""
    rules, vault = world.config.rules.stations, world.db.vault
    said = station_nights.said_of(tx, now)
    keepers: dict[int, list[tuple[str, str]]] = {}
    for row in station_nights.to_ask(tx, broadcast_id):
        word = said.get((row["code"], row["name"]))
        if word and (word.said is not Said.ASKED or word.at > now - rules.again):
            continue
        person_id = station_nights.keeper(tx, vault, row)
        if person_id is not None:
            keepers.setdefault(person_id, []).append((row["code"], row["name"]))
    tellings = _reachable(world, tx, keepers, rules.kinds)
    found = broadcasts.get(tx, broadcast_id)
    if found is None or not tellings:
        return 0
    question_id, is_new = broadcasts.create(tx, _question(world, found, now))
    kept = broadcasts.get(tx, question_id)
    if not is_new or kept is None:
        return 0
    until, by = _until(world, now), "scheduler"
    for one in tellings:
        station_nights.say(
            tx,
            keepers[one.person_id],
            Said.ASKED,
            at=now,
            until=until,
            by=by,
            broadcast_id=question_id,
            person_id=one.person_id,
        )
    for kind in rules.kinds:
        able = [one for one in tellings if _carries(world, tx, kind, one)]
        tell(world, tx, kept, able, (kind,), now, calls=rules.calls, every=rules.every)
    log.info("keepers asked", broadcast=question_id, keepers=len(tellings))
    return 1


def _reachable(
    world: World, tx: Tx, keepers: Collection[int], kinds: Sequence[str]
) -> list[Telling]:
    """Return whom a channel can ask; of the others the page says that nobody has asked them."""
    contacts = people.contacts(tx, world.db.vault, keepers)
    found = [
        Telling(None, one, contacts[one].phone_index, contacts[one].languages, None)
        for one in sorted(keepers)
    ]
    return [one for one in found if any(_carries(world, tx, kind, one) for kind in kinds)]


def _carries(world: World, tx: Tx, kind: str, one: Telling) -> bool:
    phone = people.numbers(tx, world.db.vault, [one.person_id])[one.person_id]
    text_id = template_of(Purpose.STATION, kind)
    text = (text_id, world.config.texts.chosen(text_id, one.language))
    channel, _ = world.route(kind, "live", phone, text=text)
    return channel is not None and (kind != "sms" or channel.takes_replies)


def _question(world: World, warned: Broadcast, now: datetime) -> Broadcast:
    new = gridless(
        f"{_KEY}{warned.id}",
        Purpose.STATION,
        hazard=warned.hazard,
        title=f"驿站今晚是否开放：{warned.title}",
        slots={official_language(one): {"*": {}} for one in LANGUAGES},
        created_at=now,
        expires_at=_until(world, now),
    )
    return scripts.frozen(world, new, ("station.", *EVERY_TEXT))
