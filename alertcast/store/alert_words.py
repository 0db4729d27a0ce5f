"""The words of an alert as rows, and back: the message, its infos, and their areas."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update

from alertcast.core.alert import Alert, Area, Circle, Info, Reference
from alertcast.store import events
from alertcast.store.db import Tx
from alertcast.store.rows import new_id, value
from alertcast.store.schema import alert, area, info


def add(tx: Tx, message: Alert, ours: Mapping[str, Any]) -> int:
    """Write the words of a new alert, and what we make of it (`ours`); return its id."""
    alert_id = new_id(tx.execute(insert(alert).values(**_columns(message), **ours)))
    _write_infos(tx, alert_id, message)
    return alert_id


def rewrite(tx: Tx, alert_id: int, message: Alert, ours: Mapping[str, Any]) -> None:
    """Write other words of an alert in place of those that are kept."""
    old = select(info.c.id).where(info.c.alert_id == alert_id)
    tx.execute(delete(area).where(area.c.info_id.in_(old)))
    tx.execute(delete(info).where(info.c.alert_id == alert_id))
    values = _columns(message) | dict(ours)
    tx.execute(update(alert).where(alert.c.id == alert_id).values(**values))
    _write_infos(tx, alert_id, message)


def read(tx: Tx, alert_id: int) -> Alert:
    """Return the alert with all its infos and areas, as it came."""
    row = tx.execute(select(alert).where(alert.c.id == alert_id)).mappings().one()
    infos = tx.execute(select(info).where(info.c.alert_id == alert_id).order_by(info.c.ord))
    return value(
        Alert,
        row,
        addresses=tuple(row["addresses"]),
        codes=tuple(row["codes"]),
        incidents=tuple(row["incidents"]),
        references=tuple(_reference(r) for r in row["references"]),
        infos=tuple(_info(tx, i) for i in infos.mappings()),
    )


def _write_infos(tx: Tx, alert_id: int, message: Alert) -> None:
    for number, block in enumerate(message.infos):
        _write_info(tx, alert_id, number, block)
    events.write(tx, alert_id, message)


def _columns(message: Alert) -> dict[str, Any]:
    names = ("identifier", "sender", "sent", "status", "msg_type", "scope")
    optional = ("source", "restriction", "note")
    values = {name: getattr(message, name) for name in (*names, *optional)}
    for name in ("addresses", "codes", "incidents"):
        values[name] = list(getattr(message, name))
    values["references"] = [
        {"sender": r.sender, "identifier": r.identifier, "sent": _iso(r.sent)}
        for r in message.references
    ]
    return values


_INFO_LISTS = ("category", "response_types", "event_codes", "parameters")


def _write_info(tx: Tx, alert_id: int, number: int, block: Info) -> None:
    lists = {name: [_listed(item) for item in getattr(block, name)] for name in _INFO_LISTS}
    plain = {
        column.name: getattr(block, column.name)
        for column in info.c
        if column.name not in {"id", "alert_id", "ord", *_INFO_LISTS}
    }
    row = tx.execute(insert(info).values(alert_id=alert_id, ord=number, **plain, **lists))
    info_id = new_id(row)
    rows = [
        {
            "info_id": info_id,
            "ord": ord_,
            "desc": place.desc,
            "level": place.level,
            "polygons": [[list(point) for point in ring] for ring in place.polygons],
            "circles": [asdict(circle) for circle in place.circles],
            "geocodes": [list(pair) for pair in place.geocodes],
            "altitude": place.altitude,
            "ceiling": place.ceiling,
            "sentence": place.sentence,
        }
        for ord_, place in enumerate(block.areas)
    ]
    if rows:
        tx.execute(insert(area), rows)


def _info(tx: Tx, row: Mapping[Any, Any]) -> Info:
    areas = tx.execute(select(area).where(area.c.info_id == row["id"]).order_by(area.c.ord))
    return value(
        Info,
        row,
        category=tuple(row["category"]),
        response_types=tuple(row["response_types"]),
        event_codes=tuple((k, v) for k, v in row["event_codes"]),
        parameters=tuple((k, v) for k, v in row["parameters"]),
        areas=tuple(_area(a) for a in areas.mappings()),
    )


def _area(row: Mapping[Any, Any]) -> Area:
    return value(
        Area,
        row,
        polygons=tuple(tuple((x, y) for x, y in ring) for ring in row["polygons"]),
        circles=tuple(Circle(**circle) for circle in row["circles"]),
        geocodes=tuple((k, v) for k, v in row["geocodes"]),
    )


def _reference(kept: Mapping[str, Any]) -> Reference:
    sent = kept["sent"]
    return Reference(
        kept["sender"], kept["identifier"], datetime.fromisoformat(sent) if sent else None
    )


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _listed(item: object) -> object:
    return list(item) if isinstance(item, tuple) else item
