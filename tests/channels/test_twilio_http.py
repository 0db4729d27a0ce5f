"""How a request can end, over real sockets: refused, never left, lost."""

import socket
import threading

import pytest

from alertcast.channels.twilio_http import Lost, NotConnected, PooledClient, Refused
from tests.channels.carrier import Answer, Carrier, refusal


@pytest.fixture(params=[30.0])
def http(request):
    client = PooledClient(connections=8, connect=5.0, read=request.param)
    yield client
    client.close()


def test_an_error_keeps_its_code_and_its_retry_after(carrier: Carrier, http: PooledClient) -> None:
    carrier.says(refusal(429, 20429, "slow down", Retry_After="7"))
    with pytest.raises(Refused) as caught:
        http.request("POST", carrier.url, data={"a": "b"})
    assert (caught.value.status, caught.value.code, caught.value.retry_after) == (429, 20429, 7.0)


@pytest.mark.parametrize("header", ["", "soon", "-1", "nan", "inf"])
def test_a_strange_retry_after_is_none(carrier: Carrier, http: PooledClient, header: str) -> None:
    carrier.says(refusal(429, 20429, Retry_After=header))
    with pytest.raises(Refused) as caught:
        http.request("GET", carrier.url)
    assert caught.value.retry_after is None


def test_a_redirect_is_refused_and_not_followed(carrier: Carrier, http: PooledClient) -> None:
    carrier.says(Answer(307, "", {"Location": carrier.url + "/elsewhere"}))
    with pytest.raises(Refused):
        http.request("POST", carrier.url + "/here", allow_redirects=True)
    assert [one.path for one in carrier.asked] == ["/here"]


def test_an_html_error_has_no_code(carrier: Carrier, http: PooledClient) -> None:
    carrier.says(Answer(502, "<html>Bad Gateway</html>"))
    with pytest.raises(Refused) as caught:
        http.request("POST", carrier.url)
    assert (caught.value.status, caught.value.code) == (502, None)


def test_a_connection_that_is_cut_is_lost_and_not_tried_again(
    carrier: Carrier, http: PooledClient
) -> None:
    carrier.says(Answer(cut=True))
    with pytest.raises(Lost):
        http.request("POST", carrier.url)
    assert len(carrier.asked) == 1


@pytest.mark.parametrize("http", [0.2], indirect=True, ids=["soon"])
def test_no_answer_in_time_is_lost(carrier: Carrier, http: PooledClient) -> None:
    carrier.says(Answer(hang=5))
    with pytest.raises(Lost):
        http.request("POST", carrier.url)


@pytest.mark.parametrize("body", ["<html>welcome</html>", "[]", ""])
def test_a_success_that_cannot_be_read_is_lost(
    carrier: Carrier, http: PooledClient, body: str
) -> None:
    carrier.says(Answer(201, body))
    with pytest.raises(Lost):
        http.request("POST", carrier.url)


def test_a_closed_port_never_left(http: PooledClient) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    with pytest.raises(NotConnected):
        http.request("POST", f"http://127.0.0.1:{port}")


def test_proxies_of_the_environment_are_not_used(
    carrier: Carrier, http: PooledClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    carrier.says(Answer(200, {"ok": True}))
    assert http.request("GET", carrier.url).status_code == 200


def test_each_thread_gets_its_own_answer(carrier: Carrier, http: PooledClient) -> None:
    carrier.says(*[Answer(200, {"n": n}) for n in range(40)], Answer(200, {"n": -1}))
    got: list[str] = []

    def ask() -> None:
        for _ in range(5):
            got.append(http.request("GET", carrier.url).text)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == sorted(f'{{"n": {n}}}' for n in range(40))
