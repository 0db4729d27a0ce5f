"""The first poll of a source ever: what was in force before that is not sent in a blast."""

from datetime import timedelta

from alertcast.dispatch import ingest
from alertcast.sources.folder import Folder
from tests.stories import publishers
from tests.stories.published import Warned, cap, info
from tests.stories.town import EAST_LEADER, EVENING, IN_EAST, IN_WEST, WEST_LEADER, Town, phones

OLD = Warned("old", EVENING - timedelta(hours=2))
FRESH = Warned("fresh", EVENING - timedelta(minutes=50))


def lies_there(town: Town, name: str, document: str) -> None:
    publishers.publisher("new").publish_document(document.encode(), "", town.now, name)


def poll(town: Town) -> None:
    town.poll("new")
    town.tick()


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
    poll(town)
    lies_there(town, "old", cap(OLD, info(town.now, IN_EAST, "red")))
    poll(town)
    assert town.decision("old")[0] == "broadcast"


def test_what_the_first_poll_left_for_the_next_is_left_to_an_officer_too(town: Town) -> None:
    lies_there(town, "old", cap(OLD, info(town.now, IN_EAST, "red")))
    lies_there(town, "fresh", cap(FRESH, info(town.now, IN_WEST, "red")))
    source = publishers.feed("new", max_links=1)
    ingest.poll(town.world, source, town.now)
    town.tick()
    assert town.in_force() == [FRESH.sent], "the newest comes first"
    ingest.poll(town.world, source, town.now)
    town.tick()
    assert [town.decision(one)[0] for one in ("fresh", "old")] == ["broadcast", "held"]
    assert EAST_LEADER not in phones(town.sms)


def test_what_comes_late_once_all_of_it_has_come_is_told(town: Town) -> None:
    lies_there(town, "fresh", cap(FRESH, info(town.now, IN_WEST, "red")))
    lies_there(town, "end", cap(Warned("end", town.now), "", msg_type="Cancel", replaces=FRESH))
    ingest.poll(town.world, publishers.feed("new", max_links=1), town.now)
    poll(town)
    lies_there(town, "old", cap(OLD, info(town.now, IN_EAST, "red")))
    poll(town)
    assert town.decision("old")[0] == "broadcast"


def test_while_some_of_it_is_still_to_come_what_was_sent_since_is_told(town: Town) -> None:
    lies_there(town, "bad", "<alert>")  # it can never be read
    poll(town)
    town.now += timedelta(hours=3)
    later = Warned("later", town.now - timedelta(hours=2))
    lies_there(town, "later", cap(later, info(town.now, IN_EAST, "red")))
    poll(town)
    assert town.decision("later")[0] == "broadcast"


def test_what_somebody_puts_into_a_folder_is_no_backlog(town: Town) -> None:
    inbox = town.folder / "inbox"
    inbox.mkdir()
    inbox.joinpath("old.xml").write_text(cap(OLD, info(town.now, IN_EAST, "red")), "utf-8")
    ingest.poll(town.world, Folder("folder", Folder.Settings(path=inbox)), town.now)
    town.tick()
    assert town.decision("old")[0] == "broadcast"
