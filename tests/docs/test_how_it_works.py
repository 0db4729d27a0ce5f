"""The states in docs/how-it-works.md are those of the program."""

from enum import StrEnum

import pytest

from alertcast.core.broadcast import BroadcastState
from alertcast.core.callout import CalloutState
from alertcast.core.task import TaskState
from tests.docs.pages import ROOT, tables

ROWS = [row[0] for row in tables(ROOT / "docs/how-it-works.md")["States"]]


@pytest.mark.parametrize("states", [BroadcastState, CalloutState, TaskState])
def test_every_state_is_listed_in_order(states: type[StrEnum]) -> None:
    named = [state.value for state in states]
    at = next(i for i, _ in enumerate(ROWS) if ROWS[i : i + len(named)] == named)
    assert ROWS[at - 1] == "state"
