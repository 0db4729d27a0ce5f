"""China's lists in JSON: CMA's map, NMC, QWeather v1 and v7, Caiyun v2.6 and v3.

Each is one function for an item and one for what stands around all of them.
"""

import json
from collections.abc import Callable, Sequence
from datetime import datetime

from alertcast.core.alert import Alert
from alertcast.core.national_id import BEIJING, NationalId
from alertcast.simulator.feeds.entry import Asked, Entry, Item, Write, in_force


def listed(
    item: Callable[[Entry], Item],
    envelope: Callable[[list[Item], Asked], Item],
    choose: Callable[[Sequence[Entry]], Sequence[Entry]] = tuple,
) -> Write:
    """Return the writer of a list in JSON, of those entries that `choose` leaves."""

    def write(entries: Sequence[Entry], asked: Asked) -> bytes:
        items = [item(one) if one.shown is None else one.shown for one in choose(entries)]
        return json.dumps(envelope(items, asked), ensure_ascii=False).encode()

    return write


def cma_item(entry: Entry) -> Item:
    """Return one item of the map."""
    info, ring = entry.info, _ring(entry.alert)
    item: dict[str, object] = {
        "id": entry.alert.identifier,
        "headline": entry.title,
        "effective": _slashes(entry.alert.sent),
        "description": info.description or "",
        "title": entry.title,
    }
    return item | ({"longitude": ring[0][0], "latitude": ring[0][1]} if ring else {})


def cma(items: list[Item], asked: Asked) -> Item:
    """Return the map's answer."""
    return {"msg": "success", "code": 0, "data": items}


def nmc_item(entry: Entry) -> Item:
    """Return one item of the centre's list: a title, no text."""
    identifier = entry.alert.identifier
    return {
        "alertid": identifier,
        "issuetime": _slashes(entry.alert.sent),
        "title": entry.title,
        "url": f"/publish/alarm/{identifier}.html",
        "pic": "",
    }


def nmc(items: list[Item], asked: Asked) -> Item:
    """Return one page of the centre's list."""
    number, size = _number(asked, "pageNo", 1), _number(asked, "pageSize", 30)
    shown = items[(number - 1) * size : number * size]
    page = {"pageNo": number, "pageSize": size, "count": len(items), "list": shown}
    return {"msg": "success", "code": 0, "data": {"page": page}}


def qweather_item(entry: Entry) -> Item:
    """Return one warning of QWeather's v1."""
    alert, info = entry.alert, entry.info
    kind = alert.msg_type.lower()
    return {
        "id": alert.identifier,
        "senderName": info.sender_name or "",
        "issuedTime": _minutes(alert.sent),
        "messageType": {"code": kind, "supersedes": [one.identifier for one in alert.references]},
        "eventType": {"name": info.event, "code": ""},
        "urgency": None,
        "severity": info.severity.lower(),
        "certainty": None,
        "color": {"code": info.level},
        "effectiveTime": _minutes(alert.sent),
        "expireTime": _minutes(info.expires or alert.sent),
        "headline": entry.title,
        "description": info.description or "",
        "responseTypes": [],
    }


def qweather(items: list[Item], asked: Asked) -> Item:
    """Return QWeather's answer for a point, in the form of v1."""
    attributions = ["https://developer.qweather.com/attribution.html"]
    metadata = {"tag": "simulated", "zeroResult": not items, "attributions": attributions}
    return {"metadata": metadata, "alerts": items}


def qweather_v7_item(entry: Entry) -> Item:
    """Return one warning of QWeather's v7."""
    alert, info = entry.alert, entry.info
    return {
        "id": alert.identifier,
        "sender": info.sender_name or "",
        "pubTime": _minutes(alert.sent),
        "title": entry.title,
        "startTime": _minutes(alert.sent),
        "endTime": _minutes(info.expires or alert.sent),
        "status": {"Alert": "active"}.get(alert.msg_type, alert.msg_type.lower()),
        "severity": info.severity,
        "severityColor": (info.level or "").capitalize(),
        "type": "",
        "typeName": info.event,
        "text": info.description or "",
        "related": ",".join(one.identifier for one in alert.references),
    }


def qweather_v7(items: list[Item], asked: Asked) -> Item:
    """Return QWeather's answer for a point, in the form of v7."""
    refer = {"sources": ["12379"], "license": ["QWeather Developers License"]}
    return {"code": "200", "warning": items, "refer": refer}


def caiyun_item(entry: Entry) -> Item:
    """Return one warning of Caiyun's v2.6."""
    return {
        "alertId": entry.alert.identifier,
        "adcode": _county(entry.alert),
        "code": "",
        "title": entry.title,
        "description": entry.info.description or "",
        "pubtimestamp": int(entry.alert.sent.timestamp()),
        "status": "预警中",
        "source": "国家预警信息发布中心",
    }


def caiyun(items: list[Item], asked: Asked) -> Item:
    """Return Caiyun's answer for a point."""
    return {"status": "ok", "result": {"alert": {"status": "ok", "content": items}}}


def caiyun_feature(entry: Entry) -> Item:
    """Return one warning of Caiyun's v3."""
    text = entry.info.description or ""
    properties = {
        "id": f"ALERT_CN_{entry.alert.identifier}",
        "alert_type": "",
        "area_code": _county(entry.alert),
        "data": [{"language_code": "zh-CN", "title": entry.title, "text": text}],
        "publish_time": int(entry.alert.sent.timestamp()),
        "region_code": "CN",
        "status": 1,
    }
    return {"type": "Feature", "id": properties["id"], "geometry": None, "properties": properties}


def caiyun_all(items: list[Item], asked: Asked) -> Item:
    """Return Caiyun's list of the whole country."""
    return {"type": "FeatureCollection", "features": items}


CMA = listed(cma_item, cma, in_force)
NMC = listed(nmc_item, nmc, in_force)
QWEATHER = listed(qweather_item, qweather)
QWEATHER_V7 = listed(qweather_v7_item, qweather_v7)
CAIYUN = listed(caiyun_item, caiyun, in_force)
CAIYUN_ALL = listed(caiyun_feature, caiyun_all, in_force)
"""The writers."""


def _number(asked: Asked, name: str, otherwise: int) -> int:
    text = str(asked.args.get(name, ""))
    return int(text) if text.isdecimal() and int(text) else otherwise


def _ring(alert: Alert) -> tuple[tuple[float, float], ...]:
    areas = [area for info in alert.infos for area in info.areas]
    return next((area.polygons[0] for area in areas if area.polygons), ())


def _county(alert: Alert) -> str:
    national = NationalId.read(alert.identifier)
    return national.admin_code if national else ""


def _slashes(at: datetime) -> str:
    return f"{at.astimezone(BEIJING):%Y/%m/%d %H:%M}"


def _minutes(at: datetime) -> str:
    return f"{at.astimezone(BEIJING):%Y-%m-%dT%H:%M}+08:00"
