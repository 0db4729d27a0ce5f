"""名册: what the roster lacks is a red item on the first page, and a list behind it."""

import pytest

from alertcast.core.roster import Person, Post
from alertcast.dispatch import roster_check
from tests.stories.town import EAST, EAST_LEADER, NEXT_TOWN, SOUTH, WEST, Town, phones
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


def test_a_round_of_numbers_is_asked_once_and_begins(site: Site, town: Town) -> None:
    user = site.user("officer")
    asked = user.send("/roster/confirm", kind="sms")
    assert (asked.status_code, "现在核对号码吗" in asked.text) == (200, True)
    refused = user.send("/roster/confirm", kind="sms", sure="yes")
    assert refused.status_code == 302
    assert "没有演练用的 sms 渠道" in user.get("/roster?gap=unconfirmed").text
    sms, _ = town.add_drill_channels()
    site.restart()
    user = site.user("officer")
    page = user.page("/roster", gap="unconfirmed")
    assert {one["value"] for one in page.select("form[action='/roster/confirm'] button")} == {
        "sms",
        "voice",
    }
    assert user.send("/roster/confirm", kind="robot").status_code == 400
    begun = user.send("/roster/confirm", kind="sms", sure="yes")
    assert begun.headers["Location"].endswith(f"/broadcasts/{town.last}")
    town.tick(minutes=1)
    assert EAST_LEADER in phones(sms)
    assert all(one.text.startswith("演练") for one in sms.outbox)
    again = user.send("/roster/confirm", kind="sms", sure="yes")
    assert again.headers["Location"].endswith(f"/broadcasts/{town.last}")
    assert "今天已经核对过" in user.get("/roster").text


def test_a_round_is_not_begun_from_a_town_or_by_who_may_only_see(site: Site) -> None:
    site.add_user("mining", "officer", NEXT_TOWN)
    for name in ("mining", "viewer"):
        user = site.user(name)
        assert user.send("/roster/confirm", kind="sms", sure="yes").status_code == 403
        assert "/roster/confirm" not in user.get("/roster?gap=unconfirmed").text


def test_an_unknown_gap_is_not_found(site: Site) -> None:
    assert site.user("viewer").get("/roster?gap=nothing").status_code == 404


def test_the_people_of_the_roster_are_listed_and_narrowed(site: Site) -> None:
    user = site.user("viewer")
    everybody = user.page("/roster/people")
    assert len(everybody.select("tbody tr")) == 11
    assert "某2" not in everybody.text
    assert "+86 138****0021" in everybody.text
    for query, number in (
        ({"town": NEXT_TOWN}, 1),
        ({"role": "deputy"}, 2),
        ({"place": EAST}, 3),
        ({"q": "东村"}, 3),
        ({"q": "副书记"}, 2),
        ({"q": "马宁"}, 1),
        ({"q": "怀集"}, 2),  # the posts of the county itself
        ({"q": "138"}, 0),
        ({"q": "%"}, 0),
    ):
        rows = user.page("/roster/people", **query).select("tbody tr td:nth-of-type(4)")
        assert len(rows) == number, query


def test_grids_are_found_by_the_names_of_town_and_county_and_lead_to_their_people(
    site: Site,
) -> None:
    user = site.user("viewer")
    for words, number in (
        ("", 3),
        ("马宁", 1),
        ("怀集", 3),
        ("冷坑镇东", 1),
        (EAST, 1),
        ("nowhere", 0),
    ):
        rows = user.page("/roster/grids", q=words).select("tbody tr td:nth-of-type(5)")
        assert len(rows) == number, words
    page = user.page("/roster/grids", q="东村")
    link = page.select_one("tbody a")
    assert link is not None
    assert link.text == "3"
    assert len(user.page(str(link["href"])).select("tbody tr")) == 3


def test_from_a_town_only_its_own_are_listed(site: Site) -> None:
    site.add_user("mining", "viewer", NEXT_TOWN)
    user = site.user("mining")
    assert len(user.page("/roster/people").select("tbody tr")) == 1
    assert "东村" not in user.page("/roster/grids").text


@pytest.mark.parametrize(
    ("q", "names"),
    [
        ("电工", "甲乙"),
        ("电", "甲乙"),
        ("有船", "甲"),
        ("doctor", "丙"),
        ("octor", ""),
        ("7535", ""),  # 电 in a JSON that is all ASCII
        ("%", ""),
        (",", ""),
        ('"', ""),
    ],
)
def test_people_are_found_by_what_they_can_do(town: Town, q: str, names: str) -> None:
    able = {"甲": ("电工", "有船"), "乙": ("水电工",), "丙": ("doctor", "nurse"), "丁": ()}
    folk = [
        Person(name, f"{name}某", f"+861380000004{n}", specialities=skills)
        for n, (name, skills) in enumerate(able.items())
    ]
    town.enrol(folk, [Post(name, "deputy", EAST) for name in able])
    listed = Site(town).user("viewer").page("/roster/people", q=q)
    found = [one.text[0] for one in listed.select("tbody td:nth-of-type(1) span")]
    assert "".join(found) == names


def test_long_lists_come_in_pages(site: Site, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alertcast.web.roster.PER_PAGE", 4)
    user = site.user("viewer")
    found = [
        row.text
        for number in "123"
        for row in user.page("/roster/people", page=number).select("tbody tr")
    ]
    assert (len(found), len(set(found))) == (11, 11)
    assert "第 1 / 3 页" in user.page("/roster/people").text
