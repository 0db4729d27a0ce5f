"""The English pages are English: what is Chinese on them was written by people, not by us.

Every address is walked in a town where there is one of everything. A word in Chinese characters may
stand there only if it is data: of the database, of the configuration, or a name of a language.
"""

import re
from collections.abc import Callable, Iterator

import pytest
from bs4 import BeautifulSoup

from alertcast.grids.shifts import HEADERS
from alertcast.web.words import LANGUAGES
from tests.stories.town import TOWN, Town
from tests.web.addresses import addresses, story_of_a_night
from tests.web.site import Site

CHINESE = re.compile(r"[\u3400-\u9fff]+")


QUOTED = ("预警信号",)
"""What a notice must not say, quoted to whoever writes one."""


def nobody_is_reached(town: Town) -> None:
    story_of_a_night(town)
    town.tick(minutes=90)


def an_officer_dials_and_corrects(town: Town) -> None:
    town.channels = []
    town.warn(level="red")
    town.notice("今晚降温", TOWN)
    town.correct()


@pytest.mark.parametrize(
    "story", [story_of_a_night, nobody_is_reached, an_officer_dials_and_corrects]
)
def test_no_page_in_english_speaks_chinese_of_its_own(
    site: Site, story: Callable[[Town], None]
) -> None:
    story(site.town)
    data = set(CHINESE.findall("\n".join(texts_of(site)))) | {*QUOTED}
    known = sorted(data, key=len, reverse=True)
    found = {}
    for role in ("approver", "admin"):
        user = site.user(role)
        user.send("/language", language="en")
        for one in addresses(site.app):
            answer = user.get(one.path) if one.method == "GET" else None
            if answer is not None and answer.mimetype == "text/html":
                words = CHINESE.findall("\n".join(said(answer.text)))
                found |= dict.fromkeys(without(known, words), one.path)
    assert found == {}


def without(data: list[str], words: list[str]) -> list[str]:
    """Return what is left of `words` once what is data is taken out of them."""
    found = []
    for word in words:
        for known in data:
            word = word.replace(known, "")
        found += [word] if word else []
    return found


def said(page: str) -> Iterator[str]:
    soup = BeautifulSoup(page, "html.parser")
    yield from soup.stripped_strings
    for tag in soup.find_all(True):
        yield from (str(value) for value in tag.attrs.values())


def texts_of(site: Site) -> Iterator[str]:
    """Yield all that was written by people: rows, names, configuration, columns of a file."""
    town = site.town
    rows = site.rows()
    yield repr(rows)
    for one in rows.values():
        for value in (value for row in one for value in row):
            if isinstance(value, bytes):
                yield town.db.vault.read(value)
    yield repr(town.world.config.main)
    yield repr(town.world.config.texts)
    yield repr([(one.name, one.town, one.county) for one in town._cells()])
    yield repr(HEADERS)
    yield repr(LANGUAGES)
