"""A text that can not be answered carries a link, where the office allows it."""

import re
from datetime import timedelta

import pytest

from alertcast.channels.base import ChannelSettings, Outcome, Sent
from alertcast.core.relay import Counts
from alertcast.core.segments import segments
from alertcast.dispatch import links
from alertcast.dispatch.links import IsOver, Opened, Over
from alertcast.store.report_relay import relay_by_callout
from tests.stories.town import (
    COUNTY_DESK,
    EAST,
    EAST_LEADER,
    EAST_SECRETARY,
    IN_EAST,
    TOWN_DESK,
    TOWN_LEADER,
    Town,
    phones,
)

BASE = "https://yj.example.cn"


@pytest.fixture
def linked(town: Town) -> Town:
    """The town whose texts carry links."""
    allow(town)
    town.configure(web={"public_base_url": BASE})
    return town


def allow(town: Town, **settings: bool) -> None:
    given = {"links": True, "links_for_mainland": True} | settings
    town.sms.settings = ChannelSettings(type="memory", rate=1000, burst=1000, **given)


def text_to(town: Town, phone: str) -> str:
    return next(one.text for one in reversed(town.sms.outbox) if one.phone == phone)


def token_to(town: Town, phone: str) -> str:
    """Return what the last text to a phone leads to."""
    found = re.search(re.escape(f"{BASE}/a/") + r"([0-9a-z]+)", text_to(town, phone))
    assert found is not None, text_to(town, phone)
    return found[1]


def look(town: Town, token: str) -> Opened:
    found = links.opened(town.world, token, town.now)
    assert found is not None
    return found


def press(town: Town, token: str, value: str | None = "1", **counts: Counts) -> None:
    links.answer(town.world, token, value, given(town, token, **counts), town.now)
    town.tick()


def given(town: Town, token: str, **counts: Counts) -> dict[int, Counts]:
    cells = {one["grid"]: one["respondent_id"] for one in look(town, token).cells}
    return {cells[grid]: said for grid, said in counts.items()}


# which texts carry one ---------------------------------------------------------------------------


def test_without_a_setting_no_text_carries_a_link(town: Town) -> None:
    town.warn(over=IN_EAST)
    assert all("/a/" not in one.text for one in town.sms.outbox)
    assert town.sms.outbox[-1].text.endswith("接来电请按1。")


def test_links_alone_are_not_sent_to_the_mainland(town: Town) -> None:
    allow(town, links_for_mainland=False)
    town.warn(over=IN_EAST)
    assert all("/a/" not in one.text for one in town.sms.outbox)


def test_a_text_that_can_be_answered_needs_no_link(linked: Town) -> None:
    linked.sms.takes_replies = True
    linked.warn(over=IN_EAST)
    assert linked.sms.outbox[-1].text.endswith("收到请回复1，需要支援请回复2。")


def test_the_text_ends_with_the_link_and_stays_short(linked: Town) -> None:
    linked.warn(over=IN_EAST)
    linked.tick()
    text = text_to(linked, EAST_LEADER)
    token = token_to(linked, EAST_LEADER)
    assert text.endswith(f"收到、求助请点 {BASE}/a/{token}")
    without = text.replace(f"收到、求助请点 {BASE}/a/{token}", "接来电请按1。")
    assert len(text) - len(without) == 37
    assert segments(text).count <= segments(without).count + 1


def test_everybody_has_a_link_of_their_own(linked: Town) -> None:
    linked.warn()
    tokens = [token_to(linked, phone) for phone in set(phones(linked.sms))]
    assert len(tokens) == len(set(tokens)) == 5


def test_a_repeated_request_carries_the_same_link(linked: Town) -> None:
    linked.sms.answers.append(lambda request: _throttled(request.token))
    linked.warn(over=IN_EAST)
    linked.rest(400)
    linked.tick(minutes=2)
    again = [one for one in linked.sms.outbox if one.phone == linked.sms.outbox[0].phone]
    assert len(again) == 2
    assert again[0].text == again[1].text
    assert look(linked, token_to(linked, again[0].phone)).over is None


def _throttled(token: str) -> Sent:
    return Sent(token, Outcome.THROTTLED, reason="throttled", retry_after=1)


