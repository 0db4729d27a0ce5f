"""The HTTP server: where it listens, what it bears, and how it ends."""

import re
import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Event

import pytest
import requests
from flask import Flask, request

from alertcast.web import LONGEST, server
from alertcast.web.intake import answering
from alertcast.web.server import listening
from tests.stories.town import IN_EAST, Town
from tests.web.served import connected, heard, kept, report, served, written
from tests.web.site import PASSWORD, Site


def who_asks(town: Town, proxy: str | None, host: str = "127.0.0.1", **headers: str) -> list[str]:
    """Return whom a page takes for the one who asks, and the headers about it that it sees."""
    app: Flask = Site(town, own_addresses=True).app
    app.add_url_rule(
        "/who",
        "who",
        lambda: [request.remote_addr, *(key for key, _ in request.headers if "orward" in key)],
    )
    with (
        answering(app, threads=2, trusted_proxy=proxy) as answers,
        listening(answers, host, 0) as address,
    ):
        found: list[str] = requests.get(f"{address}/who", headers=headers, timeout=20).json()
    return found


@pytest.mark.parametrize(
    ("said", "believed"),
    [
        ("120.196.0.7", "120.196.0.7"),
        ("10.0.0.1, 120.196.0.7", "120.196.0.7"),
        ('10.0.0.1,"120.196.0.7:443"', "120.196.0.7"),
        ("[2408::7]:443", "2408::7"),
        ("2408::7", "2408::7"),
        ("nobody", "127.0.0.1"),
        ("", "127.0.0.1"),
    ],
)
def test_the_proxy_says_who_asks(town: Town, said: str, believed: str) -> None:
    assert who_asks(town, "127.0.0.1", **{"X-Forwarded-For": said}) == [believed]


@pytest.mark.parametrize("proxy", [None, "10.0.0.1"])
def test_nobody_else_says_who_asks(town: Town, proxy: str | None) -> None:
    names = ("X-Forwarded-For", "X-Forwarded-Host", "Forwarded")
    assert who_asks(town, proxy, **dict.fromkeys(names, "120.196.0.7")) == ["127.0.0.1"]


def test_a_header_does_not_pass_for_another_one(town: Town) -> None:
    assert who_asks(town, "127.0.0.1", X_Forwarded_For="120.196.0.7") == ["127.0.0.1"]


def _has_ipv6() -> bool:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


if _has_ipv6():

    def test_it_listens_at_an_address_of_ipv6(town: Town) -> None:
        with served(town, "::1") as address:
            assert address.startswith("http://[::1]:")
            assert requests.get(f"{address}/healthz", timeout=20).json() == {"ok": True}
        assert who_asks(town, None, "::1") == ["::1"]


def test_an_address_that_is_taken_is_said_at_once(town: Town) -> None:
    with (
        served(town) as address,
        pytest.raises(OSError, match="in use"),
        listening(None, "127.0.0.1", int(address.rpartition(":")[2])),
    ):
        pass


def test_an_address_is_free_again_at_once(town: Town) -> None:
    before = sys.getswitchinterval()
    with served(town) as address:
        requests.get(f"{address}/healthz", timeout=20)
    with listening(None, "127.0.0.1", int(address.rpartition(":")[2])):
        pass
    assert sys.getswitchinterval() == before


def test_what_is_under_way_when_it_ends_is_still_answered(town: Town) -> None:
    app: Flask = Site(town, own_addresses=True).app
    begun, may_end = Event(), Event()

    def slow() -> str:
        begun.set()
        may_end.wait(20)
        return "done"

    app.add_url_rule("/slow", "slow", slow)
    with ThreadPoolExecutor(1) as other, ExitStack() as stack:
        answers = stack.enter_context(answering(app, threads=2))
        address = stack.enter_context(listening(answers, "127.0.0.1", 0))
        answer = other.submit(requests.get, f"{address}/slow", timeout=20)
        assert begun.wait(20)
        other_one = ThreadPoolExecutor(1)
        ended = other_one.submit(stack.close)
        time.sleep(0.3)  # it is being stopped now
        may_end.set()
        assert answer.result(20).text == "done"
        ended.result(20)
        other_one.shutdown()


