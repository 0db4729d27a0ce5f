"""What a call says, and the bodies that callbacks are answered with."""

import tomllib
from dataclasses import replace
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring

from alertcast.channels.base import Callback, Reply, Situation
from alertcast.channels.twilio_sms import TwilioSms
from alertcast.channels.twilio_voice import TwilioVoice
from alertcast.core.wording import TextError, Texts
from tests.channels.conftest import PUBLIC, TEXTS, make_voice

WARNING = Situation(text="这里是怀集县三防办。寒冷<红色>预警 & 冰冻。")


def answered(voice: TwilioVoice, situation: Situation, what: str = "voice") -> Element:
    reply = voice.reply(Callback("voice", what, "tok_en-1", "", {}, {}), situation)
    assert (reply.status, reply.content_type) == (200, "text/xml; charset=utf-8")
    return fromstring(reply.body)


def words(document: Element) -> list[str]:
    return [say.text or "" for say in document.iter("Say")]


def test_the_warning_and_its_menu_are_said_three_times(voice: TwilioVoice) -> None:
    document = answered(voice, WARNING)
    assert [verb.tag for verb in document] == ["Gather", "Gather", "Gather", "Say", "Hangup"]
    for gather in document.findall("Gather"):
        assert gather.attrib == {
            "input": "dtmf",
            "numDigits": "1",
            "timeout": "6",
            "method": "POST",
            "action": f"{PUBLIC}/callbacks/voice/tok_en-1/keys#rc=3&rp=ct,rt,5xx",
        }
        assert words(gather) == [WARNING.text, "知悉请按1，求助请按2，重听请按3。"]
    assert words(document)[-1] == "没有收到您的按键。再见。"


@pytest.mark.parametrize(
    ("situation", "said"),
    [
        (Situation(unknown=True), ["没有找到这次呼叫。"]),
        (Situation(), ["没有找到这次呼叫。"]),
        (replace(WARNING, answered=True), ["谢谢，已记录。"]),
        (replace(WARNING, answered=True, already_by="镇值班室"), ["谢谢，已记录。"]),
        (replace(WARNING, stopped=True), ["已停止叫应。"]),
        (
            Situation(stranger=True, office="三防办", check_spoken="0 7 5 8"),
            ["这里是三防办。核实请拨0 7 5 8。"],
        ),
        (
            replace(WARNING, answered=True, after_key="电话。"),
            ["电话。", "电话。", "谢谢，已记录。"],
        ),
        (replace(WARNING, stopped=True, answered=True), ["谢谢，已记录。"]),
        (
            replace(WARNING, help_opened=True, told=("冷坑镇值班室", "县值班室")),
            ["求助已记录，正在通知冷坑镇值班室、县值班室。"],
        ),
        (
            replace(WARNING, help_opened=True, told=("镇值班室",), is_danger=True),
            ["求助已记录，正在通知镇值班室。", "请拨打 1 1 0。"],
        ),
        (replace(WARNING, help_opened=True), ["求助已记录，请自行拨打值班电话。"]),
        (
            replace(WARNING, help_opened=True, stopped=True, already_by="镇值班室"),
            ["求助已记录，请自行拨打值班电话。"],
        ),
        (
            replace(WARNING, help_opened=True, told=("desk", "county"), language="en"),
            ["desk, county is being told."],
        ),
    ],
)
def test_how_a_call_ends(voice: TwilioVoice, situation: Situation, said: list[str]) -> None:
    document = answered(voice, situation, "keys")
    assert words(document) == said
    assert [verb.tag for verb in document][-1] == "Hangup"
    assert document.find("Gather") is None


@pytest.mark.parametrize(
    ("situation", "said"),
    [
        (replace(WARNING, already_by="镇值班室"), [WARNING.text, "镇值班室已经应答。"]),
        (Situation(already_by="镇值班室"), ["镇值班室已经应答。"]),
        (
            replace(WARNING, is_machine=True, office="三防办", check_spoken="0 7 5 8"),
            ["这里是三防办，请致电0 7 5 8。"],
        ),
    ],
)
def test_what_needs_no_answer_still_takes_a_key(
    voice: TwilioVoice, situation: Situation, said: list[str]
) -> None:
    document = answered(voice, situation)
    assert [verb.tag for verb in document] == ["Gather", "Hangup"]
    assert words(document) == said
    (gather,) = document.findall("Gather")
    assert gather.attrib["action"].startswith(f"{PUBLIC}/callbacks/voice/tok_en-1/keys")


