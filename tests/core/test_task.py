"""What an attempt's end makes of its task; the order of states; the priority of what leaves."""

from datetime import UTC, datetime, timedelta

import pytest

from alertcast.channels.reasons import REASONS
from alertcast.core.retry import DEFAULTS, RetryRule, Then
from alertcast.core.task import (
    ATTEMPT_RANK,
    FINAL_TASKS,
    GIVEN_BACK,
    TASK_MOVES,
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
        ("sms", AttemptState.REFUSED, "opted_out", TaskState.MANUAL, "opted_out"),
        ("sms", AttemptState.FAILED, "filtered", TaskState.QUEUED, "filtered"),
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
    found = verdict(task(kind), attempt, reason, DEFAULTS)
    assert (found.state, found.reason) == (state, why)


@pytest.mark.parametrize(
    ("kind", "state"), [("voice", TaskState.UNANSWERED), ("sms", TaskState.FAILED)]
)
def test_the_last_attempt_is_the_end(kind: str, state: TaskState) -> None:
    found = verdict(task(kind, tries=3), AttemptState.FAILED, "switched_off", DEFAULTS)
    assert (found.state, found.due_in) == (state, None)


@pytest.mark.parametrize("attempt", list(AttemptState))
def test_what_nobody_needs_is_never_queued_again(attempt: AttemptState) -> None:
    assert verdict(task(), attempt, "busy", DEFAULTS, is_wanted=False).state is not TaskState.QUEUED


@pytest.mark.parametrize("attempt", list(AttemptState))
@pytest.mark.parametrize("kind", ["sms", "voice"])
def test_every_state_has_a_verdict_and_only_a_person_answers(
    kind: str, attempt: AttemptState
) -> None:
    assert verdict(task(kind), attempt, None, DEFAULTS).state is not TaskState.ANSWERED


def test_waits() -> None:
    assert verdict(task(), AttemptState.BUSY, "busy", DEFAULTS).due_in == timedelta(seconds=100)
    assert verdict(task(), AttemptState.ABSENT, None, DEFAULTS).due_in == timedelta(0)
    wait = timedelta(seconds=20)
    assert verdict(task(), AttemptState.THROTTLED, None, DEFAULTS, wait=wait).due_in == wait


def test_what_never_left_may_be_tried_again_even_after_the_last_try() -> None:
    assert verdict(task(tries=3), AttemptState.ABSENT, None, DEFAULTS).state is TaskState.QUEUED


def test_every_attempt_state_has_a_rank_and_what_ends_it_has_the_last() -> None:
    assert set(ATTEMPT_RANK) == set(AttemptState)
    last = max(ATTEMPT_RANK.values())
    assert all(ATTEMPT_RANK[state] == last for state in GIVEN_BACK)
    assert ATTEMPT_RANK[AttemptState.LEAVING] < ATTEMPT_RANK[AttemptState.UNKNOWN]
    assert ATTEMPT_RANK[AttemptState.UNKNOWN] < ATTEMPT_RANK[AttemptState.ACCEPTED]


def test_every_reason_with_a_rule_is_one_an_officer_can_read() -> None:
    assert set(REASONS) >= set(DEFAULTS)


def test_a_rule_says_how_often_and_how_far_apart() -> None:
    rules = {"busy": RetryRule(Then.AGAIN, timedelta(seconds=20), 5)}
    found = verdict(task(tries=4), AttemptState.BUSY, None, rules)
    assert (found.state, found.due_in) == (TaskState.QUEUED, timedelta(seconds=20))
    assert verdict(task(tries=5), AttemptState.BUSY, None, rules).state is TaskState.UNANSWERED


def test_a_rule_says_who_dials_once_all_attempts_were_made() -> None:
    limited = AttemptState.REFUSED, "number_limit"
    again = verdict(task(tries=2), *limited, DEFAULTS)
    assert (again.state, again.due_in) == (TaskState.QUEUED, timedelta(minutes=2))
    assert verdict(task(tries=3), *limited, DEFAULTS).state is TaskState.MANUAL
    assert verdict(task(tries=3), *limited, DEFAULTS, is_wanted=False).state in FINAL_TASKS


def test_nothing_leads_out_of_an_answer_and_every_end_leads_to_one() -> None:
    assert set(TASK_MOVES) == set(TaskState)
    assert TASK_MOVES[TaskState.ANSWERED] == frozenset()
    assert all(TASK_MOVES[one] <= {TaskState.ANSWERED} for one in FINAL_TASKS)
    others = set(TaskState) - {TaskState.ANSWERED}
    assert all(TaskState.ANSWERED in TASK_MOVES[one] for one in others)


@pytest.mark.parametrize("state", [TaskState.LEAVING, TaskState.UNSURE, TaskState.UNDERWAY])
@pytest.mark.parametrize("reason", [None, *DEFAULTS])
@pytest.mark.parametrize("is_wanted", [True, False])
def test_every_verdict_is_a_move_there_is(
    state: TaskState, reason: str | None, is_wanted: bool
) -> None:
    for attempt in AttemptState:
        if state is not TaskState.LEAVING and ATTEMPT_RANK[attempt] < 2:
            continue  # once the provider has it, it is never unknown again
        if state is TaskState.UNDERWAY and attempt in GIVEN_BACK:
            continue
        to = verdict(task(), attempt, reason, DEFAULTS, is_wanted=is_wanted).state
        assert to is state or to in TASK_MOVES[state]


def test_what_waits_or_is_under_way_is_not_final() -> None:
    going_on = {TaskState.QUEUED, TaskState.LEAVING, TaskState.UNDERWAY, TaskState.UNSURE}
    assert set(TaskState) - FINAL_TASKS == going_on | {TaskState.MANUAL}
