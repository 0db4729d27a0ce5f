"""The page of a link on an old telephone and at a desk, without any script."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from alertcast.channels.base import ChannelSettings
from tests.browser.conftest import Served
from tests.stories.town import EAST, EAST_LEADER, IN_EAST, TOWN_LEADER, Town
from tests.web.site import PASSWORD

SIZES = {"phone": (320, 568), "wide": (1280, 800)}


def path_to(town: Town, phone: str) -> str:
    text = next(one.text for one in reversed(town.sms.outbox) if one.phone == phone)
    found = re.search(r"/a/[0-9a-z]{12}", text)
    assert found is not None
    return found[0]


@pytest.fixture(params=SIZES)
def page(request: pytest.FixtureRequest, browser: Browser, served: Served) -> Iterator[Page]:
    """A telephone whose browser runs no script."""
    served.town.sms.settings = ChannelSettings(
        type="memory", rate=1000, burst=1000, links=True, links_for_mainland=True
    )
    width, height = SIZES[request.param]
    context = browser.new_context(
        viewport={"width": width, "height": height}, locale="zh-CN", java_script_enabled=False
    )
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url))
    yield page
    context.close()
    assert all(url.startswith(served.url) for url in asked)


def look(page: Page, pictures: Path, name: str) -> None:
    """Keep a picture, and see that nothing sticks out and every button can be hit."""
    page.screenshot(path=pictures / f"{name}.png", full_page=True)
    size = page.viewport_size
    assert size is not None
    for one in page.locator("button, input, section, form, details, .sent").all():
        box = one.bounding_box()
        if box is not None:
            assert box["x"] >= 0, one
            assert box["x"] + box["width"] <= size["width"], one
    for button in page.locator("button").all():
        assert (button.bounding_box() or {"height": 0})["height"] >= 44


def test_a_warning_is_read_answered_and_passed_on(
    page: Page, served: Served, tmp_path: Path
) -> None:
    town = served.town
    town.warn(IN_EAST, "red")
    page.goto(served.url + path_to(town, EAST_LEADER))
    expect(page.get_by_role("heading", name="怀集县气象台发布寒冷红色预警信号")).to_be_visible()
    expect(page.get_by_text("发布单位：怀集县气象台")).to_be_visible()
    button = page.get_by_role("button", name="收到", exact=True)
    look(page, tmp_path, "read")
    assert town.answers() == []

    button.click()
    expect(page.get_by_role("status")).to_contain_text("已记录您的应答：已知悉")
    assert town.answers() == [(EAST_LEADER, "link", "1")]
    look(page, tmp_path, "answered")

    page.get_by_label("已通知户数").fill("120")
    page.get_by_label("未通知户数").fill("30")
    page.get_by_label("已通知种植户").fill("8")
    page.get_by_role("button", name="上报户数").click()
    expect(page.get_by_text("已通知 120 户，未通知 30 户，种植户 8")).to_be_visible()
    look(page, tmp_path, "counted")

    page.get_by_role("button", name="需要支援").click()
    expect(page.get_by_text("正在通知值班室")).to_be_visible()
    expect(page.get_by_role("link", name="120", exact=True)).to_be_visible()
    look(page, tmp_path, "help")
    assert len(town.help_requests()) == 1


def test_what_is_over_takes_nothing_and_says_what_holds(
    page: Page, served: Served, tmp_path: Path
) -> None:
    town = served.town
    warned = town.warn(IN_EAST, "orange")
    first = path_to(town, EAST_LEADER)
    town.warn(IN_EAST, "red", replaces=warned)
    page.goto(served.url + first)
    expect(page.get_by_text("已由新的预警代替")).to_be_visible()
    expect(page.get_by_role("button")).to_have_count(0)
    expect(page.get_by_role("link", name="0758-5522000")).to_be_visible()
    look(page, tmp_path, "over")
    page.goto(f"{served.url}/a/000000000000")
    expect(page.get_by_text("没有找到这个链接")).to_be_visible()
    look(page, tmp_path, "none")


def test_a_drill_and_english(page: Page, served: Served, tmp_path: Path) -> None:
    town = served.town
    drill, _ = town.add_drill_channels()
    drill.settings = ChannelSettings(
        type="memory", drill=True, rate=1000, burst=1000, links=True, links_for_mainland=True
    )
    town.notice("请清点避寒场所的被褥", EAST, mode="drill")
    found = re.search(r"/a/[0-9a-z]{12}", drill.outbox[-1].text)
    assert found is not None
    page.goto(served.url + found[0])
    expect(page.get_by_text("演练 · 这不是真实预警")).to_be_visible()
    look(page, tmp_path, "drill")
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("button", name="I have understood", exact=True)).to_be_visible()
    look(page, tmp_path, "english")


def test_the_desk_sees_the_households(page: Page, served: Served, tmp_path: Path) -> None:
    town = served.town
    town.warn(level="red")
    page.goto(served.url + path_to(town, TOWN_LEADER))
    for number in range(2):
        page.get_by_label("已通知户数").nth(number).fill(f"{90 + number}")
        page.get_by_label("未通知户数").nth(number).fill(f"{number}")
    page.get_by_role("button", name="收到，并上报户数").click()
    look(page, tmp_path, "two-grids")
    page.goto(f"{served.url}/login")
    page.get_by_label("用户名").fill("officer")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.goto(f"{served.url}/broadcasts/1")
    page.screenshot(path=tmp_path / "broadcast.png", full_page=True)
    page.get_by_role("link", name="181 已通知户").click()
    expect(page.get_by_role("heading", name="谁报的")).to_be_visible()
    page.screenshot(path=tmp_path / "relay.png", full_page=True)
    page.goto(f"{served.url}/broadcasts/1/people")
    page.get_by_role("link", name="登记户数").first.click()
    expect(page.get_by_role("button", name="登记户数", exact=True)).to_be_visible()
    page.screenshot(path=tmp_path / "relay-form.png", full_page=True)
