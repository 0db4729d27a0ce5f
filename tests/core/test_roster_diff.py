"""What a new roster changes, and what is too much."""

from datetime import date

import pytest

from alertcast.core.roster_diff import Entry, compare


def entry(name="张三", phone="x1", posts=(("deputy", "E01"),), **rest):
    return Entry(
        name, phone, rest.get("other"), rest.get("languages", "zh-CN"), False, dict.fromkeys(posts)
    )


def told(before, after):
    found = compare(before, after)
    return [(one.what, one.fields, one.posts) for one in found.changes]


def test_nothing_changes():
    assert told({"a": entry()}, {"a": entry()}) == []


def test_added_changed_removed():
    before = {"a": entry(), "b": entry("李四", "x2"), "c": entry("王五", "x3")}
    after = {"d": entry("赵六", "x4"), "b": entry("李四", "x9"), "c": entry("王五", "x3")}
    assert told(before, after) == [
        ("added", (), ((("deputy", "E01"),), ())),
        ("changed", ("phone",), ((), ())),
        ("removed", (), ((), (("deputy", "E01"),))),
    ]


def test_a_post_that_moves_is_one_gained_and_one_gone():
    before = {"a": entry(posts=[("deputy", "E01"), ("deputy", "E02")])}
    after = {"a": entry(posts=[("deputy", "E01"), ("deputy", "E03")])}
    assert told(before, after) == [("changed", (), ((("deputy", "E03"),), (("deputy", "E02"),)))]
    found = compare(before, after)
    assert (found.posts_added, found.posts_removed) == (1, 1)


def test_another_team_is_a_change_and_removes_no_post():
    (change,) = compare(
        {"a": Entry("张三", "x", None, "zh-CN", False, {("team_member", "E01"): "一队"})},
        {"a": Entry("张三", "x", None, "zh-CN", False, {("team_member", "E01"): "二队"})},
    ).changes
    assert change.posts == ((("team_member", "E01"),), ())


def test_somebody_with_a_new_code_and_a_post_in_common_is_the_same_person():
    assert told({"p1": entry(phone="x1")}, {"p2": entry(phone="x2")}) == [
        ("changed", ("phone",), ((), ()))
    ]


def test_the_same_name_at_another_post_is_another_person():
    before, after = {"p1": entry()}, {"p2": entry(phone="x2", posts=[("deputy", "E02")])}
    assert [what for what, _, _ in told(before, after)] == ["added", "removed"]


def test_one_who_is_gone_is_at_most_one_who_has_come():
    before = {"p1": entry()}
    after = {"p2": entry(phone="x2"), "p3": entry(phone="x3")}
    assert [what for what, _, _ in told(before, after)] == ["added", "changed"]


@pytest.mark.parametrize(("left", "is_too_much"), [(10, False), (9, False), (8, True), (0, True)])
def test_more_than_a_tenth_removed_is_too_much(left, is_too_much):
    before = {f"p{n}": entry(f"某{n}", f"x{n}") for n in range(10)}
    after = {code: before[code] for code in list(before)[:left]}
    assert compare(before, after).removes_more_than(0.1) == is_too_much


def test_posts_count_as_well_as_people():
    before = {"a": entry(posts=[("deputy", f"E{n}") for n in range(10)])}
    after = {"a": entry(posts=[("deputy", f"E{n}") for n in range(8)])}
    assert compare(before, after).removes_more_than(0.1)


def test_the_first_roster_removes_nobody():
    assert not compare({}, {"a": entry()}).removes_more_than(0)


def test_other_days_of_a_post_are_a_change():
    before = entry()
    after = entry()
    after = Entry(
        *(getattr(after, name) for name in ("name", "phone", "other_phone", "languages")),
        False,
        {("deputy", "E01"): (None, None, date(2026, 12, 31))},
        ("电工",),
    )
    assert told({"a": before}, {"a": after}) == [
        ("changed", ("specialities",), ((("deputy", "E01"),), ()))
    ]
