"""TwiML, as much of it as a warning call needs: Say, Play, Pause, Gather, Redirect and Hangup.

Source: twilio.com/docs/voice/twiml. Times are product seconds; how long something takes to say is
an estimate. Attributes that change nothing here (voice, language, barge-in) are not read.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from alertcast.core.segments import spoken_seconds

MAX_LOOP = 10
"""A verb with loop="0" repeats for ever; nobody listens longer than this."""


class TwimlError(Exception):
    """A document that ends the call; `code` is what Twilio's debugger shows (12100, 12200)."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Sound:
    """Say, Play or Pause: words (none in a pause) and how long they take."""

    words: str
    seconds: float
    url: str | None = None  # of what is played


@dataclass(frozen=True, slots=True)
class Gather:
    """A menu: what is said while keys are awaited, and where they are sent."""

    sounds: tuple[Sound, ...]
    action: str | None  # None: the address of the document itself
    method: str
    num_digits: int | None  # None: any number
    timeout: float  # seconds of silence after the last sound
    finish_on_key: str
    is_sent_empty: bool  # actionOnEmptyResult: silence is sent too

    @property
    def seconds(self) -> float:
        """How long its sounds take, without the silence after them."""
        return sum(sound.seconds for sound in self.sounds)

    def digits(self, pressed: str) -> str:
        """Return what of `pressed` is sent: up to the finishing key, at most `num_digits`."""
        if self.finish_on_key:
            pressed = pressed.split(self.finish_on_key, 1)[0]
        return pressed[: self.num_digits]


@dataclass(frozen=True, slots=True)
class Redirect:
    """Go on with another document."""

    url: str
    method: str


@dataclass(frozen=True, slots=True)
class Hangup:
    """End the call."""


Verb = Sound | Gather | Redirect | Hangup


def parse(body: bytes) -> tuple[Verb, ...]:
    """Return the verbs of a TwiML document; raises TwimlError."""
    try:
        root: Element = fromstring(body)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise TwimlError(12100, f"the document is not readable XML: {error}") from error
    if root.tag != "Response":
        raise TwimlError(12100, f"the document is a <{root.tag}>, not a <Response>")
    return tuple(verb for element in root for verb in _verbs(element))


def _verbs(element: Element) -> Iterator[Verb]:
    match element.tag:
        case "Say" | "Play" | "Pause":
            yield from _sounds(element)
        case "Gather":
            yield _gather(element)
        case "Redirect":
            yield Redirect((element.text or "").strip(), element.get("method", "POST").upper())
        case "Hangup" | "Reject":
            yield Hangup()
        case _:
            raise TwimlError(12200, f"<{element.tag}> is not a verb that the simulator knows")


def _sounds(element: Element) -> Iterator[Sound]:
    if element.tag == "Pause":
        yield Sound("", _seconds(element, "length", 1.0))
        return
    words = " ".join("".join(element.itertext()).split())
    sound = (
        Sound(f"[{words}]", 5.0, words)
        if element.tag == "Play"
        else Sound(words, spoken_seconds(words))
    )
    for _ in range(int(_seconds(element, "loop", 1.0)) or MAX_LOOP):
        yield sound


def _gather(element: Element) -> Gather:
    sounds: list[Sound] = []
    for child in element:
        if child.tag not in ("Say", "Play", "Pause"):
            raise TwimlError(12200, f"<{child.tag}> may not stand in a <Gather>")
        sounds.extend(_sounds(child))
    most = element.get("numDigits")
    return Gather(
        sounds=tuple(sounds),
        action=element.get("action") or None,
        method=element.get("method", "POST").upper(),
        num_digits=None if most is None else max(1, int(_seconds(element, "numDigits", 1.0))),
        timeout=_seconds(element, "timeout", 5.0),
        finish_on_key=element.get("finishOnKey", "#"),
        is_sent_empty=element.get("actionOnEmptyResult", "false").lower() == "true",
    )


def _seconds(element: Element, name: str, default: float) -> float:
    text = element.get(name)
    if text is None:
        return default
    try:
        return max(0.0, float(text))
    except ValueError as error:
        raise TwimlError(12200, f"<{element.tag} {name}>: {text!r} is not a number") from error
