"""A policy as it is written, read, frozen and read back."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from alertcast.core.policy import PolicyError, QuietHours, Rung, duration, read_policy

ROLES = frozenset({"leader", "deputy"})
HUAIJI = ZoneInfo("Asia/Shanghai")


def section(**fields: Any) -> dict[str, Any]:
    rung = {"roles": ["leader"], "kinds": ["sms"], "within": "10m"}
    return {"counts": ["leader"], "rungs": [rung]} | fields


@pytest.mark.parametrize(
    ("written", "mistake"),
    [
        (section(rungs=[]), "policy p: has no rungs"),
        (section(counts=[]), "policy p: counts names no role, so nobody could ever answer"),
        (section(counts=["mayor"]), "policy p: unknown role 'mayor' in counts"),
        (section(counts="leader"), "policy p: counts is 'leader', not a list of names"),
        (section(rungs={"roles": []}), "policy p: rungs are written as [[policies.p.rungs]]"),
        (section(rungs=["leader"]), "policy p: rungs are written as [[policies.p.rungs]]"),
        (
            section(rungs=[{"roles": ["leader"], "kinds": ["sms"]}] * 21),
            "policy p: has 21 rungs, more than 20",
        ),
        (section(counts=["deputy"]), "policy p: no rung tells anybody whose answer counts"),
        (
            section(
                rungs=[
                    {"roles": ["leader"], "kinds": ["sms"]},
                    {"roles": ["deputy"], "kinds": ["sms"], "need": "all"},
                ]
            ),
            "policy p: rung 2: need is 'all', but the answer of none of its roles counts",
        ),
        (
            section(rungs=[{"roles": ["leader"], "kinds": ["sms"], "wait": "1m", "within": "1m"}]),
            "policy p: rung 1: wait is the older name of within: leave it out",
        ),
        (section(colour="red"), "policy p: unknown key 'colour'"),
        (section(quiet={"from": "22:00"}), "policy p: quiet needs from and to, as HH:MM"),
        (
            section(quiet={"from": "25:00", "to": "07:00", "kinds": ["sms"]}),
            "policy p: quiet needs from and to, as HH:MM",
        ),
        (
            section(quiet={"from": "22:00", "to": "07:00", "kinds": "sms"}),
            "policy p: quiet: kinds is 'sms', not a list of names",
        ),
        (
            section(quiet={"from": "22:00", "to": "07:00", "kinds": ["fax"]}),
            "policy p: quiet: unknown kind 'fax'",
        ),
        (
            section(quiet={"from": "22:00", "to": "07:00", "kinds": []}),
            "policy p: quiet: needs kinds, else nobody is told at night",
        ),
        (section(rungs=[{"roles": ["leader"]}]), "policy p: rung 1: needs roles and kinds"),
        (
            section(rungs=[{"roles": ["mayor"], "kinds": ["sms"]}]),
            "policy p: rung 1: unknown role 'mayor'",
        ),
        (
            section(rungs=[{"roles": ["leader"], "kinds": ["pigeon"]}]),
            "policy p: rung 1: unknown kind 'pigeon'",
        ),
        *(
            (
                section(rungs=[{"roles": ["leader"], "kinds": ["sms"], key: value}]),
                f"policy p: rung 1: {words}",
            )
            for key, value, words in [
                ("need", "most", "need is 'most', not any, all or a number above 0"),
                ("need", 0, "need is '0', not any, all or a number above 0"),
                ("calls", 0, "calls is 0, not a number from 1 to 10"),
                ("calls", "3", "calls is '3', not a number from 1 to 10"),
                ("within", "10", "within: '10' is not a duration such as 100s, 5m or 2h"),
                ("within", "0s", "within 0s nobody can answer"),
                ("wait", "10", "wait: '10' is not a duration such as 100s, 5m or 2h"),
                ("need", "²", "need is '²', not any, all or a number above 0"),
                ("need", True, "need is 'True', not any, all or a number above 0"),
                ("repeat", -1, "repeat is -1, not a number from 0 to 10"),
                ("repeat", True, "repeat is True, not a number from 0 to 10"),
                ("repeat", 3, "3 repeats, 100s apart, do not fit into 300s"),
                ("roles", "leader", "roles is 'leader', not a list of names"),
                ("kinds", [1], "kinds is [1], not a list of names"),
                ("every", "soon", "every: 'soon' is not a duration such as 100s, 5m or 2h"),
                ("colour", 1, "unknown key 'colour'"),
            ]
        ),
    ],
)
def test_a_mistake_is_named(written: dict[str, Any], mistake: str) -> None:
    with pytest.raises(PolicyError) as refused:
        read_policy("p", written, ROLES)
    assert [m for m in refused.value.mistakes if m.startswith(mistake)]


def test_all_mistakes_at_once() -> None:
    with pytest.raises(PolicyError) as refused:
        read_policy("p", {"x": 1, "counts": ["mayor"], "rungs": [{"within": "?"}]}, ROLES)
    assert len(refused.value.mistakes) == 4


def test_frozen_and_read_back_is_the_same() -> None:
    written = section(
        quiet={"from": "22:00", "to": "07:00", "kinds": ["sms"]},
        rungs=[
            {"roles": ["leader"], "kinds": ["sms", "voice"], "within": "2h", "need": 1, "calls": 3},
            {"roles": ["deputy"], "kinds": ["voice"], "every": "45s", "need": "all", "repeat": 2},
        ],
        counts=["leader", "deputy"],
    )
    policy = read_policy("p", written, ROLES)
    assert read_policy("p", policy.frozen(), None) == policy


def test_what_an_older_version_froze_is_read() -> None:
    frozen = {"roles": ["mayor"], "kinds": ["sms"], "wait": "0s", "need": "2"}
    policy = read_policy("p", {"counts": ["leader"], "rungs": [frozen]}, None)
    assert (policy.rungs[0].within, policy.rungs[0].need) == (timedelta(0), "2")


@pytest.mark.parametrize(
    ("kinds", "calls", "waits"),
    [
        (("sms",), 3, [2, 2, 16]),
        (("voice",), 1, [2, 2, 16]),
        (("sms", "voice"), 3, [6, 6, 8]),
    ],
)
def test_a_repeat_waits_for_the_calls_before_it(
    kinds: tuple[str, ...], calls: int, waits: list[int]
) -> None:
    twenty, two = timedelta(minutes=20), timedelta(minutes=2)
    rung = Rung(("leader",), kinds, twenty, calls=calls, every=two, repeat=2)
    assert [rung.wait(repeat) // timedelta(minutes=1) for repeat in range(3)] == waits


def test_what_was_frozen_is_read_after_a_role_is_gone() -> None:
    policy = read_policy("p", section(), ROLES)
    assert read_policy("p", policy.frozen(), None).counts == ("leader",)


@pytest.mark.parametrize(("text", "seconds"), [("100s", 100), ("5m", 300), ("2h", 7200), ("0s", 0)])
def test_duration(text: str, seconds: int) -> None:
    assert duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "5", "m", "-5m", "5 m", "1.5h", "5d"])
def test_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration"):
        duration(text)


@pytest.mark.parametrize(
    ("need", "people", "needed"),
    [("any", 3, 1), ("all", 3, 3), ("2", 3, 2), ("5", 3, 3), ("any", 0, 0), ("all", 0, 0)],
)
def test_needed(need: str, people: int, needed: int) -> None:
    assert Rung(("leader",), ("sms",), timedelta(0), need).needed(people) == needed


@pytest.mark.parametrize(
    ("clock", "over_midnight", "by_day"),
    [
        ("21:59", False, False),
        ("22:00", True, False),
        ("23:59", True, False),
        ("00:00", True, False),
        ("06:59", True, False),
        ("07:00", False, False),
        ("12:00", False, True),
        ("14:00", False, False),
    ],
)
def test_quiet_hours(clock: str, over_midnight: bool, by_day: bool) -> None:
    at = datetime.fromisoformat(f"2026-12-26T{clock}").replace(tzinfo=HUAIJI)
    assert QuietHours(time(22), time(7), ()).covers(at) is over_midnight
    assert QuietHours(time(12), time(14), ()).covers(at) is by_day


def test_kinds_at_night() -> None:
    quiet = {"from": "22:00", "to": "07:00", "kinds": ["sms"]}
    both = [{"roles": ["leader"], "kinds": ["sms", "voice"]}]
    policy = read_policy("p", section(quiet=quiet, rungs=both), ROLES)
    assert policy.kinds_at(0, datetime(2026, 12, 26, 23, tzinfo=HUAIJI)) == ("sms",)
    assert policy.kinds_at(0, datetime(2026, 12, 26, 20, tzinfo=HUAIJI)) == ("sms", "voice")
