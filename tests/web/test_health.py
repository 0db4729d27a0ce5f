"""What machines ask without a log-in."""

import pytest

from alertcast.web.health import proof
from tests.web.site import Site

NONCE = "a-nonce_of_this_test"


def test_the_health_page_needs_no_log_in_and_tells_nothing(site: Site) -> None:
    assert site.visitor().get("/healthz").json == {"ok": True}


def test_it_proves_whose_it_is_to_whoever_has_the_same_secret(site: Site) -> None:
    said = site.visitor().get("/healthz", nonce=NONCE).json
    assert said == {"ok": True, "proof": proof("secret", NONCE)}
    assert said["proof"] != proof("another secret", NONCE)
    assert said["proof"] != proof("secret", NONCE[::-1])


@pytest.mark.parametrize("nonce", ["", "short", "a" * 65, "a b" * 10, "收" * 20])
def test_a_question_of_another_shape_is_refused(site: Site, nonce: str) -> None:
    assert site.visitor().get("/healthz", nonce=nonce).status_code == 400
