"""One warning by several Chinese feeds, over HTTP: told once, shown whole, not ended by silence.

The publishers are the simulator's; nothing sleeps.
"""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from alertcast.store import alerts, witnesses
from alertcast.store.schema import info, quarantine
from tests.sources.lists import HUAIJI, SIHUI, cma_item, nmc_item, v1_item
from tests.stories.china import CAP, EARLIER, LIFT, Publishers
from tests.stories.town import EAST_LEADER, Town, phones

ORANGE = {"headline": "怀集县气象台发布寒冷橙色预警[Ⅱ级/严重]", "type": "p0023002"}


def test_one_warning_by_three_feeds_is_one_alert_with_three_witnesses(
    town: Town, china: Publishers
) -> None:
    china.lists.show("nmc", HUAIJI, nmc_item())
    china.lists.show("cma", HUAIJI, cma_item())
    china.publish()
    china.poll("nmc", "cma", "swic")
    calls = len(town.sms.outbox)
    assert phones(town.sms).count(EAST_LEADER) == 1
    china.poll("swic", "cma", "nmc")
    assert (town.count(), len(town.sms.outbox)) == (1, calls)
    with town.db.read() as tx:
        heard = witnesses.of_alert(tx, china.alert())
    assert {one["source"] for one in heard} == {"swic", "cma", "nmc"}
    assert china.found("dissent") == []


def test_the_fullest_words_are_kept_and_nobody_is_told_again(town: Town, china: Publishers) -> None:
    china.lists.show("nmc", EARLIER, nmc_item(EARLIER, title="怀集县气象台发布寒冷橙色预警信号"))
    china.poll("nmc")
    china.lists.show("nmc", HUAIJI, nmc_item())
    china.poll("nmc")
    told = len(town.sms.outbox)
    with town.db.read() as tx:
        assert alerts.load(tx, china.alert()).infos[0].description is None
    china.lists.show("cma", HUAIJI, cma_item())
    china.poll("cma")
    with town.db.read() as tx:
        assert "冷坑镇" in (alerts.load(tx, china.alert()).infos[0].description or "")
    assert china.standing(EARLIER) == "in_force", "lists do not say what replaces what"
    china.publish()
    china.poll("swic")
    china.poll("nmc", "cma", "swic")
    with town.db.read() as tx:
        message = alerts.load(tx, china.alert())
    assert (message.msg_type, len(message.infos)) == ("Update", 2)
    assert china.standing(EARLIER) == "superseded"
    assert len(town.sms.outbox) == told


def test_fuller_words_that_can_not_be_written_change_nothing(town: Town, china: Publishers) -> None:
    china.lists.show("nmc", HUAIJI, nmc_item())
    china.poll("nmc")
    half = json.dumps(cma_item(description="half a character: \ud800"))
    taken = town.keep(half)
    assert (taken.known, taken.refused) == (1, 0)
    with town.db.read() as tx:
        (said,) = alerts.load(tx, china.alert()).infos
        heard = witnesses.of_alert(tx, china.alert())
    assert (said.headline, said.description) == (nmc_item()["title"], None)
    assert {one["source"] for one in heard} == {"nmc", "inbox"}
    assert EAST_LEADER in phones(town.sms)


def test_a_witness_that_says_another_level_is_the_officer_s(town: Town, china: Publishers) -> None:
    china.lists.show("cma", HUAIJI, cma_item(**ORANGE))
    china.poll("cma")
    told = len(town.sms.outbox)
    china.publish()
    china.poll("swic")
    (finding,) = china.found("dissent")
    assert finding.subject == str(china.alert())
    with town.db.read() as tx:
        (one,) = witnesses.dissents(tx, china.alert())
    assert (one["source"], one["what"]) == ("swic", "level")
    assert (one["kept"], one["said"]) == ("orange", "red")
    assert len(town.sms.outbox) == told, "decided once"


def test_a_town_that_is_worse_than_the_title_said_is_the_officer_s(
    town: Town, china: Publishers
) -> None:
    china.lists.show("nmc", HUAIJI, nmc_item(title="怀集县气象台发布寒冷橙色预警信号", pic=None))
    china.poll("nmc")
    text = (
        "怀集县气象台于12月26日17时20分将冷坑镇寒冷橙色预警信号升级为红色，"
        "其余乡镇寒冷橙色预警信号继续生效。"
    )
    china.lists.show("cma", HUAIJI, cma_item(**ORANGE | {"description": text}))
    china.poll("cma")
    with town.db.read() as tx:
        (one,) = witnesses.dissents(tx, china.alert())
    assert (one["what"], one["kept"], one["said"]) == ("towns", ":orange", "冷坑镇:red")
    assert len(china.found("dissent")) == 1


