"""A drill (演练) is a drill in every word, and never touches a live channel."""

from tests.stories.seen import EAST
from tests.stories.town import (
    COUNTY_DESK,
    EAST_LEADER,
    EAST_SECRETARY,
    EVERYBODY,
    IN_EAST,
    SHAPES,
    TOWN_DESK,
    Town,
    phones,
)


def test_without_a_drill_channel_a_drill_is_dialled_by_hand(town: Town) -> None:
    town.notice("检验叫应流程。", EAST, mode="drill")
    town.tick(minutes=60)
    assert town.sms.outbox == []
    assert town.voice.outbox == []
    assert sorted(town.to_dial()) == [EAST_LEADER, EAST_SECRETARY]


def test_a_drill_begins_and_ends_with_the_word(town: Town) -> None:
    sms, voice = town.add_drill_channels()
    town.notice("检验叫应流程。", EAST, mode="drill")
    town.tick(minutes=15)
    assert town.sms.outbox == []
    assert town.voice.outbox == []
    for one in sms.outbox + voice.outbox:
        assert one.text.startswith("演练")
        assert one.text.endswith("演练")
    assert phones(voice) == [EAST_LEADER, EAST_SECRETARY]


def test_a_drill_channel_refuses_what_is_live(town: Town) -> None:
    sms, voice = town.add_drill_channels()
    town.channels = [sms, voice]
    town.warn(over=IN_EAST)
    town.tick(minutes=10)
    assert sms.outbox == []
    assert voice.outbox == []
    assert sorted(town.to_dial()) == [EAST_LEADER, EAST_SECRETARY]


def test_a_test_message_of_the_authority_can_be_drilled_and_not_sent(town: Town) -> None:
    sms, _ = town.add_drill_channels()
    warned = town.warn(over=IN_EAST, status="Exercise")
    town.start(warned, mode="drill")
    assert sorted(phones(sms)) == [EAST_LEADER, EAST_SECRETARY]
    assert town.why_not(warned) == "该预警状态为 Exercise，只能用于演练"


def test_a_drill_of_a_warning_in_force_leaves_the_real_calling_alone(town: Town) -> None:
    town.add_drill_channels()
    warned = town.warn(over=IN_EAST)
    live = town.last
    town.start(warned, mode="drill")
    assert town.states(live) == {"东村": "open"}
    assert town.states() == {"东村": "open"}


def test_the_end_of_a_warning_is_not_told_to_those_who_only_drilled_it(town: Town) -> None:
    sms, _ = town.add_drill_channels()
    warned = town.warn(over=SHAPES[EAST].buffer(-0.2), level="blue")
    town.start(warned, mode="drill")
    town.lift(warned)
    assert town.sms.outbox == []
    assert len(sms.outbox) == 2


def test_help_in_a_drill_is_called_as_a_drill(town: Town) -> None:
    _, voice = town.add_drill_channels()
    town.notice("检验叫应流程。", EAST, mode="drill")
    town.tick(minutes=15)
    town.press("2", EAST_LEADER, voice)
    assert TOWN_DESK in phones(voice)
    assert voice.outbox[-1].text.startswith("演练")
    assert town.voice.outbox == []


def test_every_spoken_reply_in_a_drill_says_so(town: Town) -> None:
    _, voice = town.add_drill_channels()
    town.notice("检验叫应流程。", EAST, mode="drill")
    town.tick(minutes=15)
    for key in ("3", "2", "1"):
        said = town.press(key, EAST_LEADER, voice)
        assert said.startswith("演练")
        assert said.endswith("演练")
    assert "演练。谢谢，您的应答已经记录。再见。演练" in said


def test_nothing_spoken_says_drill_when_it_is_none(town: Town) -> None:
    town.warn(over=IN_EAST)
    town.tick(minutes=10)
    assert "演练" not in town.pick_up(EAST_LEADER) + town.press_1(EAST_LEADER)


def test_who_is_not_enrolled_is_not_told_in_a_drill(town: Town) -> None:
    sms, voice = town.add_drill_channels()
    town.settle_in(EVERYBODY, undrilled=[EAST_SECRETARY])
    town.notice("检验叫应流程。", EAST, mode="drill")
    town.tick(minutes=60)
    assert EAST_LEADER in phones(voice)
    assert EAST_SECRETARY not in phones(sms) + phones(voice) + town.to_dial()


def test_who_is_not_enrolled_is_told_of_a_real_warning(town: Town) -> None:
    town.settle_in(EVERYBODY, undrilled=[EAST_SECRETARY])
    town.warn(over=IN_EAST)
    assert EAST_SECRETARY in phones(town.sms)


def test_a_desk_that_is_not_enrolled_is_not_called_for_help_in_a_drill(town: Town) -> None:
    _, voice = town.add_drill_channels()
    town.settle_in(EVERYBODY, undrilled=[TOWN_DESK])
    town.notice("检验叫应流程。", EAST, mode="drill")
    town.tick(minutes=15)
    town.press("2", EAST_LEADER, voice)
    assert COUNTY_DESK in phones(voice)
    assert TOWN_DESK not in phones(voice) + town.to_dial()


def test_drills_leave_after_everything_live(town: Town) -> None:
    town.warn(over=IN_EAST, level="yellow")
    warning = town.last
    drill = town.notice("检验叫应流程。", EAST, mode="drill")
    assert town.priority(warning) < town.priority(drill)
