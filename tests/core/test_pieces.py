"""A text in pieces: joined they are the text, and each run of its own words has a name."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertcast.config import shipped
from alertcast.core.pieces import Piece, pieces_of, to_record
from alertcast.core.wording import Texts, drill

TEXTS = Texts.from_mapping(
    {
        "warning": {"voice": {"zh": "这里是{office}。涉及{places}。{advice}再见。", "en": "{a}!"}},
        "advice": {"default": {"zh": "注意安全。", "yue": "小心啲。"}},
        "voice": {"menu": {"zh": "收到请按1。", "yue": "收到请按1啦。"}},
    }
)
SLOTS = {"office": "三防办", "places": "东村", "advice": "注意安全。"}
SHIPPED = Texts.from_mapping(tomllib.loads(shipped("config/texts.toml").read_text("utf-8")))


def made(text: str, language: str = "zh-CN") -> tuple[Piece, ...]:
    return pieces_of(text, TEXTS, "warning.voice", language, {"advice": "advice.default"})


def test_own_words_have_names_and_slots_have_none() -> None:
    assert made(TEXTS.render("warning.voice", "zh", SLOTS)) == (
        Piece("这里是", "warning.voice.1", "zh"),
        Piece("三防办"),
        Piece("。涉及", "warning.voice.2", "zh"),
        Piece("东村"),
        Piece("。", None, "zh"),
        Piece("注意安全。", "advice.default", "zh"),
        Piece("再见。", "warning.voice.3", "zh"),
    )


def test_a_text_without_slots_is_called_as_it_is() -> None:
    (piece,) = pieces_of("收到请按1啦。", TEXTS, "voice.menu", "yue-HK")
    assert piece == Piece("收到请按1啦。", "voice.menu", "yue")
    (piece,) = pieces_of("收到请按1。", TEXTS, "voice.menu", "hak")
    assert piece.tag == "zh"


def test_the_words_of_a_drill_have_names_too() -> None:
    said = made(drill(TEXTS.render("warning.voice", "zh", SLOTS)))
    assert (said[0], said[-1]) == (
        Piece("演练。", "drill.first", "zh"),
        Piece("演练", "drill.last", "zh"),
    )


@pytest.mark.parametrize("text", ["别的话。", "这里是三防办", "", "这里是甲。涉及乙。丙丁再会。"])
def test_what_was_made_from_other_words_is_one_piece(text: str) -> None:
    assert made(text) == (Piece(text),)


def test_advice_in_other_words_than_those_recorded_is_spoken() -> None:
    said = made(TEXTS.render("warning.voice", "zh", SLOTS | {"advice": "快跑。"}))
    assert {piece.name for piece in said if piece.name} == {f"warning.voice.{n}" for n in (1, 2, 3)}


@given(st.text(), st.text(), st.text(), st.booleans())
def test_joined_they_are_the_text(office: str, places: str, advice: str, is_drill: bool) -> None:
    slots = {"office": office, "places": places, "advice": advice}
    text = TEXTS.render("warning.voice", "zh", slots)
    text = drill(text) if is_drill else text
    assert "".join(piece.words for piece in made(text)) == text


def test_every_name_is_there_once() -> None:
    found = [(piece.name, piece.tag) for piece in to_record(SHIPPED)]
    assert len(found) == len(set(found))
    assert ("voice.menu", "yue") in found
    assert ("warning.voice.1", "hak") in found
    assert ("drill.first", "zh") in found
    assert not any(str(name).startswith(("warning.sms", "public")) for name, _ in found)
