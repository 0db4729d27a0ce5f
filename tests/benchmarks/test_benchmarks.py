"""Every benchmark works, and says honestly what it found; how fast it was is not asserted here."""

import json
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path

import pytest

from alertcast.core.policy import Policy, Rung
from alertcast.simulator.people import Behaviour, Hearing, People, Pickup
from tests.benchmarks import (
    claims,
    correction,
    county,
    enrol,
    ideal,
    killed,
    ladders,
    layers,
    match,
    pages,
    parse,
    plan,
    rates,
    receipts,
    soak,
    warning,
)
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


def test_every_alert_of_a_collection_is_read_and_a_plain_reader_beside_it() -> None:
    found = parse.parse_nws(size=100_000)
    assert int(found.measured["alerts"] or 0) >= 20
    assert float(found.peer["json processor seconds"] or 0) >= 0
    assert found.ratio is not None


def test_every_item_of_a_feed_is_read_and_plain_readers_beside_it() -> None:
    found = parse.parse_swic(items=5)
    assert found.measured["alerts"] == 5
    assert set(found.peer) == {
        "lxml processor seconds",
        f"{parse.VALUES} processor seconds",
        f"{parse.VALUES} ratio",
        "defusedxml processor seconds",
        "defusedxml ratio",
        "lxml peak MB",
    }


def test_every_grid_is_imported_and_geopandas_reads_them_beside_it() -> None:
    found = layers.import_grids(number=400)
    assert found.measured["grids"] == 400
    assert float(found.peer["processor seconds"] or 0) > 0


def test_every_person_is_imported_and_counted() -> None:
    found = enrol.import_people(number=200).measured
    assert found["people"] == 200
    assert float(found["people a second of processor time"] or 0) > 0
    assert int(found["notes"] or 0) >= 2  # two share the number of another


def test_a_warning_is_planned_and_the_orm_writes_the_same_rows_beside_it() -> None:
    found = plan.plan_sqlite(number=60)
    assert found.measured["tasks"] == 60
    assert found.measured["rows"] == 1 + 6 + 6 + 60 + 60 + 60
    assert float(found.measured["processor seconds of a bare copy"] or 0) > 0
    assert float(found.peer["processor seconds"] or 0) > 0


def test_planning_in_a_process_of_its_own_says_how_it_grew() -> None:
    found = plan.plan_million(number=50).measured
    assert found["tasks"] == 50
    assert 0 <= float(found["MB more at most"] or -1) < 100


def test_grids_are_matched_by_all_of_them_and_alike() -> None:
    for share in (0.01, 0.3):
        found = match.warm(share, grids=2000)
        assert found.measured["the same hits"] == "yes"
        assert float(found.measured["hits"] or 0) > share * 2000
        assert len(found.peer) == 3 * len(match.POINTS)


def test_shares_are_found_by_both_and_alike() -> None:
    found = match.share_of_area(grids=2000)
    assert float(found.measured["furthest apart"] or 0) < 1e-9
    assert found.ratio is not None


def test_a_fresh_process_answers_from_files_and_from_geoparquet() -> None:
    found = match.cold(grids=2000)
    assert found.measured["the same hits"] == "yes"
    assert float(found.measured["peak MB"] or 0) < float(found.peer["peak MB"] or 0)


def test_corrections_are_told_from_what_waits() -> None:
    found = correction.correction(told=10, waiting=100, rate=10).measured
    assert found["corrections"] == 10
    assert 0 < float(found["told to all s"] or 0) < float(found["the last s"] or 0)
    assert 0 < float(found["under way s"] or 0) < correction.PATIENCE


def test_everybody_is_called() -> None:
    assert county.county(number=6).measured["people"] == 6


def test_a_ladder_is_climbed_to_its_end() -> None:
    found = ladders.whole_ladder(grids=3, is_varied=False).measured
    assert found["grids ended"] == 3
    assert found["unreached"] == 0
    assert float(found["of the ideal"] or 0) > 0.9


def test_the_ideal_ladder_is_that_of_the_rules() -> None:
    never = Hearing(Pickup.NO_ANSWER, ())
    later = Behaviour(calls=(never, Hearing()))
    people = People(overrides={"a": Behaviour(calls=(never,)), "b": later})
    minutes, seconds = timedelta(minutes=1), timedelta(seconds=1)
    rungs = (
        Rung(roles=("leader",), kinds=("voice",), calls=2, every=100 * seconds, within=5 * minutes),
        Rung(roles=("deputy",), kinds=("voice",), calls=1, every=60 * seconds, within=2 * minutes),
    )
    policy = Policy("red", rungs, counts=("leader", "deputy"))
    pressed = 1 + 6 + 5  # it is dialled, it rings, a key is pressed
    assert ideal.ladder([(("b",), ())], people, policy, 1) == 100 + pressed
    assert ideal.ladder([(("a",), ("b",))], people, policy, 1) == 300 + 120
    people.let("b", Behaviour())
    assert ideal.ladder([(("a",), ("b",))], people, policy, 1) == 300 + pressed


def test_killed_it_loses_nobody() -> None:
    found = killed.killed(number=30, rate=20, after=0.5, lease=2).measured
    assert found["texts"] == 30


def test_everything_is_claimed_and_recorded() -> None:
    assert claims.claim_and_record(number=250)[0] == 250
    assert claims.rows_alone(number=250)[0] == 250


def test_a_soak_looks_at_the_process_and_counts_what_was_lost() -> None:
    figure, looks = soak.soak(minutes=0.1, share=0.0, every=3, look=1)
    assert figure.measured["warnings"] == 2
    people = 2 * soak.GRIDS * soak.IN_A_GRID  # a few of them have numbers that are refused
    assert 0.8 * people < int(figure.measured["texts"] or 0) <= people
    assert figure.measured["lost"] == figure.measured["doubled"] == 0
    assert all(one.memory > 10 and one.files > 3 and one.threads > 3 for one in looks)


def test_a_soak_sees_growth() -> None:
    flat = [soak.Look(n, 100, 20, 10, 3, 0) for n in range(40)]
    leaks = [replace(one, memory=100 + one.minutes) for one in flat]
    assert all(is_fine for _, is_fine in soak.growth(flat).values())
    assert soak.growth(leaks)["memory"] == (20.0, False)


if find_spec("gunicorn"):  # pip install '.[benchmarks]'

    def test_pages_are_looked_at_and_watched_while_texts_leave() -> None:
        found = pages.pages(grids=3, in_a_grid=2, officers=2, seconds=1, looks=3, rate=2)
        assert len([name for name in found.measured if name.startswith("p95 ms /")]) == 5
        assert int(found.measured["looks"] or 0) >= 6
        assert float(found.peer["p95 ms"] or 0) > 0
        assert found.ratio is not None

    def test_the_intake_keeps_all_it_answers_and_a_peer_is_measured() -> None:
        found = receipts.intake(seconds=1)
        assert int(found.measured["kept"] or 0) > 0
        assert int(found.peer["receipts a second"] or 0) > 0
        assert found.ratio is not None
