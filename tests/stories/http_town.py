"""The small town behind a real carrier: the Twilio SDK, HTTP, signatures and the page's server."""

from pathlib import Path

from alertcast.channels.base import Channel
from alertcast.channels.twilio_sms import TwilioSms
from alertcast.channels.twilio_voice import TwilioVoice
from alertcast.simulator.server import DEMO_ACCOUNTS
from tests.stories.served_town import ServedTown
from tests.stories.town import Town


class HttpTown(ServedTown):
    """A town reached by text and telephone, with a channel of its own for drills."""

    recordings: Path | None = None

    def made(self, api: str) -> list[Channel]:
        self.carrier.inbound_url = f"{self.public}/callbacks/sms/inbound"
        self.carrier.voice_url = f"{self.public}/callbacks/voice/inbound-voice"
        account, token = next(iter(DEMO_ACCOUNTS.items()))
        common = {"account_sid": account, "from_number": "+15005550006", "api_base_url": api}
        common |= {"rate": 1000, "burst": 100}
        around = self.around(TWILIO_AUTH_TOKEN=token)
        sms = TwilioSms.Settings(type="twilio_sms", two_way=True, **common)
        voice = TwilioVoice.Settings(type="twilio_voice", machine_detection=True, **common)
        if self.recordings is not None:
            voice = voice.model_copy(update={"recordings": str(self.recordings)})
        drill = TwilioSms.Settings(type="twilio_sms", drill=True, **common)
        return [
            TwilioSms("sms", sms, **around),
            TwilioVoice("voice", voice, texts=self.world.config.texts, **around),
            TwilioSms("drill", drill, **around),
        ]

    def _do_all(self) -> None:
        super()._do_all()
        Town._do_all(self)  # what the carrier has told is acted on
