"""值班: a table is brought in, somebody is added and let go, a gap is seen; nothing sticks out."""

from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conftest import Served
from tests.browser.seat import Seat
from tests.stories.town import EAST_LEADER

TABLE = """\
日期,开始,结束,地区,值班员,带班领导
2026-12-26,08:00,20:00,441224,某51、某42,某52
2026-12-26,20:00,08:00,441224,某42,某52
2026-12-27,10:00,20:00,441224,某51,
"""


def test_a_table_is_brought_in_and_mended(seat: Seat, served: Served, tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    file.write_text(TABLE, "utf-8")
    page = seat.page
    seat.log_in("approver")
    page.get_by_role("link", name="值班", exact=True).click()
    expect(page.get_by_text("还没有值班表。")).to_be_visible()
    page.get_by_label("文件").set_input_files(file)
    page.get_by_role("button", name="只检查").click()
    expect(page.get_by_text("表没有错：6 班。还没有导入。")).to_be_visible()
    page.get_by_label("文件").set_input_files(file)
    page.get_by_role("button", name="导入", exact=True).click()
    expect(page.get_by_text("已导入：新增 6 班")).to_be_visible()
    flaws = page.get_by_role("region", name="值班表的问题")
    expect(flaws).to_contain_text("12-27 08:00 – 12-27 10:00")
    seat.look("table")
    seat.is_for_everybody()
    page.get_by_label("谁").select_option(index=0)
    page.get_by_label("日期").fill("2026-12-27")
    page.get_by_label("从").fill("08:00")
    page.get_by_label("到").fill("10:00")
    page.get_by_role("button", name="加入").click()
    expect(page.get_by_text("已加入值班表。")).to_be_visible()
    expect(flaws).not_to_contain_text("12-27 08:00 – 12-27 10:00")
    page.get_by_role("button", name="到此为止").first.click()
    expect(page.get_by_role("heading", name="这一班到此为止？")).to_be_visible()
    page.get_by_role("button", name="到此为止").click()
    expect(page.get_by_text("已从值班表删去。")).to_be_visible()
    seat.look("mended")


def test_a_shift_is_handed_over(seat: Seat, served: Served) -> None:
    town, page = served.town, seat.page
    town.warn(level="red")
    town.press("2", EAST_LEADER)
    town.tick(minutes=40)
    seat.log_in()
    seat.go("/duty/log")
    page.get_by_label("记事", exact=True).fill("20:05 已电话核实东村，派车中")
    page.get_by_role("button", name="记入日志").click()
    expect(page.get_by_text("已记入值班日志。")).to_be_visible()
    page.get_by_label("交班说明").fill("请盯住西村")
    page.get_by_role("button", name="交班", exact=True).click()
    expect(page.get_by_role("heading", name="等待接班")).to_be_visible()
    seat.look("log")
    seat.is_for_everybody()
    page.get_by_role("link", name="查看并打印").click()
    expect(page.get_by_role("region", name="交班时未了的事项")).to_contain_text("求助")
    seat.look("handover")
    seat.is_for_everybody()
