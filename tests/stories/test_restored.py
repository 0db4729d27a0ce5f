"""A database restored from a backup calls nobody by itself: what was running waits for a human."""

from datetime import timedelta
from pathlib import Path

from alertcast.channels.base import Outcome, Request, Sent
from alertcast.dispatch import answers, claim, desk, receive
from alertcast.store.backup import back_up
from alertcast.store.restore import Restored, restore
from tests.stories.town import (
    COUNTY_DESK,
    EAST_LEADER,
    EAST_SECRETARY,
    IN_EAST,
    IN_WEST,
    TOWN_DESK,
    WEST_LEADER,
    WEST_SECRETARY,
    Town,
    phones,
)
from tests.web.site import Site


def backed_up(town: Town) -> Path:
    file = town.folder / f"{town.now:%H%M%S}.backup"
    back_up(town.db, file, town.now)
    return file


def burn_and_restore(town: Town, file: Path, *, hours: float = 1) -> Restored:
    """Lose everything since the backup, and be back some time later."""
    town.now += timedelta(hours=hours)
    town.db.ahead += timedelta(hours=hours)
    return restore(town.db, file, town.now, user="cli:li", force=True)


def lost(request: Request) -> Sent:
    """A request that never got there, and whose sender does not know."""
    return Sent(request.token, Outcome.UNKNOWN)


def told(town: Town) -> int:
    return len(town.sms.outbox) + len(town.voice.outbox)


def approve(town: Town) -> None:
    assert desk.approve(town.world, town.last, "chen", town.now)
    town.tick()


def test_nothing_of_it_leaves_before_somebody_says_so(town: Town) -> None:
    town.warn(over=IN_EAST)
    file = backed_up(town)
    before = told(town)
    done = burn_and_restore(town, file)
    assert (done.held, town.broadcast().state) == ((1,), "held")
    town.tick(minutes=90)
    assert told(town) == before
    assert town.states() == {"东村": "open"}


def test_confirmed_it_goes_on_one_rung_at_a_time(town: Town) -> None:
    town.warn(over=IN_EAST)
    burn_and_restore(town, backed_up(town))
    town.tick(minutes=30)
    approve(town)
    assert sorted(phones(town.voice)) == [EAST_LEADER, EAST_SECRETARY]
    town.press_1(EAST_LEADER)
    assert town.states() == {"东村": "answered"}
    assert ("chen", "approve") in town.audited()


def test_stopped_it_stays_so(town: Town) -> None:
    town.warn(over=IN_EAST)
    burn_and_restore(town, backed_up(town))
    before = told(town)
    assert town.stop() is not None
    town.tick(minutes=90)
    assert (town.broadcast().state, told(town)) == ("cancelled", before)


def test_what_was_in_its_undo_window_does_not_begin(town: Town) -> None:
    town.configure(dispatch={"undo": "5m"})
    town.notice("今晚检查驿站", "441224101001")
    burn_and_restore(town, backed_up(town))
    town.tick(minutes=30)
    assert (town.broadcast().state, town.states(), told(town)) == ("held", {"西村": "planned"}, 0)
    approve(town)
    assert sorted(phones(town.sms)) == [WEST_LEADER, WEST_SECRETARY]


def test_a_request_under_way_is_asked_about_and_its_answer_counts(town: Town) -> None:
    town.warn(over=IN_EAST, level="red")
    burn_and_restore(town, backed_up(town))
    town.press_1(EAST_LEADER)
    assert town.states() == {"东村": "answered"}
    assert town.broadcast().state == "held"


def test_a_request_that_was_lost_is_made_again_only_after_the_word(town: Town) -> None:
    town.sms.answers.extend([lost, lost])
    town.warn(over=IN_EAST)
    assert {state for _, state, _ in town.messages(EAST_LEADER)} == {"unsure"}
    burn_and_restore(town, backed_up(town))
    town.rest()
    assert town.messages(EAST_LEADER)[0][:2] == ("sms", "queued")
    assert town.requests(EAST_LEADER, "sms") == ["absent"]
    approve(town)
    assert town.requests(EAST_LEADER, "sms") == ["absent", "accepted"]


def test_calls_for_help_go_to_the_officers_list(town: Town) -> None:
    town.warn(over=IN_EAST, level="red")
    request = next(one for one in town.voice.outbox if one.phone == EAST_LEADER)
    callback = town.voice.callback("keys", request.token, key="2")
    receive.receive(town.world, callback, town.now)  # the desk has not been called yet
    done = burn_and_restore(town, backed_up(town))
    town.tick(minutes=5)
    assert done.dial == 2  # of the town and of the county
    assert TOWN_DESK not in phones(town.voice)
    assert TOWN_DESK in town.to_dial()