def test_a_file_is_fetched_whole_in_part_or_not_again(town: Town) -> None:
    with served(town) as address, requests.Session() as session:
        url = f"{address}/static/page.css"
        whole = session.get(url, timeout=20)
        part = session.get(url, headers={"Range": "bytes=10-19"}, timeout=20)
        known = session.get(url, headers={"If-None-Match": whole.headers["ETag"]}, timeout=20)
        head = session.head(url, timeout=20)
    assert (part.status_code, part.content) == (206, whole.content[10:20])
    assert (known.status_code, known.content) == (304, b"")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Length"] == str(len(whole.content))
    assert all(answer.headers["Date"].count("GMT") == 1 for answer in (whole, part, known, head))


def test_slow_ones_do_not_hold_up_the_others(town: Town) -> None:
    town.configure(web={"public_base_url": "http://127.0.0.1", "threads": 2})
    town.warn(over=IN_EAST)
    callback = town.sms.callback("status", town.sms.outbox[0].token, word="delivered")
    page = b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nname="
    whole = written(callback)
    with served(town) as address, ExitStack() as slow:
        for part in (page, page, page, whole[:10], whole[:-3], whole[:-3]):
            slow.enter_context(connected(address)).sendall(part)
        late = slow.enter_context(connected(address))
        late.sendall(whole[:-3])
        assert requests.get(f"{address}/login", timeout=20).status_code == 200
        assert report(address, callback).status_code == 204
        late.sendall(whole[-3:])
        assert late.recv(12) == b"HTTP/1.1 204"
    assert kept(town.db) == ["delivered"] * 2


BROKEN = [
    b"nothing of HTTP\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # TLS
    b"OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    b"GET //%00 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
    b"POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
]


@pytest.mark.parametrize("said", BROKEN)
def test_what_is_no_request_is_refused_and_disturbs_nobody(town: Town, said: bytes) -> None:
    with served(town) as address:
        with connected(address) as connection:
            connection.sendall(said)
            answer = heard(connection)
        assert answer.startswith(b"HTTP/1.1 4"), answer
        assert requests.get(f"{address}/healthz", timeout=20).status_code == 200


def test_too_large_a_body_is_refused_before_it_is_read(town: Town) -> None:
    head = f"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: {LONGEST + 1}\r\n\r\n"
    with served(town) as address, connected(address) as connection:
        connection.sendall(head.encode())
        answer = heard(connection)
    assert answer.startswith(b"HTTP/1.1 413 ")


