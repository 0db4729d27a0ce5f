"""Pages say things by their names: policies, places, ends, faults; and warn of a second relay."""

from alertcast.channels.base import Outcome, Request, Sent
from tests.stories.town import COUNTY, IN_EAST, NEXT_TOWN, TOWN, Town
from tests.web.site import Site


def test_a_policy_is_called_by_its_level_and_says_what_it_does(site: Site) -> None:
    page = site.user("officer").page("/start")
    said = {one["value"]: one.text for one in page.select("#policy option")}
    assert said["orange"].startswith("同橙色预警：短信，等 10 分钟 → 电话，等 10 分钟")
    assert said["desk"].startswith("内部通知：短信")


def test_an_end_bears_no_level(site: Site, town: Town) -> None:
    warned = town.warn(level="red")
    town.lift(warned)
    rows = site.user("officer").page("/start").select("#from-alert ~ .scroll tbody tr")
    assert [row.select_one(".chip").text for row in rows] == ["解除", "红色"]


def test_our_own_notice_has_no_level_that_could_be_wrong(site: Site, town: Town) -> None:
    town.notice("今晚降温", TOWN)
    officer = site.user("approver")
    faults = officer.page("/broadcasts/1/correct").select("input[name=fault]")
    assert [one["value"] for one in faults] == ["area", "mistake", "system"]
    answer = officer.send("/broadcasts/1/correct", fault="level")
    assert answer.status_code == 409
    assert "内部通知没有等级" in answer.text


def test_who_has_to_hear_a_correction_is_shown_with_post_and_place(site: Site, town: Town) -> None:
    town.warn(over=IN_EAST)
    town.sms.answers += [_refused] * 2
    town.correct()
    page = site.user("officer").page("/broadcasts/2")
    assert "党支部书记" in page.select_one("#uncorrected tbody").text
    assert "冷坑镇东村" in page.select_one("#uncorrected tbody").text


def test_a_call_list_says_what_the_channel_said_in_words(site: Site, town: Town) -> None:
    town.sms.answers.append(_refused)
    town.warn(over=IN_EAST)
    page = site.user("officer").page("/manual")
    assert "尚未拨打" in page.select_one(".next").text  # the channel refused it, nobody rang
    assert "对方已退订" in page.select_one(".next").text
    assert "refused" not in page.text


def _refused(request: Request) -> Sent:
    return Sent(request.token, Outcome.REFUSED, code="21610", reason="opted_out")


def test_a_user_of_an_area_reads_its_name(site: Site) -> None:
    for area, name in ((COUNTY, "怀集县"), (TOWN, "冷坑镇")):
        site.add_user(f"of{area}", "viewer", area)
        assert name in site.user(f"of{area}").page("/").select_one(".who").text


def test_the_same_alert_is_relayed_twice_only_if_that_is_meant(site: Site, town: Town) -> None:
    town.configure(dispatch={"automatic": False})
    town.warn()
    one, other = site.user("officer"), site.user("approver")
    form = {"mode": "live", "place": [TOWN, NEXT_TOWN]}
    assert one.confirm("/alerts/1/start", **form, key="a" * 20).status_code == 302
    looked = other.send("/alerts/1/start", **form, key="b" * 20)
    assert "已向其中的网格下发过同样的内容" in looked.text
    assert 'name="again"' in looked.text
    assert town.last == 1


def test_the_address_of_a_preview_can_be_opened_anew(site: Site, town: Town) -> None:
    town.warn()
    officer = site.user("officer")
    assert officer.page("/start/notice").select_one("form#notice")
    assert officer.page("/alerts/1/start").select_one("form[action='/alerts/1/start']")