def test_calls_for_help_that_were_under_way_are_not_made_again(town: Town) -> None:
    town.warn(over=IN_EAST, level="red")
    town.press("2", EAST_LEADER)
    assert town.messages(TOWN_DESK)[0][:2] == ("voice", "underway")
    before = told(town)
    done = burn_and_restore(town, backed_up(town))
    assert done.dial == 2
    for sent in town.voice.held.values():
        town.voice.states[str(sent.provider_ref)] = "no_answer"
    town.rest()
    town.tick(minutes=10)
    assert town.requests(TOWN_DESK, "voice") == ["no_answer"]  # what became of it is still learnt
    assert told(town) == before
    assert {TOWN_DESK, COUNTY_DESK} <= set(town.to_dial())


def restored_the_desks_are_left_to_an_officer(town: Town) -> None:
    before = told(town)
    burn_and_restore(town, backed_up(town))
    town.rest()
    town.tick(minutes=10)
    assert town.requests(TOWN_DESK, "voice") == ["absent"]
    assert told(town) == before
    assert {TOWN_DESK, COUNTY_DESK} <= set(town.to_dial())


def test_calls_for_help_that_were_lost_are_not_made_again(town: Town) -> None:
    town.warn(over=IN_EAST, level="red")
    town.voice.answers.extend([lost, lost])
    town.press("2", EAST_LEADER)
    assert town.messages(TOWN_DESK)[0][:2] == ("voice", "unsure")
    restored_the_desks_are_left_to_an_officer(town)


def test_calls_for_help_that_were_claimed_are_not_made_again(town: Town) -> None:
    town.warn(over=IN_EAST, level="red")
    request = next(one for one in town.voice.outbox if one.phone == EAST_LEADER)
    callback = town.voice.callback("keys", request.token, key="2")
    receive.receive(town.world, callback, town.now)
    assert len(claim.claim(town.world, "voice", "live", town.now)) == 2  # killed right after
    restored_the_desks_are_left_to_an_officer(town)


def test_a_call_for_help_that_was_closed_is_on_no_list(town: Town) -> None:
    town.warn(over=IN_EAST, level="red")
    town.press("2", EAST_LEADER)
    (asked,) = town.help_requests()
    assert answers.close_help(town.world, asked["id"], "wang", "went there", town.now)
    assert burn_and_restore(town, backed_up(town)).dial == 0


def test_a_new_warning_is_told_at_once_and_takes_over_what_is_held(town: Town) -> None:
    warned = town.warn(over=IN_EAST)
    burn_and_restore(town, backed_up(town))
    town.warn(over=[(IN_EAST, "red"), (IN_WEST, "red")], replaces=warned)
    assert town.states(1) == {"东村": "superseded"}
    assert town.states() == {"东村": "open", "西村": "open"}
    assert {EAST_LEADER, WEST_LEADER} <= set(phones(town.voice))


def test_a_warning_that_is_prolonged_prolongs_what_is_held(town: Town) -> None:
    warned = town.warn(over=IN_EAST, hours=2)
    burn_and_restore(town, backed_up(town))
    town.warn(over=IN_EAST, replaces=warned, hours=12)
    assert town.broadcast(1).state == "held"
    assert town.broadcast(1).expires_at == town.now + timedelta(hours=12)


def test_the_end_of_the_warning_withdraws_what_is_held(town: Town) -> None:
    warned = town.warn(over=IN_EAST)
    burn_and_restore(town, backed_up(town))
    town.lift(warned)
    assert town.broadcast(1).state == "cancelled"
    assert [one.template for one in town.sms.outbox].count("all_clear.sms") == 2


def test_the_page_shows_it_red_and_lets_an_approver_decide(town: Town) -> None:
    town.warn(over=IN_EAST)
    burn_and_restore(town, backed_up(town))
    site = Site(town)
    assert "恢复后暂停" in site.user("officer").get("/").text
    assert "请带班领导确认" in site.user("officer").get("/broadcasts/1").text
    chief = site.user("approver")
    assert "确认继续" in chief.get("/broadcasts/1").text
    chief.send("/broadcasts/1/approve", sure="yes")
    assert town.broadcast().state == "running"
    assert "恢复后暂停" not in chief.get("/").text
