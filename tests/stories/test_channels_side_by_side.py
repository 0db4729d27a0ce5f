"""Two channels of one kind for different numbers: what waits for one holds up no other."""

import pytest

from alertcast.channels.base import ChannelSettings
from alertcast.channels.memory import MemoryChannel
from alertcast.core.roster import Person, Post
from alertcast.dispatch import send
from alertcast.store import channels
from tests.stories.seen import EAST
from tests.stories.town import IN_EAST, Town, phones

ABROAD = [f"+852912345{number:02d}" for number in range(3)]


def line(name: str, prefix: str, rate: float = 1000) -> MemoryChannel:
    burst = max(1, round(rate))
    settings = {"type": "memory", "rate": rate, "burst": burst, "prefixes": (prefix,)}
    return MemoryChannel(name, "sms", settings=ChannelSettings.model_validate(settings))


def enrol(town: Town, here: int) -> None:
    """Leaders of the east: so many here first, and three abroad after them."""
    numbers = [f"+86138{number:08d}" for number in range(here)] + ABROAD
    town.enrol(
        [Person(f"p{at}", f"某{at}", phone) for at, phone in enumerate(numbers)],
        [Post(f"p{at}", "branch_leader", EAST) for at in range(len(numbers))],
    )


@pytest.mark.parametrize("first", ["here", "abroad"])
def test_a_stopped_channel_with_many_in_front_holds_up_no_other(town: Town, first: str) -> None:
    town.configure(dispatch={"batch": 2})
    enrol(town, here=30)  # fifteen batches: more than are looked through at once
    here, abroad = line("sms", "+86"), line("abroad", "+852")
    town.channels = [here, abroad] if first == "here" else [abroad, here]
    with town.db.write() as tx:
        channels.stop(tx, "sms", "account")
    town.warn_asleep(IN_EAST, "orange")
    for _ in range(60):
        send.send_due(town.world, "sms", "live", town.now)
    assert sorted(phones(abroad)) == ABROAD
    assert phones(here) == []


def test_a_slow_channel_with_many_in_front_holds_up_no_other(town: Town) -> None:
    town.configure(dispatch={"batch": 10})
    enrol(town, here=40)
    here, abroad = line("sms", "+86", rate=2), line("abroad", "+852")
    town.channels = [here, abroad]
    town.warn_asleep(IN_EAST, "orange")
    send.send_due(town.world, "sms", "live", town.now)  # five batches hold all of them
    assert sorted(phones(abroad)) == ABROAD
    assert 1 <= len(phones(here)) < 40


def test_what_two_batches_of_one_claim_carry_leaves_once(town: Town) -> None:
    town.configure(dispatch={"batch": 3})
    enrol(town, here=9)
    town.channels = [line("sms", "+86"), line("abroad", "+852")]
    town.warn_asleep(IN_EAST, "orange")
    for _ in range(20):
        send.send_due(town.world, "sms", "live", town.now)
    told = [phone for one in town.channels for phone in phones(one)]
    assert len(told) == len(set(told)) == 12
