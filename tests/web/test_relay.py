"""转告: an officer writes down how many households were told; sums per town, and who said it."""

import pytest
from bs4 import BeautifulSoup

from tests.stories.town import (
    EAST_LEADER,
    EAST_SECRETARY,
    HEAD,
    SOUTH_LEADER,
    TOWN_LEADER,
    WEST_LEADER,
    Town,
)
from tests.web.site import Site, Visitor

RELAY = "/broadcasts/1/relay"


def fields(visitor: Visitor, person: int) -> list[str]:
    """Return which respondents the form asks about."""
    page = visitor.page(RELAY, person_id=str(person))
    return [one["name"].removeprefix("told-") for one in page.select("input[name^=told-]")]


def say(
    visitor: Visitor,
    town: Town,
    phone: str,
    told: str,
    not_told: str,
    growers: str = "",
    **form: str,
) -> int:
    """Write down the same counts for each grid of the owner of `phone`; return the status."""
    person = town._person(phone)
    typed = {}
    for one in fields(visitor, person):
        typed |= {f"told-{one}": told, f"not_told-{one}": not_told, f"growers-{one}": growers}
    return visitor.send(RELAY, person_id=person, **typed, **form, sure="yes").status_code


def sums(page: BeautifulSoup) -> str:
    return page.get_text(" ", strip=True)


def test_counts_are_written_down_with_the_spoken_answer(site: Site, town: Town) -> None:
    town.warn()
    officer = site.user("officer")
    assert say(officer, town, EAST_LEADER, "120", "30", "8", outcome="1") == 302
    assert town.states()["东村"] == "answered"
    assert town.answers() == [(EAST_LEADER, "spoken", "1")]
    page = sums(officer.page("/broadcasts/1"))
    assert "120 已通知户" in page
    assert "30 未通知户" in page
    assert "8 已通知种植户" in page
    assert "1 / 3 已报网格" in page


def test_counts_alone_answer_for_nothing(site: Site, town: Town) -> None:
    town.warn()
    assert say(site.user("officer"), town, EAST_LEADER, "120", "30") == 302
    assert town.states()["东村"] == "open"
    assert town.answers() == []


def test_counts_come_afterwards_too(site: Site, town: Town) -> None:
    town.warn()
    town.write_down(EAST_LEADER)
    officer = site.user("officer")
    link = officer.page("/broadcasts/1/people", state="acknowledged").find("a", string="登记户数")
    assert link["href"] == f"{RELAY}?person_id={town._person(EAST_LEADER)}"
    assert say(officer, town, EAST_LEADER, "120", "30") == 302
    assert "120 已通知户" in sums(officer.page("/broadcasts/1"))


def test_the_newest_of_a_grid_holds_and_all_are_kept(site: Site, town: Town) -> None:
    town.warn()
    officer = site.user("officer")
    say(officer, town, EAST_LEADER, "20", "130")
    say(officer, town, EAST_SECRETARY, "150", "0", "12")
    page = officer.page(RELAY)
    assert "150 已通知户" in sums(page)
    assert "12 已通知种植户" in sums(page)
    rows = page.select("section:last-of-type tbody tr")
    assert [row.select_one("td.n").text for row in rows] == ["150", "20"]
    assert ["past" in row.get("class", []) for row in rows] == [False, True]
    assert "“邻里先锋”第一书记" in rows[0].text
    assert "officer" in rows[0].text


def test_the_same_counts_twice_are_one_row(site: Site, town: Town) -> None:
    town.warn()
    officer = site.user("officer")
    for _ in range(2):
        say(officer, town, EAST_LEADER, "120", "30")
    assert len(officer.page(RELAY).select("section:last-of-type tbody tr")) == 1
    assert [row["detail"]["grids"] for row in site.recorded("relay")] == [1]


def test_towns_are_summed_apart(site: Site, town: Town) -> None:
    town.warn()
    officer = site.user("officer")
    for phone, told in ((WEST_LEADER, "100"), (EAST_LEADER, "20"), (SOUTH_LEADER, "3")):
        say(officer, town, phone, told, "1")
    report = officer.get("/api/broadcasts/1").json
    assert report["relay"] == {
        "grids": 3,
        "grids_said": 3,
        "households_told": 123,
        "households_not_told": 3,
        "growers_told": 0,
    }
    assert [(one["name"], one["households_told"]) for one in report["relay_towns"]] == [
        ("冷坑镇", 120),
        ("马宁镇", 3),
    ]
    rows = officer.page(RELAY, town="441224102").select("section:last-of-type tbody tr")
    assert [row.td.text.strip() for row in rows] == ["马宁镇南村"]


@pytest.mark.parametrize(
    ("told", "not_told", "why"),
    [
        ("-1", "3", "请只填写整数"),
        ("12", "", "都要填写"),
        ("0", "0", "不能都是 0"),
        ("5000", "1", "户数超出合理范围"),
    ],
)
def test_numbers_that_can_not_be_are_refused_and_stay_in_the_form(
    site: Site, town: Town, told: str, not_told: str, why: str
) -> None:
    town.warn()
    officer = site.user("officer")
    person = town._person(EAST_LEADER)
    (one,) = fields(officer, person)
    typed = {f"told-{one}": told, f"not_told-{one}": not_told}
    answer = officer.send(RELAY, person_id=person, outcome="1", **typed)
    assert answer.status_code == 400
    page = BeautifulSoup(answer.text, "html.parser")
    assert why in page.text
    assert page.find("input", {"name": f"told-{one}"})["value"] == told
    assert town.answers() == []
    assert "还没有人报转告户数" in officer.get(RELAY).text


def test_the_limit_is_configuration(town: Town) -> None:
    town.configure(relay={"most_households": 100})
    site = Site(town)
    town.warn()
    assert say(site.user("officer"), town, EAST_LEADER, "90", "11") == 400
    assert say(site.user("officer"), town, EAST_LEADER, "90", "10") == 302


def test_whoever_is_only_told_may_speak_of_the_grids_of_his_place(site: Site, town: Town) -> None:
    town.warn(level="red")
    officer = site.user("officer")
    assert len(fields(officer, town._person(TOWN_LEADER))) == 2
    assert len(fields(officer, town._person(HEAD))) == 3


def test_nothing_typed_writes_nothing(site: Site, town: Town) -> None:
    town.warn()
    officer = site.user("officer")
    assert say(officer, town, EAST_LEADER, "", "") == 302
    assert "没有填写户数" in officer.get(RELAY).text


def test_an_officer_of_another_county_neither_sees_nor_writes(site: Site, town: Town) -> None:
    town.warn()
    site.add_user("li", "officer", "441225")
    stranger, person = site.user("li"), town._person(EAST_LEADER)
    assert stranger.get(RELAY).status_code == 404
    assert stranger.send(RELAY, person_id=person).status_code == 404


def test_a_viewer_sees_the_sums_and_no_form(site: Site, town: Town) -> None:
    town.warn()
    say(site.user("officer"), town, EAST_LEADER, "120", "30")
    page = site.user("viewer").page(RELAY, person_id=str(town._person(EAST_LEADER)))
    assert "120" in page.text
    assert page.find("form", action=RELAY) is None


def test_counts_for_somebody_elses_grid_are_not_taken(site: Site, town: Town) -> None:
    town.warn()
    officer = site.user("officer")
    (west,) = fields(officer, town._person(WEST_LEADER))
    typed = {f"told-{west}": "1", f"not_told-{west}": "1"}
    officer.send(RELAY, person_id=town._person(EAST_LEADER), **typed)
    assert "还没有人报转告户数" in officer.get(RELAY).text
