"""Areas by town: what an alert of a whole county becomes before its grids are looked for."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest

from alertcast.core.alert import Area, Circle, Info
from alertcast.core.by_town import Towns
from alertcast.core.gazetteer import Gazetteer, TownsError
from tests.core.town_tables import GAZETTEER, TABLE

TEXT = (
    "怀集县气象台于12月26日17时20分将冷坑镇、马宁镇寒冷橙色预警信号升级为红色，"
    "其余乡镇寒冷橙色预警信号继续生效。"
)
COUNTY = Area("怀集", geocodes=(("CPEAS Geographic Code", "441224000000"),))


@dataclass(frozen=True)
class Cell:
    town_code: str
    town: str
    county_code: str = "441224"
    county: str = "怀集县"


def info(text: str = TEXT, *areas: Area, language: str = "zh-CN", **more: object) -> Info:
    base = Info(language, ("Met",), "寒冷", "Unknown", "Extreme", "Unknown", "cold", "red")
    return replace(base, description=text, areas=areas or (COUNTY,), **more)


def towns(cells: Sequence[Cell] | None = None) -> Towns:
    return Towns(GAZETTEER if cells is None else GAZETTEER.of_layer(cells), TABLE)


def levels(read: Towns, *infos: Info) -> dict[str, str | None]:
    return {code: level for area, level in read.by_town(infos).areas() for _, code in area.geocodes}


@pytest.mark.parametrize(
    "area",
    [
        Area("一片", polygons=(((112.0, 23.0), (112.1, 23.0), (112.0, 23.1), (112.0, 23.0)),)),
        replace(COUNTY, circles=(Circle(112.0, 23.0, 5.0),)),
        replace(COUNTY, level="orange"),
        Area("冷坑镇", geocodes=(("adcode", "441224110000"),)),
        Area("外地", geocodes=(("adcode", "440100"),)),
        Area("广东", geocodes=(("adcode", "440000"),)),
        Area("外国", geocodes=(("SAME", "441224"),)),
        Area("没有编码"),
    ],
)
def test_only_a_chinese_county_or_city_without_a_level_of_its_own_is_read(area: Area) -> None:
    given = info(TEXT, area)
    assert towns().by_town([given]).infos == (given,)


def test_a_text_in_another_language_is_not_read() -> None:
    given = info(TEXT, language="en-US")
    assert towns().by_town([given]).infos == (given,)


def test_each_area_has_its_level_and_the_sentence_as_it_was_written() -> None:
    wide = TEXT.replace("，", " ，\u3000").replace("26", "\uff12\uff16")
    made = towns().by_town([info(f"有霜冻。{wide}请注意。")])
    assert [area.level for area in made.infos[0].areas] == ["red", "orange"]
    assert {area.sentence for area in made.infos[0].areas} == {wide}
    assert made.infos[0].areas[0].desc == "冷坑镇、马宁镇"
    assert [reason.code for reason in made.reasons] == ["towns_read"]


def test_doing_it_to_its_own_result_changes_nothing() -> None:
    for text in (TEXT, "将北部乡镇寒冷橙色预警信号升级为红色。", "发布寒冷红色预警信号。"):
        once = towns().by_town([info(text)]).infos
        assert towns().by_town(once).infos == once


def test_what_can_not_be_read_is_the_county_at_the_highest_level_with_a_reason() -> None:
    made = towns().by_town([info("将我县北部寒冷橙色预警信号升级为红色，其余乡镇橙色继续生效。")])
    assert made.infos[0].areas == (replace(COUNTY, level="red"),)
    assert made.doubt is not None
    assert "北部" in made.doubt


def test_a_part_of_a_county_can_be_named_in_the_configuration() -> None:
    named = {"441224": {**GAZETTEER.aliases["441224"], "北部乡镇": ("洽水镇", "中洲镇")}}
    read = Towns(replace(GAZETTEER, aliases={**GAZETTEER.aliases, **named}), TABLE)
    made = levels(read, info("将北部乡镇寒冷橙色预警信号升级为红色，其余乡镇寒冷橙色继续生效。"))
    assert {code for code, level in made.items() if level == "red"} == {"441224106", "441224116"}


def test_towns_without_grids_are_known_and_left_out() -> None:
    layer = [Cell("441224110", "冷坑镇"), Cell("441224107", "梁村镇")]
    assert levels(towns(layer), info()) == {"441224110": "red", "441224107": "orange"}


def test_the_names_and_codes_of_the_layer_win() -> None:
    layer = [Cell("441224901", "冷坑"), Cell("441224111", "马宁乡"), Cell("441224107", "梁村镇")]
    assert levels(towns(layer), info()) == {
        "441224901": "red",
        "441224111": "red",
        "441224107": "orange",
    }


def test_a_code_that_the_layer_gives_to_another_town_tells_nobody_else() -> None:
    layer = [Cell("441224110", "梁村镇"), Cell("441224111", "马宁镇")]
    assert levels(towns(layer), info()) == {"441224111": "red", "441224110": "orange"}


def test_a_layer_with_codes_of_its_own_is_matched_by_the_county() -> None:
    given = info()
    assert towns([Cell("T7", "冷坑镇")]).by_town([given]).infos == (given,)


def test_only_the_sentences_of_the_own_hazard_count() -> None:
    text = "发布冷坑镇道路结冰黄色预警信号，将马宁镇寒冷橙色预警信号升级为红色。"
    made = towns().by_town([info(text), info(text, hazard="road_icing", level="yellow")])
    found = {(area.desc, level) for area, level in made.areas()}
    assert found == {("马宁镇", "red"), ("冷坑镇", "yellow")}


def test_towns_that_a_text_leaves_out_are_told_apart() -> None:
    made = towns().by_town([info("将冷坑镇寒冷橙色预警信号升级为红色。")])
    assert made.was == "orange"
    assert len(made.silent) == 17
    assert "441224110" not in made.silent


def test_a_lift_of_some_towns_is_a_partial_end() -> None:
    lift = "解除冷坑镇寒冷红色预警信号，其余乡镇寒冷橙色预警信号继续生效。"
    made = towns().by_town([info(lift)])
    assert made.lifted == {"441224110"}
    assert made.is_partial_end
    assert not towns().by_town([info("解除寒冷红色预警信号。")]).is_partial_end


def test_a_city_names_its_counties() -> None:
    city = Area("肇庆", geocodes=(("adcode", "441200"),))
    text = (
        "肇庆市气象台将怀集县、广宁县寒冷橙色预警信号升级为红色，"
        "其余县（市、区）寒冷橙色预警信号继续生效。"
    )
    made = levels(towns(), info(text, city))
    assert {code[:6] for code, level in made.items() if level == "red"} == {"441223", "441224"}
    assert len(made) == 99
    town = levels(towns(), info("将高要区回龙镇寒冷橙色预警信号升级为红色。", city))
    assert town == {"441204111": "red"}


def test_every_mistake_of_the_list_is_named_at_once() -> None:
    with pytest.raises(TownsError) as caught:
        Gazetteer.from_mapping(
            {
                "regions": {},
                "counties": {
                    "4412": {"name": "肇庆"},
                    "441224": {"towns": {}},
                    "441225": {"name": "封开县", "towns": {}, "aliases": {"旧镇": ["新镇"]}},
                },
            }
        )
    for word in ("regions", "counties.4412", "counties.441224", "新镇"):
        assert word in str(caught.value)


def test_a_level_that_goes_on_unwritten_is_the_highest_until_the_warnings_before_tell() -> None:
    text = "将冷坑镇寒冷橙色预警信号升级为红色，马宁镇寒冷预警信号继续生效。"
    made = towns().by_town([info(text)])
    assert made.kept == {"441224111": None}
    assert made.had == {"441224110": "orange"}
    assert "没有写明等级" in (made.doubt or "")
    assert [area.level for area in made.infos[0].areas] == ["red"]
    assert made.written().doubt is None


def test_the_warnings_before_settle_no_other_doubt() -> None:
    text = "将冷坑镇寒冷预警信号升级。马宁镇寒冷预警信号继续生效。"
    made = towns().by_town([info(text)])
    assert made.kept == {"441224111": None}
    assert made.written().doubt


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("全县寒冷橙色预警信号生效，全县寒冷预警信号继续生效。", {}),
        ("全县寒冷橙色预警信号生效，冷坑镇寒冷预警信号继续生效。", {"441224110": "orange"}),
        ("冷坑镇寒冷预警信号继续生效，现将冷坑镇寒冷橙色预警信号升级为红色。", {}),
        (
            "冷坑镇寒冷预警信号继续生效，现将全县寒冷黄色预警信号升级为橙色。",
            {"441224110": "orange"},
        ),
        ("冷坑镇寒冷预警信号继续生效，马宁镇寒冷红色预警信号降级为橙色。", {"441224110": None}),
        ("冷坑镇、马宁镇寒冷预警信号维持不变。", {"441224110": None, "441224111": None}),
    ],
)
def test_what_the_text_writes_of_the_same_towns_holds_at_least(
    text: str, kept: dict[str, str | None]
) -> None:
    assert towns().by_town([info(text)]).kept == kept
