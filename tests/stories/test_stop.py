"""An officer stops the calling (停止叫应): what can still be caught is, and the rest is told."""

from alertcast.dispatch import claim, send
from tests.stories.town import EAST_LEADER, EAST_SECRETARY, IN_EAST, Town, phones


def test_stopping_in_the_middle_says_what_was_dropped_and_what_had_gone(town: Town) -> None:
    town.configure(dispatch={"batch": 1})
    town.climb_first(IN_EAST)
    send.send_due(town.world, "sms", "live", town.now)
    stopped = town.stop()
    assert stopped is not None
    assert (stopped.dropped, stopped.gone) == (1, 1)
    town.tick(minutes=60)
    assert len(town.sms.outbox) == 1
    assert town.voice.outbox == []
    assert town.states() == {"东村": "cancelled"}
    assert town.audited() == [("wang", "stop")]


def test_what_a_sender_holds_at_that_moment_does_not_leave(town: Town) -> None:
    town.climb_first(IN_EAST)
    held = claim.claim(town.world, "sms", "live", town.now)
    town.stop()
    assert [send.hand_over(town.world, [one], town.now) for one in held] == [0, 0]
    assert town.sms.outbox == []
    assert town.messages(EAST_LEADER) == [("sms", "cancelled", "cancelled")]
    assert town.requests(EAST_LEADER, "sms") == ["withheld"]


def test_a_call_on_the_line_hears_that_it_was_stopped(town: Town) -> None:
    town.warn(over=IN_EAST)
    town.tick(minutes=10)
    town.stop()
    assert "本次叫应已经停止" in town.pick_up(EAST_LEADER)


def test_a_call_that_ends_busy_after_that_is_not_made_again(town: Town) -> None:
    town.warn(over=IN_EAST)
    town.tick(minutes=10)
    town.stop()
    town.report(town.voice, EAST_SECRETARY, "busy")
    assert town.messages(EAST_SECRETARY)[-1] == ("voice", "unanswered", "busy")


def test_a_request_of_unknown_outcome_is_not_made_again(town: Town) -> None:
    town.climb_first(IN_EAST)
    claim.claim(town.world, "sms", "live", town.now)
    town.stop()
    town.rest(seconds=40)
    town.rest(seconds=40)
    assert town.sms.outbox == []
    assert town.messages(EAST_LEADER)[0][1] == "cancelled"


def test_an_answer_after_that_is_kept(town: Town) -> None:
    town.warn(over=IN_EAST)
    town.tick(minutes=10)
    town.stop()
    town.press_1(EAST_LEADER)
    assert town.answers() == [(EAST_LEADER, "key", "1")]
    assert town.states() == {"东村": "cancelled"}


def test_stopping_twice_is_once(town: Town) -> None:
    town.warn(over=IN_EAST)
    town.stop()
    assert town.stop() is None
    assert town.audited() == [("wang", "stop")]


def test_the_other_broadcasts_go_on(town: Town) -> None:
    town.warn(over=IN_EAST)
    notice = town.notice("请核对值班电话。", "441224101002")
    town.stop(notice)
    town.tick(minutes=10)
    assert sorted(phones(town.voice)) == [EAST_LEADER, EAST_SECRETARY]
