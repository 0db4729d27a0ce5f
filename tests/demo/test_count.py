"""What counts as sent twice: after an answer, or while it is not known what became of the first."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from alertcast.core.task import AttemptState, TaskState
from alertcast.demo.count import doubled
from alertcast.store.outbox import PlannedMessage, Tried

NOW = datetime(2026, 12, 26, 12, 30, tzinfo=UTC)
LATER = NOW + timedelta(minutes=4)
FIRST = Tried(AttemptState.NO_ANSWER, "CA1", NOW, None)
SECOND = Tried(AttemptState.COMPLETED, "CA2", LATER, LATER + timedelta(seconds=20))


@pytest.mark.parametrize(
    ("first", "times"),
    [
        pytest.param(FIRST, 0, id="nobody answered the first"),
        pytest.param(replace(FIRST, state=AttemptState.SENT), 1, id="the first still rang"),
        pytest.param(
            replace(FIRST, pressed_at=LATER - timedelta(seconds=1)), 1, id="called back before"
        ),
        pytest.param(replace(FIRST, pressed_at=LATER), 0, id="called back at the same time"),
        pytest.param(replace(FIRST, state=AttemptState.ABSENT), 1, id="given up, yet it was taken"),
        pytest.param(
            replace(FIRST, state=AttemptState.ABSENT, provider_ref=None), 0, id="it never left"
        ),
    ],
)
def test_doubled(first: Tried, times: int) -> None:
    message = PlannedMessage(7, 1, "voice", TaskState.ANSWERED, "+8615400000001", (first, SECOND))
    found = doubled(message, {"CA1", "CA2"})
    assert len(found) == times
    assert all("154****0001, task 7: sent again after" in one for one in found)
