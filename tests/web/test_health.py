"""What machines ask without a log-in."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from alertcast.core.watch import TICK
from alertcast.store import pulses
from alertcast.web.health import proof
from tests.stories.town import Town
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


def test_it_is_ready_while_its_database_is_of_its_version_and_time_passes(
    site: Site, town: Town
) -> None:
    def ready() -> tuple[int, Any]:
        answer = site.visitor().get("/readyz")
        return answer.status_code, answer.json

    assert ready() == (503, {"ready": False, "database": True, "version": True, "clock": False})
    with town.db.write() as tx:
        pulses.write(tx, "another machine", [TICK], town.db.real_now(tx))
    assert ready() == (200, {"ready": True, "database": True, "version": True, "clock": True})
    town.db.ahead += town.world.config.main.watch.silent
    assert ready()[0] == 503
    town.db.ahead = timedelta(hours=-1)
    assert ready()[0] == 503  # the clock was set back, and nobody has been felt since
    town.db.ahead = timedelta(0)
    with town.db.write() as tx:
        (head,) = tx.execute(text("SELECT version_num FROM alembic_version")).scalars()
        tx.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    try:
        found = ready()
    finally:
        with town.db.write() as tx:
            tx.execute(text("UPDATE alembic_version SET version_num = :head"), {"head": head})
    assert found == (503, {"ready": False, "database": True, "version": False, "clock": False})
