"""Why an alert was, or was not, sent: every decision on it, from what is stored.

Which towns a text names is not stored: it is read again by a pure function of text and layer. All
else is as it was written in the transaction that decided.
"""

from collections import Counter
from datetime import datetime
from typing import TypedDict

from alertcast.core.alert import Alert
from alertcast.core.grid import Matched
from alertcast.core.match_reasons import OF_CODES
from alertcast.core.plan import rank
from alertcast.dispatch.confirm import key_of
from alertcast.dispatch.towns import match, read_towns
from alertcast.dispatch.world import World
from alertcast.store import alerts, audit, broadcasts, reaches, references, report_alerts, witnesses
from alertcast.store import grids as layers
from alertcast.store.db import Tx
from alertcast.store.report_alerts import WarningFacts
from alertcast.store.witnesses import DissentFacts, WitnessFacts


class Other(TypedDict):
    """Another alert that one refers to, or that refers to it."""

    identifier: str
    alert_id: int | None  # None: it never came to us
    standing: str | None


class Round(TypedDict):
    """The episode (本轮预警) that an alert belongs to."""

    id: int
    is_over: bool
    in_force: list[int]  # ids of its alerts in force


class Place(TypedDict):
    """One area, its level, and the sentence of the text that the level was read from."""

    desc: str
    level: str | None
    sentence: str | None


class Grazed(TypedDict):
    """A grid that the alert touches by too little to count."""

    code: str
    name: str
    share: float  # 0..1 of its area, six places


class Rule(TypedDict):
    """What the policies say of one level of this hazard."""

    level: str | None
    grids: int  # that the alert touches at this level
    is_told: bool  # people are told of it without an officer
    policy: str | None


class Sent(TypedDict):
    """A broadcast that relays the alert, or asks whether it is to be relayed."""

    id: int
    purpose: str
    mode: str
    state: str
    created_by: str
    created_at: datetime


class Act(TypedDict):
    """What somebody did about the alert or its broadcasts."""

    at: datetime
    user: str
    action: str
    subject: str


class Explained(TypedDict):
    """All decisions on one alert."""

    warning: WarningFacts
    received_at: datetime
    witnesses: list[WitnessFacts]
    dissents: list[DissentFacts]
    refers_to: list[Other]
    referred_by: list[Other]
    episode: Round | None
    places: list[Place]
    remarks: list[str]  # on how the towns were read, and on codes that the layer does not have
    matched: dict[str, int]  # how its grids were found, by the layer of today -> how many
    near_misses: list[Grazed]  # by the layer and the rules of today
    rules: list[Rule]
    broadcasts: list[Sent]
    acts: list[Act]


def explain(world: World, tx: Tx, alert_id: int) -> Explained | None:
    """Return every decision on an alert and why; None if there is none of this number."""
    found = report_alerts.warning(tx, alert_id)
    if found is None:
        return None
    row, message = alerts.facts(tx, alert_id), alerts.load(tx, alert_id)
    places, remarks = _places(world, tx, message)
    matched = _matched(world, tx, message)
    sent = _sent(tx, alert_id)
    return Explained(
        warning=found,
        received_at=row["received_at"],
        witnesses=witnesses.of_alert(tx, alert_id),
        dissents=witnesses.dissents(tx, alert_id),
        refers_to=_refers_to(tx, message),
        referred_by=[_other(tx, one) for one in references.later_than(tx, message)],
        episode=_episode(tx, row["episode_id"]),
        places=places,
        remarks=remarks + [r.message for r in matched.reasons if r.code in OF_CODES],
        matched=dict(Counter(hit.matched_by for hit in matched.hits)),
        near_misses=[
            Grazed(code=one.grid.code, name=one.grid.name, share=round(one.share, 6))
            for one in matched.near_misses
        ],
        rules=_rules(world, tx, alert_id, message),
        broadcasts=sent,
        acts=_acts(tx, [f"alert:{alert_id}", *(f"broadcast:{one['id']}" for one in sent)]),
    )


def _refers_to(tx: Tx, message: Alert) -> list[Other]:
    """Return what a message refers to, itself left out; what never came has no number."""
    found = [_other(tx, one) for one in references.referenced(tx, message)]
    known = {alerts.facts(tx, one["alert_id"])["key"] for one in found if one["alert_id"]}
    known |= {one["identifier"] for one in found} | {message.identifier}
    names = dict.fromkeys(one.identifier for one in message.references)
    lost = [name for name in names if not known & {name, references.key_of(name)}]
    return found + [Other(identifier=name, alert_id=None, standing=None) for name in lost]


def _other(tx: Tx, alert_id: int) -> Other:
    row = alerts.facts(tx, alert_id)
    return Other(identifier=row["identifier"], alert_id=alert_id, standing=row["standing"])


def _episode(tx: Tx, episode_id: int | None) -> Round | None:
    if episode_id is None:
        return None
    is_over = broadcasts.is_ended(tx, episode_id)
    return Round(id=episode_id, is_over=is_over, in_force=alerts.in_episode(tx, episode_id))


def _places(world: World, tx: Tx, message: Alert) -> tuple[list[Place], list[str]]:
    layer = layers.active_layer(tx)
    if layer is None:
        infos = message.warns_in(world.config.main.office.language)
        areas = [(area, area.level or info.level) for info in infos for area in info.areas]
        return [Place(desc=a.desc, level=level, sentence=a.sentence) for a, level in areas], []
    read = read_towns(world, tx, layer["id"], message)
    places = [
        Place(desc=area.desc, level=level, sentence=area.sentence) for area, level in read.areas()
    ]
    return places, [one.message for one in read.reasons]


def _matched(world: World, tx: Tx, message: Alert) -> Matched:
    layer = layers.active_layer(tx)
    return Matched((), ()) if layer is None else match(world, tx, layer["id"], message)


def _rules(world: World, tx: Tx, alert_id: int, message: Alert) -> list[Rule]:
    """Return what the policies of today say of the levels that were written when it was decided."""
    rules = world.config.rules
    infos = message.warns_in(world.config.main.office.language)
    hazard = next((info.hazard for info in infos if info.hazard), None)
    counts = Counter(
        level for found in reaches.reach_of(tx, [alert_id]).values() for level in found
    )
    named = {level: rules.policy_for(hazard, level) for level in counts}
    return [
        Rule(
            level=level,
            grids=counts[level],
            is_told=rules.is_told(hazard, level),
            policy=policy.name if policy else None,
        )
        for level, policy in sorted(named.items(), key=lambda one: rank(one[0], rules.levels))
    ]


def _sent(tx: Tx, alert_id: int) -> list[Sent]:
    asked = broadcasts.by_key(tx, key_of(alert_id))
    ids = [*broadcasts.of_alert(tx, alert_id), *([asked] if asked is not None else [])]
    found = (broadcasts.get(tx, one) for one in sorted(ids))
    return [
        Sent(
            id=one.id,
            purpose=one.purpose.value,
            mode=one.mode,
            state=one.state.value,
            created_by=one.created_by,
            created_at=one.created_at,
        )
        for one in found
        if one is not None
    ]


def _acts(tx: Tx, subjects: list[str]) -> list[Act]:
    rows = [row for subject in subjects for row in audit.listed(tx, subject=subject)]
    return [
        Act(at=row["at"], user=row["user"], action=row["action"], subject=row["subject"])
        for row in sorted(rows, key=lambda row: int(row["id"]))
    ]