def test_a_call_back_is_answered_for_the_message_it_is_about(voice: TwilioVoice) -> None:
    callback = Callback("voice", "inbound-voice", None, "", {}, {})
    reply = voice.reply(callback, replace(WARNING, token="tok-7"))
    gather = fromstring(reply.body).find("Gather")
    assert gather is not None
    assert gather.attrib["action"].startswith(f"{PUBLIC}/callbacks/voice/tok-7/keys")


def test_in_a_drill_every_word_of_ours_says_so(voice: TwilioVoice) -> None:
    document = answered(voice, replace(WARNING, is_drill=True, answered=True))
    assert words(document) == ["演练。谢谢，已记录。演练"]


def test_any_other_key_is_the_menu_again(voice: TwilioVoice) -> None:
    assert len(answered(voice, WARNING, "keys").findall("Gather")) == 3


@pytest.mark.parametrize(
    ("language", "spoken", "speaker"),
    [
        ("zh-CN", "cmn-CN", "Polly.Zhiyu"),
        ("zh", "cmn-CN", "Polly.Zhiyu"),
        ("ZH-cn", "cmn-CN", "Polly.Zhiyu"),
        ("yue-HK", "yue-HK", "Google.yue-HK-Standard-A"),
        ("en-GB", "en-US", "Polly.Joanna"),
        ("fr", "cmn-CN", "Polly.Zhiyu"),
    ],
)
def test_every_word_has_a_language_and_a_voice(
    voice: TwilioVoice, language: str, spoken: str, speaker: str
) -> None:
    for say in answered(voice, replace(WARNING, language=language)).iter("Say"):
        assert say.attrib == {"language": spoken, "voice": speaker}


def test_a_voice_may_be_configured() -> None:
    voice = make_voice(voices={"zh-CN": {"language": "cmn-CN", "voice": "Polly.Zhiyu-Neural"}})
    say = answered(voice, WARNING).find(".//Say")
    assert say is not None
    assert say.get("voice") == "Polly.Zhiyu-Neural"
    voice.close()


def test_letters_that_xml_cannot_hold_do_not_end_the_call(voice: TwilioVoice) -> None:
    document = answered(voice, Situation(text="寒冷\x00预警\x0b\udc80\U0001f976"))
    assert words(document)[0] == "寒冷 预警  \U0001f976"


def test_the_shipped_texts_are_whole() -> None:
    shipped = Path(__file__).parents[2] / "config/texts.toml"
    texts = Texts.from_mapping(tomllib.loads(shipped.read_text(encoding="utf-8")))
    voice = make_voice(texts=texts)
    for language in ("zh-CN", "en"):
        asked = replace(WARNING, help_opened=True, told=("县值班室",), language=language)
        assert "县值班室" in words(answered(voice, asked))[0]
    voice.close()


def test_texts_that_are_missing_are_all_named() -> None:
    some = {k: v for k, v in TEXTS.by_id.items() if k not in ("voice.help", "voice.menu")}
    some["voice.thanks"] = {"zh": "谢谢{name}。"}
    with pytest.raises(TextError) as caught:
        make_voice(texts=Texts(some))
    assert caught.value.mistakes == [
        "text voice.menu: there is none",
        "text voice.thanks (zh): slot 'name' has no value",
        "text voice.help: there is none",
    ]


def test_a_receipt_is_answered_with_nothing(sms: TwilioSms, voice: TwilioVoice) -> None:
    callback = Callback("x", "status", "t", "", {}, {})
    assert sms.reply(callback, WARNING) == voice.reply(callback, WARNING) == Reply()
    assert Reply().status == 204


def test_a_persons_text_is_answered_with_empty_twiml(sms: TwilioSms) -> None:
    reply = sms.reply(Callback("sms", "inbound", None, "", {}, {}), Situation())
    assert (reply.body, reply.status) == ("<Response/>", 200)
    assert reply.content_type.startswith("text/xml")


def test_a_question_has_no_menu_of_its_own_and_its_answer_is_all_that_follows(
    voice: TwilioVoice,
) -> None:
    asked = replace(WARNING, is_question=True)
    document = answered(voice, asked)
    assert [verb.tag for verb in document] == ["Gather", "Gather", "Gather", "Hangup"]
    assert words(document) == [WARNING.text] * 3
    document = answered(voice, replace(asked, answered=True, after_key="已确认。"))
    assert words(document) == ["已确认。", "已确认。"]
