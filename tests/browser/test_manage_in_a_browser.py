"""管理 and 我的账号: who may log in is changed, looked for and tried out, wide and on a phone."""

import pyotp
from playwright.sync_api import expect

from tests.browser.conftest import Served
from tests.browser.seat import Seat
from tests.web.site import PASSWORD


def test_an_officer_is_added_and_logs_in_with_what_was_shown(seat: Seat, served: Served) -> None:
    page = seat.page
    seat.log_in("admin")
    page.get_by_role("link", name="管理", exact=True).click()
    seat.is_for_everybody()
    page.get_by_label("用户名").fill("wang")
    page.get_by_label("角色").select_option("officer")
    page.get_by_role("button", name="新增").click()
    expect(page.get_by_role("heading", name="新增用户 wang？")).to_be_visible()
    seat.look("sure")
    seat.is_for_everybody()
    page.get_by_role("button", name="新增").click()
    password = page.locator("#secret").inner_text()
    seat.look("users")
    page.get_by_role("link", name="wang").click()
    seat.look("user")
    seat.is_for_everybody()
    page.get_by_role("button", name="退出", exact=True).click()
    page.get_by_label("用户名").fill("wang")
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("link", name="启动", exact=True)).to_be_visible()


def test_the_pages_of_the_office_are_looked_at(seat: Seat, served: Served) -> None:
    served.town.warn(level="red")
    seat.log_in("admin")
    for name in (
        "audit",
        "channels",
        "channels/sms/try",
        "sources",
        "tokens",
        "configuration",
        "configuration/reload",
    ):
        seat.go(f"/{name}")
        seat.look(name.replace("/", "-"))
        seat.is_for_everybody()
    seat.go("/audit")
    seat.page.get_by_role("button", name="核对完整性").click()
    expect(seat.page.get_by_text("记录完整")).to_be_visible()


def test_a_code_is_enrolled_by_its_picture_and_asked_at_the_next_log_in(
    seat: Seat, served: Served
) -> None:
    page = seat.page
    seat.log_in("officer")
    page.get_by_role("link", name="officer").click()
    seat.look("account")
    page.get_by_role("button", name="启用动态码").click()
    expect(page.locator(".qr svg")).to_be_visible()
    seat.look("code")
    seat.is_for_everybody()
    app = pyotp.TOTP(page.locator("code.secret").inner_text())
    page.get_by_label("动态码").fill(app.now())
    page.get_by_role("button", name="启用").click()
    expect(page.locator(".codes code")).to_have_count(10)
    seat.look("recovery")
    recovery = page.locator(".codes code").first.inner_text()
    page.get_by_role("button", name="退出", exact=True).click()
    page.get_by_label("用户名").fill("officer")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", name="动态码")).to_be_visible()
    seat.look("asked")
    page.get_by_label("动态码").fill(recovery)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("link", name="当前")).to_be_visible()
