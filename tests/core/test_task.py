"""What an attempt's end makes of its task; the order of states; the priority of what leaves."""

from datetime import UTC, datetime, timedelta

import pytest

from alertcast.channels.base import REASONS
from alertcast.core.task import (
    ATTEMPT_RANK,
    FINAL_TASKS,
    GIVEN_BACK,
    TEMPORARY,
    AttemptState,
    Task,
    TaskState,
    verdict,
)

NOW = datetime(2026, 12, 26, 9, 20, tzinfo=UTC)


def task(kind: str = "voice", *, tries: int = 1, calls: int = 3) -> Task:
    return Task(
        id=1,
        broadcast_id=1,
        person_id=1,
        phone_index="x",
        kind=kind,
        wave=0,
        state=TaskState.UNDERWAY,
        purpose="warning",
        level="red",
        priority=10,
        due_at=NOW,
        expires_at=None,
        calls=calls,
        every=100.0,
        tries=tries,
        text=None,
        template="warning.voice",
        language="zh",
    )


@pytest.mark.parametrize(
    ("kind", "attempt", "reason", "state", "why"),
    [
        ("voice", AttemptState.FAILED, "wrong_number", TaskState.FAILED, "wrong_number"),
        ("voice", AttemptState.FAILED, None, TaskState.FAILED, None),
        ("voice", AttemptState.REFUSED, "mainland_voice", TaskState.FAILED, "mainland_voice"),
        ("voice", AttemptState.CANCELLED, "cancelled", TaskState.FAILED, "cancelled"),
        ("sms", AttemptState.REFUSED, "opted_out", TaskState.FAILED, "opted_out"),
        ("sms", AttemptState.FAILED, "landline", TaskState.FAILED, "landline"),
        ("voice", AttemptState.WITHHELD, "cancelled", TaskState.CANCELLED, "cancelled"),
        ("voice", AttemptState.UNKNOWN, None, TaskState.UNSURE, None),
        ("voice", AttemptState.BUSY, "busy", TaskState.QUEUED, "busy"),
        ("voice", AttemptState.NO_ANSWER, "no_answer", TaskState.QUEUED, "no_answer"),
        ("voice", AttemptState.MACHINE, "machine", TaskState.QUEUED, "machine"),
        ("voice", AttemptState.COMPLETED, None, TaskState.QUEUED, "no_key"),
        ("voice", AttemptState.FAILED, "switched_off", TaskState.QUEUED, "switched_off"),
        ("sms", AttemptState.FAILED, "switched_off", TaskState.QUEUED, "switched_off"),
        ("sms", AttemptState.ABSENT, None, TaskState.QUEUED, None),
        ("sms", AttemptState.THROTTLED, "throttled", TaskState.QUEUED, "throttled"),
        ("sms", AttemptState.ACCEPTED, None, TaskState.UNDERWAY, None),
        ("sms", AttemptState.SENT, None, TaskState.UNDERWAY, None),
        ("voice", AttemptState.CONNECTED, None, TaskState.UNDERWAY, None),
        ("sms", AttemptState.DELIVERED, None, TaskState.DELIVERED, None),
    ],
)
def test_verdict(
    kind: str, attempt: AttemptState, reason: str | None, state: TaskState, why: str | None
) -> None:
    found = verdict(task(kind), attempt, reason)
    assert (found.state, found.reason) == (state, why)


@pytest.mark.parametrize(
    ("kind", "state"), [("voice", TaskState.UNANSWERED), ("sms", TaskState.FAILED)]
)
def test_the_last_attempt_is_the_end(kind: str, state: TaskState) -> None:
    found = verdict(task(kind, tries=3), AttemptState.FAILED, "switched_off")
    assert (found.state, found.due_in) == (state, None)


@pytest.mark.parametrize("attempt", list(AttemptState))
def test_what_nobody_needs_is_never_queued_again(attempt: AttemptState) -> None:
    assert verdict(task(), attempt, "busy", is_wanted=False).state is not TaskState.QUEUED


@pytest.mark.parametrize("attempt", list(AttemptState))
@pytest.mark.parametrize("kind", ["sms", "voice"])
def test_every_state_has_a_verdict_and_only_a_person_answers(
    kind: str, attempt: AttemptState
) -> None:
    assert verdict(task(kind), attempt, None).state is not TaskState.ANSWERED


def test_waits() -> None:
    assert verdict(task(), AttemptState.BUSY, "busy").due_in == timedelta(seconds=100)
    assert verdict(task(), AttemptState.ABSENT, None).due_in == timedelta(0)
    wait = timedelta(seconds=20)
    assert verdict(task(), AttemptState.THROTTLED, None, wait=wait).due_in == wait


def test_what_never_left_may_be_tried_again_even_after_the_last_try() -> None:
    assert verdict(task(tries=3), AttemptState.ABSENT, None).state is TaskState.QUEUED


def test_every_attempt_state_has_a_rank_and_what_ends_it_has_the_last() -> None:
    assert set(ATTEMPT_RANK) == set(AttemptState)
    last = max(ATTEMPT_RANK.values())
    assert all(ATTEMPT_RANK[state] == last for state in GIVEN_BACK)
    assert ATTEMPT_RANK[AttemptState.LEAVING] < ATTEMPT_RANK[AttemptState.UNKNOWN]
    assert ATTEMPT_RANK[AttemptState.UNKNOWN] < ATTEMPT_RANK[AttemptState.ACCEPTED]


def test_every_reason_to_try_again_is_one_an_officer_can_read() -> None:
    assert set(REASONS) >= TEMPORARY


def test_what_waits_or_is_under_way_is_not_final() -> None:
    going_on = {TaskState.QUEUED, TaskState.LEAVING, TaskState.UNDERWAY, TaskState.UNSURE}
    assert set(TaskState) - FINAL_TASKS == going_on | {TaskState.MANUAL}
