"""An example for each slot: what a text looks like before anybody is told anything."""

from dataclasses import dataclass

from alertcast.core.hazard import HazardTable
from alertcast.core.wording import Place, Texts, places_text, spoken_number, towns_text

_COUNTY = "怀集县"
_PLACES = (("中心小区", "怀城街道"), ("大坑村", "冷坑镇"), ("谭珠村", "冷坑镇"))


@dataclass(frozen=True, slots=True)
class Example:
    """Whose texts they are."""

    office: str
    short_name: str
    check_number: str


def example_slots(
    texts: Texts,
    hazards: HazardTable,
    example: Example,
    kind: str,
    language: str,
    hazard: str | None = None,
    level: str | None = None,
) -> dict[str, str]:
    """Return a value for every slot, as a broadcast of `hazard` at `level` would have it."""
    english = language.startswith("en")
    tongue = "en" if english else "zh"
    family = hazards.family(hazard) if hazard else None
    called = hazards.name(hazard, tongue) if hazard else ("Weather" if english else "气象")
    colour = hazards.level_name(level, tongue) if level else ""
    places = [Place(name, town, _COUNTY, level) for name, town in _PLACES]
    names = {one: hazards.level_name(one, tongue) for one in hazards.ordered}
    headline = (
        f"{_COUNTY} Observatory issues {colour} {called} warning"
        if english
        else f"{_COUNTY}气象台1月20日16时00分发布{called}{colour}预警信号"
    )
    return {
        "office": example.short_name if kind in ("sms", "copy") else example.office,
        "check": example.check_number,
        "check_spoken": spoken_number(example.check_number),
        "headline": headline,
        "issuer": f"{_COUNTY} Observatory" if english else f"{_COUNTY}气象台",
        "time": "20 January 16:00" if english else "1月20日16时00分",
        "hazard": called,
        "level": colour,
        "places": places_text(places, hazards.ordered, names),
        "towns": towns_text(places, hazards.ordered, names),
        "stations": _stations(texts, language),
        "also": "",
        "begins": "",
        "onset": "21 January 08:00" if english else "1月21日8时00分",
        "advice": texts.find(texts.best("advice", hazard, family, level), language) or "",
        "public": texts.find(texts.best("public", hazard, family, level), language) or "",
        "answer": texts.find("answer.reply", language) or "",
        "text": "Please have blankets ready." if english else "请今晚清点避寒场所的被褥。",
        "who": "first secretary" if english else "第一书记",
        "phone": "154 0000 0011" if kind == "sms" else spoken_number("15400000011"),
        "why": "Only one source has it." if english else "只有一个来源。",
        "otherwise": "" if english else "无人答复则三分钟后下发。",
        "grids": "67",
        "told": "town desk" if english else "镇值班室",
        "by": "town desk" if english else "镇值班室",
    }


def _stations(texts: Texts, language: str) -> str:
    """Return the sentence about a station that is confirmed open, as long as it usually is."""
    if "nearest.some" not in texts.by_id or "nearest.one" not in texts.by_id:
        return ""
    beds = texts.find("nearest.beds", language) or ""
    english = language.startswith("en")
    far = ", about 1.2 km away" if english else "，约1.2公里"
    hours = ", open 18:00-08:00" if english else "，18:00-08:00"
    slots = {"name": "冷坑驿站", "at": "冷坑镇大坑村", "far": far, "hours": hours, "beds": beds}
    one = texts.render("nearest.one", language, slots)
    return texts.render("nearest.some", language, {"stations": one})
