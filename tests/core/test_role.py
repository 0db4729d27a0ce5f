"""Roles: the shipped file, and what is wrong with others."""

import tomllib
from pathlib import Path

import pytest

from alertcast.core.role import PlaceLevel, RoleError, read_roles

SHIPPED = Path(__file__).parents[2] / "config" / "roles.toml"


@pytest.mark.parametrize(
    ("text", "mistakes"),
    [
        ("", ["no role is named, so nobody can be told"]),
        ("a = 1", ["a: a role is a table with zh, en and places"]),
        (
            '[a]\nzh="甲"\nen="a"\nplaces=["moon", ["grid"]]',
            ["a: places: must be a list of grid, town, county, city"],
        ),
        (
            '[a]\nzh="甲"\nen=""\nplaces=[]\nwords="x"\nb=1\n[c]\nen="c"\nplaces=["grid"]',
            [
                "a: b: this key is not known",
                "a: en: must be the role's name",
                "a: places: must be a list of grid, town, county, city",
                "a: words: must be a list of names",
                "c: zh: must be the role's name",
            ],
        ),
    ],
)
def test_every_mistake_is_named(text, mistakes):
    with pytest.raises(RoleError) as caught:
        read_roles(tomllib.loads(text))
    assert caught.value.mistakes == mistakes


def test_the_shipped_roles_are_whole_and_no_name_means_two_roles():
    roles = read_roles(tomllib.loads(SHIPPED.read_text("utf-8")))
    assert list(roles)[:3] == ["first_secretary", "branch_leader", "deputy"]
    assert roles["town_desk"].places == (PlaceLevel.TOWN,)
    names = [n for role in roles.values() for n in (role.key, role.zh, *role.words)]
    assert len(names) == len(set(names))
