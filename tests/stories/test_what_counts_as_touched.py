"""When a grid counts as touched, what is only grazed, and warnings that touch nothing or all."""

import pytest
from shapely import box

from alertcast.core.touch import Touch
from tests.stories.published import Warned, cap, info
from tests.stories.test_explain import why
from tests.stories.town import (
    ALL,
    COUNTY,
    COUNTY_DESK,
    EAST_LEADER,
    IN_EAST,
    NOWHERE,
    WEST_LEADER,
    Town,
    phones,
)

GRAZING = box(0.2, 0.2, 1.001, 0.8)  # most of the west, and a thousandth of the east
SOME = box(0.2, 0.2, 1.05, 0.8)  # and three per cent of the east


def beside(town: Town, shape, code: str):
    """Publish an orange warning of a shape, and of a code beside it."""
    geocode = f"<geocode><valueName>adcode</valueName><value>{code}</value></geocode></area>"
    document = info(town.now, shape, "orange").replace("</area>", geocode)
    warned = Warned("44122441600000_20261226172060", town.now)
    town.publish(cap(warned, document))
    return warned


def test_what_is_only_grazed_is_not_told_and_is_named(town: Town) -> None:
    warned = town.warn(over=GRAZING)
    assert EAST_LEADER not in phones(town.sms)
    assert "另有 1 个网格只擦到边，不计入：东村 0.1%" in town.decision(warned.identifier)[1]
    (grazed,) = why(town, warned)["near_misses"]
    assert (grazed["name"], grazed["share"]) == ("东村", pytest.approx(0.0006))


def test_a_policy_may_ask_for_more_of_a_grid_than_others(town: Town) -> None:
    town.change_policy("orange", touch=Touch(0.1))
    town.warn(over=SOME)
    assert set(phones(town.sms)) & {EAST_LEADER, WEST_LEADER} == {WEST_LEADER}
    town.warn(over=SOME, level="red")
    assert EAST_LEADER in phones(town.sms), "red has the rule of alertcast.toml"


def test_so_many_square_metres_are_enough_of_a_large_grid(town: Town) -> None:
    town.change_policy("orange", touch=Touch(0.1, 100e6))
    town.warn(over=SOME)
    assert EAST_LEADER in phones(town.sms)
    assert town.counted_by() == {"西村": "share", "东村": "area"}


def test_a_small_cloud_in_a_large_grid_is_told_and_said_to_be_one(town: Town) -> None:
    town.warn(over=box(0.5, 0.5, 0.51, 0.51))
    assert WEST_LEADER in phones(town.sms)
    assert town.counted_by() == {"西村": "part"}


def test_what_touches_nothing_says_how_far_the_nearest_grid_is(town: Town) -> None:
    warned = town.warn(over=box(2.5, 0, 3, 1))
    decision, said = town.decision(warned.identifier)
    assert decision == "no_grid"
    assert "最近的网格在 56 公里外" in said


def test_a_shape_beside_the_grids_that_its_own_code_names_waits_for_an_officer(town: Town) -> None:
    warned = beside(town, NOWHERE, COUNTY)
    decision, said = town.decision(warned.identifier)
    assert decision == "held"
    assert "编码却指的是本地" in said
    assert phones(town.sms) == []


def test_the_code_of_a_province_contradicts_no_shape(town: Town) -> None:
    warned = beside(town, NOWHERE, "44")
    assert town.decision(warned.identifier)[0] == "no_grid"


def test_what_touches_every_grid_says_so_and_is_told(town: Town) -> None:
    warned = town.warn(over=ALL)
    assert "触及全部 3 个网格" in town.decision(warned.identifier)[1]
    assert EAST_LEADER in phones(town.sms)


def test_a_shape_over_everything_is_in_doubt_where_the_policy_says_so(town: Town) -> None:
    town.change_confirm(whole_layer=True)
    warned = town.warn(over=ALL)
    decision, said = town.decision(warned.identifier)
    assert decision == "approval"
    assert "覆盖了全部 3 个网格" in said
    assert EAST_LEADER not in phones(town.sms)
    assert COUNTY_DESK in phones(town.voice)
    town.warn(over=IN_EAST)
    assert EAST_LEADER in phones(town.sms), "what is not over everything is told at once"


def test_a_county_named_by_its_code_is_in_no_doubt(town: Town) -> None:
    town.change_confirm(whole_layer=True)
    shapeless = info(town.now, ALL, "orange")
    begin, end = shapeless.index("<polygon>"), shapeless.index("</area>")
    geocode = f"<geocode><valueName>adcode</valueName><value>{COUNTY}</value></geocode>"
    warned = Warned("44122441600000_20261226172061", town.now)
    town.publish(cap(warned, shapeless[:begin] + geocode + shapeless[end:]))
    assert town.decision(warned.identifier)[0] == "broadcast"
