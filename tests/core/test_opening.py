"""When a line is closed, when it opens, and who may wait for it."""

from datetime import UTC, datetime, timedelta

import pytest

from alertcast.core.opening import Block, is_open, may_wait, opens_at, read_block
from alertcast.core.task import Task, TaskState

NIGHT, NOON = read_block("21:00-09:00"), read_block("12:00-14:00")
DAY = datetime(2026, 1, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["", "21-09", "21:00", "25:00-09:00", "9:00-21:00", "09:60-10:00", "21:00-21:00", 9]
)
def test_what_is_no_time_of_day_is_refused_by_name(text: object) -> None:
    with pytest.raises(ValueError, match=r"is not a time of day|begins where it ends"):
        read_block(text)


@pytest.mark.parametrize(
    ("at", "opens"),
    [
        ("08:59", "09:00"),
        ("09:00", "09:00"),
        ("11:59", "11:59"),
        ("12:00", "14:00"),
        ("13:59", "14:00"),
        ("14:00", "14:00"),
        ("20:59", "20:59"),
        ("21:00", "+09:00"),
        ("23:59", "+09:00"),
        ("00:00", "09:00"),
    ],
)
def test_a_line_opens_at_the_end_of_its_block(at: str, opens: str) -> None:
    local = clock(at)
    found = opens_at([NIGHT, NOON], local)
    assert found == clock(opens)
    assert is_open([NIGHT, NOON], local) == (found == local)


def test_blocks_that_touch_are_passed_together() -> None:
    blocks = [read_block("10:00-11:00"), read_block("11:00-12:00")]
    assert opens_at(blocks, clock("10:30")) == clock("12:00")


def test_a_line_that_never_opens() -> None:
    blocks = [read_block("00:00-12:00"), read_block("12:00-00:00")]
    assert opens_at(blocks, clock("10:30")) is None


def test_a_line_without_blocks_is_always_open() -> None:
    assert is_open([], clock("03:00"))
    assert opens_at([], clock("03:00")) == clock("03:00")


@pytest.mark.parametrize(
    ("level", "purpose", "opens", "may"),
    [
        ("red", "warning", 1, False),
        ("orange", "warning", 1, False),
        ("yellow", "help", 1, False),
        ("yellow", "correction", 1, False),
        ("yellow", "warning", None, False),
        ("yellow", "warning", 24, False),
        ("yellow", "warning", 23, True),
        ("blue", "warning", 1, True),
        (None, "all_clear", 1, True),
        ("orange", "downgrade", 1, True),
    ],
)
def test_only_what_is_not_urgent_waits_and_only_while_it_holds(
    level: str | None, purpose: str, opens: int | None, may: bool
) -> None:
    one = Task(
        id=1,
        broadcast_id=1,
        person_id=1,
        phone_index="",
        kind="voice",
        wave=0,
        state=TaskState.QUEUED,
        purpose=purpose,
        level=level,
        priority=0,
        due_at=DAY,
        expires_at=DAY + timedelta(hours=24),
        calls=1,
        every=60,
        tries=0,
        text=None,
        template="warning.voice",
        language="zh-CN",
    )
    assert may_wait(one, None if opens is None else DAY + timedelta(hours=opens)) is may


def test_a_block_is_a_value() -> None:
    assert read_block("12:00-14:00") == NOON
    assert isinstance(NOON, Block)


def clock(text: str) -> datetime:
    hour, minute = text.removeprefix("+").split(":")
    day = DAY + timedelta(days=text.startswith("+"))
    return day.replace(hour=int(hour), minute=int(minute))
