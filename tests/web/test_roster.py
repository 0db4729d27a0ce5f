"""名册: what the roster lacks is a red item on the first page, and a list behind it."""

from alertcast.dispatch import roster_check
from tests.stories.town import EAST, EAST_LEADER, SOUTH, WEST, Town
from tests.web.site import Site


def test_a_grid_without_a_leader_is_red_and_leads_to_the_list(town: Town) -> None:
    town.settle_in([(EAST_LEADER, "branch_leader", EAST), (EAST_LEADER, "deputy", WEST)])
    roster_check.check_due(town.world, town.now)
    user = Site(town).user("viewer")
    text = user.get("/").text
    assert "名册缺负责人" in text
    assert 'href="/roster?gap=no_leader"' in text
    listed = user.get("/roster?gap=no_leader").text
    assert WEST in listed
    assert SOUTH in listed
    assert EAST not in listed


def test_where_every_grid_is_led_nothing_is_red(town: Town) -> None:
    town.settle_in([(EAST_LEADER, "branch_leader", code) for code in (EAST, WEST, SOUTH)])
    roster_check.check_due(town.world, town.now)
    assert "名册缺负责人" not in Site(town).user("viewer").get("/").text


def test_nobody_is_named_in_full(site: Site, town: Town) -> None:
    user = site.user("officer")
    for gap in ("several", "shared", "unreached", "unconfirmed"):
        text = user.get(f"/roster?gap={gap}").text
        assert "某2" not in text
        assert EAST_LEADER[3:] not in text
    assert "+86 138****0021" in user.get("/roster?gap=unconfirmed").text
    assert "从未确认" in user.get("/roster?gap=unconfirmed").text


def test_an_unknown_gap_is_not_found(site: Site) -> None:
    assert site.user("viewer").get("/roster?gap=nothing").status_code == 404
