"""Every text of the pages has its English, and the compiled catalogue is not stale."""

from io import BytesIO
from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from alertcast import web
from alertcast.channels.reasons import REASONS

FOLDER = Path(web.__file__).parent
CATALOGUE = FOLDER / "locale/en/LC_MESSAGES/messages.po"


def texts() -> set[str]:
    found = extract_from_dir(
        FOLDER,
        [("**.py", "python"), ("templates/**.html", "jinja2")],
        keywords={"_": None, "gettext": None, "mark": None},
    )
    return {str(text) for _, _, text, _, _ in found} | set(REASONS.values())


def english() -> dict[str, str]:
    catalogue = read_po(BytesIO(CATALOGUE.read_bytes()), locale="en")
    return {str(one.id): str(one.string) for one in catalogue if one.id}


def test_every_text_has_its_english() -> None:
    known = english()
    assert sorted(text for text in texts() if not known.get(text)) == []


def test_no_english_is_left_over() -> None:
    assert sorted(english().keys() - texts()) == []


def test_slots_are_the_same_in_both() -> None:
    for text, said in english().items():
        for slot in (
            "%(n)s",
            "%(id)s",
            "%(at)s",
            "%(total)s",
            "%(page)s",
            "{codes}",
            "{gone}",
            "{dropped}",
        ):
            assert (slot in text) == (slot in said), text


def test_the_compiled_catalogue_is_not_stale() -> None:
    compiled = read_mo(BytesIO(CATALOGUE.with_suffix(".mo").read_bytes()))
    assert {str(one.id): str(one.string) for one in compiled if one.id} == english()
