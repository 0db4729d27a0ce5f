"""The chaos drill: it holds here, it can be repeated, and it notices what must not be."""

import json
import os
import subprocess
import sys
from collections import Counter
from itertools import islice, product
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from alertcast.cli import main
from alertcast.demo.chaos.cases import (
    ANSWERS,
    NOBODY_KILLED,
    PLACES,
    RECEIPTS,
    Kill,
    cases,
    chosen,
)
from alertcast.demo.chaos.judge import moved_back
from alertcast.simulator.faults import FAULTS, Stage
from alertcast.store.playground import StateMove
from tests.databases import POSTGRESQL

ROOT = Path(__file__).parents[2]
CASES = int(os.environ.get("ALERTCAST_CHAOS_CASES", "16"))
"""How many are played here; the project's own check plays 500 by the command."""


def run(*command: str) -> tuple[int, Any]:
    """Run a module in a process of its own, as the drill forks; return exit code and its JSON."""
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.returncode, json.loads(done.stdout) if done.stdout else done.stderr


def spoilt(sender: str, *names: str) -> Any:
    code, report = run("tests.demo.spoilt", sender, *names)
    assert code == 0, report
    return report


def test_nothing_is_lost_and_no_call_is_doubled_whatever_fails_and_whoever_is_killed() -> None:
    where = ("--database", POSTGRESQL) if POSTGRESQL else ()
    few = ("--lanes", "4")  # so that each has several cases, and is warmed for them
    code, report = run(
        "alertcast", "drill", "chaos", "--cases", str(CASES), "--seed", "3", "--json", *few, *where
    )
    assert code == 0, report
    assert report["failed"] == []
    assert report["cases"] == CASES
    assert report["killed"] > CASES / 2
    assert report["outlived"] <= CASES / 4, "many were to be killed after the end of their night"
    assert report["messages"] >= 4 * CASES
    assert report["resent"] > 0
    assert set(report["by_database"]) == ({"sqlite", "postgresql"} if POSTGRESQL else {"sqlite"})
    assert all("can not be asked" in line for line in report["doubled"])


def test_a_night_without_faults_calls_and_tells_everybody_once() -> None:
    report = spoilt("honest", "calm")
    assert report["ok"], report["failed"]
    assert report["commits"] > 40
    assert (report["messages"], report["calls"], report["resent"]) == (4, 6, 0)


def test_a_case_says_who_was_killed_and_the_next_life_goes_on() -> None:
    report = spoilt("honest", "killed")
    assert report["ok"], report["failed"]
    assert (report["killed"], report["outlived"]) == (2, 0)


def test_a_text_may_be_doubled_only_where_nobody_can_be_asked_and_is_listed() -> None:
    report = spoilt("honest", "gateway", "after")
    assert report["ok"], report["failed"]
    assert report["messages"] > 8
    assert len(report["doubled"]) == report["messages"] - 8
    assert all(line.startswith("case 4: ") for line in report["doubled"])


def test_a_sender_that_sends_again_without_asking_is_noticed_and_the_case_named() -> None:
    report = spoilt("impatient", "after", "calm")
    assert not report["ok"]
    assert report["failed"]
    assert all(line.startswith("case 2: ") for line in report["failed"])
    assert any("doubled: call" in line for line in report["failed"])
    (cell,) = [one for one in report["table"] if one["answer"] == "5xx after"]
    assert cell["failed"] == 1


def test_a_sender_that_drops_what_got_no_answer_is_noticed() -> None:
    report = spoilt("careless", "before")
    assert not report["ok"]
    assert any("lost: sms" in line for line in report["failed"])


def test_a_state_that_moves_back_is_noticed() -> None:
    back = [
        StateMove("attempt", 1, "delivered", "sent"),
        StateMove("attempt", 1, "busy", "no_answer"),
        StateMove("task", 1, "delivered", "queued"),
        StateMove("callout", 1, "answered", "open"),
    ]
    on = [
        StateMove("attempt", 1, "unknown", "accepted"),
        StateMove("task", 1, "failed", "answered"),
    ]
    assert moved_back([*on, *back]) == back


def test_the_same_seed_draws_the_same_cases() -> None:
    assert chosen(7, 1, 50, has_postgresql=True)[-9:] == chosen(7, 42, 9, has_postgresql=True)
    assert chosen(7, 1, 50, has_postgresql=False) != chosen(8, 1, 50, has_postgresql=False)


def test_every_commit_of_a_life_is_a_place_at_which_it_is_killed() -> None:
    for many in range(1, PLACES + 1):
        struck = [Kill(at, is_after=True).commit(many) for at in range(1, PLACES + 1)]
        assert struck == sorted(struck)
        assert set(struck) == set(range(1, many + 1))
        assert max(Counter(struck).values()) - min(Counter(struck).values()) <= 1


def test_every_place_meets_every_answer_and_every_sort_of_receipts_in_one_round() -> None:
    kills = {(at, after) for at in range(1, PLACES + 1) for after in (False, True)}
    one_round = len(kills) * len(ANSWERS) * NOBODY_KILLED // (NOBODY_KILLED - 1) + 1
    drawn = list(islice(cases(0, ("sqlite", "postgresql")), one_round))
    met = [((kill.place, kill.is_after), one) for one in drawn for kill in one.kills[:1]]
    assert {(at, one.answer) for at, one in met} == set(product(kills, ANSWERS))
    assert {(at, one.receipts) for at, one in met} == set(product(kills, RECEIPTS))
    assert sum(one.database == "postgresql" for one in drawn) == len(drawn) // 4


def test_every_fault_of_a_request_or_receipt_is_drawn_but_a_queue_that_is_full_for_a_minute() -> (
    None
):
    known = {fault for faults in ANSWERS.values() for fault in faults} | set(RECEIPTS.values())
    of_carrier = {fault for fault, stage in FAULTS.items() if stage is not Stage.FEED}
    assert of_carrier - known == {"queue_full", "list_lag"}
    assert any(one.lags for one in chosen(0, 1, 10, has_postgresql=False))


@pytest.mark.parametrize(
    "words",
    [
        ("--case", "1", "--cases", "2"),
        ("--case", "1", "--first", "2"),
        ("--database", "mysql://x"),
        ("--cases", "0"),
    ],
)
def test_what_makes_no_sense_is_a_usage_error(words: tuple[str, ...]) -> None:
    assert CliRunner().invoke(main, ["drill", "chaos", *words]).exit_code == 2
