"""The script: a cold night in Huaiji county (怀集县), as its observatory would publish it.

The wording follows real messages of the county; the night is invented. Each message carries the
code of the county only: which towns turn red is said in its text, and read out of it.
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
class _Words:
    severity: str
    headline: str
    description: str


def scenes(grids: Sequence[Grid]) -> list[Scene]:
    """Return the night's messages in order; `grids` say which towns there are.

    Where none of the red towns is among them (a demo of one other town), all of them turn red.
    """
    towns = {grid.town_code: grid.town for grid in grids if grid.county_code == COUNTY}
    red = {code: town for code, town in towns.items() if town in RED_TOWNS} or towns
    yellow_at, orange_at, red_at, end_at = (
        datetime(2026, 12, 26, 16, 0, tzinfo=ZONE),
        datetime(2026, 12, 26, 20, 30, tzinfo=ZONE),
        datetime(2026, 12, 26, 23, 40, tzinfo=ZONE),
        datetime(2026, 12, 27, 9, 30, tzinfo=ZONE),
    )
    raised = f"将{'、'.join(red.values())}寒冷橙色预警信号升级为红色"
    rest = "其余乡镇寒冷橙色预警信号继续生效"
    yellow = _scene(yellow_at, None, _words(yellow_at, "Moderate", "发布寒冷黄色预警信号"))
    orange = _scene(orange_at, yellow, _words(orange_at, "Severe", "将寒冷黄色预警信号升级为橙色"))
    deep = _scene(red_at, orange, _words(red_at, "Extreme", raised, also=rest))
    lifted = _words(end_at, "Extreme", "解除寒冷预警信号")
    return [yellow, orange, deep, _scene(end_at, deep, lifted, msg_type="Cancel")]


def _words(at: datetime, severity: str, said: str, *, also: str = "") -> _Words:
    when = f"{at.month}月{at.day}日{at.hour}时{at.minute:02d}分"
    cause = "受强冷空气影响，预计26日夜间到27日早晨我县北部最低气温零下1到1度，有霜冻。"
    whole = "，".join(part for part in (said, also) if part)
    return _Words(
        severity,
        f"怀集县气象台{said}",
        f"{cause}怀集县气象台于{when}{whole}，请注意做好防寒保暖和农作物防冻工作。"
        "[怀集县突发事件预警信息发布中心]",
    )


def _scene(at: datetime, before: Scene | None, words: _Words, msg_type: str | None = None) -> Scene:
    stamp = (at + timedelta(minutes=2)).strftime("%Y%m%d%H%M%S")
    identifier = f"{COUNTY}41600000_{stamp}"
    references = (
        f"<references>huaiji_observatory,{before.identifier},{before.at.isoformat()}</references>"
        if before
        else ""
    )
    document = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">'
        f"<identifier>{identifier}</identifier><sender>huaiji_observatory</sender>"
        f"<sent>{at.isoformat()}</sent><status>Actual</status>"
        f"<msgType>{msg_type or ('Update' if before else 'Alert')}</msgType>"
        f"<scope>Public</scope>{references}{_info(words, at)}</alert>"
    )
    return Scene(at, identifier, words.headline, document.encode())


def _info(words: _Words, at: datetime) -> str:
    return (
        "<info><language>zh-CN</language><category>Met</category><event>寒冷</event>"
        f"<urgency>Expected</urgency><severity>{words.severity}</severity>"
        "<certainty>Likely</certainty>"
        f"<effective>{at.isoformat()}</effective>"
        f"<expires>{(at + timedelta(hours=24)).isoformat()}</expires>"
        "<senderName>怀集县气象台</senderName>"
        f"<headline>{escape(words.headline)}</headline>"
        f"<description>{escape(words.description)}</description>"
        f"<area><areaDesc>{COUNTY_NAME}</areaDesc>"
        "<geocode><valueName>CPEAS Geographic Code</valueName>"
        f"<value>{COUNTY}000000</value></geocode></area></info>"
    )
