"""Roles: the shipped file, and what is wrong with others."""

from pathlib import Path

import pytest

from alertcast.grids.roles import read_roles

SHIPPED = Path(__file__).parents[2] / "config" / "roles.toml"


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("", ["no_roles"]),
        ("[a", ["not_toml"]),
        ("a = 1", ["not_a_table"]),
        ('[a]\nzh="甲"\nen="a"\nplaces=["moon"]', ["bad_places"]),
        (
            '[a]\nzh="甲"\nen=""\nplaces=[]\nwords="x"\nb=1',
            ["unknown_key", "missing_name", "bad_places", "bad_words"],
        ),
    ],
)
def test_every_mistake_is_named(tmp_path, text, rules):
    path = tmp_path / "roles.toml"
    path.write_text(text, encoding="utf-8")
    read = read_roles(path)
    assert read.roles == {}
    assert [problem.rule for problem in read.problems] == rules


def test_a_missing_file_is_named(tmp_path):
    assert [p.rule for p in read_roles(tmp_path / "none.toml").problems] == ["unreadable"]


def test_the_shipped_roles_are_whole_and_no_name_means_two_roles():
    read = read_roles(SHIPPED)
    assert read.problems == ()
    assert list(read.roles)[:3] == ["first_secretary", "branch_leader", "deputy"]
    names = [n for role in read.roles.values() for n in (role.key, role.zh, *role.words)]
    assert len(names) == len(set(names))
