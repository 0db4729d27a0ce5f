"""docs/simulator.md says what the simulator does."""

from alertcast.simulator.faults import FAULTS
from alertcast.simulator.feeds.formats import FORMATS
from alertcast.simulator.feeds.written import KEYS
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


def test_every_format_is_listed_with_its_address() -> None:
    header, *rows = tables(PAGE)["Publishers"]
    assert header == ["format", "where"]
    assert [row[0].strip("`") for row in rows] == list(FORMATS)
    for row in rows:
        fixed = FORMATS[row[0].strip("`")].rule.partition("<")[0]
        assert f"`{fixed}" in row[1]


def test_every_word_of_a_warning_is_named() -> None:
    text = PAGE.read_text("utf-8")
    assert all(f"`{key}`" in text for key in KEYS)


def test_the_account_is_that_of_the_program() -> None:
    text = PAGE.read_text("utf-8")
    assert all(sid in text and token in text for sid, token in DEMO_ACCOUNTS.items())
