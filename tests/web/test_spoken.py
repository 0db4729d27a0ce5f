"""口头应答 is asked once, by name and place; what is clicked twice or late does nothing more."""

import re
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag

from tests.stories.town import ALL, EAST_LEADER, WEST_LEADER, Town, phones
from tests.web.site import Site, Visitor

ANSWER = "/broadcasts/1/answer"


def asked(user: Visitor, path: str = ANSWER, **form: Any) -> Tag:
    """Send a form; return the card that asks whether it is meant."""
    answer = user.send(path, **form)
    assert answer.status_code == 200
    found = BeautifulSoup(answer.text, "html.parser").select_one("section.card:has(#sure)")
    assert found is not None
    return found


def fields(card: Tag) -> dict[str, str]:
    """Return what the form of that card sends."""
    hidden = {str(one["name"]): str(one["value"]) for one in card.select("input[type=hidden]")}
    return {name: one for name, one in hidden.items() if name != "csrf_token"} | {"sure": "yes"}


def said(user: Visitor, path: str = "/") -> str:
    """Return what the next page says of what was just done."""
    return re.sub(r"\s+", " ", user.page(path).select_one("[role=status]").text)


@pytest.mark.parametrize(
    ("outcome", "question"), [("1", "已知悉？"), ("2", "需要支援？")], ids=["understood", "help"]
)
def test_it_is_asked_by_name_and_place(site: Site, town: Town, outcome: str, question: str) -> None:
    town.warn()
    user = site.user("officer")
    form = {"person_id": town._person(EAST_LEADER), "outcome": outcome, "note": "回了座机"}
    card = asked(user, **form, back="people", state="silent")
    assert card.h1.text == f"某*（冷坑镇东村）{question}"
    assert "+86 138****0021" in card.text
    assert "回了座机" in card.text
    assert card.select_one("a.button")["href"] == "/broadcasts/1/people?state=silent"
    town.tick()
    assert town.answers() == []
    assert town.help_requests() == []
    assert site.recorded("answer") == []


def test_what_was_meant_names_the_person_and_the_place(site: Site, town: Town) -> None:
    town.warn()
    user = site.user("officer")
    form = {"person_id": town._person(EAST_LEADER), "outcome": "1", "back": "people"}
    answer = user.send(ANSWER, **fields(asked(user, **form)))
    assert answer.location == "/broadcasts/1/people"
    assert said(user) == "已登记：某*（冷坑镇东村）已知悉。"
    assert town.answers() == [(EAST_LEADER, "spoken", "1")]
    assert town.states()["西村"] == "open"


def test_the_same_form_sent_twice_is_one_answer(site: Site, town: Town) -> None:
    town.warn()
    user = site.user("officer")
    form = fields(asked(user, person_id=town._person(EAST_LEADER), outcome="1"))
    user.send(ANSWER, **form)
    said(user)
    user.send(ANSWER, **form)
    assert "某*（冷坑镇东村）：此前已有“已知悉”的应答（按键、短信或登记），没有重复登记" in said(
        user
    )
    assert town.answers() == [(EAST_LEADER, "spoken", "1")]
    assert len(site.recorded("answer")) == 1


def test_a_form_sent_again_later_rings_nobody(site: Site, town: Town) -> None:
    town.warn(over=ALL, level="red")
    user = site.user("officer")
    form = fields(asked(user, person_id=town._person(WEST_LEADER), outcome="2"))
    user.send(ANSWER, **form)
    assert said(user) == "已登记某*（冷坑镇西村）求助，正在通知值班室。"
    user.send("/help/1/close", done="已派车")
    said(user)
    town.tick()
    rung = phones(town.voice)
    user.send(ANSWER, **form)
    assert "没有重复登记" in said(user)
    town.tick()
    assert len(town.help_requests()) == 1
    assert phones(town.voice) == rung


def test_need_of_help_is_written_though_a_key_was_pressed_meanwhile(site: Site, town: Town) -> None:
    town.warn(level="red")
    user = site.user("officer")
    form = fields(asked(user, person_id=town._person(WEST_LEADER), outcome="2"))
    town.press("1", WEST_LEADER)
    user.send(ANSWER, **form)
    assert len(town.help_requests()) == 1


def test_one_call_in_vain_is_counted_once(town: Town) -> None:
    town.channels = []
    site = Site(town)
    town.warn()
    user = site.user("officer")
    card = asked(user, person_id=town._person(WEST_LEADER), outcome="busy", back="manual")
    assert card.h1.text == "某*（冷坑镇西村）没有叫通？ (忙线)"
    assert card.select_one("a.button")["href"] == "/manual"
    user.send(ANSWER, **fields(card))
    assert said(user) == "已登记：某*（冷坑镇西村）没有叫通，排到后面。"
    user.send(ANSWER, **fields(card))
    assert "没有重复登记" in said(user)
    assert len(site.recorded("dialled")) == 1
    assert "已拨 1 次" in user.get("/manual").text


def test_an_answer_with_households_is_asked_too(site: Site, town: Town) -> None:
    town.warn()
    user, person = site.user("officer"), town._person(WEST_LEADER)
    page = user.page("/broadcasts/1/relay", person_id=str(person))
    told = str(page.select_one("input[name^=told-]")["name"])
    counts = {told: "12", f"not_{told}": "3"}
    path = "/broadcasts/1/relay"
    card = asked(user, path, person_id=person, outcome="2", **counts)
    assert "某*（冷坑镇西村）需要支援？" in card.text
    assert town.help_requests() == []
    assert site.recorded("relay") == []
    user.send(path, **fields(card))
    assert "12 / 3" in user.page(path, person_id=str(person)).text
    assert len(town.help_requests()) == 1


def test_a_drill_says_so_where_it_is_asked(site: Site, town: Town) -> None:
    town.warn(level="red")
    user = site.user("officer")
    answer = user.send(ANSWER, person_id=town._person(WEST_LEADER), outcome="1")
    page = BeautifulSoup(answer.text, "html.parser")
    assert page.select_one(".world-live") is not None
    assert "寒冷" in page.select_one("section.card").text
