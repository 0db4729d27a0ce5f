"""The channels and the simulated carrier, over real HTTP, with the real SDK on one side."""

import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest

from alertcast.channels.base import Callback, Forged, Outcome, Situation
from alertcast.channels.events import Event, InboundEvent, KeyEvent, State, StatusEvent
from alertcast.channels.twilio_base import TwilioChannel
from alertcast.channels.twilio_sms import TwilioSms
from alertcast.channels.twilio_voice import TwilioVoice
from alertcast.simulator.faults import Fault
from alertcast.simulator.people import Behaviour, Hearing, People, Pickup, Reading
from alertcast.simulator.server import Simulator
from tests.channels.carrier import SID, TOKEN
from tests.channels.conftest import NOW, make_sms, make_voice, request_

GOOD, LANDLINE, REPLIES = "+8615400000001", "+8615400000002", "+8615400000003"
HELP, AGAIN, SILENT, WRONG = (f"+861540000001{n}" for n in range(4))
PEOPLE = {
    GOOD: Behaviour(),
    LANDLINE: Behaviour(sms=Reading(refused=21614)),
    REPLIES: Behaviour(sms=Reading(reply="收到")),
    HELP: Behaviour(calls=(Hearing(keys=("2",)),)),
    AGAIN: Behaviour(calls=(Hearing(keys=("3", "1")),)),
    SILENT: Behaviour(calls=(Hearing(keys=()),)),
    WRONG: Behaviour(calls=(Hearing(Pickup.FAILED),)),
}


class Desk:
    """Reads callbacks with its channels and answers them, as the product's web page does."""

    def __init__(self) -> None:
        self.channels: dict[str, TwilioChannel] = {}
        self.events: list[Event] = []
        self.forged = 0
        desk = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = 65536

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                status, content_type, text = desk.take(self.path, dict(self.headers), body)
                self.send_response(status)
                self.send_header("Content-Type", content_type)
                if status != 204:
                    self.send_header("Content-Length", str(len(text.encode())))
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    def take(self, path: str, headers: dict[str, str], body: str) -> tuple[int, str, str]:
        _, _, name, *rest = path.split("/")
        token = rest[0] if len(rest) == 2 else None
        form = parse_qs(body, keep_blank_values=True)
        callback = Callback(name, rest[-1], token, self.url + path, headers, form)
        channel = self.channels[name]
        try:
            events = channel.read(callback)
        except Forged:
            self.forged += 1
            return 403, "text/plain", ""
        self.events += events
        reply = channel.reply(callback, _situation(events))
        return reply.status, reply.content_type, reply.body

    def words(self) -> list[str]:
        return [event.word for event in self.events if isinstance(event, StatusEvent)]

    def keys(self) -> list[str]:
        return [event.key for event in self.events if isinstance(event, KeyEvent)]

    def close(self) -> None:
        for channel in self.channels.values():
            channel.close()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


def _situation(events: list[Event]) -> Situation:
    key = next((event.key for event in events if isinstance(event, KeyEvent)), "")
    return Situation(
        text="寒冷红色预警。",
        answered=key == "1",
        help_opened=key == "2",
        told=("冷坑镇值班室",),
        is_danger=True,
    )


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


