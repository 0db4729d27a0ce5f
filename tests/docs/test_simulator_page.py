"""docs/simulator.md says what the simulator does."""

from alertcast.simulator.faults import FAULTS
from alertcast.simulator.people import describe
from alertcast.simulator.server import DEMO_ACCOUNTS
from tests.docs.pages import ROOT, tables

PAGE = ROOT / "docs/simulator.md"


def test_the_rules_are_those_of_the_program() -> None:
    assert describe() in PAGE.read_text("utf-8")


def test_every_fault_is_listed() -> None:
    header, *rows = tables(PAGE)["What can go wrong"]
    assert header == ["fault", "what happens"]
    assert [row[0].strip("`") for row in rows] == list(FAULTS)


def test_the_account_is_that_of_the_program() -> None:
    text = PAGE.read_text("utf-8")
    assert all(sid in text and token in text for sid, token in DEMO_ACCOUNTS.items())
