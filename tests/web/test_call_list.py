"""The offline call list on the page: fetched by who may, with their name on it, recorded."""

import io

import pytest
from pypdf import PdfReader

from alertcast.core.phone import dialled
from alertcast.dispatch import call_list
from tests.stories.town import COUNTY, EAST_LEADER, IN_EAST, Town
from tests.web.site import Site


@pytest.fixture
def site(town: Town) -> Site:
    town.configure(call_list={"folder": str(town.folder / "lists")})
    town.warn(over=IN_EAST)
    call_list.write_due(town.world, town.now)
    return Site(town)


def test_an_officer_fetches_it_and_is_recorded(site: Site, town: Town) -> None:
    user = site.user("officer")
    assert user.page("/broadcasts/1").find(id="call-list").find("strong").text == "怀集县"
    answer = user.send("/broadcasts/1/call-list", county=COUNTY, form="pdf")
    assert answer.mimetype == "application/pdf"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert "no-store" in answer.headers["Cache-Control"]
    text = PdfReader(io.BytesIO(answer.data)).pages[0].extract_text()
    assert dialled(EAST_LEADER) in text
    assert "取用：officer" in text
    sheet = user.send("/broadcasts/1/call-list", county=COUNTY, form="csv")
    assert dialled(EAST_LEADER) in sheet.data.decode("utf-8-sig")
    rows = site.recorded("call_list")
    assert [(row["user"], row["subject"]) for row in rows] == [("officer", "broadcast:1")] * 2
    assert {row["detail"]["form"] for row in rows} == {"pdf", "csv"}


@pytest.mark.parametrize("role", ["viewer", "auditor"])
def test_who_may_not_see_numbers_may_not_fetch_it(site: Site, role: str) -> None:
    user = site.user(role)
    assert user.page("/broadcasts/1").find(id="call-list") is None
    assert user.send("/broadcasts/1/call-list", county=COUNTY, form="csv").status_code == 403
    assert site.recorded("call_list") == []


def test_an_officer_of_one_town_does_not_get_the_county(site: Site) -> None:
    site.add_user("li", "officer", "441224101")
    user = site.user("li")
    assert user.page("/broadcasts/1").find(id="call-list") is None
    assert user.send("/broadcasts/1/call-list", county=COUNTY, form="csv").status_code == 403
    assert user.send("/broadcasts/1/call-list", county="all", form="csv").status_code == 403


def test_what_is_not_there(site: Site, town: Town) -> None:
    user = site.user("officer")
    assert user.send("/broadcasts/9/call-list", county=COUNTY, form="csv").status_code == 404
    assert user.send("/broadcasts/1/call-list", county=COUNTY, form="doc").status_code == 400
    for path in call_list.folder_of(town.world).iterdir():
        path.unlink()
    answer = user.send("/broadcasts/1/call-list", county=COUNTY, form="csv")
    assert answer.status_code == 302
    assert "没有这份离线名单" in user.get("/broadcasts/1").text
    assert site.recorded("call_list") == []
