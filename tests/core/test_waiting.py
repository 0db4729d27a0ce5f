"""In which order alerts that wait are decided on."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from alertcast.core.waiting import Waiting, in_turn, unit

NOW = datetime(2026, 12, 26, 9, 20, tzinfo=UTC)
LADDER = ("red", "orange", "yellow", "blue")
COUNTY, CITY, PROVINCE, NATION = "441224", "441200", "440000", "000000"


def waiting(
    id: int, code: str = COUNTY, level: str | None = "orange", *refers: Waiting, minute: int = 0
) -> Waiting:
    sent = NOW + timedelta(minutes=minute)
    name = f"{code}41600000_202612261720{id:02d}" if code else f"any-{id}"
    named = frozenset(one.identifier for one in refers)
    return Waiting(id, name, sent, named, frozenset({None, level}))


def test_the_highest_first_then_the_smallest_unit_then_the_oldest() -> None:
    expected = [
        waiting(1, PROVINCE, "red"),
        waiting(2, COUNTY, "orange", minute=1),
        waiting(3, COUNTY, "orange", minute=2),
        waiting(4, CITY, "orange"),
        waiting(5, NATION, "orange"),
        waiting(6, "", "orange"),
        waiting(7, COUNTY, "blue"),
        waiting(8, COUNTY, None),
    ]
    assert [unit(one.identifier) for one in expected] == [2, 0, 0, 1, 2, 3, 0, 0]
    for shuffled in list(permutations(expected))[::997]:
        assert in_turn(shuffled, LADDER) == [1, 2, 3, 4, 5, 6, 7, 8]


def test_what_refers_to_another_stays_behind_it_and_has_the_higher_place() -> None:
    first = waiting(1, CITY, "yellow")
    worse = waiting(2, CITY, "red", first, minute=5)
    end = waiting(3, CITY, None, worse, minute=9)
    other = waiting(4, COUNTY, "orange")
    assert in_turn([other, end, worse, first], LADDER) == [1, 2, 3, 4]


def test_messages_of_one_event_or_under_one_identifier_stay_in_their_order() -> None:
    event, later = frozenset({"O.KSEW.FF.W.0001"}), NOW + timedelta(minutes=5)
    first = Waiting(1, "A", NOW, frozenset(), frozenset({"yellow"}), event)
    worse = Waiting(2, "B", later, frozenset(), frozenset({"red"}), event)
    same = Waiting(3, "C", NOW, frozenset(), frozenset({"blue"}))
    again = Waiting(4, "C", later, frozenset(), frozenset({"red"}))
    other = waiting(5, COUNTY, "orange")
    assert in_turn([again, other, worse, same, first], LADDER) == [1, 2, 3, 4, 5]


def test_a_feed_s_own_prefix_does_not_hide_what_is_referred_to() -> None:
    first = waiting(1, COUNTY, "blue")
    named = Waiting(
        2,
        "B",
        NOW + timedelta(minutes=1),
        frozenset({f"ALERT_CN_{first.identifier}"}),
        frozenset({"red"}),
    )
    assert in_turn([waiting(3, COUNTY, "orange"), named, first], LADDER) == [1, 2, 3]


@given(
    st.lists(
        st.tuples(
            st.sampled_from([COUNTY, CITY, PROVINCE, ""]),
            st.sampled_from([*LADDER, None]),
            st.integers(0, 9),
            st.sets(st.integers(0, 9)),
        ),
        max_size=10,
    )
)
def test_each_once_and_no_message_before_what_it_refers_to(drawn: list) -> None:
    made: list[Waiting] = []
    for n, (code, level, minute, refers) in enumerate(drawn):
        made.append(waiting(n, code, level, *(made[r] for r in refers if r < n), minute=minute))
    ordered = in_turn(made, LADDER)
    assert sorted(ordered) == list(range(len(made)))
    for one in made:
        for other in made:
            if other.identifier in one.refers and (other.sent, other.id) < (one.sent, one.id):
                assert ordered.index(other.id) < ordered.index(one.id)
