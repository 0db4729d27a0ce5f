"""How one call runs: it rings, somebody picks up, hears what the product says, presses keys.

Each step is an action on the timeline that sets the next one, so a call never has two under way.
After each request to the product the call is looked at again: it may have been ended meanwhile.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urljoin

from alertcast.simulator.calls import Call, CallBook
from alertcast.simulator.network import Network
from alertcast.simulator.people import Hearing, Pickup
from alertcast.simulator.timeline import Action
from alertcast.simulator.twiml import Gather, Hangup, Redirect, Sound, TwimlError, Verb, parse

DIALLING = 1.0
"""Product seconds from the create until the line rings, is busy, or is found not to exist."""

DETECTION = 4.0
"""Product seconds that answering machine detection takes."""

DEFAULT_TIMEOUT = 60.0
"""Product seconds a phone rings where the create does not say."""

MAX_DOCUMENTS = 50
"""A call that fetches more TwiML than this goes round in circles."""


@dataclass(slots=True)
class Conversation:
    """One call under way."""

    network: Network
    call: Call
    hearing: Hearing
    menus: int = 0  # menus heard so far
    documents: int = 0  # TwiML documents heard so far
    fell_back: bool = False  # FallbackUrl was asked
    turn: int = 0  # of the call, when the words that are being heard began
    book: CallBook | None = None  # to call back; None: nobody does

    @classmethod
    def begin(cls, network: Network, call: Call, book: CallBook | None = None) -> None:
        """Dial. An early receipt is sent before this returns."""
        does = network.people.of(call.to).hearing(call.earlier)
        conversation = cls(network, call, does, book=book)
        if call.receipts.are_early:
            conversation._dial(call.created)
        else:
            network.timeline.at(call.created, conversation._dial)

    @classmethod
    def call_in(
        cls, network: Network, book: CallBook, phone: str, to: str, does: Hearing, at: datetime
    ) -> None:
        """Let a person call the product at `at`; where no address is asked, nobody answers."""
        if network.voice_url is not None:
            call = book.call_in(phone, to, network.voice_url, at)
            network.timeline.at(call.created, cls(network, call, does)._answer)

    def _dial(self, due: datetime) -> None:
        if self.call.is_over:
            return
        self.call.report("initiated", "initiated", due)
        there = due + timedelta(seconds=DIALLING)
        match self.hearing.pickup:
            case Pickup.BUSY | Pickup.FAILED as outcome:
                self.network.timeline.at(there, lambda at: self._end(outcome.value, at))
            case _:
                self.network.timeline.at(there, self._ring)

    def _ring(self, due: datetime) -> None:
        if not self.call.move("ringing", due):
            return
        self.call.report("ringing", "ringing", due)
        patience = float(self.call.asked.get("Timeout") or DEFAULT_TIMEOUT)
        ring = self.hearing.ring
        if self.hearing.pickup is Pickup.NO_ANSWER or ring > patience:
            end = due + timedelta(seconds=patience)
            self.network.timeline.at(end, lambda at: self._end("no-answer", at))
        else:
            self.network.timeline.at(due + timedelta(seconds=ring), self._answer)

    def _answer(self, due: datetime) -> None:
        call = self.call
        if not call.move("in-progress", due):
            return
        call.report("answered", "in-progress", due)
        start = due
        if call.asked.get("MachineDetection") in ("Enable", "DetectMessageEnd"):
            found = due + timedelta(seconds=DETECTION)
            if call.asked.get("AsyncAmd") == "true":
                self.network.timeline.at(found, self._tell_who)
            else:
                call.answered_by = self._who()
                start = found
        self.network.timeline.at(start, self._first_document)

    def _first_document(self, due: datetime) -> None:
        asked = self.call.asked
        self.call.hear = self._hear
        if url := asked.get("Url"):
            self._fetch(url, asked.get("Method", "POST").upper(), {}, due)
        else:
            self._read(asked["Twiml"].encode(), "", due)

    def _fetch(self, url: str, method: str, extra: dict[str, str], due: datetime) -> None:
        call, network = self.call, self.network
        if call.is_over:
            return
        form = call.form("in-progress") | extra
        answer = network.webhooks.send(url, form, network.accounts[call.account], method)
        if call.is_over or self._is_interrupted():
            return
        if answer.is_good:
            self._read(answer.body, url, due)
        else:
            what = f"answered {answer.status}" if answer.status else "gave no answer"
            self._give_up(11200, f"the voice address {what}", url, due)

    def _read(self, document: bytes, url: str, due: datetime) -> None:
        self.documents += 1
        if self.documents > MAX_DOCUMENTS:
            self._note(11200, f"more than {MAX_DOCUMENTS} documents in one call", due)
            self._end("completed", due)
            return
        try:
            verbs = parse(document)
        except TwimlError as error:
            self._give_up(error.code, str(error), url, due)
            return
        self._play(verbs, url, due)

    def _play(self, verbs: tuple[Verb, ...], url: str, at: datetime) -> None:
        """Let the person hear `verbs`; the first one that leads elsewhere sets the next step."""
        heard: list[str] = []
        step: Action = self._hang_up
        for verb in verbs:
            match verb:
                case Sound():
                    heard.append(self._hear_sound(verb, at))
                    at += timedelta(seconds=verb.seconds)
                case Gather():
                    heard.extend(self._hear_sound(sound, at) for sound in verb.sounds)
                    digits, seconds = self._press(verb)
                    at += timedelta(seconds=seconds)
                    if digits or verb.is_sent_empty:
                        step = self._going(urljoin(url, verb.action or ""), verb.method, digits)
                        break
                case Redirect():
                    step = self._going(urljoin(url, verb.url), verb.method, None)
                    break
                case Hangup():
                    break
        self.network.ledger.say(self.call.sid, "\n".join(words for words in heard if words))
        self.network.timeline.at(at, self._unless_interrupted(step))

    def _hear_sound(self, sound: Sound, at: datetime) -> str:
        """Fetch what is to be played; what can not be had is silence, and is noted."""
        if sound.url is not None:
            token = self.network.accounts[self.call.account]
            answer = self.network.webhooks.send(sound.url, {}, token, "GET")
            if not answer.is_good:
                self._note(11200, f"{sound.url} can not be played", at)
                return ""
        return sound.words

    def _hear(self, words: str) -> None:
        """Break off what is being said, and go on with `words`."""
        now = self.network.now()
        self.network.timeline.at(now, lambda due: self._read(words.encode(), "", due))

    def _unless_interrupted(self, step: Action) -> Action:
        turn = self.call.turns

        def go(due: datetime) -> None:
            if self.call.turns == turn:
                step(due)

        self.turn = turn
        return go

    def _is_interrupted(self) -> bool:
        return self.call.turns != self.turn

    def _press(self, menu: Gather) -> tuple[str, float]:
        """Return what is pressed at `menu` ("": nothing), and how long that takes."""
        keys = self.hearing.keys[self.menus] if self.menus < len(self.hearing.keys) else ""
        self.menus += 1
        digits, whole = menu.digits(keys), menu.seconds + menu.timeout
        return digits, min(self.hearing.decide, whole) if digits else whole

    def _going(self, url: str, method: str, digits: str | None) -> Action:
        def go(due: datetime) -> None:
            if self.call.is_over:
                return
            extra: dict[str, str] = {}
            if digits is not None:
                self.network.ledger.press(self.call.sid, digits, due)
                extra = {"Digits": digits, "FinishedOnKey": "", "msg": "Gather End"}
            self._fetch(url, method, extra, due)

        return go

    def _hang_up(self, due: datetime) -> None:
        self._end("completed", due)

    def _give_up(self, code: int, why: str, url: str, due: datetime) -> None:
        """Go on with the create's FallbackUrl, once; without one, hang up."""
        self._note(code, why, due)
        fallback = self.call.asked.get("FallbackUrl")
        if fallback and not self.fell_back:
            self.fell_back = True
            extra = {"ErrorCode": str(code), "ErrorUrl": url}
            method = self.call.asked.get("FallbackMethod", "POST").upper()
            self._fetch(fallback, method, extra, due)
        else:
            self._end("completed", due)

    def _end(self, status: str, due: datetime) -> None:
        if self.call.move(status, due):
            self.call.report("completed", status, due)
            self._call_back(due)

    def _call_back(self, due: datetime) -> None:
        """Let somebody who missed the first call ring back, as soon as is their way."""
        network, call, book = self.network, self.call, self.book
        does = network.people.of(call.to)
        missed = self.hearing.pickup in (Pickup.NO_ANSWER, Pickup.BUSY, Pickup.VOICEMAIL)
        hearing = does.calls_back
        if book is None or hearing is None or not missed or call.earlier:
            return
        later = due + timedelta(seconds=does.calls_back_after)
        network.timeline.at(
            later, lambda at: Conversation.call_in(network, book, call.to, call.from_, hearing, at)
        )

    def _note(self, code: int, message: str, at: datetime) -> None:
        self.network.ledger.note(self.call.sid, code, message, at)

    def _who(self) -> str:
        if self.hearing.pickup is not Pickup.VOICEMAIL:
            return "human"
        waits = self.call.asked.get("MachineDetection") == "DetectMessageEnd"
        return "machine_end_beep" if waits else "machine_start"

    def _tell_who(self, due: datetime) -> None:
        self.call.answered_by = self._who()
        url = self.call.asked.get("AsyncAmdStatusCallback")
        if url:
            form = self.call.form("in-progress") | {
                "MachineDetectionDuration": str(round(DETECTION * 1000))
            }
            token = self.network.accounts[self.call.account]
            self.network.webhooks.send(url, form, token)
