"""While it runs: somebody is called again, a rung skipped, a person added; looked at before."""

from alertcast.store.moving import newest
from tests.stories.town import (
    EAST,
    EAST_DEPUTY,
    EAST_LEADER,
    IN_EAST,
    WEST_DEPUTY,
    Town,
    phones,
)
from tests.web.site import Site

NEIGHBOUR = "+8613900000077"


def test_calling_again_is_asked_once_and_recorded(site: Site, town: Town) -> None:
    town.warn(over=IN_EAST)
    user, person = site.user("officer"), town._person(EAST_DEPUTY)
    path = f"/broadcasts/1/people/{person}/call"
    listed = user.page("/broadcasts/1/people", state="not_yet")
    assert path in {link["href"] for link in listed.select("td a.button")}
    asked = user.page(path)
    assert "冷坑镇东村" in asked.text
    assert "+86 138****0023" in asked.text
    with town.db.read() as tx:
        seen = newest(tx, 1, person)
    field = asked.select_one("input[name=seen]")
    assert field is not None
    assert field["value"] == str(seen)
    assert site.recorded("call_again") == []
    for _ in range(2):
        user.send(path, seen=seen)
    town.tick()
    assert phones(town.voice) == [EAST_DEPUTY]
    assert site.rung == 2
    (row,) = site.recorded("call_again")
    assert (row["user"], row["subject"]) == ("officer", "broadcast:1")
    assert row["detail"] == {"person": person, "how": "called"}
    assert path not in user.get("/broadcasts/1/people", state="calling").text


def test_a_form_sent_again_later_calls_nobody(site: Site, town: Town) -> None:
    town.warn(over=IN_EAST)
    user, person = site.user("officer"), town._person(EAST_LEADER)
    path = f"/broadcasts/1/people/{person}/call"
    with town.db.read() as tx:
        seen = newest(tx, 1, person)
    user.send(path, seen=seen)
    town.tick()
    town.report(town.voice, EAST_LEADER, "completed")
    assert "没有重复呼叫" in user.get(user.send(path, seen=seen).location).text
    town.tick()
    assert phones(town.voice) == [EAST_LEADER]
    assert "接通未按键" in user.get("/broadcasts/1/people", state="no_key").text


def test_nobody_is_called_again_in_what_was_stopped(site: Site, town: Town) -> None:
    town.warn(over=IN_EAST)
    user, person = site.user("officer"), town._person(EAST_LEADER)
    path = f"/broadcasts/1/people/{person}/call"
    town.stop()
    assert path not in user.get("/broadcasts/1/people").text
    assert "已经停止或结束" in user.get(user.send(path).location).text
    assert user.send("/broadcasts/1/people/99/call").status_code == 404
    town.tick()
    assert town.voice.outbox == []


def test_skipping_says_first_what_follows(site: Site, town: Town) -> None:
    town.warn(over=IN_EAST)
    user = site.user("officer")
    path = "/broadcasts/1/skip"
    grid = user.page("/broadcasts/1/grids")
    assert f"{path}?code={EAST}" in {link["href"] for link in grid.select("td a.button")}
    assert len(grid.select("td [data-until]")) == 1
    asked = user.page(path, code=EAST)
    assert "现在第 1 / 3 步" in asked.text
    assert "第 2 步" in asked.text
    answer = user.send(path, code=EAST, rung=0)
    assert "1 个网格现在进入下一步" in user.get(answer.location).text
    again = user.send(path, code=EAST, rung=0)
    assert "没有网格停在这一步" in user.get(again.location).text
    town.tick()
    assert len(town.voice.outbox) == 2
    assert [row["detail"] for row in site.recorded("skip")] == [{"step": 1, "grids": [EAST]}]


def test_a_step_that_is_the_last_says_so(site: Site, town: Town) -> None:
    town.warn(over=IN_EAST)
    user = site.user("officer")
    for rung in range(2):
        user.send("/broadcasts/1/skip", rung=rung)
        town.tick()
    assert "需要上门" in user.page("/broadcasts/1/skip").text


