"""Warnings as an authority publishes them: CAP 1.2 documents about cold in Huaiji."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from shapely.geometry.base import BaseGeometry

LEVELS = {"red": "红色", "orange": "橙色", "yellow": "黄色", "blue": "蓝色"}


@dataclass(frozen=True)
class Warned:
    """One warning that was published."""

    identifier: str
    sent: datetime


def cap(
    warned: Warned,
    infos: str,
    *,
    status: str = "Actual",
    msg_type: str = "Alert",
    replaces: Warned | None = None,
) -> str:
    """Return a CAP document with these infos."""
    references = (
        f"<references>observatory,{replaces.identifier},{replaces.sent.isoformat()}</references>"
        if replaces
        else ""
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">'
        f"<identifier>{warned.identifier}</identifier><sender>observatory</sender>"
        f"<sent>{warned.sent.isoformat()}</sent><status>{status}</status>"
        f"<msgType>{msg_type}</msgType><scope>Public</scope>{references}{infos}</alert>"
    )


def info(
    now: datetime,
    shape: BaseGeometry,
    level: str,
    *,
    event: str = "寒冷",
    headline: str | None = None,
    hours: float = 24,
) -> str:
    """Return one info: `event` at `level` inside `shape`, for so many hours from now."""
    ring = " ".join(f"{y},{x}" for x, y in shape.exterior.coords)
    said = headline or f"怀集县气象台发布{event}{LEVELS.get(level, level)}预警信号"
    return (
        "<info><language>zh-CN</language><category>Met</category>"
        f"<event>{event}</event>"
        "<urgency>Expected</urgency><severity>Severe</severity><certainty>Likely</certainty>"
        f"<expires>{(now + timedelta(hours=hours)).isoformat()}</expires>"
        f"<headline>{said}</headline>"
        f"<area><areaDesc>怀集县</areaDesc><polygon>{ring}</polygon></area></info>"
    )
