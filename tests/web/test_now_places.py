"""当前: what is in force where, chip by chip, and when running broadcasts will have left."""

import re
from datetime import timedelta

from tests.stories.published import Warned, cap, info
from tests.stories.town import ALL, IN_EAST, IN_SOUTH, NEXT_TOWN, Town
from tests.web.site import Site, Visitor


def places(user: Visitor) -> str:
    found = user.page("/").find(id="places")
    return "" if found is None else re.sub(r"\s+", " ", found.text).strip()


def test_a_county_at_one_level_is_one_chip(site: Site, town: Town) -> None:
    user = site.user("viewer")
    assert places(user) == ""
    town.warn(over=ALL, level="orange")
    assert places(user) == "怀集县全县（市、区） 寒冷橙色"
    chip = user.page("/").select_one("#places a.chip")
    assert chip is not None
    assert chip["class"] == ["chip", "level-orange"]
    assert chip["href"] == "/alerts/1"


def test_towns_at_other_levels_have_their_own(site: Site, town: Town) -> None:
    user = site.user("viewer")
    town.warn(over=[(IN_EAST, "red"), (IN_SOUTH, "yellow")])
    assert places(user) == "怀集县冷坑镇 寒冷红色马宁镇 寒冷黄色"


def test_of_two_warnings_of_one_hazard_the_higher_is_shown(site: Site, town: Town) -> None:
    user = site.user("viewer")
    town.warn(over=IN_EAST, level="orange")
    town.warn(over=IN_EAST, level="blue")
    town.warn(over=IN_EAST, level="yellow", event="道路结冰")
    assert places(user) == "怀集县冷坑镇 寒冷橙色 道路结冰黄色"


def test_what_is_lifted_is_gone(site: Site, town: Town) -> None:
    warned = town.warn(over=IN_EAST, level="orange")
    town.lift(warned)
    assert places(site.user("viewer")) == ""


def test_only_the_own_area(site: Site, town: Town) -> None:
    site.add_user("mining", "viewer", NEXT_TOWN)
    town.warn(over=[(IN_EAST, "red"), (IN_SOUTH, "yellow")])
    assert places(site.user("mining")) == "怀集县全县（市、区） 寒冷黄色"


def test_what_waits_to_leave_has_an_estimated_end(site: Site, town: Town) -> None:
    user = site.user("viewer")
    town.warn_asleep(ALL, "orange")
    assert "估算 17:20:" in user.page("/").find("h2", id="running").parent.text
    town.send_all()
    text = user.page("/").find("h2", id="running").parent.text
    assert "估算" not in text
    assert "等应答" in text


def test_an_assumed_end_and_a_beginning_that_lies_ahead_are_said(site: Site, town: Town) -> None:
    words = info(town.now, IN_EAST, "orange")
    start, end = words.index("<expires>"), words.index("<headline>")
    onset = f"<onset>{(town.now + timedelta(hours=14)).isoformat()}</onset>"
    town.publish(cap(Warned("ahead", town.now), words[:start] + onset + words[end:]))
    user = site.user("viewer")
    for path in ("/", "/alerts/1", "/broadcasts/1"):
        said = re.sub(r"\s+", " ", user.page(path).text)
        assert "（发布单位未写明，为推定） · 预计" in said
