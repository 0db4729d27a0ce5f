"""Every benchmark works, and says honestly what it found; how fast it was is not asserted here."""

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.benchmarks import claims, county, killed, rates, receipts, warning
from tests.benchmarks.figures import Figure, mean_rate, most_in_a_second, percentile


def test_most_in_a_second() -> None:
    assert most_in_a_second([]) == 0
    assert most_in_a_second([0.0, 0.5, 0.999, 1.0, 3.0]) == 3


def test_mean_rate() -> None:
    assert mean_rate([5.0]) == 0.0
    assert mean_rate([0.0, 0.1, 0.2]) == pytest.approx(10)


def test_percentile() -> None:
    assert percentile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert percentile(range(100), 0.99) == 99


def test_a_figure_is_told_as_text_and_as_json() -> None:
    figure = Figure("one", "fast", {"seconds": 1.5}, False, {"seconds": 3.0}, 0.5)
    assert figure.as_text().splitlines()[0] == "one: MISSED"
    assert "ratio     0.50" in figure.as_text()
    assert json.loads(figure.as_json())["peer"] == {"seconds": 3.0}


def test_an_unknown_name_is_refused() -> None:
    command = [sys.executable, "-m", "tests.benchmarks", "no_such"]
    root = Path(__file__).parents[2]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "there is no such benchmark" in done.stderr


def test_a_rate_is_held_and_every_text_delivered() -> None:
    found = rates.rate_10(seconds=1).measured
    assert found["texts"] == found["delivered"] == 10


def test_rates_count_what_the_carrier_took() -> None:
    assert rates.rate_100(seconds=0.2).measured["texts"] == 20
    assert rates.rate_500(seconds=0.1).measured["texts"] == 50
    assert rates.many(number=50).measured["texts"] == 50


def test_receipts_that_were_answered_are_kept() -> None:
    found = receipts.while_sending(seconds=1, rate=50, sending=5).measured
    assert found["not 2xx"] == 0
    assert found["kept"] == 50


def test_a_warning_leads_to_a_request() -> None:
    found = warning.warning(number=40)
    assert found.measured["planned by then"] == 40
    assert 0 < float(found.measured["seconds"] or 0) < 30


def test_everybody_is_called() -> None:
    assert county.county(number=6).measured["people"] == 6


def test_killed_it_loses_nobody() -> None:
    found = killed.killed(number=30, rate=20, after=0.5, lease=2).measured
    assert found["texts"] == 30


def test_everything_is_claimed_and_recorded() -> None:
    assert claims.claim_and_record(number=250)[0] == 250


if find_spec("gunicorn"):  # pip install '.[benchmarks]'

    def test_the_intake_keeps_all_it_answers_and_a_peer_is_measured() -> None:
        found = receipts.intake(seconds=1)
        assert int(found.measured["kept"] or 0) > 0
        assert int(found.peer["receipts a second"] or 0) > 0
        assert found.ratio is not None
