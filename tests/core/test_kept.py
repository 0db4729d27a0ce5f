"""Towns that keep a level which the text does not write: never lower than what may hold there."""

from hypothesis import given
from hypothesis import strategies as st

from alertcast.core.kept import kept_levels
from alertcast.core.plan import rank

LADDER = ("red", "orange", "yellow", "blue", "white")
GRIDS = {"G1": "A", "G2": "B", "G3": "B", "G4": "C"}
KEPT: dict[str, str | None] = {"B": None}
HERE = {"G2": "red", "G3": "red"}
LEVELS = st.sampled_from([None, *LADDER])


def test_what_held_before_goes_on() -> None:
    before = {"G1": "orange", "G2": "yellow", "G3": "orange", "G4": "blue"}
    found = kept_levels(GRIDS, KEPT, HERE, {"A": "orange"}, before, LADDER, is_complete=True)
    assert found.is_known
    assert found.levels == {"G2": "yellow", "G3": "orange"}


def test_what_the_text_says_of_the_whole_place_holds_there_at_least() -> None:
    before = {"G1": "orange", "G2": "yellow", "G3": "red", "G4": "blue"}
    kept: dict[str, str | None] = {"B": "orange"}
    found = kept_levels(GRIDS, kept, HERE, {}, before, LADDER, is_complete=True)
    assert found.levels == {"G2": "orange", "G3": "red"}


@given(
    before=st.dictionaries(st.sampled_from(sorted(GRIDS)), LEVELS),
    had=st.dictionaries(st.sampled_from("AC"), st.sampled_from(LADDER)),
    here=st.dictionaries(st.sampled_from(["G2", "G3"]), LEVELS),
    least=LEVELS,
    is_complete=st.booleans(),
)
def test_it_is_never_lower_than_before_and_where_doubtful_never_lower_than_the_text(
    before: dict[str, str | None],
    had: dict[str, str],
    here: dict[str, str | None],
    least: str | None,
    is_complete: bool,
) -> None:
    found = kept_levels(GRIDS, {"B": least}, here, had, before, LADDER, is_complete=is_complete)
    assert found.levels.keys() == here.keys()
    assert is_complete or not found.is_known
    for code, level in found.levels.items():
        assert rank(level, LADDER) <= rank(before.get(code), LADDER)
        assert not found.is_known or rank(level, LADDER) <= rank(least, LADDER)
        assert found.is_known or rank(level, LADDER) <= rank(here[code], LADDER)
        assert not found.is_known or level
