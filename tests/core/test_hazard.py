import copy
import tomllib
from pathlib import Path

import pytest

from alertcast.core.hazard import HazardTable
from alertcast.core.hazard_config import HazardConfigError

SHIPPED = tomllib.loads(
    (Path(__file__).parents[2] / "config" / "hazards.toml").read_text(encoding="utf-8")
)
TABLE = HazardTable.from_mapping(SHIPPED)


def classify(headline, event="", **rest):
    found = TABLE.classify(headline=headline, event=event, **rest)
    return found.hazard, found.level, {reason.code for reason in found.reasons}


def test_all_mistakes_are_listed_at_once():
    mapping = copy.deepcopy(SHIPPED)
    mapping["colours"] = {}
    mapping["levels"]["red"]["order"] = "high"
    mapping["levels"]["blue"]["order"] = 3
    mapping["severity_levels"]["Severe"] = "purple"
    mapping["severity_levels"]["Unknown"] = "red"
    mapping["hazards"]["Cold!"] = mapping["hazards"].pop("cold") | {"words": [], "extra": 1}
    mapping["hazards"]["hail"]["words"] = ["暴雨"]
    mapping["hazards"]["fog"]["levels"] = {"guangdong": ["pink"]}
    mapping["hazards"]["heat"]["levels"] = ["red"]
    mapping["hazards"]["gale"] = 3
    mapping["hazards"]["flood"]["zh"] = ""
    del mapping["hazards"]["drought"]["en"]
    mapping["nws"]["Flood Watch"] = {"hazard": "rain", "vtec": "FAA", "severity": "Bad"}
    with pytest.raises(HazardConfigError) as caught:
        HazardTable.from_mapping(mapping)
    found = "\n".join(caught.value.mistakes)
    for where in (
        "colours:",
        "levels.red.order:",
        "levels.yellow.order: 3 already belongs to",
        "severity_levels.Severe: 'purple'",
        "severity_levels.Unknown:",
        "hazards.Cold!:",
        "hazards.Cold!.words:",
        "hazards.Cold!.extra: unknown key",
        "words: '暴雨' already belongs to",
        "hazards.fog.levels.guangdong: 'pink'",
        "hazards.heat.levels:",
        "hazards.gale: must be a table",
        "hazards.flood.zh:",
        "hazards.drought.en: is missing",
        "nws.'Flood Watch'.hazard:",
        "nws.'Flood Watch'.vtec:",
        "nws.'Flood Watch'.severity:",
    ):
        assert where in found or where.replace("yellow", "blue") in found, where


@pytest.mark.parametrize("mapping", [{}, {"levels": 3}, {"hazards": [], "levels": {"red": 1}}])
def test_what_is_no_table_is_reported_too(mapping):
    with pytest.raises(HazardConfigError, match="section is missing"):
        HazardTable.from_mapping(mapping)


HEADLINES = [
    ("怀集县气象台变更发布寒冷红色预警信号[Ⅰ级/特别严重]", "cold", "red"),
    ("肇庆市气象台发布寒潮蓝色预警", "cold_wave", "blue"),
    ("广东省气象台发布强降温黄色预警", "sharp_cooling", "yellow"),
    ("[新兴台风黄色预警降级为蓝色]", "typhoon", "blue"),
    ("广东省气象台发布台风白色预警信号", "typhoon", "white"),
    ("将冷坑镇寒冷橙色预警信号升级为红色，其余乡镇寒冷橙色预警信号继续生效", "cold", "red"),
    ("惠东县将A街道雷雨大风橙色预警信号降级为黄色", "thunderstorm_gale", "yellow"),
    ("白云区气象台发布海上大风橙色预警", "gale_at_sea", "orange"),
    ("红河县气象局发布道路结冰黄色预警/III/较重", "road_icing", "yellow"),
    ("怀集县气象台发布霜冻预警[Ⅲ级]", "frost", "yellow"),
    ("广宁县气象台发布森林火险黄色预警[Ⅲ级/较重]", "forest_fire", "yellow"),
    ("佛山市气象台发布灰霾黄色预警信号", "haze", "yellow"),
    ("Huaiji County Meteorological Observatory updates cold red warning signal", "cold", "red"),
    ("Cold wave orange warning downgraded to yellow", "cold_wave", "yellow"),
    ("Orange Wind Warning for Jura", "gale", "orange"),
]


@pytest.mark.parametrize(("headline", "hazard", "level"), HEADLINES)
def test_the_headline_says_what_and_how_bad(headline, hazard, level):
    found = classify(headline, severity="Minor")
    assert found[:2] == (hazard, level)
    assert "level_from_severity" not in found[2]


def test_names_of_places_are_no_colours():
    for headline in (
        "Flood Warning for the Red River",
        "红河县气象台发布暴雨预警",
        "Red Flag Warning",
    ):
        assert classify(headline)[1] is None


def test_of_two_signals_the_more_dangerous_is_taken_and_both_are_said():
    found = TABLE.classify(headline="肇庆发布道路结冰黄色、寒冷红色预警信号", event="")
    assert (found.hazard, found.level) == ("cold", "red")
    assert "road_icing yellow, cold red" in found.reasons[0].message