def test_a_hazard_or_a_place_of_its_own_is_the_officer_s_too(town: Town, china: Publishers) -> None:
    china.publish()
    china.poll("swic")
    changed = {"headline": "怀集县气象台发布暴雨红色预警", "description": None, "type": None}
    china.lists.show("cma", HUAIJI, cma_item(**changed))
    china.poll("cma")
    with town.db.read() as tx:
        assert [one["what"] for one in witnesses.dissents(tx, china.alert())] == ["hazard"]
    moved = CAP.replace("441224000000", "441284000000").replace(EARLIER, "x")
    china.lists.publish_document(moved.encode(), "corrected", town.now)
    china.poll("swic")
    with town.db.read() as tx:
        found = {(one["source"], one["what"]) for one in witnesses.dissents(tx, china.alert())}
    assert found == {("cma", "hazard"), ("swic", "area")}


def test_a_title_that_lifts_what_the_body_does_not_is_the_officer_s(
    town: Town, china: Publishers
) -> None:
    china.publish(title="Huaiji Observatory lifts cold red warning signal")
    china.poll("swic")
    with town.db.read() as tx:
        (one,) = witnesses.dissents(tx, china.alert())
    assert (one["what"], one["kept"]) == ("end", "warning")


def test_a_test_by_one_feed_is_no_warning_and_its_witness_is_the_officer_s(
    town: Town, china: Publishers
) -> None:
    china.publish(status="Test")
    china.poll("swic")
    china.lists.show("cma", HUAIJI, cma_item())
    china.poll("cma")
    assert town.sms.outbox == []
    with town.db.read() as tx:
        assert [one["what"] for one in witnesses.dissents(tx, china.alert())] == ["status"]


@pytest.mark.parametrize("name", ["cma", "nmc"])
def test_what_vanishes_from_a_list_is_shown_after_three_good_polls_and_never_told(
    town: Town, china: Publishers, name: str
) -> None:
    item = cma_item() if name == "cma" else nmc_item()
    china.lists.show(name, HUAIJI, item)
    china.poll(name)
    china.lists.drop(name, HUAIJI)
    china.poll(name)
    china.poll(name)
    for failure in ("feed_error", "feed_throttled", "feed_blank", "feed_cut", "feed_hang"):
        china.fail(name, failure, seconds=60)
        (taken,) = china.poll(name if failure != "feed_hang" else f"impatient {name}")
        assert taken.outcome == "failed"
        china.mend()
    assert china.found("withdrawn") == []
    china.poll(name)
    (finding,) = china.found("withdrawn")
    assert (finding.subject, finding.count) == (str(china.alert()), 3)
    assert finding.since is not None and finding.since < town.now - timedelta(minutes=5)
    assert china.standing() == "in_force"
    assert not any("解除" in one.text for one in [*town.sms.outbox, *town.voice.outbox])
    china.lists.show(name, HUAIJI, item)
    china.poll(name)
    assert china.found("withdrawn") == []


def test_what_another_list_still_has_is_not_withdrawn(town: Town, china: Publishers) -> None:
    china.lists.show("cma", HUAIJI, cma_item())
    china.lists.show("nmc", HUAIJI, nmc_item())
    china.poll("cma", "nmc")
    china.lists.drop("cma", HUAIJI)
    for _ in range(3):
        china.poll("cma", "nmc")
    assert china.found("withdrawn") == []
    china.fail("nmc", "feed_error")
    china.poll("nmc")
    assert len(china.found("withdrawn")) == 1


def test_a_later_warning_of_the_same_office_takes_the_place_of_what_vanished(
    town: Town, china: Publishers
) -> None:
    china.lists.show("cma", EARLIER, cma_item(EARLIER, effective="2026/12/26 10:30", **ORANGE))
    china.poll("cma")
    china.lists.drop("cma", EARLIER)
    china.lists.show("cma", HUAIJI, cma_item())
    for _ in range(3):
        china.poll("cma")
    assert (china.standing(EARLIER), china.standing()) == ("superseded", "in_force")
    assert china.found("withdrawn") == []
    china.publish(
        LIFT,
        replaces=HUAIJI,
        msgType="Cancel",
        title="Huaiji Observatory lifts cold red warning signal",
    )
    china.poll("swic")
    assert town.decision(LIFT)[0] == "all_clear"
    assert "解除" in town.sms.outbox[-1].text


def test_a_listed_warning_without_an_end_holds_until_it_is_listed_no_more(
    town: Town, china: Publishers
) -> None:
    china.lists.show("cma", HUAIJI, cma_item())
    for _ in range(30):
        china.poll("cma")
        town.now += timedelta(hours=1)
    assert china.standing() == "in_force"
    china.fail("cma", "feed_error")
    for _ in range(3):
        china.poll("cma")
        town.now += timedelta(hours=1)
    assert china.standing() == "expired", "a feed that fails says nothing"


def test_a_bad_item_is_put_aside_as_it_came_and_the_others_are_told(
    town: Town, china: Publishers
) -> None:
    china.lists.show("cma", "bad", {"id": "bad", "headline": "x"})
    china.lists.show("cma", HUAIJI, cma_item())
    (taken,) = china.poll("cma")
    assert (len(taken.new), taken.refused) == (1, 1)
    assert EAST_LEADER in phones(town.sms)
    with town.db.read() as tx:
        (row,) = tx.execute(select(quarantine)).mappings().all()
        raw = witnesses.opened(town.db.vault, row["raw"])
    assert raw == b'{"id": "bad", "headline": "x"}'
    assert [one["code"] for one in row["reasons"]] == ["no_sent"]


