from datetime import UTC, date, datetime, timedelta

import pytest
from twilio.base.exceptions import TwilioException
from twilio.rest import Client

from alertcast.simulator.server import Simulator
from tests.simulator.product import FROM, MovableClock, Product, play

DAY = datetime(2026, 1, 20, tzinfo=UTC)
PHONES = [f"+861540000{n:04}" for n in (1, 2, 3, 6)]


@pytest.fixture
def sids(client: Client) -> list[str]:
    """Ten messages, oldest first, to four phones in turn."""
    return [
        str(client.messages.create(to=PHONES[n % 4], from_=FROM, body=f"text {n}").sid)
        for n in range(10)
    ]


def test_pages_follow_each_other_newest_first(client: Client, sids: list[str]) -> None:
    assert [m.sid for m in client.messages.list(page_size=3)] == sids[::-1]


def test_a_new_message_moves_nothing_between_pages(client: Client, sids: list[str]) -> None:
    page = client.messages.page(page_size=6)
    first = [m.sid for m in page]
    client.messages.create(to=PHONES[0], from_=FROM, body="one more")
    following = page.next_page()
    assert following is not None
    assert first + [m.sid for m in following] == sids[::-1]
    assert following.next_page() is None


def test_lists_are_filtered_by_both_ends(client: Client, sids: list[str]) -> None:
    to_first = client.messages.list(to=PHONES[0])
    assert [m.body for m in to_first] == ["text 8", "text 4", "text 0"]
    assert client.messages.list(to="+8615400009999") == []
    assert len(client.messages.list(from_=FROM, limit=4)) == 4
    assert client.messages.list(from_="+15005550001") == []


def test_lists_are_filtered_by_date(
    client: Client, simulator: Simulator, clock: MovableClock, sids: list[str]
) -> None:
    assert client.messages.list(date_sent=date(2026, 1, 20)) == []  # none is sent yet
    play(simulator, clock)
    assert len(client.messages.list(date_sent=date(2026, 1, 20))) == 10
    assert len(client.messages.list(date_sent_after=DAY)) == 10
    assert client.messages.list(date_sent_before=DAY) == []
    assert len(client.messages.list(date_sent_before="2026-01-20")) == 10
    assert client.messages.list(date_sent_after="2026-01-21") == []


def test_calls_are_filtered_by_status_and_start(
    client: Client, simulator: Simulator, product: Product, clock: MovableClock
) -> None:
    for phone in ("+8615400000001", "+8615400000009"):
        client.calls.create(to=phone, from_=FROM, url=f"{product.url}/voice")
    play(simulator, clock)
    assert [c.to for c in client.calls.list(status="completed")] == ["+8615400000001"]
    assert len(client.calls.list(start_time_after=clock.now - timedelta(days=1))) == 2
    assert client.calls.list(start_time_after=clock.now + timedelta(days=1)) == []
    assert len(client.calls.list(to="+8615400000009")) == 1


def test_a_bad_filter_is_refused(client: Client) -> None:
    with pytest.raises(TwilioException):
        client.messages.list(date_sent="yesterday")
