"""令牌: an administrator gives another system a token, sees it once, and takes it back."""

import pytest

from tests.stories.town import COUNTY, TOWN, Town
from tests.web.site import Site
from tests.web.v1.caller import Caller, token


def shown(text: str) -> str:
    return text.partition('id="secret"')[2].partition(">")[2].partition("<")[0]


def test_a_token_is_shown_once_and_opens_what_its_role_may(site: Site, town: Town) -> None:
    admin = site.user("admin")
    answer = admin.send("/tokens", name="应急平台", role="officer", area=TOWN, days=30)
    secret = shown(answer.text)
    assert secret.startswith("alertcast_")
    assert "no-store" in answer.headers["Cache-Control"]
    assert secret not in admin.get("/tokens").text
    assert secret not in str(site.rows())
    system = Caller(site.app.test_client(), secret)
    notice = {"mode": "live", "text": "今晚降温", "places": [TOWN]}
    assert system.post("/broadcasts", notice).json["created_by"] == "token:应急平台"
    (row,) = site.recorded("add_token")
    assert (row["user"], row["subject"]) == ("admin", "token:应急平台")
    assert row["detail"] == {"role": "officer", "area": TOWN, "days": 30}


def test_a_token_taken_back_opens_nothing(site: Site) -> None:
    secret = token(site, "应急平台", "viewer")
    admin = site.user("admin")
    for _ in range(2):
        assert admin.send("/tokens/1/revoke").status_code == 302
    assert Caller(site.app.test_client(), secret).get("/alerts").status_code == 401
    assert "已收回" in admin.get("/tokens").text
    assert [row["subject"] for row in site.recorded("revoke_token")] == ["token:应急平台"]
    assert admin.send("/tokens/9/revoke").status_code == 404


@pytest.mark.parametrize(
    "change",
    [
        {"name": " "},
        {"name": "x" * 65},
        {"role": "king"},
        {"days": "7"},
        {"days": "x"},
        {"area": "999"},
        {"name": "应急平台"},
    ],
    ids=str,
)
def test_what_can_not_be_given(site: Site, change: dict[str, str]) -> None:
    token(site, "应急平台", "viewer")
    form = {"name": "省平台", "role": "viewer", "area": "", "days": "30"} | change
    answer = site.user("admin").send("/tokens", **form)
    assert answer.status_code == 400
    assert shown(answer.text) == ""
    assert len(site.rows()["api_token"]) == 1


def test_an_administrator_of_a_county_sees_and_gives_those_of_the_county(site: Site) -> None:
    token(site, "省平台", "viewer")
    token(site, "镇平台", "viewer", TOWN)
    site.add_user("near", "admin", COUNTY)
    admin = site.user("near")
    text = admin.get("/tokens").text
    assert "镇平台" in text
    assert "省平台" not in text
    form = {"name": "新", "role": "viewer", "days": "30"}
    assert admin.send("/tokens", **form, area="").status_code == 403
    assert admin.send("/tokens", **form, area=TOWN).status_code == 200
    assert admin.send("/tokens/1/revoke").status_code == 403
