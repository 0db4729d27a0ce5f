"""配置: what is in force, in plain words; another configuration is looked at before it holds."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from alertcast.web import config_mistakes
from alertcast.web.config_mistakes import Mistake
from alertcast.web.ladder import from_level
from tests.databases import KINDS, database
from tests.stories.filed_town import SMS, VOICE, FiledTown
from tests.stories.test_reload import FIRST_CALL
from tests.stories.town import COUNTY, IN_EAST
from tests.web.site import Site


@pytest.fixture(params=KINDS)
def town(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FiledTown]:
    with database(request.param, tmp_path) as db:
        yield FiledTown(db, tmp_path)


@pytest.fixture
def site(town: FiledTown) -> Site:
    return Site(town, files=town.at_work)


def test_a_policy_is_a_ladder_with_times_and_names(site: Site) -> None:
    page = site.user("viewer").page("/configuration")
    card = page.select_one("section:has(#policy-orange)")
    assert card is not None
    steps = [" ".join(one.text.split()) for one in card.select("li")]
    assert steps[:3] == [
        "立即 党支部书记、“邻里先锋”第一书记 · 短信 "
        "10 分钟内任何一人应答，就到此为止；否则到下一步。",
        "10 分钟后还没有应答 党支部书记、“邻里先锋”第一书记 · 电话（最多呼叫 3 次，每隔 3 分钟） "
        "10 分钟内任何一人应答，就到此为止；否则到下一步。",
        "20 分钟后还没有应答 副书记 · 短信、电话（最多呼叫 2 次，每隔 3 分钟） "
        "8 分钟内任何一人应答，就到此为止；否则到下一步。",
    ]
    assert "算数的应答：党支部书记、“邻里先锋”第一书记、副书记" in card.text
    first = page.select_one("section:has(#use) tbody tr")
    assert first is not None
    assert [one.text for one in first.select("td")] == [
        "其他各种",
        "红色预警方案 red",
        "橙色预警方案 orange",
        "黄色预警方案 yellow",
        "黄色预警方案 yellow",
        "黄色预警方案 yellow",
        "黄色及以上",
    ]
    night = page.select_one("section:has(#policy-yellow)")
    assert night is not None
    assert "夜间 22:00–07:00 只用短信" in night.text


def test_everybody_sees_it_and_only_administrators_find_files_and_settings(site: Site) -> None:
    for name in ("viewer", "officer", "approver", "auditor"):
        text = site.user(name).get("/configuration").text
        assert "检查磁盘上的改动" not in text
        assert "account_sid" not in text
        assert site.user(name).get("/configuration/reload").status_code == 403
        assert site.user(name).send("/configuration/reload", digest="").status_code == 403
    text = site.user("admin").get("/configuration").text
    assert "检查磁盘上的改动" in text
    assert "channels.sms.account_sid" in text
    site.add_user("near", "admin", COUNTY)
    assert "检查磁盘上的改动" not in site.user("near").get("/configuration").text
    assert site.user("near").get("/configuration/reload").status_code == 403


def test_what_differs_is_shown_and_holds_when_it_is_meant(site: Site, town: FiledTown) -> None:
    town.warn(over=IN_EAST)
    admin = site.user("admin")
    assert "与运行的配置一致" in admin.get("/configuration/reload").text
    town.edit(FIRST_CALL, FIRST_CALL.replace("10m", "2m"))
    town.write(SMS, VOICE, "[web]\nport = 9999")
    page = admin.page("/configuration/reload")
    rows = [one.text.split() for one in page.select("tbody tr")]
    assert rows == [
        ["alertcast.toml", "web.port", "没有写", "9999", "下次启动"],
        ["policy.toml", "policies.orange.rungs[1].within", "10m", "2m", "立即"],
    ]
    assert "正在进行的 1 次下发仍用各自开始时的方案" in page.text
    before = town.process().digest
    field = page.select_one("input[name=digest]")
    assert field is not None
    assert admin.send("/configuration/reload", digest=field["value"]).location == "/configuration"
    town.at_work.look()
    assert town.process().digest != before
    (row,) = site.recorded("reload_configuration")
    assert (row["user"], row["detail"]["digest_before"]) == ("admin", before)
    assert row["detail"]["digest"] == field["value"]
    assert row["detail"]["waiting"] == 1
    live = admin.page("/configuration/processes").text
    assert "first" in live
    assert str(field["value"]) in live  # what lies on its disk, and waits


def test_files_that_changed_after_the_look_are_looked_at_again(site: Site, town: FiledTown) -> None:
    admin = site.user("admin")
    town.edit(FIRST_CALL, FIRST_CALL.replace("10m", "2m"))
    looked = town.at_work.on_disk().digest
    town.edit('within = "2m"', 'within = "1m"')
    answer = admin.send("/configuration/reload", digest=looked)
    assert answer.status_code == 409
    assert "与刚才看的不一样" in answer.text
    assert site.recorded("reload_configuration") == []


def test_mistakes_are_named_and_nothing_can_be_sent(site: Site, town: FiledTown) -> None:
    town.edit('roles = ["town_desk"]', 'roles = ["dog"]')
    page = site.user("admin").page("/configuration/reload")
    assert "有 1 处错误，什么都没有改变" in page.text
    (row,) = page.select("[aria-labelledby=mistakes] tbody tr")
    assert [" ".join(one.text.split()) for one in row.select("td")] == [
        "policy.toml",
        "policy red: rung 3",
        "没有这个岗位 unknown role 'dog'",
    ]
    assert page.select("main form") == []
    assert site.user("admin").send("/configuration/reload", digest="").status_code == 409


@pytest.mark.parametrize(
    ("line", "file", "place", "rule", "detail"),
    [
        (
            "alertcast.toml: web.port: Input should be a valid integer",
            *("alertcast.toml", "web.port", "值不对", "Input should be a valid integer"),
        ),
        (
            "channels.sms: token: Field required",
            *("alertcast.toml", "channels.sms: token", "缺少必须写的内容", "Field required"),
        ),
        (
            "environment: ALERTCAST_DATA_KEY is not set: `alertcast init` makes one",
            *("环境变量", "", "缺少必须写的内容"),
            "ALERTCAST_DATA_KEY is not set: `alertcast init` makes one",
        ),
        (
            "policy.toml: Expected '=' after a key (at line 3, column 4)",
            *("policy.toml", "", "文件的写法不对，读不出来"),
            "Expected '=' after a key (at line 3, column 4)",
        ),
        ("texts.toml: text a.b: odd", "texts.toml", "text a.b", "不合规则", "odd"),
    ],
)
def test_a_mistake_says_file_place_and_rule(
    site: Site, line: str, file: str, place: str, rule: str, detail: str
) -> None:
    with site.app.test_request_context():
        assert config_mistakes.read(line) == Mistake(file, place, rule, detail)


def test_where_nothing_is_above_a_level_it_stands_alone(site: Site) -> None:
    with site.app.test_request_context():
        said = [from_level(one) for one in ("red", "orange", "none")]
    assert said == ["红色", "橙色及以上", "哪一级都不"]


def test_what_no_channel_would_carry_is_said_before(site: Site, town: FiledTown) -> None:
    town.climb_first(IN_EAST)
    town.write(VOICE)
    text = site.user("admin").get("/configuration/reload").text
    assert "渠道 sms 不再有。" in text
    assert "再没有渠道发短信（正式）：现在等待的 2 条和以后的都要人工拨打。" in text


def test_a_process_that_runs_by_something_else_is_said(site: Site, town: FiledTown) -> None:
    town.opened("second")
    town.edit(FIRST_CALL, FIRST_CALL.replace("10m", "2m"))
    assert town.at_work.want("admin").mistakes == ()
    town.at_work.look()
    text = site.user("viewer").get("/configuration/processes").text
    assert "各进程用的不是同一份配置。" in text
    assert "second" in text


def test_where_there_are_no_files_there_is_nothing_to_read_again(town: FiledTown) -> None:
    site = Site(town, files=None)
    assert "检查磁盘上的改动" not in site.user("admin").get("/configuration").text
    assert site.user("admin").get("/configuration/reload").status_code == 404
