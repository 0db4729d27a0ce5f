"""What a call says, as TwiML: the warning with its menu three times, and the answer to each key.

Source: twilio.com/docs/voice/twiml. Language and voice are always both given: the default voice is
English. Say inside Gather lets a key be pressed at any time; without one the next round begins.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict
from twilio.twiml.voice_response import VoiceResponse

from alertcast.channels.base import Situation
from alertcast.core.pieces import Piece, pieces_of
from alertcast.core.wording import TextError, Texts, drill, slots_of

ROUNDS = 3
"""How often the warning is read before the call ends without an answer."""

KEY_WAIT = 6
"""Seconds of silence after the menu in which a key is awaited."""

TEXT_IDS: dict[str, frozenset[str]] = {
    "voice.menu": frozenset(),
    "voice.goodbye": frozenset(),
    "voice.thanks": frozenset(),
    "voice.help": frozenset({"told"}),
    "voice.help_alone": frozenset(),
    "voice.danger": frozenset(),
    "voice.already": frozenset({"by"}),
    "voice.machine": frozenset({"office", "check_spoken"}),
    "voice.stranger": frozenset({"office", "check_spoken"}),
    "voice.stopped": frozenset(),
    "voice.unknown": frozenset(),
}
"""Every text a call may need besides the warning, and the slots it is given."""

SLOW = "-x-slow"
"""What ends the language tag of a person who wants to be spoken to slowly."""

SLOW_RATE = "80%"
"""How fast is slow."""

Sentence = tuple[Piece, ...]
"""What is said in one go: spoken, played, or both by turns."""

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Voice(BaseModel):
    """A language and a voice as Twilio's Say knows them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    language: str  # cmn-CN, yue-HK, en-US; cmn-Hans-CN is for recognition only
    voice: str


VOICES: Mapping[str, Voice] = {
    "zh-CN": Voice(language="cmn-CN", voice="Polly.Zhiyu"),
    "yue-HK": Voice(language="yue-HK", voice="Google.yue-HK-Standard-A"),
    "en": Voice(language="en-US", voice="Polly.Joanna"),
}
"""Our language (BCP 47) to Twilio's, where the configuration says nothing else."""


