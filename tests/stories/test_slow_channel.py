"""A provider fails, or takes all and reports nothing: another one carries, and it is seen."""

from datetime import timedelta

import pytest

from alertcast.channels.base import ChannelSettings, Outcome, Request, Sent
from alertcast.channels.memory import MemoryChannel
from alertcast.dispatch.slow import LEAST, WINDOW, avoid_slow, is_slow
from alertcast.store import channels
from alertcast.store.channels import BREAKS_AT, SLOW_FOR
from alertcast.store.unheard import Heard
from tests.stories.seen import EAST, SOUTH, WEST
from tests.stories.town import IN_EAST, IN_SOUTH, IN_WEST, Town, phones

MANY = [f"+86138000010{number:02d}" for number in range(LEAST)]
OTHERS = [f"+86138000020{number:02d}" for number in range(LEAST)]
LAST = [f"+86138000030{number:02d}" for number in range(LEAST)]


@pytest.fixture
def two(town: Town) -> Town:
    """The town with two carriers of texts, and ten leaders in each grid."""
    town.channels.insert(1, MemoryChannel("sms2", "sms"))
    posts = [(phone, "branch_leader", EAST) for phone in MANY]
    posts += [(phone, "branch_leader", WEST) for phone in OTHERS]
    posts += [(phone, "branch_leader", SOUTH) for phone in LAST]
    town.settle_in(posts)
    town.warn(over=IN_EAST)
    assert sorted(phones(town.sms)) == MANY
    return town


def second(town: Town) -> MemoryChannel:
    found = town.channels[1]
    assert isinstance(found, MemoryChannel)
    return found


def trouble(town: Town) -> list[tuple[str, str]]:
    with town.db.read() as tx:
        found = channels.in_trouble(tx, town.db.real_now(tx))
    return [(one.name, one.why) for one in found]


def later(town: Town, minutes: float = 2.5) -> list[str]:
    """Let time pass without anybody asking the provider, and look."""
    town.now += timedelta(minutes=minutes)
    return avoid_slow(town.world, town.now)


def test_nothing_is_reported_so_the_other_carries_and_nobody_gets_it_twice(two: Town) -> None:
    assert later(two) == ["sms"]
    assert trouble(two) == [("sms", "slow")]
    two.warn(over=IN_WEST)
    assert sorted(phones(two.sms)) == MANY
    assert sorted(phones(second(two))) == OTHERS


def test_it_is_found_once_and_comes_back_by_itself_at_a_small_pace(two: Town) -> None:
    two.sms.settings = ChannelSettings(type="memory", rate=10, burst=1)
    assert later(two) == ["sms"]
    assert later(two, 0.5) == []
    two.db.ahead += SLOW_FOR + timedelta(seconds=1)
    assert trouble(two) == []
    assert later(two, 0.5) == []  # the old messages say nothing new
    two.warn(over=IN_WEST)
    assert 0 < len(two.sms.outbox) - len(MANY) < len(OTHERS)
    assert sorted(phones(two.sms) + phones(second(two))) == sorted(MANY + OTHERS)
    two.rest(seconds=60)
    two.warn(over=IN_SOUTH)
    assert sorted(phones(two.sms))[-1:] == LAST[-1:]


def test_still_silent_after_its_rest_it_is_found_again(two: Town) -> None:
    assert later(two) == ["sms"]
    two.db.ahead += SLOW_FOR + timedelta(minutes=2)
    two.warn(over=IN_WEST)
    assert sorted(phones(two.sms)) == sorted(MANY + OTHERS)
    assert later(two) == ["sms"]


def test_sent_may_be_the_last_word(two: Town) -> None:
    for phone in MANY:
        two.report(two.sms, phone, "sent")
    assert later(two) == []


@pytest.mark.parametrize(("reported", "found"), [(5, ["sms"]), (6, [])])
def test_half_of_them_are_needed(two: Town, reported: int, found: list[str]) -> None:
    for phone in MANY[:reported]:
        two.report(two.sms, phone, "queued")
    assert later(two) == found


def test_what_was_sent_just_now_or_long_ago_says_nothing(two: Town) -> None:
    assert later(two, 1.9) == []
    assert later(two, WINDOW.total_seconds() / 60) == []


def test_too_few_messages_say_nothing() -> None:
    assert not is_slow(Heard(LEAST - 1, LEAST - 1))
    assert is_slow(Heard(LEAST, LEAST // 2))
    assert not is_slow(Heard(1000, 499))


def test_without_another_that_can_carry_it_goes_on(two: Town) -> None:
    with two.db.write() as tx:
        channels.stop(tx, "sms2", "account")
    assert later(two) == []
    two.warn(over=IN_WEST)
    assert sorted(phones(two.sms)) == sorted(MANY + OTHERS)


def test_a_channel_that_never_reports_is_not_expected_to(two: Town) -> None:
    two.sms.gives_receipts = False
    assert later(two) == []


def test_what_no_other_can_carry_still_leaves(two: Town) -> None:
    second(two).refuse = lambda phone: "not_allowed" if phone in OTHERS else None
    assert later(two) == ["sms"]
    two.warn(over=IN_WEST)
    two.warn(over=IN_SOUTH)
    assert sorted(phones(two.sms)) == sorted(MANY + OTHERS)
    assert sorted(phones(second(two))) == LAST


def test_while_the_other_rests_the_slow_one_carries(two: Town) -> None:
    assert later(two) == ["sms"]
    with two.db.write() as tx:
        real_now = two.db.real_now(tx)
        channels.pause(tx, "sms2", real_now + timedelta(minutes=4), real_now)
    two.warn(over=IN_WEST)
    assert second(two).outbox == []
    assert sorted(phones(two.sms)) == sorted(MANY + OTHERS)


def test_a_call_that_is_going_on_owes_no_report_yet(town: Town) -> None:
    town.channels.append(MemoryChannel("voice2", "voice"))
    town.settle_in([(phone, "branch_leader", EAST) for phone in MANY])
    town.warn(over=IN_EAST, level="red")
    assert sorted(phones(town.voice)) == MANY
    town.now += timedelta(minutes=3)
    assert "voice" not in avoid_slow(town.world, town.now)
    town.now += timedelta(minutes=2)
    assert "voice" in avoid_slow(town.world, town.now)


def test_five_answers_lost_in_a_row_and_the_other_carries(two: Town) -> None:
    def lost(one: Request) -> Sent:
        return Sent(one.token, Outcome.UNKNOWN, code="500")

    two.sms.answers += [lost] * BREAKS_AT
    two.sms.settings = ChannelSettings(type="memory", rate=1000, burst=BREAKS_AT)
    two.configure(dispatch={"batch": BREAKS_AT})
    two.warn(over=IN_WEST)
    assert trouble(two) == [("sms", "failing")]
    rest = set(phones(second(two)))
    assert len(rest) == len(OTHERS) - BREAKS_AT
    assert set(OTHERS) - rest == set(phones(two.sms)) - set(MANY)


def test_an_officer_may_let_it_work_again_at_once(two: Town) -> None:
    assert later(two) == ["sms"]
    with two.db.write() as tx:
        channels.start(tx, "sms", two.db.real_now(tx))
    assert trouble(two) == []
    assert later(two, 0.5) == []
