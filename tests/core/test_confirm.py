"""What goes out unanswered, and what one unsigned source may not do alone."""

import pytest

from alertcast.core.confirm import ConfirmRules, Doubt

LEVELS = ("red", "orange", "yellow", "blue", "white")


@pytest.mark.parametrize(
    ("level", "doubts", "goes"),
    [
        ("red", [Doubt.PEOPLE], True),
        ("orange", [Doubt.PEOPLE], False),
        ("red", [Doubt.ALONE], True),
        ("yellow", [Doubt.ALONE], False),
        ("orange", [Doubt.TOWNS], True),
        ("white", [Doubt.TOWNS], True),
        ("orange", [Doubt.TOWNS, Doubt.PEOPLE], False),
        (None, [Doubt.PEOPLE], False),
    ],
)
def test_what_goes_out_when_nobody_answers(level, doubts, goes):
    assert ConfirmRules().goes_out(level, doubts, LEVELS) is goes


def test_none_is_no_level_at_all():
    rules = ConfirmRules(unanswered="none", unanswered_towns="none", alone="none")
    assert not rules.goes_out("red", [Doubt.PEOPLE], LEVELS)
    assert not rules.goes_out("red", [Doubt.TOWNS], LEVELS)
    assert rules.needs_another("white", LEVELS)


@pytest.mark.parametrize(("level", "needs"), [("red", True), ("orange", False), ("blue", False)])
def test_one_source_is_enough_up_to_its_level(level, needs):
    assert ConfirmRules(alone="orange").needs_another(level, LEVELS) is needs
    assert not ConfirmRules().needs_another(level, LEVELS)
