"""An officer has looked at a contradiction: it is red no more until something new is said."""

from alertcast.dispatch import note
from alertcast.dispatch.watch import look
from alertcast.store import alerts, audit, witnesses
from tests.stories.published import Warned, cap, info
from tests.stories.town import IN_EAST, IN_WEST, Town

ONE = "any-1"


def say(town: Town, source: str, level: str, over=IN_EAST, sent=None) -> None:
    warned = Warned(ONE, sent or town.now)
    town.publish(cap(warned, info(town.now, over, level)), source)


def number(town: Town) -> int:
    with town.db.read() as tx:
        (found,) = alerts.find(tx, ONE)
    return found


def red(town: Town) -> list[int]:
    """Return how many contradictions the first page shows of each alert."""
    with town.db.read() as tx:
        return [one.count for one in look(town.world, tx, town.now) if one.what == "dissent"]


def last(town: Town) -> int:
    """Return the number of the contradiction that came last."""
    with town.db.read() as tx:
        return max(one["id"] for one in witnesses.dissents(tx, number(town)))


def test_noted_it_leaves_the_first_page_and_is_recorded(town: Town) -> None:
    say(town, "inbox", "orange")
    say(town, "second", "blue")
    assert red(town) == [1]
    assert note.note(town.world, number(town), last(town), "wang", town.now) == 1
    assert red(town) == []
    assert ("wang", "note") in town.audited()
    with town.db.read() as tx:
        (row,) = [one for one in audit.listed(tx) if one["action"] == "note"]
        (kept,) = witnesses.dissents(tx, number(town))
    assert row["subject"] == f"alert:{number(town)}"
    assert row["detail"] == {"noted": ["second level"]}
    assert (kept["noted_by"], kept["noted_at"]) == ("wang", town.now)


def test_twice_is_once(town: Town) -> None:
    say(town, "inbox", "orange")
    say(town, "second", "blue")
    until = last(town)
    assert note.note(town.world, number(town), until, "wang", town.now) == 1
    assert note.note(town.world, number(town), until, "li", town.now) == 0
    assert [who for who, action in town.audited() if action == "note"] == ["wang"]


def test_the_same_again_stays_noted(town: Town) -> None:
    sent = town.now
    say(town, "inbox", "orange")
    say(town, "second", "blue")
    note.note(town.world, number(town), last(town), "wang", town.now)
    say(town, "second", "blue", sent=sent)
    assert red(town) == []


def test_another_thing_that_is_said_is_red_again(town: Town) -> None:
    sent = town.now
    say(town, "inbox", "orange")
    say(town, "second", "blue")
    note.note(town.world, number(town), last(town), "wang", town.now)
    say(town, "second", "red", sent=sent)
    assert red(town) == [1]
    note.note(town.world, number(town), last(town), "wang", town.now)
    say(town, "third", "orange", IN_WEST, sent=sent)
    assert red(town) == [1]


def test_what_came_after_the_officer_looked_is_not_noted(town: Town) -> None:
    sent = town.now
    say(town, "inbox", "orange")
    say(town, "second", "blue")
    seen = last(town)
    say(town, "third", "red", sent=sent)
    assert note.note(town.world, number(town), seen, "wang", town.now) == 1
    assert red(town) == [1]


def test_of_an_alert_that_nobody_contradicts_there_is_nothing_to_note(town: Town) -> None:
    say(town, "inbox", "orange")
    assert note.note(town.world, number(town), 99, "wang", town.now) == 0
    assert town.audited() == []
