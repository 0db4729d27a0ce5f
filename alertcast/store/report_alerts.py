"""What alerts say, unaltered, and what was decided on each."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict

from sqlalchemy import select

from alertcast.core.alert import ATTRIBUTION, Alert, Area, Info
from alertcast.core.wording import issuer_of
from alertcast.store import alerts
from alertcast.store.db import Tx
from alertcast.store.rows import value
from alertcast.store.schema import alert, area, info


class InfoFacts(TypedDict):
    """What a warning says about some areas, unaltered."""

    language: str
    hazard: str | None
    level: str | None
    event: str
    headline: str | None
    description: str | None
    instruction: str | None
    issuer: str
    areas: list[str]
    attributions: list[str]  # what its publisher wants to be shown with it


class WarningFacts(TypedDict):
    """One alert: what it says, and what was decided on it."""

    alert_id: int
    identifier: str
    sender: str
    sent: datetime
    status: str
    msg_type: str
    is_end: bool  # it lifts a warning
    standing: str
    expires: datetime | None
    is_expiry_assumed: bool  # its issuer does not say until when it holds
    onset: datetime | None  # when it is to begin, where that lay ahead when it was sent
    decision: str | None
    why: str | None
    decided_at: datetime | None
    infos: list[InfoFacts]


def warning(tx: Tx, alert_id: int) -> WarningFacts | None:
    """Return what one alert says and what was decided on it, or None if there is none."""
    rows = tx.execute(select(alert).where(alert.c.id == alert_id)).mappings().all()
    return next(iter(warnings_of(tx, rows)), None)


def latest_warnings(tx: Tx, limit: int = 20) -> list[WarningFacts]:
    """Return the alerts received last, those that no longer hold too."""
    return warnings_of(tx, alerts.latest(tx, limit))


def warnings(
    tx: Tx, limit: int, *, before: int | None = None, standing: str | None = None
) -> list[WarningFacts]:
    """Return the newest alerts, older than the id `before`, of one standing if it is named."""
    rows = select(alert).order_by(alert.c.id.desc()).limit(limit)
    if before is not None:
        rows = rows.where(alert.c.id < before)
    if standing is not None:
        rows = rows.where(alert.c.standing == standing)
    return warnings_of(tx, tx.execute(rows).mappings().all())


def warnings_of(tx: Tx, rows: Sequence[Mapping[Any, Any]]) -> list[WarningFacts]:
    """Return what these rows of `alert` say."""
    infos = _infos(tx, [row["id"] for row in rows])
    said = {row["id"]: _message(row, infos.get(row["id"], ())) for row in rows}
    return [
        WarningFacts(
            alert_id=row["id"],
            identifier=row["identifier"],
            sender=row["sender"],
            sent=row["sent"],
            status=row["status"],
            msg_type=row["msg_type"],
            is_end=said[row["id"]].is_end(),
            standing=row["standing"],
            expires=row["expires"],
            is_expiry_assumed=said[row["id"]].runs_out is None,
            onset=said[row["id"]].begins,
            decision=row["decision"],
            why=row["why"],
            decided_at=row["decided_at"],
            infos=[_info_facts(row, one) for one in infos.get(row["id"], ())],
        )
        for row in rows
    ]


def _infos(tx: Tx, alert_ids: Iterable[int]) -> dict[int, list[Info]]:
    wanted = list(alert_ids)
    places = (
        select(area.c.info_id, area.c.desc, area.c.level)
        .join(info, info.c.id == area.c.info_id)
        .where(info.c.alert_id.in_(wanted))
        .order_by(area.c.info_id, area.c.ord)
    )
    areas: dict[int, list[Area]] = {}
    for row in tx.execute(places):
        areas.setdefault(row.info_id, []).append(Area(row.desc, row.level))
    rows = select(info).where(info.c.alert_id.in_(wanted)).order_by(info.c.alert_id, info.c.ord)
    found: dict[int, list[Info]] = {}
    for one in tx.execute(rows).mappings():
        said = value(Info, one, areas=tuple(areas.get(one["id"], ())))
        found.setdefault(one["alert_id"], []).append(said)
    return found


def _info_facts(row: Mapping[Any, Any], said: Info) -> InfoFacts:
    message = _message(row)
    return InfoFacts(
        language=said.language,
        hazard=said.hazard,
        level=said.level,
        event=said.event,
        headline=said.headline,
        description=said.description,
        instruction=said.instruction,
        issuer=issuer_of(message, said),
        areas=[place.desc for place in said.areas],
        attributions=[text for name, text in said.parameters if name == ATTRIBUTION],
    )


def _message(row: Mapping[Any, Any], infos: Iterable[Info] = ()) -> Alert:
    return Alert(
        row["identifier"],
        row["sender"],
        row["sent"],
        row["status"],
        row["msg_type"],
        infos=tuple(infos),
    )
