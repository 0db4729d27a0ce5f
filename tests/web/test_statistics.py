"""叫应统计 on the page and as JSON; drills and live are told apart."""

import pytest

from tests.stories.town import EAST, EAST_LEADER, IN_EAST, Town
from tests.web.site import Site


def test_figures_and_plots_say_the_same(site: Site, town: Town) -> None:
    town.warn(IN_EAST, "red")
    town.press_1(EAST_LEADER)
    viewer = site.user("viewer")
    page = viewer.page("/statistics")
    assert "1 次下发 · 1 个网格" in page.text
    assert page.select_one("[aria-labelledby=all] svg.share-bar")["aria-label"].startswith(
        "5 分钟内 1；15 分钟内 0"
    )
    assert "100%" in page.select_one("[aria-labelledby=county]").text
    facts = viewer.get("/statistics.json").json
    assert facts["grids"]["answered_5"] == 1
    assert facts["by_county"][0]["name"] == "怀集县"


def test_a_drill_says_so_and_is_counted_alone(site: Site, town: Town) -> None:
    town.add_drill_channels()
    town.notice("演练通知", EAST, mode="drill")
    viewer = site.user("viewer")
    assert "这段时间没有这样的下发" in viewer.get("/statistics").text
    drill = viewer.page("/statistics", mode="drill")
    assert drill.select_one(".world-drill") is not None
    assert "[演练]" in drill.title.text
    assert viewer.get("/statistics.json", mode="drill").json["grids"]["total"] == 1


@pytest.mark.parametrize(
    "query",
    [
        {"since": "2026-12-27", "until": "2026-12-20"},  # the wrong way round
        {"since": "rubbish"},
        {"until": "99999-99-99"},
        {"mode": "king"},
    ],
)
def test_odd_questions_are_answered(site: Site, query: dict[str, str]) -> None:
    assert site.user("viewer").get("/statistics", **query).status_code == 200


def test_an_older_time_is_empty(site: Site, town: Town) -> None:
    town.warn(IN_EAST, "red")
    facts = site.user("viewer").get("/statistics.json", since="2020-01-01", until="2020-12-31").json
    assert facts["broadcasts"] == 0
