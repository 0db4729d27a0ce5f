"""What a new layer changes: every grid of the old one is accounted for, every new one told."""

from dataclasses import replace

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from alertcast.core.grid import Grid
from alertcast.core.layer_changes import ChangeKind, changes, with_older_codes
from alertcast.core.layer_places import Successors

KEPT = ChangeKind


def box(column):
    return shapely.box(112 + column / 100, 23, 112.01 + column / 100, 23.01)


def grid(code, column=None, **other):
    said = {"name": f"村{code}", "kind": "village", "town_code": "441224101", "town": "冷坑镇"}
    said |= {"county_code": "441224", "county": "怀集县"} | other
    return Grid(code, geometry=None if column is None else box(column), **said)


BEFORE = [grid("A", 0), grid("B", 1), grid("C", 2), grid("D")]


def kinds(before, after):
    return [(one.kind.value, one.code) for one in changes(before, after).changes]


@pytest.mark.parametrize(
    ("after", "found"),
    [
        (BEFORE, []),
        ([*BEFORE, grid("E", 3)], [("added", "E")]),
        (BEFORE[:3], [("removed", "D")]),
        ([replace(BEFORE[0], name="新村"), *BEFORE[1:]], [("renamed", "A")]),
        ([replace(BEFORE[0], code="A2"), *BEFORE[1:]], [("likely_renumbered", "A")]),
        ([replace(BEFORE[0], code="A2", aliases=("A",)), *BEFORE[1:]], [("renumbered", "A")]),
        (
            [replace(BEFORE[0], code="AB", aliases=("A", "B")), *BEFORE[2:]],
            [("renumbered", "A"), ("renumbered", "B"), ("redrawn", "B")],
        ),
        ([replace(BEFORE[0], geometry=box(0.5)), *BEFORE[1:]], [("redrawn", "A")]),
        ([replace(BEFORE[0], geometry=None), *BEFORE[1:]], [("redrawn", "A")]),
        ([*BEFORE[:3], replace(BEFORE[3], geometry=box(5))], [("redrawn", "D")]),
        ([replace(BEFORE[0], kind="community"), *BEFORE[1:]], [("kind", "A")]),
        ([replace(BEFORE[0], town_code="441224102"), *BEFORE[1:]], [("parent", "A")]),
        ([replace(BEFORE[0], parent_code="P"), *BEFORE[1:]], [("parent", "A")]),
    ],
)
def test_a_change_is_told_by_its_kind(after, found):
    assert kinds(BEFORE, after) == found


def test_a_town_that_is_gone_says_where_its_grids_lie():
    after = [replace(one, town_code="441224109", town="甘洒镇") for one in BEFORE]
    found = [c for c in changes(BEFORE, after).changes if c.kind is KEPT.TOWN_GONE]
    assert [(c.code, c.name) for c in found] == [("441224101", "冷坑镇")]
    assert "its grids lie in 441224109 now" in found[0].what
    named = [replace(one, town_aliases=("441224101",)) for one in after]
    assert KEPT.TOWN_GONE not in [c.kind for c in changes(BEFORE, named).changes]


def test_an_older_code_that_names_nothing_any_more_is_told():
    before = [replace(BEFORE[0], aliases=("old",))]
    assert kinds(before, BEFORE[:1]) == [("alias_lost", "A")]
    assert kinds(before, with_older_codes(before, BEFORE[:1])) == []


def test_more_than_a_tenth_vanished_is_many():
    before = [grid(f"{n}") for n in range(20)]
    assert not changes(before, before[2:]).loses_many
    assert changes(before, before[3:]).loses_many
    renumbered = [replace(one, code=f"n{one.code}", aliases=(one.code,)) for one in before]
    assert changes(before, renumbered).vanished == 0


def test_a_redrawn_grid_says_its_areas():
    (one,) = changes(BEFORE[:1], [replace(BEFORE[0], geometry=box(0).buffer(0.005))]).changes
    assert "area 1.1" in one.what
    assert "km2" in one.what


# Older codes are kept when asked ------------------------------------------------------------------


def test_codes_that_are_gone_are_kept_as_aliases_of_the_same_drawing():
    after = [replace(BEFORE[0], code="A2"), replace(BEFORE[1], code="B2", aliases=("B",))]
    kept = with_older_codes([*BEFORE[:2]], after)
    assert [(one.code, one.aliases) for one in kept] == [("A2", ("A",)), ("B2", ("B",))]