class Speech:
    """The words of calls in every language.

    `recorded` returns the address of a recording of a piece (slow: the second argument), or None.

    Raises
    ------
    TextError
        One of TEXT_IDS does not exist in `texts`, or asks for a slot that a call has no value for.
    """

    def __init__(
        self,
        texts: Texts,
        voices: Mapping[str, Voice],
        *,
        is_slow: bool = False,
        recorded: Callable[[Piece, bool], str | None] = lambda piece, is_slow: None,
    ) -> None:
        self._texts = texts
        self._voices = {**VOICES, **voices}
        self._is_slow = is_slow
        self._recorded = recorded
        if mistakes := [mistake for text_id in TEXT_IDS for mistake in _mistakes(texts, text_id)]:
            raise TextError(mistakes)

    def answer(self, situation: Situation, keys_url: str) -> str:
        """Return the TwiML for `situation`; keys are to be sent to `keys_url`.

        Help comes first: whoever asked for it must hear who was told, even if all else is over.
        """
        ending = self._ending(situation)
        if ending is None:
            return self._menu(situation, keys_url, *self._offer(situation))
        response = VoiceResponse()
        self._say(response, situation.language, ending)
        response.hangup()
        return str(response)

    def _ending(self, situation: Situation) -> list[Sentence] | None:
        """Return the last words of the call; None: the menu is still needed."""
        if situation.unknown:
            return [self._words("unknown", situation)]
        if situation.stranger:
            return [self._words("stranger", situation, **_office(situation))]
        if situation.help_opened:
            return self._help(situation)
        if situation.answered and situation.is_question:
            return [(Piece(situation.after_key),)] * 2
        if situation.answered:
            details = [(Piece(situation.after_key),)] * 2 if situation.after_key else []
            return [*details, self._words("thanks", situation)]
        if situation.is_machine:
            return None
        if situation.stopped:
            return [self._words("stopped", situation)]
        if situation.already_by:
            return None
        return None if situation.text else [self._words("unknown", situation)]

    def _offer(self, situation: Situation) -> tuple[int, list[Sentence], list[Sentence]]:
        """Return how often the keys are offered, what is said before them, and the last words.

        A voicemail hears only whom to call. Whoever is told that somebody else has answered may
        still ask for help.
        """
        if situation.is_machine:
            return 1, [self._words("machine", situation, **_office(situation))], []
        if situation.already_by:
            already = self._words("already", situation, by=situation.already_by)
            return 1, [*_text(situation), already], []
        if situation.is_question:
            return ROUNDS, _text(situation), []
        menu, goodbye = self._words("menu", situation), self._words("goodbye", situation)
        return ROUNDS, [*_text(situation), menu], [goodbye]

    def _help(self, situation: Situation) -> list[Sentence]:
        told = (", " if situation.language.startswith("en") else "、").join(situation.told)
        words = [
            self._words("help", situation, told=told)
            if told
            else self._words("help_alone", situation)
        ]
        if situation.is_danger:
            words.append(self._words("danger", situation))
        return words

    def _menu(
        self,
        situation: Situation,
        keys_url: str,
        rounds: int,
        said: list[Sentence],
        last: list[Sentence],
    ) -> str:
        response = VoiceResponse()
        for _ in range(rounds):
            gather = response.gather(
                input="dtmf", num_digits=1, timeout=KEY_WAIT, action=keys_url, method="POST"
            )
            self._say(gather, situation.language, said)
        self._say(response, situation.language, last)
        response.hangup()
        return str(response)

    def _say(self, verb: Any, language: str, sentences: Iterable[Sentence]) -> None:
        is_slow = self._is_slow or language.lower().endswith(SLOW)
        for sentence in sentences:
            waiting = ""
            for piece in sentence:
                url = self._recorded(piece, is_slow)
                if url is None:
                    waiting += piece.words
                    continue
                self._speak(verb, language, waiting, is_slow)
                waiting = ""
                verb.play(url)
            self._speak(verb, language, waiting, is_slow)

    def _speak(self, verb: Any, language: str, words: str, is_slow: bool) -> None:
        clean = _NOT_XML.sub(" ", words)
        if not re.search(r"\w", clean):  # a full stop between two recordings
            return
        voice = self._voice(language.removesuffix(SLOW))
        if is_slow:
            verb.say(language=voice.language, voice=voice.voice).prosody(clean, rate=SLOW_RATE)
        else:
            verb.say(clean, language=voice.language, voice=voice.voice)

    def _words(self, name: str, situation: Situation, **slots: str) -> Sentence:
        text_id, language = f"voice.{name}", situation.language
        words = self._texts.render(text_id, language, slots)
        if situation.is_drill:
            words = drill(words, language)
        return pieces_of(words, self._texts, text_id, language)

    def _voice(self, language: str) -> Voice:
        for tag, voice in self._voices.items():
            if tag.lower() == language.lower():
                return voice
        primary = language.split("-")[0].lower()
        for tag, voice in self._voices.items():
            if tag.split("-")[0].lower() == primary:
                return voice
        return self._voices["zh-CN"]


def _text(situation: Situation) -> list[Sentence]:
    if not situation.text:
        return []
    return [situation.pieces or (Piece(situation.text),)]


def _office(situation: Situation) -> dict[str, str]:
    return {"office": situation.office, "check_spoken": situation.check_spoken}


def _mistakes(texts: Texts, text_id: str) -> list[str]:
    versions = texts.by_id.get(text_id)
    if versions is None:
        return [f"text {text_id}: there is none"]
    return [
        f"text {text_id} ({language}): slot {slot!r} has no value"
        for language, text in versions.items()
        for slot in sorted(slots_of(text) - TEXT_IDS[text_id])
    ]
