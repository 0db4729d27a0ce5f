"""Warnings as China's list feeds give them, with invented content."""

import json

HUAIJI = "44122441600000_20261226172236"
SIHUI = "44128441600000_20261226160512"
HEZHOU = "45110041600000_20261226160000"
TEXT = (
    "怀集县气象台于12月26日17时20分将冷坑镇寒冷橙色预警信号升级为红色，"
    "其余乡镇寒冷橙色预警信号继续生效。"
)


def cma_item(identifier=HUAIJI, **changes):
    """Return one item of the map's list; a field set to None is left out."""
    item = {
        "id": identifier,
        "headline": "怀集县气象台发布寒冷红色预警[Ⅰ级/特别严重]",
        "effective": "2026/12/26 17:20",
        "description": TEXT,
        "longitude": 112.1842,
        "latitude": 23.9136,
        "type": "p0023001",
        "title": "广东省肇庆市怀集县发布寒冷红色预警",
    }
    return {name: value for name, value in (item | changes).items() if value is not None}


def cma(*items, code=0):
    """Return the map's list."""
    return _written({"msg": "success", "code": code, "data": list(items)})


def nmc_item(identifier=HUAIJI, **changes):
    """Return one item of the centre's list."""
    item = {
        "alertid": identifier,
        "issuetime": "2026/12/26 17:20",
        "title": "广东省肇庆市怀集县气象台发布寒冷红色预警信号",
        "url": f"/publish/alarm/{identifier}.html",
        "pic": "http://image.nmc.cn/assets/img/alarm/p0023001.png",
    }
    return {name: value for name, value in (item | changes).items() if value is not None}


def nmc(*items, count=None, code=0):
    """Return one page of the centre's list."""
    page = {"pageNo": 1, "pageSize": 30, "list": list(items)}
    page |= {"count": len(items) if count is None else count}
    return _written({"msg": "success", "code": code, "data": {"page": page}})


def caiyun_item(identifier=HUAIJI, **changes):
    """Return one warning of Caiyun's v2.6; a field set to None is left out."""
    item = {
        "alertId": identifier,
        "adcode": identifier[:6],
        "code": "9104",
        "title": "怀集县气象台发布寒冷红色预警[Ⅰ级/特别严重]",
        "description": TEXT,
        "pubtimestamp": 1798276800,  # 2026-12-26 17:20 in Huaiji
        "status": "预警中",
        "latlon": [23.9136, 112.1842],
        "source": "国家预警信息发布中心",
    }
    return {name: value for name, value in (item | changes).items() if value is not None}


def caiyun(*items, status="ok"):
    """Return Caiyun's answer for one point."""
    alert = {"status": "ok", "content": list(items)}
    return _written({"status": status, "result": {"alert": alert}})


def caiyun_feature(identifier=HUAIJI, **changes):
    """Return one warning of Caiyun's v3."""
    english = {"language_code": "en-US", "title": "Huaiji: cold, red", "text": "Cold."}
    chinese = {
        "language_code": "zh-CN",
        "title": "怀集县气象台发布寒冷红色预警[Ⅰ级/特别严重]",
        "text": TEXT,
    }
    properties = {
        "id": f"ALERT_CN_{identifier}",
        "alert_type": 156110234,
        "area_code": identifier[:6],
        "data": [english, chinese],
        "publish_time": 1798276800,
        "region_code": "CN",
        "status": 1,
    }
    point = {"type": "Point", "coordinates": [112.1842, 23.9136]}
    named = {"type": "Feature", "id": properties["id"], "geometry": point}
    return named | {"properties": properties | changes}


def caiyun_all(*features):
    """Return Caiyun's list of the whole country."""
    return _written({"type": "FeatureCollection", "features": list(features)})


def v1_item(identifier="202612261722360000000001", **changes):
    """Return one warning of QWeather's v1."""
    item = {
        "id": identifier,
        "senderName": "怀集县气象台",
        "issuedTime": "2026-12-26T17:20+08:00",
        "messageType": {"code": "alert", "supersedes": []},
        "eventType": {"name": "寒冷", "code": "1034"},
        "urgency": None,
        "severity": "extreme",
        "certainty": None,
        "color": {"code": "red"},
        "effectiveTime": "2026-12-26T17:20+08:00",
        "expireTime": "2026-12-27T17:20+08:00",
        "headline": "怀集县气象台发布寒冷红色预警信号",
        "description": TEXT,
        "responseTypes": ["monitor", "dance"],
    }
    return item | changes


def v1(*items):
    """Return QWeather's answer for one point."""
    metadata = {"tag": "x", "zeroResult": not items, "attributions": ["和风天气", "https://x.cn"]}
    return _written({"metadata": metadata, "alerts": list(items)})


def v7(*items, code="200"):
    """Return the answer of the version before."""
    refer = {"sources": ["12379"], "license": ["QWeather Developers License"]}
    return _written({"code": code, "warning": list(items), "refer": refer})


def _written(document):
    return json.dumps(document, ensure_ascii=False).encode()
