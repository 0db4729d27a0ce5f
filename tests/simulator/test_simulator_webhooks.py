import socket
from collections.abc import Iterator

import pytest
from twilio.request_validator import RequestValidator

from alertcast.simulator.webhooks import Overrides, Webhooks, is_loopback, signature
from tests.simulator.product import TOKEN, MovableClock, Product


@pytest.fixture
def webhooks() -> Iterator[Webhooks]:
    webhooks = Webhooks(timeout=0.3)
    yield webhooks
    webhooks.close()


def test_the_signature_is_twilios() -> None:
    form = {"To": "+8615400000001", "Body": "寒冷 & 1", "Empty": ""}
    url = "https://h.example/cb/a-b_c?x=%E8%AD%A6&y=1"
    assert signature(TOKEN, url, form) == RequestValidator(TOKEN).compute_signature(url, form)


@pytest.mark.parametrize(
    ("fragment", "tries"), [("", 1), ("rc=3&rp=5xx", 4), ("rc=9&rp=all", 6), ("rc=2&rp=4xx", 1)]
)
def test_a_500_is_tried_again_only_if_asked(
    webhooks: Webhooks, product: Product, fragment: str, tries: int
) -> None:
    product.answers["/status"] = (500, "no")
    answer = webhooks.send(f"{product.url}/status#{fragment}", {"A": "1"}, TOKEN)
    assert (answer.status, answer.is_good) == (500, False)
    assert len(product.received) == tries
    assert all(r.is_signed and r.target == "/status" for r in product.received)


def test_a_get_carries_the_form_in_its_query(webhooks: Webhooks, product: Product) -> None:
    assert webhooks.send(f"{product.url}/status?t=1", {"A": "寒"}, TOKEN, "GET").status == 204
    [request] = product.received
    assert request.is_signed
    assert request.target == "/status?t=1&A=%E5%AF%92"


def test_silence_is_a_failure(webhooks: Webhooks) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        answer = webhooks.send(f"http://127.0.0.1:{mute.getsockname()[1]}/", {}, TOKEN)
    assert (answer.status, answer.failure) == (None, "rt")
    assert webhooks.send("http://127.0.0.1:9/", {}, TOKEN).failure == "ct"


def test_a_redirect_is_not_followed(
    webhooks: Webhooks, product: Product, clock: MovableClock
) -> None:
    product.answers["/status"] = (302, "")
    assert not webhooks.send(f"{product.url}/status", {}, TOKEN).is_good
    assert len(product.received) == 1


@pytest.mark.parametrize(
    ("url", "is_ours"),
    [
        ("http://127.0.0.1:8000/x", True),
        ("http://localhost/x", True),
        ("http://[::1]:8000/x", True),
        ("https://example.org/x", False),
        ("http://127.0.0.1.example.org/x", False),
        ("http://127.0.0.1@example.org/x", False),
        ("http://10.0.0.1/x", False),
        ("ftp://127.0.0.1/x", False),
        ("/status", False),
        ("http://[bad/x", False),
    ],
)
def test_only_this_machine_is_called(webhooks: Webhooks, url: str, is_ours: bool) -> None:
    assert is_loopback(url) is is_ours
    if not is_ours:
        assert webhooks.send(url, {}, TOKEN).failure == "ct"


def test_overrides_that_cannot_be_read_count_as_absent() -> None:
    assert Overrides.of("rc=many&ct=&x=1", 15.0) == Overrides()
    assert Overrides.of("rc=3&rp=ct,rt,5xx&rt=2000", 15.0).read == 2.0