class Night:
    """A desk and a simulator that call each other, under one clock."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.desk = Desk()
        self.simulator = Simulator(
            {SID: TOKEN},
            People(overrides=PEOPLE),
            self.clock,
            f"{self.desk.url}/callbacks/sms/inbound",
        )
        self.simulator.start()
        keys = {"api_base_url": self.simulator.base_url, "timeout": 0.3}
        self.sms: TwilioSms = make_sms(public=self.desk.url, **keys)
        self.voice: TwilioVoice = make_voice(public=self.desk.url, **keys)
        self.desk.channels = {"sms": self.sms, "voice": self.voice}

    def play(self, seconds: float = 3600) -> None:
        end = self.clock.now + timedelta(seconds=seconds)
        while True:
            while self.simulator.pending(self.clock.now):
                time.sleep(0.001)
            due = self.simulator.next_due()
            if due is None or due > end:
                return
            self.clock.now = max(self.clock.now, due)
            self.simulator.wake()

    def close(self) -> None:
        self.simulator.stop()
        self.desk.close()


@pytest.fixture
def night() -> Iterator[Night]:
    night = Night()
    yield night
    night.close()


def test_a_message_leaves_and_its_receipts_come_back(night: Night) -> None:
    [sent] = night.sms.send([request_(GOOD)])
    night.play()
    assert night.desk.words() == ["sent", "delivered"]
    assert {event.token for event in night.desk.events} == {"tok_en-1"}
    assert {event.provider_ref for event in night.desk.events} == {sent.provider_ref}
    assert [one.body for one in night.simulator.ledger.messages()] == ["寒冷橙色预警。"]
    assert night.desk.forged == 0


def test_forged_receipts_are_refused(night: Night) -> None:
    night.simulator.faults.set(Fault("receipts_forged"))
    night.sms.send([request_(GOOD)])
    night.play()
    assert (night.desk.forged, night.desk.events) == (2, [])


def test_a_landline_is_refused(night: Night) -> None:
    [sent] = night.sms.send([request_(LANDLINE)])
    assert (sent.outcome, sent.reason, sent.code) == (Outcome.REFUSED, "landline", "21614")


def test_a_person_answers_by_text(night: Night) -> None:
    night.sms.send([request_(REPLIES)])
    night.play()
    texts = [event for event in night.desk.events if isinstance(event, InboundEvent)]
    assert [(event.phone, event.text) for event in texts] == [(REPLIES, "收到")]
    assert [one.answer for one in night.simulator.ledger.inbound()] == [200]


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        ("throttled", Outcome.THROTTLED),
        ("queue_full", Outcome.THROTTLED),
        ("error_before", Outcome.UNKNOWN),
        ("reset_before", Outcome.UNKNOWN),
        ("error_after", Outcome.UNKNOWN),
        ("reset_after", Outcome.UNKNOWN),
        ("hang_after", Outcome.UNKNOWN),
    ],
)
def test_what_was_lost_is_looked_up(night: Night, fault: str, outcome: Outcome) -> None:
    for channel, token in ((night.sms, "t-sms"), (night.voice, "t-voice")):
        night.simulator.faults.set(Fault(fault, nth=1, seconds=0.6))
        [sent] = channel.send([request_(GOOD)])
        assert sent.outcome is outcome, token
        found = channel.look_up(request_(GOOD), NOW)
        assert (found is not None) == fault.endswith("after")
        if found is not None and found.provider_ref is not None:
            held = channel.status_of(found.provider_ref)
            assert held is not None
            assert held.state is not State.UNREADABLE


def test_pressing_1(night: Night) -> None:
    night.voice.send([request_(GOOD)])
    night.play()
    assert night.desk.words() == ["ringing", "in-progress", "completed"]
    assert night.desk.keys() == ["1"]
    [call] = night.simulator.ledger.calls()
    assert call.spoken[0].startswith("寒冷红色预警。\n知悉请按1")
    assert call.spoken[-1] == "谢谢，已记录。"
    assert call.notes == ()


def test_pressing_2_says_who_was_told(night: Night) -> None:
    night.voice.send([request_(HELP)])
    night.play()
    [call] = night.simulator.ledger.calls()
    assert call.spoken[-1] == "求助已记录，正在通知冷坑镇值班室。\n请拨打 1 1 0。"


def test_pressing_3_says_it_again(night: Night) -> None:
    night.voice.send([request_(AGAIN)])
    night.play()
    assert night.desk.keys() == ["3", "1"]
    [call] = night.simulator.ledger.calls()
    assert call.spoken[0] == call.spoken[1]


def test_pressing_nothing_hears_it_three_times(night: Night) -> None:
    night.voice.send([request_(SILENT)])
    night.play()
    assert night.desk.keys() == []
    [call] = night.simulator.ledger.calls()
    assert call.spoken[0].count("寒冷红色预警。") == 3
    assert call.spoken[0].endswith("没有收到您的按键。再见。")
    assert night.desk.words()[-1] == "completed"


def test_a_number_that_does_not_exist(night: Night) -> None:
    night.voice.send([request_(WRONG)])
    night.play()
    last = night.desk.events[-1]
    assert isinstance(last, StatusEvent)
    assert (last.state, last.reason) == (State.FAILED, "wrong_number")


def test_the_account_answers(night: Night) -> None:
    assert night.sms.probe() == night.voice.probe() == "alertcast simulator: active"
    assert night.simulator.ledger.messages() == night.simulator.ledger.calls() == []
