"""What the operator's guides call a word of the page is one."""

import re
from pathlib import Path

import pytest

from alertcast import web
from tests.docs.pages import ROOT, name_of

GUIDES = [ROOT / "docs/operators-guide.md", ROOT / "docs/operators-guide.zh-CN.md"]


def words_of_the_page() -> str:
    folder = Path(web.__file__).parent
    files = [*folder.glob("*.py"), *folder.rglob("*.html")]
    return "\n".join(file.read_text("utf-8") for file in files)


@pytest.mark.parametrize("guide", GUIDES, ids=name_of)
def test_every_word_it_quotes_is_on_the_page(guide: Path) -> None:
    quoted = set(re.findall(r"「(.+?)」", guide.read_text("utf-8")))
    assert len(quoted) > 20
    page = words_of_the_page()
    assert sorted(word for word in quoted if word not in page) == []


def test_both_guides_name_the_same_red_items() -> None:
    red = [re.findall(r"^\| 「(.+?)」", guide.read_text("utf-8"), re.MULTILINE) for guide in GUIDES]
    assert red[0] == red[1]