def test_codes_live_on_through_a_second_renumbering():
    second = with_older_codes(BEFORE[:1], [replace(BEFORE[0], code="A2")])
    third = with_older_codes(second, [replace(BEFORE[0], code="A3", aliases=("A2",))])
    assert third[0].aliases == ("A2", "A")


def test_the_code_of_a_merged_and_of_a_renumbered_town_is_kept():
    merged = [replace(one, town_code="441224109", town="甘洒镇") for one in BEFORE]
    assert {one.town_aliases for one in with_older_codes(BEFORE, merged)} == {("441224101",)}
    renumbered = [replace(one, town_code="441224108") for one in BEFORE]
    assert {one.town_aliases for one in with_older_codes(BEFORE, renumbered)} == {("441224101",)}
    county = [replace(one, county_code="441299") for one in BEFORE]
    assert {one.county_aliases for one in with_older_codes(BEFORE, county)} == {("441224",)}


def of_county(code, county_code, county, column=None):
    return grid(code, column, town_code=code[:9], county_code=county_code, county=county)


def test_a_county_is_no_other_of_the_same_name():
    nanjing = of_county("320106001001", "320106", "鼓楼区", 0)
    xuzhou = of_county("320302001001", "320302", "鼓楼区", 50)
    (kept,) = with_older_codes([nanjing, xuzhou], [nanjing])
    assert kept.county_aliases == ()
    (other,) = with_older_codes([xuzhou], [nanjing])
    assert other.county_aliases == ()
    renumbered = of_county("320199001001", "320199", "鼓楼区", 0)
    (drawn,) = with_older_codes([nanjing, xuzhou], [renumbered])
    assert (drawn.aliases, drawn.county_aliases) == (("320106001001",), ("320106",))
    (named,) = with_older_codes([nanjing, xuzhou], [replace(renumbered, geometry=box(9))])
    assert named.county_aliases == ("320106",)


def test_a_code_of_today_is_nobodys_older_code():
    swapped = [replace(BEFORE[0], code="B"), replace(BEFORE[1], code="A")]
    assert all(one.aliases == () for one in with_older_codes(BEFORE[:2], swapped))


# Where a place is found ---------------------------------------------------------------------------


def test_a_code_given_to_another_town_is_not_taken_for_it():
    before = [grid("A", town_code="441204105", town="小湘镇")]
    after = [
        grid("A", town_code="441204104", town="小湘镇", town_aliases=("441204105",)),
        grid("X", town_code="441204105", town="大湾镇"),
    ]
    assert Successors(before, after).find("441204105") == "441204104"
    assert Successors(after, after).find("441204105") == "441204105"
    assert Successors(after, before).find("441204104") is None


def test_places_are_found_whatever_their_padding_and_unknown_ones_are_not():
    found = Successors(BEFORE, BEFORE)
    assert found.find("441224000000") == "441224"
    assert found.find("441200") == "441200"
    assert found.find("nowhere") is None


codes = st.sampled_from("ABCDEFGH")
layers = st.lists(
    st.builds(
        lambda code, column, aliases: replace(grid(code, column), aliases=tuple(aliases)),
        codes,
        st.one_of(st.none(), st.integers(0, 9)),
        st.lists(codes, max_size=2, unique=True),
    ),
    max_size=6,
    unique_by=lambda one: one.code,
)


@given(layers, layers)
def test_every_grid_is_accounted_for(before, after):
    found = changes(before, after)
    now = {code for one in after for code in (one.code, *one.aliases)}
    gone = {c.code for c in found.changes if c.kind in (KEPT.REMOVED, KEPT.LIKELY_RENUMBERED)}
    assert gone == {one.code for one in before} - now
    assert found.vanished == len(gone)
    assert changes(before, before).changes == ()


@given(layers, layers)
def test_keeping_codes_loses_none_that_is_still_known(before, after):
    kept = with_older_codes(before, after)
    assert [replace(one, aliases=()) for one in kept] == [
        replace(one, aliases=(), town_aliases=(), county_aliases=()) for one in after
    ]
    assert changes(before, kept).vanished <= changes(before, after).vanished
    assert all(set(old.aliases) <= set(new.aliases) for old, new in zip(after, kept, strict=True))
