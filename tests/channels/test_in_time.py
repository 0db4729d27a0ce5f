"""A process that was stopped for longer than its lease sends nothing, at whatever line it stood."""

import socket
from collections.abc import Iterator
from dataclasses import replace

import pytest

from alertcast.channels import in_time
from alertcast.channels.base import Outcome
from alertcast.channels.twilio_http import NotConnected, PooledClient
from alertcast.channels.twilio_sms import TwilioSms
from tests.channels.carrier import MESSAGE, Answer, Carrier
from tests.channels.conftest import request_


@pytest.fixture
def http() -> Iterator[PooledClient]:
    client = PooledClient(connections=2, connect=0.5, read=1.0)
    yield client
    client.close()


def test_in_time_it_leaves(carrier: Carrier, http: PooledClient) -> None:
    carrier.says(Answer(200, {}))
    with in_time.until(in_time.clock() + 60):
        http.request("POST", carrier.url, data={"a": "b"})
    assert len(carrier.asked) == 1


def test_too_late_nothing_leaves_also_over_an_open_connection(
    carrier: Carrier, http: PooledClient
) -> None:
    carrier.says(Answer(200, {}))
    http.request("POST", carrier.url, data={"a": "b"})
    with in_time.until(in_time.clock()), pytest.raises(NotConnected):
        http.request("POST", carrier.url, data={"c": "d"})
    http.request("POST", carrier.url, data={"e": "f"})
    assert [list(one.form) for one in carrier.asked] == [["a"], ["e"]]


def test_stopped_between_head_and_body_the_provider_gets_no_whole_request(
    carrier: Carrier, http: PooledClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    carrier.says(Answer(200, {}))
    now = in_time.clock()
    times = iter([now, now + 100])  # the process stands still after the first piece
    monkeypatch.setattr(in_time, "clock", lambda: next(times))
    with in_time.until(now + 30), pytest.raises(NotConnected):
        http.request("POST", carrier.url, data={"a": "b"})
    assert all(not one.body for one in carrier.asked)


def test_a_message_whose_lease_has_ended_is_due_again(carrier: Carrier, sms: TwilioSms) -> None:
    carrier.says(Answer(201, {"sid": MESSAGE}))
    (late,) = sms.send([replace(request_(life=None), leave_by=in_time.clock() - 1)])
    assert late.outcome is Outcome.THROTTLED
    assert carrier.asked == []
    (sent,) = sms.send([replace(request_(life=None), leave_by=in_time.clock() + 30)])
    assert sent.outcome is Outcome.ACCEPTED


def test_the_kernel_gives_up_with_us(http: PooledClient) -> None:
    """What waits in a buffer while the network is cut must not arrive minutes later."""
    options = http._pools.connection_pool_kw["socket_options"]
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux
        assert (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 1500) in options
    assert (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1) in options