def test_swic_s_index_forgets_and_the_warning_stays(town: Town, china: Publishers) -> None:
    china.publish()
    china.poll("swic")
    china.lists.withdraw(HUAIJI)
    for _ in range(4):
        china.poll("swic")
    assert china.standing() == "in_force"
    assert china.found("withdrawn") == []
    with town.db.read() as tx:
        names = set(tx.execute(select(info.c.sender_name)).scalars())
    assert names == {"怀集县气象台", "Huaiji County Meteorological Observatory"}


def test_a_mirror_that_answers_and_lacks_what_others_have_is_shown(
    town: Town, china: Publishers
) -> None:
    town.configure(sources={"swic": {"type": "swic", "region": ["4412"]}})
    china.poll("swic")
    china.lists.show("cma", HUAIJI, cma_item())
    china.lists.show("cma", "odd", cma_item("odd"))
    china.poll("cma", "swic")
    town.now += timedelta(minutes=28)
    china.poll("swic")
    assert china.found("stalled") == []
    town.now += timedelta(minutes=2)
    assert [(one.subject, one.count) for one in china.found("stalled")] == [("swic", 1)]
    china.publish()
    china.poll("swic")
    assert china.found("stalled") == []


@pytest.mark.parametrize("frozen", ["cma", "nmc"])
def test_a_list_that_has_stopped_is_shown_too(town: Town, china: Publishers, frozen: str) -> None:
    kind = {"cma": "cma_map", "nmc": "nmc"}[frozen]
    town.configure(sources={frozen: {"type": kind, "region": ["4412"]}})
    other, item = ("nmc", nmc_item()) if frozen == "cma" else ("cma", cma_item())
    china.poll(frozen)
    china.lists.show(other, HUAIJI, item)
    china.poll(other, frozen)
    town.now += timedelta(minutes=30)
    china.poll(frozen)
    assert [(one.subject, one.count) for one in china.found("stalled")] == [(frozen, 1)]


def test_a_source_without_news_for_too_long_is_shown(town: Town, china: Publishers) -> None:
    town.configure(sources={"cma": {"type": "cma_map", "news_within": "6h"}})
    china.lists.show("cma", HUAIJI, cma_item())
    china.poll("cma")
    began = town.now
    town.now += timedelta(hours=6)
    china.poll("cma")
    assert [(one.subject, one.since) for one in china.found("no_news")] == [("cma", began)]
    china.lists.show("cma", SIHUI, cma_item(SIHUI))
    china.poll("cma")
    assert china.found("no_news") == []
    town.now += timedelta(hours=7)
    china.fail("cma", "feed_error")
    china.poll("cma")
    assert china.found("no_news") == [], "it does not answer, which is red by itself"


def test_a_lift_of_swic_is_told_although_it_dates_what_it_lifts_wrongly(
    town: Town, china: Publishers
) -> None:
    china.publish()
    china.poll("swic")
    text = CAP.replace(HUAIJI, LIFT).replace(EARLIER, HUAIJI)
    text = text.replace("变更发布寒冷红色预警信号", "解除寒冷红色预警信号")
    start, end = text.rindex("<description>"), text.rindex("</description>")
    text = f"{text[:start]}<description>怀集县气象台解除寒冷红色预警信号。{text[end:]}"
    china.lists.publish_document(text.encode(), "lifts cold red warning signal", town.now)
    china.poll("swic")
    assert town.decision(LIFT)[0] == "all_clear"
    assert china.found("dissent") == []


def test_qweather_warns_the_county_of_its_point_and_ends_it(town: Town, china: Publishers) -> None:
    china.lists.show("qweather", "1", v1_item("1"), point="23.91,112.18")
    china.poll("qweather")
    assert EAST_LEADER in phones(town.sms)
    assert town.count() == 1
    china.lists.drop("qweather", "1")
    for _ in range(4):
        china.poll("qweather")
    assert china.standing("1") == "in_force"
    ended = v1_item("2", messageType={"code": "cancel", "supersedes": ["1"]})
    china.lists.show("qweather", "2", ended)
    china.poll("qweather")
    assert "解除" in town.sms.outbox[-1].text


def test_qweather_throttled_says_nothing(town: Town, china: Publishers) -> None:
    china.fail("qweather", "feed_throttled")
    (taken,) = china.poll("qweather")
    assert (taken.outcome, china.lists.asked["qweather"]) == ("failed", 1)


def test_what_qweather_calls_by_the_national_identifier_is_the_same_warning(
    town: Town, china: Publishers
) -> None:
    china.lists.show("cma", HUAIJI, cma_item())
    china.poll("cma")
    china.lists.show("qweather", HUAIJI, v1_item(f"ALERT_CN_{HUAIJI}"), point="23.91,112.18")
    china.poll("qweather")
    assert town.count() == 1
    with town.db.read() as tx:
        (alert_id,) = alerts.find(tx, HUAIJI)
        heard = [one["source"] for one in witnesses.of_alert(tx, alert_id)]
    assert heard == ["cma", "qweather"]
