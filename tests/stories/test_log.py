"""The log of a whole night, ours and that of libraries, holds no telephone number and no name."""

import io
import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from alertcast.cli import log
from alertcast.core.phone import LOOKS_LIKE
from alertcast.simulator.faults import Fault
from alertcast.simulator.people import Behaviour, Hearing, Pickup, Reading
from tests.databases import KINDS, database
from tests.stories.http_town import HttpTown
from tests.stories.town import EAST_DEPUTY, EAST_LEADER, EAST_SECRETARY, EVERYBODY, IN_EAST


@pytest.fixture
def written() -> io.StringIO:
    """The log as `alertcast serve` would write it, with everything switched on."""
    stream = io.StringIO()
    log.configure("debug", "json", stream)
    return stream


@pytest.fixture(params=KINDS)
def town(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[HttpTown]:
    with database(request.param, tmp_path) as db, HttpTown(db, tmp_path) as found:
        yield found


def test_a_night_with_every_trouble_is_logged_without_anybody_in_it(
    town: HttpTown, written: io.StringIO
) -> None:
    wrong = Behaviour(sms=Reading(refused=21211), calls=(Hearing(Pickup.FAILED, ()),))
    town.carrier.people.let(EAST_SECRETARY, wrong)
    town.carrier.people.let(EAST_LEADER, Behaviour(calls=(Hearing(keys=("2",)),)))
    town.carrier.people.let(EAST_DEPUTY, Behaviour(sms=Reading(reply="收到", reply_after=30.0)))
    town.carrier.faults.set(
        Fault("reset_after", "message", nth=1), Fault("throttled", "message", nth=2, seconds=1)
    )
    town.warn(IN_EAST, "red")
    town.after_the_grace()
    town.publish("<alert>")
    town.tick(minutes=10)
    town.carrier.faults.set(Fault("receipts_forged"))
    town.notice("请检查张三家的烟道", "441224101002")
    town.tick(minutes=1)
    said = written.getvalue()
    events = [json.loads(line)["event"] for line in said.splitlines()]
    assert {"request made", "answer taken", "forged callback refused", "source polled"} <= {*events}
    for phone, _, _ in EVERYBODY:
        assert phone[3:] not in said, phone
        assert f"某{phone[-2:]}" not in said
    for text in ("张三", "烟道", "请按", "内部通知", "demo-token"):
        assert text not in said
    assert not LOOKS_LIKE.search(re.sub(r'"timestamp": "[^"]*"', "", said))


@pytest.mark.parametrize(
    ("said", "logged"),
    [
        ("The 'To' number +8613800000011 is not valid", "The 'To' number ***11 is not valid"),
        ("to 13800000011, please", "to ***11, please"),
        ("+15005550006", "***06"),
        ("44122441600000_20261226172001", "44122441600000_20261226172001"),
        ("20261226172001", "20261226172001"),
        ("attempt 123456789", "attempt 123456789"),
    ],
)
def test_what_looks_like_a_number_in_the_words_of_others_is_masked(
    written: io.StringIO, said: str, logged: str
) -> None:
    structlog.get_logger().error("provider could not be asked", reason=said)
    logging.getLogger("somebody.else").error("it said %s", said)
    try:
        raise ValueError(said)
    except ValueError:
        structlog.get_logger().exception("step failed", parts=[said, {"why": said}])
    ours, theirs, failed = map(json.loads, written.getvalue().splitlines())
    assert ours["reason"] == logged
    assert theirs["event"] == f"it said {logged}"
    assert (theirs["level"], theirs["logger"]) == ("error", "somebody.else")
    assert failed["parts"] == [logged, {"why": logged}]
    assert failed["exception"].endswith(f"ValueError: {logged}")


def test_requests_of_a_library_that_hold_numbers_are_not_logged_at_all(
    written: io.StringIO,
) -> None:
    logging.getLogger("twilio.http_client").warning("POST Request: To=+8613800000011")
    assert written.getvalue() == ""
