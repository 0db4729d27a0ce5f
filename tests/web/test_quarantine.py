"""隔离: the page of a document that could not be read."""

from tests.stories.test_quarantine import document, put_aside
from tests.stories.town import EAST_LEADER, Town, phones
from tests.web.site import Site


def test_the_first_page_leads_to_the_document_and_its_reason(site: Site, town: Town) -> None:
    town.publish("<alert><script>alert(1)</script>")
    officer = site.user("officer")
    (link,) = (
        a["href"] for a in officer.page("/").find_all("a") if a["href"].startswith("/quarantine/")
    )
    page = officer.get(link)
    assert "&lt;script&gt;alert(1)" in page.text
    assert "<script>alert(1)" not in page.text
    assert site.user("viewer").get(link).status_code == 403
    assert officer.get("/quarantine/99").status_code == 404


def test_it_is_read_again_by_a_press_and_leaves_the_first_page(site: Site, town: Town) -> None:
    kept = put_aside(town, document(town))
    officer = site.user("officer")
    assert "无法读取" in officer.get("/").text
    assert officer.send(f"/quarantine/{kept}/retry").status_code == 302
    town.tick()
    assert EAST_LEADER in phones(town.sms)
    assert "无法读取" not in officer.get("/").text
    assert "没有遗留" in officer.get(f"/quarantine/{kept}").text
    assert officer.send("/quarantine/99/retry").status_code == 404


def test_what_is_still_unreadable_stays_red(site: Site, town: Town) -> None:
    town.publish("<alert>")
    officer = site.user("officer")
    officer.send("/quarantine/1/retry")
    assert "仍有内容读不懂" in officer.get("/quarantine/1").text
    assert "无法读取" in officer.get("/").text


def test_one_whose_source_is_gone_stays_and_says_what_to_do(site: Site, town: Town) -> None:
    kept = put_aside(town, document(town), "observatory")
    officer = site.user("officer")
    page = officer.get(f"/quarantine/{kept}").text
    assert "[sources.observatory]" in page
    assert f"/quarantine/{kept}/retry" not in page
    assert officer.send(f"/quarantine/{kept}/retry").status_code == 302
    assert "没有重新读取：来源 observatory 已不在配置里" in officer.get(f"/quarantine/{kept}").text
    town.tick()
    assert phones(town.sms) == []
    assert "无法读取" in officer.get("/").text
