"""The shift log writes key events by itself; one shift hands over to the next, and it takes two."""

import pytest

from alertcast.dispatch import answers, handover
from alertcast.dispatch.handover import CanNotHandOver
from alertcast.store.report_log import log_entries
from tests.stories.town import COUNTY, EAST_LEADER, IN_EAST, IN_WEST, Town


def log(town: Town, area: str = "") -> list[str]:
    """Return the log of this story, a line an entry."""
    since, until = town.now.replace(hour=0), town.now.replace(hour=23)
    with town.db.read() as tx:
        found = log_entries(tx, town.db.vault, since, until, area=area)
    return [" ".join(filter(None, (one["what"], one["user"], one["text"]))) for one in found]


def is_open(town: Town, area: str = "") -> list[tuple[str, int]]:
    with town.db.read() as tx:
        return [
            (one["what"], one["count"])
            for one in handover.open_items(town.world, tx, town.now, area)
        ]


def test_what_happens_is_in_the_log_by_itself_and_in_its_order(town: Town) -> None:
    town.warn(IN_EAST, "red")
    handover.write_note(town.world, "", "已电话核实东村", "wang", town.now)
    town.tick(minutes=1)
    town.press("2", EAST_LEADER)
    town.tick(minutes=1)
    answers.close_help(town.world, 1, "wang", "已派车接走", town.now)
    town.tick(minutes=1)
    town.stop()
    told = ["began", "note wang 已电话核实东村", "help", "help_closed wang 已派车接走"]
    assert log(town)[:4] == told
    assert "stop wang" in log(town)[4:]


def test_stopped_and_unreached_are_in_it(town: Town) -> None:
    town.warn(IN_EAST, "red")
    town.tick(minutes=40)
    town.warn(IN_WEST, "red", identifier="44122441600000_20261226180001")
    town.tick(minutes=1)
    town.stop()
    found = log(town)
    assert "unreached" in found
    assert found[-1] == "stop wang"


def test_what_was_written_is_sealed_and_its_mark_is_in_the_chain(town: Town) -> None:
    handover.write_note(town.world, "", "已电话核实", "wang", town.now)
    with town.db.read() as tx:
        raw = tx.exec_driver_sql("SELECT text FROM shift_note").scalar_one()
    assert "核实".encode() not in bytes(raw)
    assert ("wang", "write_note") in town.audited()


@pytest.mark.parametrize("text", ["", "  \n ", "字" * 2001])
def test_an_empty_or_endless_note_is_refused(town: Town, text: str) -> None:
    with pytest.raises(CanNotHandOver):
        handover.write_note(town.world, "", text, "wang", town.now)
    assert log(town) == []


def test_what_is_open_lists_itself(town: Town) -> None:
    assert is_open(town) == []
    town.warn([(IN_EAST, "red"), (IN_WEST, "red")])
    town.press("2", EAST_LEADER)
    town.tick(minutes=40)
    found = is_open(town)
    assert found[0][0] == "help"
    assert ("unreached", 1) in found
    assert is_open(town, "441225") == []


def test_a_doubt_that_waits_is_handed_over(town: Town) -> None:
    town.limit_people_quietly(1)
    town.warn(IN_EAST)
    assert ("approval", 1) in is_open(town)


def test_handed_over_it_keeps_what_was_open_then(town: Town) -> None:
    town.limit_people_quietly(1)
    town.warn(IN_EAST)
    new = handover.hand_over(town.world, COUNTY, "等气象台回电", "wang", town.now)
    town.stop()
    with town.db.read() as tx:
        row = handover.shift_notes.get(tx, new)
    assert row is not None
    assert [one["what"] for one in row["open"]] == ["approval"]
    assert is_open(town) == []


def test_it_takes_two_and_only_the_first_takes_over(town: Town) -> None:
    new = handover.hand_over(town.world, COUNTY, "", "wang", town.now)
    with pytest.raises(CanNotHandOver, match="不能自己交给自己"):
        handover.take_over(town.world, new, "wang", town.now)
    assert handover.take_over(town.world, new, "li", town.now)
    assert not handover.take_over(town.world, new, "zhao", town.now)
    assert not handover.take_over(town.world, 99, "zhao", town.now)
    assert log(town) == ["handed_over wang", "taken_over li wang"]


def test_another_county_sees_nothing_of_it(town: Town) -> None:
    town.warn(IN_EAST, "red")
    handover.write_note(town.world, COUNTY, "已核实", "wang", town.now)
    handover.hand_over(town.world, COUNTY, "", "wang", town.now)
    assert len(log(town, COUNTY)) == 3
    assert log(town, "441225") == []
