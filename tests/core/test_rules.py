"""policy.toml as a whole: thresholds, which policy holds where, every mistake named."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from alertcast.core.hazard import HazardTable
from alertcast.core.policy import PolicyError
from alertcast.core.rules import Rules
from alertcast.core.touch import Touch

LEVELS = ("red", "orange", "yellow", "blue")
ROLES = frozenset({"leader", "desk"})
ONE = {"counts": ["leader"], "rungs": [{"roles": ["leader"], "kinds": ["sms"]}]}


def section(**fields: Any) -> dict[str, Any]:
    return {
        "levels": {"red": "p", "orange": "p"},
        "desk": "p",
        "help": {"roles": ["desk"]},
        "policies": {"p": ONE, "q": ONE},
    } | fields


def read(written: dict[str, Any]) -> Rules:
    return Rules.from_mapping(
        written, roles=ROLES, levels=LEVELS, hazards=frozenset({"cold", "typhoon"})
    )


@pytest.mark.parametrize(
    ("written", "mistake"),
    [
        (section(colour=1), "unknown key 'colour'"),
        (section(desk="x"), "desk: there is no policy 'x'"),
        (section(threshold="grey"), "threshold: 'grey' is not a level (red, orange, yellow, blue)"),
        (section(levels={"grey": "p"}), "levels: 'grey' is not a level"),
        (section(levels={"red": "x"}), "levels.red: there is no policy 'x'"),
        (section(hazards={"meteor": {}}), "hazards.meteor: there is no such hazard"),
        (section(hazards={"cold": {"levels": {"red": "x"}}}), "hazards.cold.red: there is no"),
        (section(hazards={"cold": {"threshold": "x"}}), "hazards.cold.threshold: 'x' is not"),
        (section(max_people=-1), "max_people: -1 is not a whole number of 0 or more"),
        (section(all_clear={"kinds": ["pigeon"]}), "all_clear: unknown kind 'pigeon'"),
        (section(help={}), "help: names no role, so nobody would be called"),
        (section(help={"roles": ["mayor"]}), "help: unknown role 'mayor'"),
        (section(help={"roles": ["desk"], "every": "?"}), "help.every: '?' is not a duration"),
        (section(correction={"call": 2}), "correction: unknown key 'call'"),
        (section(correction={"calls": 0}), "correction.calls: 0 would leave whoever was called"),
        (section(correction={"every": "soon"}), "correction.every: 'soon' is not a duration"),
        (section(correction={"asks": "yes"}), "correction.asks: 'yes' is not true or false"),
        (section(confirm={"role": ["desk"]}), "confirm: unknown key 'role'"),
        (section(confirm={"roles": []}), "confirm.roles: names no role, so nobody would be called"),
        (section(confirm={"roles": ["mayor"]}), "confirm.roles: unknown role 'mayor'"),
        (section(confirm={"calls": 0}), "confirm.calls: 0 is not a whole number of 1 or more"),
        (section(confirm={"wait": "soon"}), "confirm.wait: 'soon' is not a duration"),
        (section(confirm={"every": 5}), "confirm.every: 5 is not a duration"),
        (section(confirm={"unanswered": "grey"}), "confirm.unanswered: 'grey' is not a level"),
        (section(confirm={"alone": 1}), "confirm.alone: 1 is not a level"),
        (section(confirm={"whole_layer": 1}), "confirm.whole_layer: 1 is not true or false"),
        (section(policies={"p": ONE | {"match": 0.1}, "q": ONE}), "policy p: match is 0.1, not {"),
        (section(policies={"p": {}}), "policy p: has no rungs"),
    ],
)
def test_a_mistake_is_named(written: dict[str, Any], mistake: str) -> None:
    with pytest.raises(PolicyError) as refused:
        read(written)
    assert any(mistake in found for found in refused.value.mistakes), refused.value.mistakes


def test_all_mistakes_at_once() -> None:
    with pytest.raises(PolicyError) as refused:
        read(section(desk="x", threshold="grey", max_people="many", help={}))
    assert len(refused.value.mistakes) == 4


def test_which_policy_holds() -> None:
    rules = read(section(hazards={"cold": {"levels": {"orange": "q"}}}))
    assert rules.policy_for("cold", "orange") is rules.policies["q"]
    assert rules.policy_for("cold", "red") is rules.policies["p"]
    assert rules.policy_for("typhoon", "orange") is rules.policies["p"]
    assert rules.policy_for("cold", "blue") is None
    assert rules.policy_for(None, None) is None


@pytest.mark.parametrize(
    ("hazard", "level", "is_told"),
    [
        ("typhoon", None, False),
        ("typhoon", "grey", False),
        ("typhoon", "blue", False),
        ("typhoon", "yellow", True),
        ("typhoon", "red", True),
        ("cold", "yellow", False),
        ("cold", "orange", True),
    ],
)
def test_from_which_level_on_people_are_told(hazard: str, level: str | None, is_told: bool) -> None:
    rules = read(section(hazards={"cold": {"threshold": "orange"}}))
    assert rules.is_told(hazard, level) is is_told


def test_the_shipped_rules_are_right() -> None:
    folder = Path(__file__).parents[2] / "config"
    policy, hazards, roles = (
        tomllib.loads((folder / f"{name}.toml").read_text("utf-8"))
        for name in ("policy", "hazards", "roles")
    )
    table = HazardTable.from_mapping(hazards)
    rules = Rules.from_mapping(
        policy,
        roles=frozenset(roles),
        levels=table.ordered,
        hazards=frozenset(table.hazards),
    )
    assert all(rules.policy_for(None, level) for level in table.ordered)


def test_a_policy_may_have_its_own_rule_of_when_a_grid_is_touched():
    own = ONE | {"match": {"min_share": 0.1, "min_area": 20000}}
    found = read(section(policies={"p": ONE, "q": own}, hazards={"cold": {"levels": {"red": "q"}}}))
    assert found.touch_at("typhoon") == {}
    assert found.touch_at("cold") == {"red": Touch(0.1, 20000)}