def test_in_a_drill_the_link_stands_apart_from_the_last_word(linked: Town) -> None:
    drill_sms, _ = linked.add_drill_channels()
    drill_sms.settings = ChannelSettings(
        type="memory", drill=True, rate=1000, burst=1000, links=True, links_for_mainland=True
    )
    linked.notice("请清点被褥", EAST, mode="drill")
    text = drill_sms.outbox[-1].text
    assert re.search(r"/a/[0-9a-z]{12} 演练$", text), text


def test_an_official_end_and_a_call_for_help_carry_none(linked: Town) -> None:
    warned = linked.warn(over=IN_EAST)
    press(linked, token_to(linked, EAST_LEADER), "2")
    linked.lift(warned)
    assert "/a/" not in text_to(linked, EAST_LEADER)


def test_only_a_hash_of_the_token_is_kept(linked: Town) -> None:
    linked.warn(over=IN_EAST)
    token = token_to(linked, EAST_LEADER)
    with linked.db.read() as tx:
        kept = [str(row) for row in tx.exec_driver_sql("SELECT * FROM link")]
    assert kept
    assert not any(token in row for row in kept)


# what opening and pressing does -----------------------------------------------------------------


def test_opening_a_link_answers_nothing(linked: Town) -> None:
    linked.warn(over=IN_EAST)
    for _ in range(5):
        found = look(linked, token_to(linked, EAST_LEADER))
    assert found.over is None
    assert found.facts["answer"] is None
    assert "怀集县气象台" in found.text
    assert "/a/" not in found.text
    assert linked.states() == {"东村": "open"}
    linked.tick(minutes=11)
    assert EAST_LEADER in phones(linked.voice)


def test_a_press_answers_as_a_key_does(linked: Town) -> None:
    linked.warn(over=IN_EAST)
    press(linked, token_to(linked, EAST_LEADER))
    assert linked.states() == {"东村": "answered"}
    assert linked.answers() == [(EAST_LEADER, "link", "1")]
    linked.tick(minutes=30)
    assert phones(linked.voice) == []
    assert look(linked, token_to(linked, EAST_LEADER)).facts["answer"]["via"] == "link"
    assert look(linked, token_to(linked, EAST_SECRETARY)).facts["answered_by"] == "branch_leader"


def test_twice_is_once(linked: Town) -> None:
    linked.warn(over=IN_EAST)
    for _ in range(3):
        press(linked, token_to(linked, EAST_LEADER))
    assert linked.answers() == [(EAST_LEADER, "link", "1")]


def test_the_second_button_brings_help_once(linked: Town) -> None:
    linked.warn(over=IN_EAST)
    for _ in range(2):
        press(linked, token_to(linked, EAST_LEADER), "2")
    assert len(linked.help_requests()) == 1
    assert phones(linked.voice) == [TOWN_DESK, COUNTY_DESK]
    assert look(linked, token_to(linked, EAST_LEADER)).facts["help"]["is_called"]


def test_help_after_an_answer_is_still_taken(linked: Town) -> None:
    linked.warn(over=IN_EAST)
    press(linked, token_to(linked, EAST_LEADER))
    press(linked, token_to(linked, EAST_LEADER), "2")
    assert [value for _, _, value in linked.answers()] == ["1", "2"]
    assert len(linked.help_requests()) == 1


def test_a_late_press_moves_a_grid_from_unreached_to_answered(linked: Town) -> None:
    linked.warn(over=IN_EAST)
    linked.tick(minutes=60)
    assert linked.states() == {"东村": "unreached"}
    press(linked, token_to(linked, EAST_LEADER))
    assert linked.states() == {"东村": "answered"}


def test_a_press_survives_a_restart(linked: Town) -> None:
    linked.warn(over=IN_EAST)
    token = token_to(linked, EAST_LEADER)
    links.answer(linked.world, token, "1", {}, linked.now)  # and the process dies right after
    assert linked.states() == {"东村": "answered"}
    linked.tick(minutes=30)
    assert phones(linked.voice) == []


def test_an_internal_notice_is_answered_once(linked: Town) -> None:
    linked.notice("请核对值班电话。", EAST)
    for _ in range(2):
        press(linked, token_to(linked, EAST_LEADER))
    assert linked.answers() == [(EAST_LEADER, "link", "1")]


