"""Every text of the pages has its English, and the compiled catalogue is not stale."""

import json
from io import BytesIO
from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from alertcast import web
from alertcast.channels.reasons import REASONS
from alertcast.core.refusal import Refusal, sentence
from tests.stories.town import TOWN
from tests.web.site import Site

FOLDER = Path(web.__file__).parent
SENTENCES = [("core/**.py", "python"), ("dispatch/**.py", "python")]
CATALOGUE = FOLDER / "locale/en/LC_MESSAGES/messages.po"


def texts() -> set[str]:
    found = extract_from_dir(
        FOLDER,
        [("**.py", "python"), ("templates/**.html", "jinja2")],
        keywords={"_": None, "gettext": None, "mark": None},
    )
    said = {str(text) for _, _, text, _, _ in found}
    return said | set(REASONS.values()) | sentences()


def sentences() -> set[str]:
    """Return why things are refused, as it is written beside what refuses them."""
    found = extract_from_dir(FOLDER.parent, SENTENCES, keywords={"sentence": None})
    return {str(text) for _, _, text, _, _ in found}


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


def test_why_something_is_refused_is_said_in_the_language_of_the_page(site: Site) -> None:
    user = site.user("officer")
    form = {"mode": "live", "text": "发布寒冷红色预警信号", "place": TOWN}
    assert "预警信号只能由发布单位发布" in user.send("/start/notice", **form).text
    user.send("/language", language="en")
    said = user.send("/start/notice", **form)
    assert said.status_code == 409
    assert "only the authority issues warning signals" in said.text
    line = {"type": "Polygon", "coordinates": [[[200, 0], [201, 0], [201, 1], [200, 0]]]}
    document = {"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": line}]}
    drawn = user.send("/start/notice", mode="live", text="a", drawn=json.dumps(document))
    assert "feature 1: the coordinates are not degrees" in drawn.text


def test_a_sentence_is_chinese_wherever_nobody_translates_it() -> None:
    error = Refusal(sentence("没有叫应方案 {policy}", policy="red"), sentence("通知内容为空"))
    assert str(error) == "没有叫应方案 red；通知内容为空"
