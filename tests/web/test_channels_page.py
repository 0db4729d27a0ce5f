"""渠道: how each stands, and one test over the real one to one's own telephone."""

import pytest

from alertcast.channels.base import Outcome, Sent
from alertcast.channels.memory import MemoryChannel
from alertcast.store import channels
from tests.stories.town import COUNTY, EAST_LEADER, Town
from tests.web.site import Site, Visitor

MINE = "138 0013 8099"


def row(admin: Visitor, name: str) -> str:
    page = admin.page("/channels")
    (found,) = (one for one in page.select("tbody tr") if one.td and one.td.text.startswith(name))
    return " ".join(found.text.split())


def attempt(admin: Visitor, name: str = "sms", number: str = MINE) -> str:
    """Send a test, as the page asks."""
    asked = admin.send(f"/channels/{name}/try", number=number)
    assert "测试（" in asked.text
    assert MINE.replace(" ", "") not in asked.text.replace('value="138 0013 8099"', "")
    answer = admin.send(f"/channels/{name}/try", number=number, sure="yes")
    assert answer.location == "/channels"
    return admin.get("/channels").text


def test_how_each_stands_is_said_in_words(site: Site, town: Town) -> None:
    admin = site.user("admin")
    assert "还没有用过" in row(admin, "sms")
    town.warn()
    assert "正常" in row(admin, "sms")
    assert f"{len(town.sms.outbox)} 次" in row(admin, "sms")
    with town.db.write() as tx:
        channels.stop(tx, "sms", "account")
        channels.slow(tx, "voice", town.db.real_now(tx))
    assert "停用 渠道账户异常" in row(admin, "sms")
    assert "回执迟缓" in row(admin, "voice")


def test_a_test_goes_over_this_channel_and_says_that_it_is_no_warning(
    site: Site, town: Town
) -> None:
    admin = site.user("admin")
    assert "渠道已受理" in attempt(admin)
    (request,) = town.sms.outbox
    assert request.phone == "+8613800138099"
    assert "这不是预警" in request.text
    assert request.text.startswith(f"【{town.world.config.main.office.short_name}】")
    begun, tried = site.recorded("try_channel"), site.recorded("channel_tried")
    assert [one["subject"] for one in begun + tried] == ["channel:sms"] * 2
    assert tried[0]["detail"] == {"outcome": "accepted", "reason": None}
    assert "13800138099" not in str(site.rows())
    assert site.rows()["task"] == []


def test_asking_alone_sends_nothing(site: Site, town: Town) -> None:
    site.user("admin").send("/channels/sms/try", number=MINE)
    assert town.sms.outbox == []
    assert site.recorded("try_channel") == []


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (Sent("", Outcome.REFUSED, reason="opted_out"), "渠道拒绝了这个号码或内容。 对方已退订"),
        (Sent("", Outcome.STOPPED, code="20003", reason="account"), "渠道账户异常"),
        (Sent("", Outcome.UNKNOWN), "不知道是否发出"),
    ],
    ids=lambda one: str(one)[:20],
)
def test_what_the_provider_said_is_shown(site: Site, town: Town, sent: Sent, said: str) -> None:
    town.sms.answers.append(lambda request: sent)
    assert said in attempt(site.user("admin"))


def test_a_stopped_channel_is_not_tried(site: Site, town: Town) -> None:
    with town.db.write() as tx:
        channels.stop(tx, "sms", "account")
    assert "渠道正忙或停用" in attempt(site.user("admin"))
    assert town.sms.outbox == []


def test_nothing_is_tried_while_a_broadcast_runs(site: Site, town: Town) -> None:
    town.warn()
    before = len(town.sms.outbox)
    assert "有下发正在进行" in attempt(site.user("admin"))
    assert len(town.sms.outbox) == before


def test_a_number_that_this_channel_may_not_use_is_not_tried_over_another(
    site: Site, town: Town
) -> None:
    second = MemoryChannel("second", "sms", refuse=lambda phone: "not_allowed")
    town.channels.append(second)
    site.restart()
    assert "渠道不允许发往该地区" in attempt(site.user("admin"), "second")
    assert (second.outbox, town.sms.outbox) == ([], [])


def test_what_is_no_number_is_not_dialled(site: Site, town: Town) -> None:
    answer = site.user("admin").send("/channels/sms/try", number="12", sure="yes")
    assert (answer.status_code, town.sms.outbox) == (400, [])


def test_an_administrator_of_a_county_looks_and_does_nothing(site: Site, town: Town) -> None:
    site.add_user("near", "admin", COUNTY)
    admin = site.user("near")
    assert admin.get("/channels").status_code == 200
    form = {"number": EAST_LEADER, "sure": "yes"}
    assert admin.send("/channels/sms/try", **form).status_code == 403
    assert admin.get("/channels/nothing/try").status_code == 404
