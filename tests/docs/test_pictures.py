"""The pictures of the pages: each is cited by its name and there, and all together are small."""

import re

from tests.docs.pages import ROOT

FOLDER = ROOT / "docs/images"
MOST = 2_500_000
"""Bytes of all pictures together: whoever clones the repository fetches them."""


def test_every_picture_that_a_page_shows_is_there() -> None:
    for page in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")):
        for shown in re.findall(r"!\[[^\]]*\]\(([^)#?]+)\)", page.read_text("utf-8")):
            assert (page.parent / shown).is_file(), f"{page.name}: {shown}"


def test_each_page_has_a_wide_picture_and_one_of_a_phone() -> None:
    names = {one.stem for one in FOLDER.glob("*.png")}
    wide = {name for name in names if not name.endswith("-phone")}
    assert len(wide) > 40
    assert names - wide == {f"{name}-phone" for name in wide}


def test_they_are_small() -> None:
    assert sum(one.stat().st_size for one in FOLDER.iterdir()) < MOST
