"""Recorded voices are played where they say the words, and everything else is spoken."""

from pathlib import Path

import pytest
from defusedxml.ElementTree import fromstring

from alertcast.channels.base import Callback, ChannelError, Situation
from alertcast.channels.recordings import Recordings
from alertcast.channels.twilio_voice import TwilioVoice
from alertcast.core.pieces import Piece
from tests.channels.conftest import ENV, NOW, PUBLIC, SID, TEXTS, TwilioVoiceSettings

MENU = "知悉请按1，求助请按2，重听请按3。"


def put(folder: Path, *names: str) -> Path:
    for name in names:
        folder.joinpath(name).write_bytes(f"RIFF {name}".encode())
    return folder


def voice(folder: Path, **keys: object) -> TwilioVoice:
    settings = {"type": "twilio_voice", "account_sid": SID, "from_number": "+15005550006"}
    return TwilioVoice(
        "voice",
        TwilioVoiceSettings.model_validate(settings | {"recordings": "."} | keys),
        env=ENV,
        public_base_url=PUBLIC,
        clock=lambda: NOW,
        texts=TEXTS,
        folder=folder,
    )


def said(channel: TwilioVoice, situation: Situation, what: str = "keys") -> list[tuple[str, str]]:
    reply = channel.reply(Callback("voice", what, "tok", "", {}, {}), situation)
    channel.close()
    found = [one for one in fromstring(reply.body).iter() if one.tag in ("Say", "Play")]
    return [(one.tag, "".join(one.itertext())) for one in found]


def test_a_recorded_menu_is_played_and_the_warning_is_spoken(tmp_path: Path) -> None:
    channel = voice(put(tmp_path, "voice.menu.zh.mp3"))
    heard = said(channel, Situation(text="寒冷红色预警。"), "voice")
    assert [tag for tag, _ in heard] == ["Say", "Play"] * 3 + ["Say"]
    address = heard[1][1]
    assert address.startswith(f"{PUBLIC}/callbacks/voice/recordings/")
    audio = channel.audio(address.rpartition("/")[2])
    assert audio is not None
    assert (audio.path.name, audio.content_type) == ("voice.menu.zh.mp3", "audio/mpeg")


def test_own_words_are_played_and_slots_are_spoken_by_turns(tmp_path: Path) -> None:
    pieces = (Piece("这里是", "warning.voice.1", "yue"), Piece("三防办"), Piece("。", None, "yue"))
    pieces += (Piece("涉及", "warning.voice.2", "yue"), Piece("东村"), Piece("。"))
    channel = voice(put(tmp_path, "warning.voice.1.yue.wav", "warning.voice.2.yue.wav"))
    heard = said(channel, Situation("x", pieces=pieces, language="yue-HK"), "voice")
    assert [tag for tag, _ in heard[:4]] == ["Play", "Say", "Play", "Say"]
    assert (heard[1][1], heard[3][1]) == ("三防办。", "东村。")


def test_another_language_is_not_played(tmp_path: Path) -> None:
    channel = voice(put(tmp_path, "voice.thanks.en.mp3"))
    assert said(channel, Situation(answered=True)) == [("Say", "谢谢，已记录。")]


def test_a_recording_of_other_words_is_not_played(tmp_path: Path) -> None:
    put(tmp_path, "voice.thanks.zh.mp3")
    tmp_path.joinpath("voice.thanks.zh.txt").write_text("谢谢， 已经记录！", "utf-8")
    assert said(voice(tmp_path), Situation(answered=True))[0][0] == "Say"
    tmp_path.joinpath("voice.thanks.zh.txt").write_text("谢谢，已记录\n", "utf-8")
    assert said(voice(tmp_path), Situation(answered=True))[0][0] == "Play"


def test_slowly_spoken_and_slowly_recorded(tmp_path: Path) -> None:
    slow = Situation(answered=True, language="zh-CN-x-slow")
    channel = voice(tmp_path)
    body = channel.reply(Callback("voice", "keys", "tok", "", {}, {}), slow).body
    assert '<Say language="cmn-CN" voice="Polly.Zhiyu"><prosody rate="80%">谢谢，已记录。' in body
    channel.close()
    put(tmp_path, "voice.thanks.zh.mp3", "voice.thanks.zh-x-slow.mp3")
    channel = voice(tmp_path, slow=True)
    ((_, address),) = said(channel, Situation(answered=True))
    audio = channel.audio(address.rpartition("/")[2])
    assert audio is not None
    assert audio.path.name == "voice.thanks.zh-x-slow.mp3"


def test_what_is_missing_is_named_for_each_language_that_was_begun(tmp_path: Path) -> None:
    found = Recordings(put(tmp_path, "voice.menu.en.mp3", "drill.first.en.mp3")).missing(TEXTS)
    assert set(found) == {"en"}
    assert "voice.menu" not in found["en"]
    assert {"voice.thanks", "drill.last"} <= set(found["en"])
    assert Recordings(None).missing(TEXTS) == {}


@pytest.mark.parametrize(
    ("names", "why"),
    [
        (["menu.mp3"], "not TEXT.LANGUAGE"),
        (["voice.menu.zh.mp3", "voice.menu.zh.wav"], "there twice"),
    ],
)
def test_files_that_can_not_be_told_apart(tmp_path: Path, names: list[str], why: str) -> None:
    with pytest.raises(ChannelError, match=why):
        Recordings(put(tmp_path, *names))


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ChannelError, match="there is no folder"):
        Recordings(tmp_path / "voices")
