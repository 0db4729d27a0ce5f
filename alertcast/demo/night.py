"""The script: a cold night in Huaiji county (怀集县), as its observatory would publish it.

The wording follows real messages of the county; the night is invented. One CAP `info` per level.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from alertcast.core.grid import Grid

ZONE = ZoneInfo("Asia/Shanghai")
COUNTY, COUNTY_NAME = "441224", "怀集县"
RED_TOWNS = ("冷坑镇", "马宁镇", "中洲镇")
START = datetime(2026, 12, 26, 15, 50, tzinfo=ZONE)
END = datetime(2026, 12, 27, 10, 30, tzinfo=ZONE)


@dataclass(frozen=True, slots=True)
class Scene:
    """One message of the observatory."""

    at: datetime  # product time at which the feed has it
    identifier: str  # national identifier
    title: str
    document: bytes  # CAP 1.2


@dataclass(frozen=True, slots=True)
class _Part:
    level: str
    severity: str
    towns: Sequence[str]  # codes; none: the whole county
    named: str
    headline: str
    description: str


def scenes(grids: Sequence[Grid]) -> list[Scene]:
    """Return the night's messages in order; `grids` say which codes the towns have.

    Where none of the red towns is among them (a demo of one other town), all of them turn red.
    """
    towns = {grid.town_code: grid.town for grid in grids if grid.county_code == COUNTY}
    red = {code: town for code, town in towns.items() if town in RED_TOWNS} or towns
    others = sorted(towns.keys() - red.keys())
    yellow_at, orange_at, red_at, end_at = (
        datetime(2026, 12, 26, 16, 0, tzinfo=ZONE),
        datetime(2026, 12, 26, 20, 30, tzinfo=ZONE),
        datetime(2026, 12, 26, 23, 40, tzinfo=ZONE),
        datetime(2026, 12, 27, 9, 30, tzinfo=ZONE),
    )
    named = "、".join(red.values())
    raised = f"将{named}寒冷橙色预警信号升级为红色"
    rest = "其余乡镇寒冷橙色预警信号继续生效"
    yellow = _scene(yellow_at, None, [_part(yellow_at, "yellow", "发布寒冷黄色预警信号")])
    orange = _scene(orange_at, yellow, [_part(orange_at, "orange", "将寒冷黄色预警信号升级为橙色")])
    parts = [_part(red_at, "red", raised, also=rest, towns=list(red), named=named)]
    if others:
        parts.append(_part(red_at, "orange", rest, before=raised, towns=others, named="其余乡镇"))
    deep = _scene(red_at, orange, parts)
    lifted = _scene(end_at, deep, [_part(end_at, "red", "解除寒冷预警信号")], msg_type="Cancel")
    return [yellow, orange, deep, lifted]


_SEVERITY = {"yellow": "Moderate", "orange": "Severe", "red": "Extreme"}


def _part(
    at: datetime,
    level: str,
    said: str,
    *,
    before: str = "",
    also: str = "",
    towns: Sequence[str] = (),
    named: str = COUNTY_NAME,
) -> _Part:
    when = f"{at.month}月{at.day}日{at.hour}时{at.minute:02d}分"
    cause = "受强冷空气影响，预计26日夜间到27日早晨我县北部最低气温零下1到1度，有霜冻。"
    whole = "，".join(part for part in (before, said, also) if part)
    return _Part(
        level,
        _SEVERITY[level],
        towns,
        named,
        f"怀集县气象台{said}",
        f"{cause}怀集县气象台于{when}{whole}，请注意做好防寒保暖和农作物防冻工作。"
        "[怀集县突发事件预警信息发布中心]",
    )


def _scene(
    at: datetime, before: Scene | None, parts: Sequence[_Part], msg_type: str | None = None
) -> Scene:
    stamp = (at + timedelta(minutes=2)).strftime("%Y%m%d%H%M%S")
    identifier = f"{COUNTY}41600000_{stamp}"
    references = (
        f"<references>huaiji_observatory,{before.identifier},{before.at.isoformat()}</references>"
        if before
        else ""
    )
    body = "".join(_info(part, at) for part in parts)
    document = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">'
        f"<identifier>{identifier}</identifier><sender>huaiji_observatory</sender>"
        f"<sent>{at.isoformat()}</sent><status>Actual</status>"
        f"<msgType>{msg_type or ('Update' if before else 'Alert')}</msgType>"
        f"<scope>Public</scope>{references}{body}</alert>"
    )
    return Scene(at, identifier, parts[0].headline, document.encode())


def _info(part: _Part, at: datetime) -> str:
    codes = [f"{code}000" for code in part.towns] or [f"{COUNTY}000000"]
    geocodes = "".join(
        f"<geocode><valueName>CPEAS Geographic Code</valueName><value>{code}</value></geocode>"
        for code in codes
    )
    return (
        "<info><language>zh-CN</language><category>Met</category><event>寒冷</event>"
        f"<urgency>Expected</urgency><severity>{part.severity}</severity>"
        "<certainty>Likely</certainty>"
        f"<effective>{at.isoformat()}</effective>"
        f"<expires>{(at + timedelta(hours=24)).isoformat()}</expires>"
        "<senderName>怀集县气象台</senderName>"
        f"<headline>{escape(part.headline)}</headline>"
        f"<description>{escape(part.description)}</description>"
        f"<area><areaDesc>{escape(part.named)}</areaDesc>{geocodes}</area></info>"
    )
