"""The numbers for Prometheus: what they count, who may read them, and that nobody is in them."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import select

from alertcast.channels.base import Outcome, Request, Sent
from alertcast.core.watch import TICK
from alertcast.dispatch import claim, receive
from alertcast.simulator.faults import Fault
from alertcast.store import channels, pulses
from alertcast.store.crypto import Vault
from alertcast.store.db import Database
from alertcast.store.figures import OVERDUE
from alertcast.store.schema import task
from alertcast.web import create_app
from alertcast.web.metrics import TOKEN, Numbers
from tests.databases import DATA_KEY
from tests.stories import publishers
from tests.stories.town import EAST_LEADER, EVERYBODY, IN_EAST, IN_WEST, Town
from tests.web.site import Site

BOTH = [(IN_EAST, "orange"), (IN_WEST, "orange")]


def scraped(app: Flask) -> str:
    answer = app.test_client().get("/metrics")
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain; version=")
    return answer.text


def numbers(site: Site) -> dict[tuple[str, ...], float]:
    """What a scrape brings, counted anew: (name, label values...) -> value."""
    site.app.extensions["alertcast_numbers"] = Numbers()
    return {
        (sample.name.removeprefix("alertcast_"), *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(scraped(site.app))
        for sample in family.samples
    }


def test_messages_and_grids_are_counted_by_state(town: Town, site: Site) -> None:
    town.warn(over=IN_EAST, level="red")
    town.press_1(EAST_LEADER)
    found = numbers(site)
    with town.db.read() as tx:
        rows = Counter(tuple(row) for row in tx.execute(select(task.c.kind, task.c.state)))
    assert len(rows) > 2
    for key, count in rows.items():
        assert found["tasks", *key] == count
    assert found["tasks", "sms", "failed"] == 0
    assert found["callouts", "answered"] == 1
    assert found["broadcasts", "running"] == 1
    assert found["attempts", "sms", "accepted"] == len(town.sms.outbox)
    assert found["database_up",] == 1


def test_what_stands_still_is_seen_by_its_age(town: Town, site: Site) -> None:
    town.warn(over=IN_EAST)
    with town.db.write() as tx:
        channels.stop(tx, "voice", "account")
    town.tick(minutes=13)
    town.climb(minutes=7)
    found = numbers(site)
    assert found["due_seconds",] == 600
    assert found["channel_stopped", "voice"] == 1
    assert found["channel_stopped", "sms"] == 0


def test_a_ladder_that_nobody_climbs_is_overdue(town: Town, site: Site) -> None:
    town.warn(over=BOTH)
    town.now += timedelta(minutes=10)
    assert numbers(site)["callouts_overdue",] == 0
    town.now += OVERDUE + timedelta(seconds=1)
    assert numbers(site)["callouts_overdue",] == 2
    town.tick()
    assert numbers(site)["callouts_overdue",] == 0


def test_a_lease_that_ran_out_is_counted_until_it_is_taken_back(town: Town, site: Site) -> None:
    town.climb_first(IN_EAST)
    assert len(claim.claim(town.world, "sms", "live", town.now)) == 2  # and killed
    town.db.ahead += timedelta(minutes=1)
    assert numbers(site)["leases_expired",] == 2
    town.rest()
    assert numbers(site)["leases_expired",] == 0


def test_a_paused_channel_and_a_forged_callback(town: Town, site: Site) -> None:
    def throttled(request: Request) -> Sent:
        return Sent(request.token, Outcome.THROTTLED, retry_after=60.0)

    town.sms.answers.append(throttled)
    town.warn(over=IN_EAST)
    with town.db.write() as tx:
        channels.count_forged(tx, "sms")
    found = numbers(site)
    assert 0 < found["channel_paused_seconds", "sms"] <= 60
    assert found["callbacks_forged", "sms"] == 1


def test_a_source_that_was_well_and_fails(town: Town, site: Site) -> None:
    town.warn()
    assert numbers(site)["source_up", "inbox"] == 1
    town.now += timedelta(minutes=1)
    publishers.simulator("inbox").faults.set(Fault("feed_error"))
    town.poll()
    found = numbers(site)
    assert found["source_up", "inbox"] == 0
    assert found["source_failures", "inbox"] == 1
    assert found["source_polled_seconds", "inbox"] == 0
    assert found["source_ok_seconds", "inbox"] == 60


def test_receipts_that_wait_and_those_that_nobody_knows(town: Town, site: Site) -> None:
    town.warn(over=IN_EAST)
    callback = town.sms.callback("status", "no-such-token", word="delivered")
    receive.receive(town.world, callback, town.now)
    town.now += timedelta(seconds=7)
    found = numbers(site)
    assert (found["receipts_unapplied",], found["receipts_unapplied_seconds",]) == (1, 7)
    receive.apply_kept(town.world, town.now)
    found = numbers(site)
    assert found["receipts_unapplied",] == 0
    assert found["receipts", "sms", "unmatched"] == 1


def test_who_has_fallen_silent(town: Town, site: Site) -> None:
    with town.db.write() as tx:
        pulses.write(tx, "here:1", [TICK, "send sms live"], town.db.real_now(tx))
    town.db.ahead += timedelta(seconds=100)
    found = numbers(site)
    assert 100 <= found["pulse_seconds", "tick"] < 110
    assert 100 <= found["pulse_seconds", "send sms live"] < 110


def test_a_cry_for_help(town: Town, site: Site) -> None:
    town.warn(over=IN_EAST, level="red")
    town.press("2", EAST_LEADER)
    assert numbers(site)["help_requests_open",] == 1


def test_nobody_can_be_found_in_it(town: Town, site: Site) -> None:
    town.warn(level="red")
    town.press("2", EAST_LEADER)
    text = scraped(site.app)
    for phone, _, _ in EVERYBODY:
        assert phone[3:] not in text
        assert f"某{phone[-2:]}" not in text


def test_what_was_over_days_ago_is_not_counted(town: Town, site: Site) -> None:
    town.warn(over=IN_EAST)
    town.stop()
    assert numbers(site)["broadcasts", "cancelled"] == 1
    town.now += timedelta(days=2)
    found = numbers(site)
    assert found["broadcasts", "cancelled"] == 0
    assert sum(count for (name, *_), count in found.items() if name == "tasks") == 0


def test_many_who_ask_at_once_are_told_the_same(town: Town, site: Site) -> None:
    first = scraped(site.app)
    town.warn()
    assert scraped(site.app) == first
    assert numbers(site)["broadcasts", "running"] == 1


def status(app: Flask, address: str = "127.0.0.1", token: str | None = None) -> int:
    headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
    client = app.test_client()
    return client.get(
        "/metrics", headers=headers, environ_base={"REMOTE_ADDR": address}
    ).status_code


@pytest.mark.parametrize(
    ("address", "said"), [("127.0.0.1", 200), ("::1", 200), ("192.0.2.7", 403)]
)
def test_without_a_token_only_this_machine_may_read(site: Site, address: str, said: int) -> None:
    assert status(site.app, address) == said


def test_behind_a_proxy_nobody_may_without_the_token(town: Town) -> None:
    town.configure(web={"public_base_url": "https://warn.example.cn"})
    app = create_app(town.world, lambda: town.now, secret_key="secret")
    assert status(app, "127.0.0.1") == 403


def test_with_the_token_whoever_has_it_may(town: Town) -> None:
    config = replace(town.world.config, env={TOKEN: "a token of this test"})
    app = create_app(replace(town.world, config=config), lambda: town.now, secret_key="secret")
    assert status(app, "192.0.2.7", "a token of this test") == 200
    for wrong in (None, "", "another", "收"):
        assert status(app, "127.0.0.1", wrong) == 403


@pytest.mark.parametrize("url", ["sqlite:///{folder}", "postgresql+psycopg://wang@127.0.0.1:9/a"])
def test_without_its_database_it_says_only_that(url: str, town: Town, tmp_path: Path) -> None:
    gone = Database(url.format(folder=tmp_path), Vault.from_text(DATA_KEY))
    app = create_app(replace(town.world, db=gone), lambda: town.now, secret_key="secret")
    lines = [line for line in scraped(app).splitlines() if not line.startswith("#")]
    assert lines == ["alertcast_database_up 0.0"]
    ready = app.test_client().get("/readyz")
    assert (ready.status_code, ready.json["database"]) == (503, False)
    assert app.test_client().get("/healthz").status_code == 200
    gone.close()
