from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from alertcast.channels.base import Request
from alertcast.channels.twilio_sms import TwilioSms, TwilioSmsSettings
from alertcast.channels.twilio_voice import TwilioVoice, TwilioVoiceSettings
from alertcast.core.wording import Texts
from tests.channels.carrier import SID, TOKEN, Carrier

NOW = datetime(2026, 1, 20, 12, 0, tzinfo=UTC)
PUBLIC = "https://warn.example.cn/base"
ENV = {"TWILIO_AUTH_TOKEN": TOKEN}
TEXTS = Texts.from_mapping(
    {
        "voice": {
            "menu": {"zh": "知悉请按1，求助请按2，重听请按3。", "en": "Press 1, 2 or 3."},
            "goodbye": {"zh": "没有收到您的按键。再见。", "en": "No key. Goodbye."},
            "thanks": {"zh": "谢谢，已记录。", "en": "Thank you."},
            "help": {"zh": "求助已记录，正在通知{told}。", "en": "{told} is being told."},
            "help_alone": {"zh": "求助已记录，请自行拨打值班电话。", "en": "Call the desk."},
            "danger": {"zh": "请拨打 1 1 0。", "en": "Call 1 1 0."},
            "already": {"zh": "{by}已经应答。", "en": "{by} has answered."},
            "machine": {"zh": "这里是{office}，请致电{check_spoken}。"},
            "stranger": {"zh": "这里是{office}。核实请拨{check_spoken}。"},
            "stopped": {"zh": "已停止叫应。", "en": "Calling has been stopped."},
            "unknown": {"zh": "没有找到这次呼叫。", "en": "Unknown call."},
        }
    }
)


@pytest.fixture
def carrier() -> Iterator[Carrier]:
    carrier = Carrier()
    carrier.now = NOW
    yield carrier
    carrier.close()


@pytest.fixture
def sms(carrier: Carrier) -> Iterator[TwilioSms]:
    channel = make_sms(api_base_url=carrier.url)
    yield channel
    channel.close()


@pytest.fixture
def voice(carrier: Carrier) -> Iterator[TwilioVoice]:
    channel = make_voice(api_base_url=carrier.url)
    yield channel
    channel.close()


def make_sms(
    *, env: dict[str, str] = ENV, demo: bool = False, public: str = PUBLIC, **keys: object
) -> TwilioSms:
    sender = {} if "messaging_service_sid" in keys else {"from_number": "+15005550006"}
    settings = TwilioSmsSettings.model_validate(
        {"type": "twilio_sms", "account_sid": SID, "timeout": 2} | sender | keys
    )
    return TwilioSms("sms", settings, env=env, public_base_url=public, clock=lambda: NOW, demo=demo)


def make_voice(
    *, demo: bool = False, public: str = PUBLIC, texts: Texts = TEXTS, **keys: object
) -> TwilioVoice:
    settings = TwilioVoiceSettings.model_validate(
        {"type": "twilio_voice", "account_sid": SID, "from_number": "+15005550006", "timeout": 2}
        | keys
    )
    return TwilioVoice(
        "voice",
        settings,
        env=ENV,
        public_base_url=public,
        clock=lambda: NOW,
        texts=texts,
        demo=demo,
    )


def request_(phone: str = "+8615400000001", life: float | None = 3600.0) -> Request:
    expires = None if life is None else NOW + timedelta(seconds=life)
    return Request("tok_en-1", phone, "寒冷橙色预警。", "warning.sms", expires=expires)