# when it is over --------------------------------------------------------------------------------


def refused(town: Town, token: str, why: Over) -> Opened:
    """See that a link takes nothing, and return what its page says instead."""
    before = town.answers()
    for value in ("1", "2", None):
        with pytest.raises(IsOver):
            links.answer(town.world, token, value, {}, town.now)
    assert town.answers() == before
    found = look(town, token)
    assert found.over is why
    return found


def test_after_the_calling_was_stopped(linked: Town) -> None:
    linked.warn(over=IN_EAST)
    linked.stop()
    assert refused(linked, token_to(linked, EAST_LEADER), Over.STOPPED).instead is None


def test_after_the_warning_was_lifted(linked: Town) -> None:
    warned = linked.warn(over=IN_EAST)
    token = token_to(linked, EAST_LEADER)
    linked.lift(warned)
    assert refused(linked, token, Over.LIFTED).instead is None


def test_after_it_ran_out(linked: Town) -> None:
    linked.warn(over=IN_EAST, hours=1)
    linked.tick(minutes=61)
    assert refused(linked, token_to(linked, EAST_LEADER), Over.EXPIRED).instead is None


def test_a_link_runs_out_before_a_long_warning_does(linked: Town) -> None:
    linked.configure(links={"valid": "2h"})
    linked.warn(over=IN_EAST, hours=48)
    token = token_to(linked, EAST_LEADER)
    linked.now += timedelta(hours=2)
    found = refused(linked, token, Over.EXPIRED)
    assert found.instead is None
    assert found.broadcast.expires_at > linked.now


def test_a_higher_level_takes_its_place_and_is_named(linked: Town) -> None:
    warned = linked.warn(over=IN_EAST)
    token = token_to(linked, EAST_LEADER)
    linked.warn(over=IN_EAST, level="red", replaces=warned)
    found = refused(linked, token, Over.SUPERSEDED)
    assert found.instead is not None
    assert (found.instead.id, found.instead_level) == (linked.last, "red")
    press(linked, token_to(linked, EAST_LEADER))
    assert linked.states() == {"东村": "answered"}


def test_what_is_no_link(linked: Town) -> None:
    linked.warn(over=IN_EAST)
    token = token_to(linked, EAST_LEADER)
    for typed in ("", "0" * 12, token[:-1], token + "0"):
        assert links.opened(linked.world, typed, linked.now) is None
        assert links.answer(linked.world, typed, "1", {}, linked.now) is None
    assert look(linked, token.upper() + "。").task.id == look(linked, token).task.id


# households --------------------------------------------------------------------------------------


def said(town: Town) -> list[tuple[int, int, int | None, str]]:
    with town.db.read() as tx:
        held = relay_by_callout(tx, town.last).values()
    return [
        (one["households_told"], one["households_not_told"], one["growers_told"], one["via"])
        for one in held
    ]


def test_counts_say_that_the_warning_was_understood(linked: Town) -> None:
    linked.warn(over=IN_EAST)
    token = token_to(linked, EAST_LEADER)
    for _ in range(2):
        press(linked, token, None, 东村=Counts(120, 30, 8))
    assert said(linked) == [(120, 30, 8, "link")]
    assert linked.answers() == [(EAST_LEADER, "link", "1")]
    press(linked, token, None, 东村=Counts(150, 0))
    assert said(linked) == [(150, 0, None, "link")]
    assert linked.answers() == [(EAST_LEADER, "link", "1")]


def test_counts_of_somebody_elses_grid_are_refused_whole(linked: Town) -> None:
    linked.warn()
    town_leader = look(linked, token_to(linked, EAST_LEADER)).cells[0]["respondent_id"]
    west = token_to(linked, "+8613800000011")
    with pytest.raises(LookupError):
        links.answer(linked.world, west, None, {town_leader: Counts(1, 1)}, linked.now)
    assert said(linked) == []
    assert linked.answers() == []


def test_whoever_is_only_told_answers_for_no_grid_and_may_count(linked: Town) -> None:
    linked.warn(over=IN_EAST, level="red")
    press(linked, token_to(linked, TOWN_LEADER), None, 东村=Counts(9, 1))
    assert said(linked) == [(9, 1, None, "link")]
    assert linked.answers() == [(TOWN_LEADER, "link", "1")]
