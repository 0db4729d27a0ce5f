"""The two channels without a provider."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from alertcast.channels.abilities import LooksUp
from alertcast.channels.base import (
    Callback,
    Channel,
    ChannelError,
    ChannelSettings,
    Forged,
    Outcome,
    Reply,
    Request,
    Sent,
    Situation,
)
from alertcast.channels.events import InboundEvent, KeyEvent, State, StatusEvent, VoiceEvent
from alertcast.channels.manual import ManualChannel
from alertcast.channels.memory import MemoryChannel

NOW = datetime(2026, 1, 20, tzinfo=UTC)
REQUEST = Request("t1", "+8615400000001", "寒冷", "warning.sms")


def test_nobody_but_an_officer_dials() -> None:
    manual = ManualChannel("desk", ChannelSettings(type="manual"))
    assert isinstance(manual, Channel)
    assert not isinstance(manual, LooksUp)
    assert (manual.kind, manual.is_drill, manual.refusal("+8613800138000")) == (
        "manual",
        False,
        None,
    )
    assert manual.send([REQUEST]) == [Sent("t1", Outcome.REFUSED, reason="no_channel")]
    callback = Callback("desk", "status", "t1", "http://x", {}, {})
    with pytest.raises(Forged):
        manual.read(callback)
    assert manual.reply(callback, Situation()) == Reply(status=404)


def test_memory_keeps_what_would_have_left() -> None:
    memory = MemoryChannel("sms", "sms")
    assert isinstance(memory, Channel)
    [sent] = memory.send([REQUEST])
    assert memory.outbox == [REQUEST]
    assert (sent.outcome, sent.provider_ref) == (Outcome.ACCEPTED, "sms-1")
    assert memory.look_up(REQUEST, NOW) == sent
    assert memory.look_up(REQUEST, NOW, {"sms-1"}) is None


def test_memory_answers_as_told_and_then_accepts() -> None:
    memory = MemoryChannel("sms", "sms")
    memory.answers.extend(
        [lambda asked: Sent(asked.token, Outcome.UNKNOWN), RuntimeError("the power went off")]
    )
    assert memory.send([REQUEST])[0].outcome is Outcome.UNKNOWN
    assert memory.look_up(REQUEST, NOW) is None
    with pytest.raises(RuntimeError, match="power"):
        memory.send([REQUEST])
    assert memory.send([REQUEST])[0].outcome is Outcome.ACCEPTED
    assert len(memory.outbox) == 3


def test_memory_may_lose_an_answer_and_still_hold_the_message() -> None:
    memory = MemoryChannel("sms", "sms")

    def taken_but_lost(asked: Request) -> Sent:
        memory.accept(asked)
        return Sent(asked.token, Outcome.UNKNOWN)

    memory.answers.append(taken_but_lost)
    assert memory.send([REQUEST])[0].outcome is Outcome.UNKNOWN
    found = memory.look_up(REQUEST, NOW)
    assert found is not None
    assert found.outcome is Outcome.ACCEPTED


def test_memory_may_be_down() -> None:
    memory = MemoryChannel("sms", "sms")
    memory.is_down = True
    assert memory.send([REQUEST])[0].outcome is Outcome.THROTTLED
    assert memory.outbox == []
    for question in (lambda: memory.look_up(REQUEST, NOW), memory.probe):
        with pytest.raises(ChannelError) as caught:
            question()
        assert caught.value.retryable


def test_memory_refuses_as_told() -> None:
    memory = MemoryChannel("sms", "sms", True, refuse=lambda phone: "landline")
    assert (memory.refusal("+86758"), memory.is_drill) == ("landline", True)


def test_memory_translates_its_own_callbacks() -> None:
    memory = MemoryChannel("voice", "voice")
    [event] = memory.read(memory.callback("status", "t1", word="busy", ref="voice-1"))
    assert event == StatusEvent("t1", "voice-1", State.BUSY, 3, "busy", None, "busy", True)
    assert memory.read(memory.callback("keys", "t1", key="1")) == [KeyEvent("t1", None, "1")]
    assert memory.read(memory.callback("voice", "t1")) == [VoiceEvent("t1", None)]
    inbound = memory.callback("inbound", phone="+8615400000001", text="1")
    assert memory.read(inbound) == [InboundEvent("+8615400000001", "1", None)]
    [odd] = memory.read(memory.callback("status", "t1", word="teleported"))
    assert isinstance(odd, StatusEvent)
    assert (odd.state, odd.reason) == (State.UNREADABLE, "unknown_word")


def test_memory_believes_nobody_else() -> None:
    memory, other = MemoryChannel("sms", "sms"), MemoryChannel("sms", "sms")
    real = memory.callback("status", "t1", word="delivered")
    for forged in (
        other.callback("status", "t1", word="delivered"),
        replace(real, headers={}),
        replace(real, form={"word": ["failed"]}),
        replace(real, url=real.url + "x"),
    ):
        with pytest.raises(Forged):
            memory.read(forged)


def test_memory_tells_what_state_it_holds() -> None:
    memory = MemoryChannel("sms", "sms")
    memory.states["sms-1"] = "delivered"
    held = memory.status_of("sms-1")
    assert held is not None
    assert held.is_final
    assert memory.status_of("sms-2") is None