def test_too_large_a_body_in_pieces_is_refused(town: Town) -> None:
    head = b"POST /login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    piece = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    with served(town) as address, connected(address) as connection:
        connection.sendall(head + piece * (LONGEST // 0x10000) + b"1\r\nx\r\n")
        answer = heard(connection)
    assert answer.startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(
    ("head", "status"),
    [
        ("Cookie: alertcast=x\r\nContent-Length: 33619969", b"413"),
        ("Content-Length: 2000000", b"413"),
        ("Cookie: alertcast=x\r\nContent-Length: 20", b"400"),
    ],
    ids=["too large a file", "without a log-in", "small"],
)
def test_a_file_may_be_larger_than_any_form(town: Town, head: str, status: bytes) -> None:
    head = f"POST /uploads HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{head}\r\n\r\n"
    with served(town) as address, connected(address) as connection:
        connection.sendall(head.encode() + b"x" * 20)
        answer = heard(connection)
    assert answer.startswith(b"HTTP/1.1 " + status), answer[:80]


def test_a_large_file_is_taken_from_an_administrator_whoever_else_sends_slowly(town: Town) -> None:
    Site(town)
    people = f"姓名,手机号,岗位,责任区编码\n{'某,13800000001,副书记,x' * 300_000}".encode()
    head = (
        "POST /uploads HTTP/1.1\r\nHost: x\r\nCookie: alertcast={}\r\nContent-Length: {}\r\n\r\nx"
    )
    with served(town) as address, requests.Session() as browser, ExitStack() as slow:
        viewer = requests.Session()
        log_in(viewer, address, "viewer")
        for cookie in ("x", viewer.cookies["alertcast"]):
            for size in (30_000_000, 900_000):
                stranger = slow.enter_context(connected(address))
                stranger.sendall(head.format(cookie, size).encode())
        page = log_in(browser, address, "admin")
        form = {"kind": "roster", "name": "town", "csrf_token": csrf(page)}
        file = {"file": ("people.csv", people)}
        answer = browser.post(f"{address}/uploads", data=form, files=file, timeout=20)
    assert answer.status_code == 200
    assert answer.url.endswith("/uploads/1")


def log_in(browser: requests.Session, address: str, name: str) -> str:
    """Log in; return the first page."""
    page = browser.get(f"{address}/login", timeout=20).text
    form = {"name": name, "password": PASSWORD, "csrf_token": csrf(page)}
    return browser.post(f"{address}/login", data=form, timeout=20).text


def csrf(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def test_a_body_in_pieces_is_read(town: Town) -> None:
    town.warn(over=IN_EAST)
    callback = town.sms.callback("status", town.sms.outbox[0].token, word="delivered")
    head, _, body = written(callback).partition(b"\r\n\r\n")
    head = head.replace(b"Content-Length: %d" % len(body), b"Transfer-Encoding: chunked")
    with served(town) as address, connected(address) as connection:
        connection.sendall(head + b"\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(body), body))
        assert connection.recv(12) == b"HTTP/1.1 204"


def test_a_body_that_waits_to_be_asked_for_is_asked_for(town: Town) -> None:
    town.warn(over=IN_EAST)
    callback = town.sms.callback("status", town.sms.outbox[0].token, word="delivered")
    head, _, body = written(callback).partition(b"\r\n\r\n")
    with served(town) as address, connected(address) as connection:
        connection.sendall(head + b"\r\nExpect: 100-continue\r\n\r\n")
        assert connection.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(body)
        assert connection.recv(12) == b"HTTP/1.1 204"


def test_more_connections_than_there_may_be_are_turned_away(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "CONNECTIONS", 3)
    with served(town) as address, ExitStack() as idle:
        for _ in range(2):
            idle.enter_context(connected(address)).sendall(b"GET /")
        assert _is_up(address) == 200
        idle.enter_context(connected(address)).sendall(b"GET /")
        assert _becomes(address, 503)
        idle.close()
        assert _becomes(address, 200)


def _is_up(address: str) -> int:
    return requests.get(f"{address}/healthz", timeout=20).status_code


def _becomes(address: str, status: int) -> bool:
    """Say whether the answer becomes that soon: the server hears of connections in its turn."""
    end = time.monotonic() + 20
    while _is_up(address) != status and time.monotonic() < end:
        time.sleep(0.01)
    return time.monotonic() < end


def test_a_head_without_an_end_is_cut_off(town: Town) -> None:
    with served(town) as address, connected(address) as connection:
        answer = b"unheard"
        try:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
            for number in range(server.LARGEST // 1000 + 100):
                connection.sendall(b"X-%d: %s\r\n" % (number, b"x" * 1000))
            answer = heard(connection)
        except (ConnectionResetError, BrokenPipeError):
            answer = b""
        assert answer == b""
        assert requests.get(f"{address}/healthz", timeout=20).status_code == 200


@pytest.mark.parametrize(
    "said", [b"", b"GET /heal", b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", b"POST / HTTP/1.1\r\n"]
)
def test_who_keeps_us_waiting_is_cut_off(
    town: Town, said: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "PATIENCE", 0.2)
    with served(town) as address, connected(address) as connection:
        connection.sendall(said)
        assert heard(connection)[:12] in (b"", b"HTTP/1.1 200")


def test_requests_one_behind_the_other_are_answered_in_turn(town: Town) -> None:
    town.warn(over=IN_EAST)
    callback = town.sms.callback("status", town.sms.outbox[0].token, word="delivered")
    last = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    with served(town) as address, connected(address) as connection:
        connection.sendall(written(callback) * 3 + last)
        answers = heard(connection)
    assert answers.count(b"HTTP/1.1 204") == 3
    assert answers.index(b"HTTP/1.1 200") > answers.rindex(b"HTTP/1.1 204")
    assert kept(town.db) == ["delivered"] * 3
