"""The page on how well towns are read tells the scores that the tables have."""

from tests.core.town_tables import FRESH, TEXTS, score
from tests.docs.pages import ROOT

PAGE = (ROOT / "docs/reading-towns.md").read_text(encoding="utf-8")


def test_the_tables_are_as_long_as_it_says() -> None:
    assert f"| `tests/core/china_texts.toml` | {len(TEXTS)} |" in PAGE
    assert f"| `tests/core/fresh_texts.toml` | {len(FRESH)} |" in PAGE


def test_the_second_score_is_the_one_measured() -> None:
    made = score(FRESH)
    share = f"{made.exact} of {made.texts} ({100 * made.exact / made.texts:.1f} %)"
    over = f"{made.over} towns ({100 * made.over / made.towns:.1f} %)"
    second = PAGE.split("## The second score")[1].split("##")[0]
    (row,) = [line for line in second.splitlines() if line.startswith(f"| {share} |")]
    assert f"| {made.fell_back}, none" in row
    assert f"| {over} | {made.under} towns" in row