def test_a_stranger_is_looked_at_and_then_added(site: Site, town: Town) -> None:
    town.warn(over=IN_EAST)
    user = site.user("officer")
    path = f"/broadcasts/1/grids/{EAST}/add"
    who = {"name": " 老  陈 ", "phone": "139 0000 0077"}
    asked = user.send(path, **who)
    assert "老 陈 · 139 0000 0077" in asked.text
    assert site.recorded("add_person") == []
    for _ in range(2):
        user.send(path, **who, sure="yes")
    assert "没有重复增派" in user.get("/broadcasts/1/grids").text
    town.tick()
    assert phones(town.voice) == [NEIGHBOUR]
    assert len(site.recorded("add_person")) == 1
    people = user.page("/broadcasts/1/people", grid=EAST)
    assert "增派" in people.text
    assert "老 陈" not in people.text
    assert "139****0077" in people.text


def test_what_can_not_be_a_person_is_not_added(site: Site, town: Town) -> None:
    town.warn(over=IN_EAST)
    user = site.user("officer")
    path = f"/broadcasts/1/grids/{EAST}/add"
    for who in ({"name": "", "phone": "13900000077"}, {"name": "陈", "phone": "12"}):
        assert user.send(path, **who, sure="yes").status_code == 400
    assert user.send(path, person_id="9999", sure="yes").status_code == 400
    assert user.get("/broadcasts/1/grids/nowhere/add").status_code == 404
    assert site.recorded("add_person") == []


def test_somebody_of_the_town_is_chosen_from_the_roster(site: Site, town: Town) -> None:
    town.warn(over=IN_EAST)
    user, person = site.user("officer"), town._person(WEST_DEPUTY)
    path = f"/broadcasts/1/grids/{EAST}/add"
    listed = user.page(path)
    assert "冷坑镇西村" in listed.text
    assert "南村" not in listed.text
    assert "+86 138****0013" in user.send(path, person_id=person).text
    user.send(path, person_id=person, sure="yes")
    town.tick()
    assert phones(town.voice) == [WEST_DEPUTY]


def test_a_viewer_is_offered_nothing_of_it(site: Site, town: Town) -> None:
    town.warn(over=IN_EAST)
    viewer = site.user("viewer")
    for path in ("/broadcasts/1", "/broadcasts/1/grids", "/broadcasts/1/people"):
        text = viewer.get(path).text
        assert "下一步…" not in text
        assert "再次呼叫" not in text


def test_people_are_narrowed_and_searched(site: Site, town: Town) -> None:
    town.warn()
    user = site.user("officer")

    def found(**query: str) -> set[str]:
        rows = user.page("/broadcasts/1/people", **query).select("tbody tr")
        phones = [row.select_one("td:nth-of-type(5)") for row in rows]
        return {one.text.strip()[-4:] for one in phones if one is not None}

    assert found(role="deputy") == {"0013", "0023"}
    assert found(role="deputy", town="441224102") == set()
    assert found(town="441224102", role="branch_leader") == {"0031"}
    assert found(role="deputy", q="东村") == {"0023"}
    assert found(q="0031") == {"0031"}
    assert found(grid=EAST, role="branch_leader") == {"0021"}
    assert found(q="某21") == set()  # nobody finds out a name that is not shown
    user.send("/broadcasts/1/numbers", why="打电话叫应")
    assert found(q="某21") == {"0021"}


def test_grids_are_searched_by_name_and_code(site: Site, town: Town) -> None:
    town.warn()
    user = site.user("officer")
    for q in ("东村", EAST[-3:]):
        rows = user.page("/broadcasts/1/grids", q=q, town=EAST[:9]).select("tbody tr")
        assert ["冷坑镇东村" in row.text for row in rows] == [True]
    live = user.get("/broadcasts/1/grids/live", q="东村")
    assert "西村" not in live.text
    assert live.headers["X-As-Of"]


def test_the_page_shows_the_original_and_why_these_grids(site: Site, town: Town) -> None:
    town.warn(over=IN_EAST)
    page = site.user("viewer").page("/broadcasts/1")
    original = page.find(id="original")
    assert original is not None
    assert "怀集县气象台" in original.text
    assert "图形 1" in original.text
    steps = page.select("[data-refresh] [data-until]")
    assert [one["data-until"] for one in steps] == ["2026-12-26T17:30:00+08:00"]
