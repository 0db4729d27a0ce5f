"""The first poll of a source ever: what was in force before that is not sent in a blast."""

from dataclasses import replace
from datetime import datetime, timedelta

from alertcast.dispatch import ingest
from alertcast.sources.base import Memory, Polled
from alertcast.sources.folder import Folder
from tests.stories.published import Warned, cap, info
from tests.stories.town import EAST_LEADER, EVENING, IN_EAST, IN_WEST, WEST_LEADER, Town, phones


class Listed(Folder):
    """A publisher that lists what is in force."""

    def poll(self, memory: Memory, now: datetime) -> Polled:
        return replace(super().poll(memory, now), is_put=False)


OLD = Warned("old", EVENING - timedelta(hours=2))
FRESH = Warned("fresh", EVENING - timedelta(minutes=50))


def lies_there(town: Town, name: str, document: str) -> None:
    inbox = town.folder / "inbox"
    inbox.mkdir(exist_ok=True)
    (inbox / f"{name}.xml").write_text(document, "utf-8")


def poll(town: Town) -> ingest.Taken:
    source = Listed("inbox", Folder.Settings(path=town.folder / "inbox"))
    taken = ingest.poll(town.world, source, town.now)
    town.tick()
    return taken


def test_what_was_in_force_long_before_is_left_to_an_officer(town: Town) -> None:
    lies_there(town, "old", cap(OLD, info(town.now, IN_EAST, "red")))
    lies_there(town, "fresh", cap(FRESH, info(town.now, IN_WEST, "red")))
    poll(town)
    word, why = town.decision("old")
    assert word == "held"
    assert "首次读取" in why
    assert town.decision("fresh")[0] == "broadcast"
    assert WEST_LEADER in phones(town.sms)
    assert EAST_LEADER not in phones(town.sms)


def test_an_officer_starts_it(town: Town) -> None:
    lies_there(town, "old", cap(OLD, info(town.now, IN_EAST, "red")))
    poll(town)
    poll(town)
    assert phones(town.sms) == []
    town.start(OLD)
    assert EAST_LEADER in phones(town.sms)


def test_its_update_is_news(town: Town) -> None:
    lies_there(town, "old", cap(OLD, info(town.now, IN_EAST, "orange")))
    poll(town)
    update = Warned("update", town.now)
    said = cap(update, info(town.now, IN_EAST, "red"), msg_type="Update", replaces=OLD)
    lies_there(town, "update", said)
    poll(town)
    assert town.decision("update")[0] == "broadcast"
    assert town.in_force() == [update.sent]


def test_its_end_is_told_to_nobody(town: Town) -> None:
    lies_there(town, "old", cap(OLD, info(town.now, IN_EAST, "orange")))
    poll(town)
    end = cap(Warned("end", town.now), "", msg_type="Cancel", replaces=OLD)
    lies_there(town, "end", end)
    poll(town)
    assert town.decision("end")[0] == "ended"
    assert town.in_force() == []
    assert phones(town.sms) == []


def test_what_comes_late_afterwards_is_told(town: Town) -> None:
    (town.folder / "inbox").mkdir()
    poll(town)
    lies_there(town, "old", cap(OLD, info(town.now, IN_EAST, "red")))
    poll(town)
    assert town.decision("old")[0] == "broadcast"


def test_what_somebody_puts_into_a_folder_is_no_backlog(town: Town) -> None:
    lies_there(town, "old", cap(OLD, info(town.now, IN_EAST, "red")))
    ingest.poll(town.world, Folder("inbox", Folder.Settings(path=town.folder / "inbox")), town.now)
    town.tick()
    assert town.decision("old")[0] == "broadcast"
