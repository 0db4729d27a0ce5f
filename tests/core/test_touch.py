"""When a grid counts as touched."""

import numpy as np
import pytest

from alertcast.core.cells import Shared
from alertcast.core.policy import read_policy
from alertcast.core.touch import HOW, Touch, read_touch

POLICY = {"counts": ["a"], "rungs": [{"roles": ["a"], "kinds": ["sms"]}]}


@pytest.mark.parametrize(
    ("touch", "share", "square_metres", "of_part", "how"),
    [
        (Touch(0.1), 0.099, 1e9, 0.099, None),
        (Touch(0.1), 0.1, 0, 0.0, "share"),
        (Touch(0.1), 0.1 - 1e-12, 0, 0.0, "share"),  # what lies on the line is told
        (Touch(0.1), 0.05, 0, 0.1, "part"),
        (Touch(0.1, 5000), 0.05, 4999, 0.0, None),
        (Touch(0.1, 5000), 0.05, 5000, 0.0, "area"),
        (Touch(0.1, 5000), 0.2, 5000, 0.2, "share"),
        (Touch(0.1, 5000), 0.05, 5000, 0.2, "area"),
        (Touch(0.0), 0.0, 0, 0.0, "share"),  # any touch
        (Touch(1.0, 0), 0.0, 0, 0.0, "area"),
        (Touch(1.0), 1.0, 0, 0.0, "share"),
    ],
)
def test_enough_is_a_share_an_area_or_the_share_of_a_part(
    touch, share, square_metres, of_part, how
):
    shared = Shared(
        np.array([7]), np.array([share]), np.array([square_metres / 1e6]), np.array([of_part])
    )
    (found,) = touch.counted(shared).tolist()
    assert (None if found < 0 else HOW[found]) == how


@pytest.mark.parametrize(
    ("section", "mistake"),
    [
        ("a lot", "match is 'a lot', not { min_share"),
        ({}, "match.min_share is None, not a number from 0 to 1"),
        ({"min_share": 1.5}, "match.min_share is 1.5, not a number from 0 to 1"),
        ({"min_share": True}, "match.min_share is True, not"),
        ({"min_share": 0.1, "min_area": -1}, "match.min_area is -1, not a number of square metres"),
        ({"min_share": 0.1, "area": 1}, "match: unknown key 'area'"),
    ],
)
def test_a_rule_that_makes_no_sense_is_named(section, mistake):
    mistakes: list[str] = []
    read_touch("match", section, mistakes)
    assert [one for one in mistakes if one.startswith(mistake)], mistakes


def test_a_policy_keeps_its_rule_when_it_is_frozen():
    own = read_policy("p", POLICY | {"match": {"min_share": 0.1, "min_area": 9}}, None)
    assert own.touch == Touch(0.1, 9)
    assert read_policy("p", own.frozen(), None) == own
    plain = read_policy("p", POLICY, None)
    assert plain.touch is None
    assert read_policy("p", plain.frozen(), None) == plain
