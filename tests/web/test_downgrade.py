"""What waits to tell of a downgrade is seen with its time, and may be stopped."""

from datetime import timedelta

from tests.stories.town import EAST_LEADER, IN_EAST, phones
from tests.web.site import Site


def fall(site: Site) -> int:
    """Let the level fall where people were told, and somebody hear of it later; return which."""
    site.town.tell_of_downgrades()
    site.town.warn(IN_EAST, "yellow", replaces=site.town.warn(IN_EAST))
    return site.town.last


def test_it_stands_on_the_first_page_with_its_time(site: Site) -> None:
    waiting = fall(site)
    page = site.user("officer").get("/")
    words = " ".join(page.text.split())
    assert "降级告知" in words
    assert "17:50" in words and "到时汇总告知" in words
    assert f'href="/broadcasts/{waiting}"' in page.text
    assert "等待确认" not in words


def test_its_page_says_when_and_lets_an_officer_stop_it(site: Site) -> None:
    waiting = fall(site)
    officer = site.user("approver")
    words = officer.get(f"/broadcasts/{waiting}").text
    assert "17:50 汇总告知此前收到预警的人" in words
    assert "已核对，立即下发" not in words
    officer.send(f"/broadcasts/{waiting}/stop")
    site.town.now += timedelta(minutes=60)
    site.town.tick()
    assert phones(site.town.sms).count(EAST_LEADER) == 1


def test_an_english_page_says_it_in_english(site: Site) -> None:
    waiting = fall(site)
    officer = site.user("officer")
    officer.send("/language", language="en")
    assert "hear of it at" in officer.get(f"/broadcasts/{waiting}").text
    assert "will be told in one message then" in officer.get("/").text


def test_the_page_of_what_is_in_force_tells_the_rule(site: Site) -> None:
    assert "不再打扰" in site.user("officer").get("/configuration").text