def test_text_beats_code_and_the_difference_is_noted():
    codes = [("type", "p0002001")]
    assert classify("寒冷橙色预警", event_codes=codes) == ("cold", "orange", {"code_differs"})


@pytest.mark.parametrize(
    ("code", "hazard", "level"),
    [
        ("11B34", "cold", None),
        ("11b05", "cold_wave", None),
        ("1034", "cold", None),
        ("p0023002", "cold", "orange"),
        ("p0023", "cold", None),
        ("p0000003", None, "yellow"),
        ("p9999001", None, "red"),
        ("99", None, None),
    ],
)
def test_a_code_helps_where_the_text_is_silent(code, hazard, level):
    assert classify("预警信息", event_codes=[("eventType", code)])[:2] == (hazard, level)


def test_a_description_counts_only_where_it_names_the_signal():
    text = "预计有大风和降温。怀集县气象台发布寒冷橙色预警信号。"
    assert classify("预警信息", description=text)[:2] == ("cold", "orange")
    assert classify("预警信息", description="预计有大风和降温。")[:2] == (None, None)
    assert classify("Alert", description="air quality may be red")[:2] == (None, None)


@pytest.mark.parametrize(
    ("event", "vtec", "severity", "expected"),
    [
        ("Extreme Cold Warning", "EC.W", "Extreme", ("severe_cold", "red")),
        ("extreme cold warning", "EC.W", "Unknown", ("severe_cold", "red")),
        ("Gale Warning", "GL.W", "Moderate", ("gale_at_sea", "yellow")),
        ("Air Quality Alert", None, "Unknown", ("air_pollution", None)),
        ("Something Else", "FZ.W", "Severe", ("freeze_damage", "orange")),
        ("Something Else", "QQ.W", "Severe", (None, "orange")),
    ],
)
def test_events_of_the_nws(event, vtec, severity, expected):
    parameters = [("VTEC", f"/O.NEW.KSEW.{vtec}.0001.000000T0000Z-261227T0500Z/")] if vtec else []
    found = classify(f"{event} issued", event, parameters=parameters, severity=severity)
    assert found[:2] == expected


def test_a_level_that_comes_from_severity_says_so():
    assert classify("Zyklon", severity="Severe")[1:] == (
        "orange",
        {"unknown_hazard", "level_from_severity"},
    )
    assert classify("Zyklon")[1:] == (None, {"unknown_hazard", "no_level"})


def test_a_colour_no_signal_set_defines_is_kept_and_noted():
    assert classify("怀集县气象台发布寒冷蓝色预警信号") == ("cold", "blue", {"unusual_level"})


def test_levels_are_ordered_and_named():
    assert [TABLE.rank(level) for level in (None, "white", "blue", "yellow", "orange", "red")] == [
        0, 1, 2, 3, 4, 5,
    ]  # fmt: skip
    assert TABLE.ordered == ("red", "orange", "yellow", "blue", "white")
    assert TABLE.highest(["yellow", None, "orange"]) == "orange"
    assert TABLE.highest([]) is None
    assert TABLE.severity_of("orange") == "Severe"
    assert TABLE.level_of("Extreme") == "red" and TABLE.level_of("Unknown") is None
    assert (TABLE.name("cold"), TABLE.name("cold", "en-US")) == ("寒冷", "cold")
    assert (TABLE.level_name("red", "zh-CN"), TABLE.level_name("red", "en")) == ("红色", "red")


def test_the_cold_family_is_one_episode_but_for_ice_on_roads():
    cold = {key for key in TABLE.hazards if TABLE.family(key) == "cold"}
    assert {"cold", "cold_wave", "sharp_cooling", "frost", "freeze_damage", "road_icing"} <= cold
    assert {key: TABLE.episode(key) for key in cold} == dict.fromkeys(cold, "cold") | {
        "road_icing": "road_icing"
    }
    assert TABLE.episode("unheard of") == "unheard of"
    assert TABLE.family(None) is None and TABLE.family("no such") is None


def test_the_shipped_file_has_both_chinese_signal_sets():
    sets = {name: set() for name in ("guangdong", "national")}
    for hazard in TABLE.hazards.values():
        for name, _ in hazard.levels:
            sets[name].add(hazard.zh)
    assert sets["guangdong"] == {
        "台风",
        "暴雨",
        "高温",
        "寒冷",
        "大雾",
        "灰霾",
        "雷雨大风",
        "道路结冰",
        "冰雹",
        "森林火险",
    }
    assert sets["national"] == {
        "台风",
        "暴雨",
        "暴雪",
        "寒潮",
        "大风",
        "沙尘暴",
        "高温",
        "干旱",
        "雷电",
        "冰雹",
        "霜冻",
        "大雾",
        "灰霾",
        "道路结冰",
    }
    assert dict(TABLE.hazards["cold"].levels)["guangdong"] == ("yellow", "orange", "red")
