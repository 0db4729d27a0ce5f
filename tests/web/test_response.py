"""应急响应 on the pages: written down and ended by whoever may; never in a colour of a signal."""

from alertcast.store import responses
from tests.stories.town import COUNTY, TOWN, Town
from tests.web.site import Site

DECIDED = {
    "kind": "freeze",
    "level": "IV",
    "area": COUNTY,
    "office": "怀集县三防指挥部",
    "document": "怀三防2026-3号",
    "at": "2026-12-26T17:00",
}


def test_it_is_written_down_and_shown_apart_from_the_signals(site: Site, town: Town) -> None:
    town.warn(level="red")
    user = site.user("officer")
    assert user.send("/response", **DECIDED).location == "/response"
    for path in ("/", "/response"):
        chip = user.page(path).select_one(".chip.response")
        assert chip is not None, path
        assert chip.text == "防冻应急响应 Ⅳ级"
        assert not any(name.startswith("level-") for name in chip["class"])
    page = user.page("/")
    text = page.find("h2", id="responses").parent.text
    for said in ("怀集县三防指挥部", "怀三防2026-3号", "12-26 17:00", "怀集县"):
        assert said in text
    assert page.select("#responses ~ * .level-red") == []


def test_the_form_sent_twice_is_one_response(site: Site, town: Town) -> None:
    user = site.user("officer")
    for _ in range(2):
        user.send("/response", **DECIDED)
    assert "没有重复登记" in user.get("/response").text
    assert len(site.recorded("start_response")) == 1
    end = {**DECIDED, "document": "怀三防2026-5号", "at": "2026-12-26T17:20"}
    for _ in range(2):
        user.send("/response/1/end", **end)
    assert "此前已经终止" in user.get("/response").text
    assert len(site.recorded("end_response")) == 1
    page = user.page("/response")
    assert "怀三防2026-5号" in page.find("h2", id="ended").parent.text
    assert "目前没有应急响应" in user.page("/").text


def test_what_is_missing_is_said_and_what_was_typed_stays(site: Site) -> None:
    user = site.user("officer")
    for wrong, said in (
        ({"document": ""}, "请写明决定单位和文件"),
        ({"kind": ""}, "请选择响应种类和级别"),
        ({"at": ""}, "请填写时间"),
        ({"at": "2026-12-26T23:00"}, "时间还没有到"),
    ):
        answer = user.send("/response", **{**DECIDED, **wrong})
        assert answer.status_code == 400
        assert said in answer.text
        assert 'value="怀集县三防指挥部"' in answer.text
    assert site.recorded("start_response") == []


def test_nobody_writes_of_places_beyond_the_own_area(site: Site, town: Town) -> None:
    site.add_user("town", "officer", TOWN)
    user = site.user("town")
    assert user.send("/response", **DECIDED).status_code == 403
    assert user.send("/response", **{**DECIDED, "area": ""}).status_code == 403
    assert user.send("/response", **{**DECIDED, "area": TOWN}).status_code == 302
    site.user("officer").send("/response", **DECIDED)
    assert user.send("/response/2/end", **DECIDED).status_code == 403
    shown = user.page("/response")
    assert len(shown.select("article")) == 2  # what holds around the town is shown in it
    assert len(shown.select("article form")) == 1
    with town.db.read() as tx:
        assert len(responses.in_force(tx)) == 2
